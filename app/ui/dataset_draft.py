"""A dataset while it is edited: what was read, what became of it, and what a table's edits make of its rows.

Session state holds it until it is saved, also while other pages are open. The table is given ``shown``,
which must not change while it is edited: Streamlit would forget what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import streamlit as st

from app.domain import Case, Gold, TypedCase

FIELDS = ("question", "answers", "unanswerable", "gold_document", "gold_text", "tags")
"""The cells of a row, in the order in which they are shown."""
FLAG = "unanswerable"
NUMBER = "number"
_NO, _YES = "no", "yes"
_DRAFT = "dataset-draft"

Cells = Mapping[str, str]
Rows = tuple[TypedCase, ...]


class Edits(TypedDict):
    """What a table tells of its edits: by the places of the rows that it was begun with."""

    edited_rows: Mapping[int, Mapping[str, object]]
    added_rows: Sequence[Mapping[str, object]]
    deleted_rows: Sequence[int]


@dataclass(frozen=True)
class Paper:
    """How cases become cells and cells cases; both are given by the page."""

    cells: Callable[[Case], Cells]
    typed: Callable[[Cells], Case]


@dataclass(frozen=True)
class Draft:
    """The rows of a dataset (its id; "" for a new one) as they are now.

    ``read`` is the version that they were made from, ``saved`` its rows. ``shown`` is what the table was
    begun with, ``documents`` the names to choose from there, and ``turn`` how often it was begun anew.
    """

    dataset: str
    read: str
    saved: Rows
    rows: Rows
    shown: Rows
    turn: int = 0
    documents: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The table's key; another turn is another table."""
        return f"dataset-table-{self.dataset}-{self.turn}"

    @property
    def changed(self) -> int:
        """How many rows are not as they were saved: new, other, or gone."""
        before, now = ({one.number: one.case for one in rows} for rows in (self.saved, self.written))
        return sum(before.get(number) != now.get(number) for number in before.keys() | now.keys())

    @property
    def written(self) -> Rows:
        """The rows in which anything is written."""
        return tuple(one for one in self.rows if one.case != Case(""))

    @property
    def cases(self) -> list[Case]:
        """What the written rows hold, in their order."""
        return [one.case for one in self.written]

    @property
    def gold(self) -> list[Gold]:
        """Every gold text that is named."""
        return [gold for one in self.rows for gold in one.case.gold if gold != Gold("", "")]

    @property
    def next_number(self) -> int:
        """The number of a row that is added."""
        return _after(self.saved, self.shown, self.rows)

    def with_rows(self, rows: Sequence[TypedCase]) -> Draft:
        """With these rows, and a table that is begun anew with them."""
        begun = tuple(rows) or EMPTY
        return replace(self, rows=begun, shown=begun, turn=self.turn + 1)


def numbered(cases: Sequence[Case], first: int = 1) -> Rows:
    """The cases as rows, with numbers from ``first`` on."""
    return tuple(TypedCase(number, one) for number, one in enumerate(cases, start=first))


EMPTY = numbered([Case("")] * 5)
"""What a table without questions is begun with."""


def fresh(dataset: str, version: str, cases: Sequence[Case], turn: int = 0) -> Draft:
    """A draft in which nothing is changed yet."""
    saved = numbered(cases)
    return Draft(dataset, version, saved, saved or EMPTY, saved or EMPTY, turn)


def opened(
    dataset: str,
    version: str,
    cases: Callable[[str], Sequence[Case]],
    paper: Paper,
    documents: Sequence[str] = (),
) -> Draft:
    """The draft as it is now, with what was just typed into its table.

    One without changes follows the newest ``version``, whose ``cases`` are read then. ``documents`` are the
    names to choose from; with others the table is begun anew.
    """
    draft: Draft | None = st.session_state.get(_name(dataset))
    if draft is not None:
        draft = _with_edits(draft, paper)
    if draft is None or (not draft.changed and draft.read != version):
        draft = fresh(dataset, version, cases(version) if version else (), draft.turn + 1 if draft else 0)
    if draft.documents != tuple(documents):
        draft = replace(draft.with_rows(draft.rows), documents=tuple(documents))
    keep(draft)
    return draft


def keep(draft: Draft) -> None:
    """Keep it for the next run."""
    st.session_state[_name(draft.dataset)] = draft


def change(dataset: str, number: int, made: Callable[[Case], Case]) -> None:
    """Make another case of the row of that number, from what it is at this moment.

    For callbacks: two may come before the page is drawn again, and the second must not undo the first.
    """
    draft: Draft = st.session_state[_name(dataset)]
    rows = [replace(one, case=made(one.case)) if one.number == number else one for one in draft.rows]
    keep(draft.with_rows(rows))


def remove(dataset: str, number: int) -> None:
    """Take a row out; for callbacks."""
    draft: Draft = st.session_state[_name(dataset)]
    keep(draft.with_rows([one for one in draft.rows if one.number != number]))


def append(dataset: str, cases: Sequence[Case]) -> Draft:
    """Put rows below the others; returns what there is then. For callbacks, too."""
    draft: Draft = st.session_state[_name(dataset)]
    grown = draft.with_rows([*draft.written, *numbered(cases, draft.next_number)])
    keep(grown)
    return grown


def begin_row(dataset: str) -> int:
    """An empty row below all that is written, to write into; its number.

    A new dataset begins with some: then it is the first of these.
    """
    draft: Draft = st.session_state[_name(dataset)]
    last = max((place for place, one in enumerate(draft.rows) if one.case != Case("")), default=-1)
    if not draft.rows[last + 1 :]:
        return append(dataset, [Case("")]).rows[-1].number
    keep(draft.with_rows(draft.rows))
    return draft.rows[last + 1].number


def bring(dataset: str, changed: Mapping[int, Case], new: Sequence[Case]) -> Draft:
    """Make other cases of the rows of these numbers, and put new ones below; returns what there is then."""
    draft: Draft = st.session_state[_name(dataset)]
    rows = [replace(one, case=changed.get(one.number, one.case)) for one in draft.rows]
    keep(draft.with_rows(rows))
    return append(dataset, new)


def undo(dataset: str) -> None:
    """Make every row what was saved; for callbacks."""
    draft: Draft = st.session_state[_name(dataset)]
    keep(draft.with_rows(draft.saved))


def settle(draft: Draft, dataset: str, version: str, cases: Sequence[Case]) -> None:
    """What was saved as that version of a dataset takes the draft's place."""
    forget(draft.dataset)
    made = fresh(dataset, version, cases, draft.turn + 1)
    keep(replace(made, documents=draft.documents))


def unsaved(dataset: str) -> bool:
    """Whether anything is kept of it that was not saved."""
    draft: Draft | None = st.session_state.get(_name(dataset))
    return draft is not None and draft.changed > 0


def forget(dataset: str) -> None:
    """Drop it, with all that was not saved."""
    st.session_state.pop(_name(dataset), None)


def _name(dataset: str) -> str:
    return f"{_DRAFT}-{dataset}"


def _with_edits(draft: Draft, paper: Paper) -> Draft:
    """With what the table tells; one that is drawn anew (or not at all) begins with the rows as they are."""
    edits = st.session_state.get(draft.key)
    if edits is None:
        return draft if draft.rows == draft.shown else draft.with_rows(draft.rows)
    # Not after ``rows``: a row that was added keeps its number from run to run.
    return replace(draft, rows=edited(draft.shown, edits, _after(draft.saved, draft.shown), paper))


def _after(*rows: Rows) -> int:
    """The number after all that these rows have."""
    return max((row.number for some in rows for row in some), default=0) + 1


def edited(shown: Rows, edits: Edits, number: int, paper: Paper) -> Rows:
    """The rows with the edits of a table (``st.data_editor``); added ones get numbers from ``number`` on."""
    changes, gone = edits["edited_rows"], set(edits["deleted_rows"])
    kept = [
        replace(row, case=_changed(row.case, changes[place], paper)) if place in changes else row
        for place, row in enumerate(shown)
        if place not in gone
    ]
    new = [_changed(Case(""), cells, paper) for cells in edits["added_rows"]]
    return (*kept, *numbered(new, number))


def _changed(case: Case, told: Mapping[str, object], paper: Paper) -> Case:
    """The case with other cells; one that was emptied is told as None."""
    cells = {name: _cell(name, value) for name, value in told.items() if name in FIELDS}
    return paper.typed({**paper.cells(case), **cells}) if cells else case


def _cell(name: str, value: object) -> str:
    if name == FLAG:
        return _YES if value else _NO
    return "" if value is None else str(value)


def columns_of(rows: Rows, paper: Paper) -> dict[str, list[object]]:
    """What the table is begun with, by columns."""
    cells = [paper.cells(one.case) for one in rows]
    columns: dict[str, list[object]] = {NUMBER: [one.number for one in rows]}
    for name in FIELDS:
        columns[name] = [one[name] == _YES if name == FLAG else one[name] for one in cells]
    return columns
