"""Questions from a file: which column is what, what would be saved, and every row that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath

import streamlit as st

from app.domain import Asks, Case, Columns, ImportPreview, TypedCase, Upload
from app.errors import AppError
from app.ui import figures
from app.ui.column_mapping import choose_columns, taken_twice
from app.ui.dataset_draft import FIELDS, FLAG, Draft, Paper
from app.ui.dataset_head import LONGEST_NAME, NAME_WIDTH, TABLE, show
from app.ui.dataset_saving import bad_rows, doubtful_rows, said
from app.ui.frame import trouble
from app.ui.safe import plain
from app.ui.tables import Table, bare
from app.ui.work import try_it

MOST_MEGABYTES = 50
SHOWN = 5
"""So many of the questions are shown before they are saved."""
TODO = "Rows are counted as they stand in the file. Mend them there and choose it again, or leave them out."
_TURN = "import-turn"
_NAMES = {
    "question": ("Question", ""),
    "answers": ("Right answers", "right answers"),
    "unanswerable": ("Not in the documents", "not in the documents"),
    "gold_document": ("Gold document", "gold document"),
    "gold_text": ("Gold text", "gold text"),
    "tags": ("Tags", "tags"),
    "language": ("Language", "case language"),
}
"""How a field is called on screen, and the name of its help sentence."""

Look = Callable[[Upload, Columns | None], ImportPreview]


def choose(look: Look, paper: Paper) -> tuple[Upload, ImportPreview] | None:
    """The file and what it would bring, once there is one and its columns are understood."""
    st.caption(
        "A CSV or JSON-lines file with one question a row. You see what it brings before anything is saved."
    )
    file = st.file_uploader(
        "CSV or JSON lines",
        type=["csv", "tsv", "jsonl", "ndjson", "json"],
        key=f"import-file-{st.session_state.setdefault(_TURN, 0)}",
        max_upload_size=MOST_MEGABYTES,
    )
    if file is None:
        return None
    upload = Upload(file.name, file.getvalue())
    try:
        guessed = look(upload, None)
        chosen = _mapping(guessed, file.file_id)
        found = guessed if chosen == guessed.chosen else look(upload, chosen)
    except AppError as error:
        trouble(error.message, "Nothing was saved.", error.remedy)
        return None
    _draw(found, paper)
    return upload, found


def _mapping(guessed: ImportPreview, file: str) -> Columns:
    """Which column is what: guessed by the names, changed by the person."""
    st.markdown("##### Which column is what")
    own = asdict(guessed.chosen)
    return Columns(**choose_columns(_NAMES, guessed.columns, own, file, key="import"))


def _draw(found: ImportPreview, paper: Paper) -> None:
    st.markdown(f"##### {title(found)}")
    if found.warning:
        st.warning(plain(found.warning, 600), icon=":material/warning:")
    if twice := taken_twice(asdict(found.chosen).values()):
        st.warning(f"{plain(twice)} is taken for more than one thing.", icon=":material/warning:")
    if found.unused:
        names = ", ".join(f"“{one}”" for one in found.unused)
        st.caption(f"Not used: {plain(names, 600)}")
    if found.bad:
        bad_rows("", found.bad, TODO)
    if found.doubtful:
        doubtful_rows(found.doubtful)
    if found.cases:
        _sample(found, paper)


def title(found: ImportPreview) -> str:
    """How much can be saved, and how much cannot."""
    good, bad = figures.count(len(found.cases), "question"), figures.count(len(found.bad), "row")
    return f"{good[0].upper()}{good[1:]} can be saved, {bad} cannot"


def _sample(found: ImportPreview, paper: Paper) -> None:
    cells = [paper.cells(one) for one in found.cases[:SHOWN]]
    rows = tuple(tuple(one[name] for name in FIELDS) for one in cells)
    bare(
        Table(tuple(_NAMES[name][0] for name in FIELDS), rows, blank=""),
        config={_NAMES[FLAG][0]: st.column_config.TextColumn(width=150)},
        alt="The first questions of the file",
    )
    if len(found.cases) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(found.cases):,}.")


@dataclass(frozen=True)
class Brought:
    """What a file brings to a draft: ``new`` questions, and rows (by number) of which it knows more.

    A row with the same question and right answers gets the file's gold text, and its language where the row
    tells none. What the file does not have takes nothing away.
    """

    new: tuple[Case, ...] = ()
    richer: Mapping[int, Case] = field(default_factory=dict)


def brought(draft: Draft, found: ImportPreview) -> Brought:
    """What the file would bring to the draft. Each row is meant by one question of the file at most."""
    in_file = {one.id for one in found.cases}
    same = {one.case.id: one for one in draft.written}
    others: dict[Asks, TypedCase] = {}
    for one in draft.written:
        if one.case.id not in in_file:
            others.setdefault(one.case.asks, one)
    new: list[Case] = []
    richer: dict[int, Case] = {}
    for case in found.cases:
        row = same.get(case.id) or others.pop(case.asks, None)
        if row is None:
            new.append(case)
        elif (made := _richer(row.case, case)) != row.case:
            richer[row.number] = made
    return Brought(tuple(new), richer)


def _richer(there: Case, told: Case) -> Case:
    gold = told.gold if told.has_gold_text else there.gold
    return replace(there, gold=gold).with_language(told.language)


def save_buttons(
    upload: Upload,
    found: ImportPreview,
    into: tuple[str, Brought],
    create: Callable[[str], str],
    add: Callable[[], str],
) -> None:
    """Save as a new dataset, or add to the one that is open: its name and what the file brings to it.

    Both return what happened, in words; then the table is shown.
    """
    if not found.cases:
        return
    open_name, what = into
    left = f"The {figures.count(len(found.bad), 'row')} above that cannot be saved will be left out."
    with st.container(border=True, key="import-save"):
        if found.bad:
            st.caption(left)
        if open_name:
            _add_button(open_name, what, len(found.cases), add)
        name = st.text_input(
            "Name of the new dataset",
            value=PurePosixPath(upload.name).stem[:LONGEST_NAME],
            max_chars=LONGEST_NAME,
            key=f"import-name-{upload.name}",
            width=NAME_WIDTH,
        )
        many = figures.count(len(found.cases), "question")
        if st.button(
            f"Save {many} as a new dataset", key="import-create", type="secondary" if open_name else "primary"
        ):
            _done(lambda: create(name))


def _add_button(name: str, what: Brought, of: int, add: Callable[[], str]) -> None:
    new, richer = len(what.new), len(what.richer)
    if new < of:
        there = f"{of - new:,} of {figures.count(of, 'question')} are in “{plain(name)}” already."
        gets = f" The file's gold text or language goes to {richer:,} of them." if richer else ""
        st.caption(there + gets)
    adds = f"Add {figures.count(new, 'question')} to" if new else "Add what the file says to"
    if (new or richer) and st.button(f"{adds} “{plain(name, 60)}”", key="import-add", type="primary"):
        _done(add)


def _done(save: Callable[[], str]) -> None:
    """Save; the next file begins anew, and the table shows what there is now."""
    if try_it(lambda: said(save())):
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        show(TABLE)
        st.rerun()
