"""Saving a dataset that was edited: bad rows by name, and another version that was saved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from app.domain import BadRow, Case, Dataset
from app.ui import figures
from app.ui.dataset_draft import Draft, keep, settle, undo
from app.ui.dataset_head import NAME
from app.ui.frame import DATASET, trouble
from app.ui.safe import plain
from app.ui.tables import Table, table_expander
from app.ui.work import try_it

# Streamlit keeps what was typed with the tab's session, which a reload ends, and cannot ask before it.
RELOAD = "Save before you reload or close this page: it would be lost."
MOST_NAMED = 12
"""So many bad rows are named in the message; of more there is a table."""
_ASKED, _SAVED = "dataset-save-asked", "dataset-saved"


@dataclass(frozen=True)
class Store:
    """The ways to save a dataset, as ``storage.datasets`` has them."""

    cases: Callable[[str], Sequence[Case]]
    create: Callable[[str, Sequence[Case]], Dataset]
    save: Callable[[str, Sequence[Case], str], Dataset]
    save_over: Callable[[str, Sequence[Case], str], tuple[Dataset, Dataset]]
    save_apart: Callable[[str, Sequence[Case]], Dataset]


@dataclass(frozen=True)
class Elsewhere:
    """A version of the dataset that somebody saved while it was changed here, with its ``cases``.

    ``over`` saves the draft here and keeps that version as a dataset of its own; ``apart`` does it the other
    way round. Each returns what happened, in words.
    """

    dataset: Dataset
    cases: Sequence[Case]
    over: Callable[[], str]
    apart: Callable[[], str]


@dataclass(frozen=True)
class Saving:
    """What of a draft can be saved, what keeps the other rows from it, and how it is done.

    ``save`` returns what happened, in words.
    """

    cases: Sequence[Case]
    bad: Sequence[BadRow]
    save: Callable[[], str]
    elsewhere: Elsewhere | None = None


def saving_of(
    draft: Draft,
    dataset: Dataset | None,
    name: str,
    sorted_out: tuple[Sequence[Case], Sequence[BadRow]],
    store: Store,
) -> Saving:
    """How a draft is saved: into its dataset, or as a new one called ``name``."""
    cases, bad = sorted_out
    if dataset is None:
        return Saving(cases, bad, lambda: _kept(draft, store.create(name, cases), cases))
    made = Saving(cases, bad, lambda: _kept(draft, store.save(dataset.id, cases, draft.read), cases))
    if dataset.version == draft.read or not draft.changed:
        return made
    theirs = store.cases(dataset.version)

    def over() -> str:
        mine, other = store.save_over(dataset.id, cases, dataset.version)
        return f"{_kept(draft, mine, cases)} The other version is now “{other.name}”."

    def apart() -> str:
        mine = store.save_apart(dataset.id, cases)
        _kept(draft, dataset, theirs)
        return f"Yours is saved as “{mine.name}”; here you see the other version."

    return replace(made, elsewhere=Elsewhere(dataset, theirs, over, apart))


def _kept(draft: Draft, saved: Dataset, cases: Sequence[Case]) -> str:
    """Begin anew with what was saved, and say so."""
    settle(draft, saved.id, saved.version, cases)
    return opened(saved)


def opened(saved: Dataset) -> str:
    """Put a dataset that was just saved into the address; what there is now, in words."""
    st.query_params[DATASET] = saved.id
    st.session_state.pop(NAME, None)
    return f"Saved: {figures.count(saved.size, 'question')}."


def save_bar(draft: Draft, saving: Saving) -> None:
    """Whether anything is not saved, and the buttons for it; rows that cannot be are named once asked for."""
    if saving.elsewhere is not None:
        _conflict(draft, saving, saving.elsewhere)
    else:
        with st.container(horizontal=True, vertical_alignment="center", key="dataset-save-bar"):
            pressed = st.button(
                "Save", key="dataset-save", type="primary", icon=":material/save:", disabled=not draft.changed
            )
            if draft.changed:
                st.button(
                    "Undo all", key="dataset-undo", type="tertiary", on_click=undo, args=(draft.dataset,)
                )
            st.caption(_state(draft, saving.bad), width="content")
        if pressed:
            _try(draft, saving.bad, saving.save)
    if draft.changed and saving.bad and st.session_state.get(_ASKED) == draft.dataset:
        bad_rows("Nothing was saved.", saving.bad, "What you typed is kept. Mend these rows, then save.")


def _state(draft: Draft, bad: Sequence[BadRow]) -> str:
    if not draft.changed:
        usual = "Everything is saved." if draft.dataset else "Nothing typed yet."
        return str(st.session_state.pop(_SAVED, usual))
    unfinished = f" {figures.count(len(bad), 'row')} cannot be saved yet." if bad else ""
    return f":material/edit: {figures.count(draft.changed, 'row')} changed, not saved.{unfinished} {RELOAD}"


def _try(draft: Draft, bad: Sequence[BadRow], save: Callable[[], str]) -> None:
    """Save if every row can be; else the table is begun anew, so that new rows show their numbers."""
    if bad:
        st.session_state[_ASKED] = draft.dataset
        keep(draft.with_rows(draft.written))
        st.rerun()
    st.session_state.pop(_ASKED, None)
    if try_it(lambda: said(save())):
        st.rerun()


def said(words: str) -> None:
    """What was saved is told at the next run."""
    st.session_state[_SAVED] = f":material/check: {plain(words, 600)}"


def save_at_once(saving: Saving) -> str:
    """Save rows that were just added, unless something is to be decided first. Raises AppError."""
    if saving.bad or saving.elsewhere is not None:
        return "They stand below the others, and are not saved yet."
    return saving.save()


def bad_rows(what: str, bad: Sequence[BadRow], todo: str = "") -> None:
    """The rows that cannot be saved, by number and reason."""
    many = "1 row cannot be saved" if len(bad) == 1 else f"{len(bad):,} rows cannot be saved"
    _name(f"{what} {many}.".strip(), bad, todo, key="dataset-bad-rows")


def doubtful_rows(rows: Sequence[BadRow]) -> None:
    """The rows that can be saved and may not be what was meant, by number and reason."""
    many = (
        "1 row may not be what you mean" if len(rows) == 1 else f"{len(rows):,} rows may not be what you mean"
    )
    _name(
        f"{many}.", rows, "Look at them before you save: they can be saved as they are.", key="doubtful-rows"
    )


def _name(what: str, rows: Sequence[BadRow], todo: str, *, key: str) -> None:
    lines = [f"- Row {one.number}: {one.reason}" for one in rows]
    trouble(what, "\n".join(lines[:MOST_NAMED]), todo, icon=":material/warning:")
    if len(rows) > MOST_NAMED:
        table = Table(("Row", "Why"), tuple((one.number, one.reason) for one in rows))
        table_expander(table, key=key, label=f"All {len(rows):,} rows")


def _conflict(draft: Draft, saving: Saving, other: Elsewhere) -> None:
    """Somebody saved another version: both sides are kept, whichever way is chosen."""
    with st.container(border=True, key="dataset-conflict"):
        st.markdown(
            f":material/call_split: **“{plain(other.dataset.name)}” was saved elsewhere on "
            f"{figures.moment(other.dataset.changed_at)}, while you changed it here.** "
            f"{difference(saving.cases, other.cases)} Whichever you choose, nothing is lost."
        )
        with st.container(horizontal=True, key="dataset-conflict-buttons"):
            over = st.button(
                "Save mine here",
                key="dataset-over",
                type="primary",
                help="The other version becomes a dataset of its own, under another name.",
            )
            apart = st.button(
                "Save mine as another dataset",
                key="dataset-apart",
                help="The other version stays here; yours gets another name.",
            )
    if over or apart:
        _try(draft, saving.bad, other.over if over else other.apart)


def difference(mine: Sequence[Case], theirs: Sequence[Case]) -> str:
    """How two versions differ, in words."""
    ours, others = {one.id for one in mine}, {one.id for one in theirs}
    if ours == others:
        return "Both have the same questions, in another order or with other tags."
    return (
        f"That version has {figures.count(len(theirs), 'question')}, {len(others - ours):,} of them new or "
        f"changed against yours; yours has {figures.count(len(mine), 'question')}, {len(ours - others):,} of "
        "them new or changed against that one."
    )
