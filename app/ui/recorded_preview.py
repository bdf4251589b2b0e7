"""What a file of recorded answers would bring, before anything is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

import streamlit as st

from app.domain import RecordedColumns, RecordedDefaults, RecordedGroup, RecordedPreview, Upload
from app.errors import AppError
from app.ui import figures
from app.ui.column_mapping import choose_columns, taken_twice
from app.ui.dataset_saving import bad_rows, doubtful_rows
from app.ui.frame import trouble
from app.ui.naming import candidate_names
from app.ui.safe import plain
from app.ui.tables import Table, bare, show
from app.ui.words import UNKNOWN, help_for

MOST_MEGABYTES = 50
SHOWN = 5
"""So many of the answers are shown before they are saved."""
TODO = "Rows are counted as they stand in the file. Mend them there and choose it again, or leave them out."
WITHOUT_PASSAGES = (
    "What such a model was given is not recorded: its citations and passages stay unscored, and where it is "
    "not right the index is never blamed."
)
FILLED_IN = "A table with every question and columns to fill in; filled in, it is read back here."
_FIELDS = {
    "question": ("Question", ""),
    "answer": ("Answer", "recorded answer"),
    "model": ("Model", "recorded model"),
    "provider": ("Provider", "recorded provider"),
    "documents": ("Documents given", "recorded documents"),
    "date": ("Date", "recorded date"),
    "prompt_tokens": ("Tokens in", "tokens in"),
    "completion_tokens": ("Tokens out", "tokens out"),
    "cached_tokens": ("Cached tokens", "cached tokens"),
    "thinking_tokens": ("Thinking tokens", "thinking tokens"),
    "repeat": ("Repeat", "recorded repeat"),
    "id": ("Question's id", "recorded id"),
}
"""How a field is called on screen, and the name of its help sentence."""
_DOCUMENTS = {
    "": "not told",
    "with documents": "yes, with documents",
    "without documents": "no, without documents",
}
Look = Callable[[Upload, RecordedDefaults, RecordedColumns | None], RecordedPreview]


def choose(look: Look, key: str, turn: float = 0) -> tuple[Upload, RecordedPreview, RecordedDefaults] | None:
    """The file, what it would bring, and what holds for rows that do not tell it themselves.

    ``key`` tells one form from another; another ``turn`` empties it.
    """
    file = st.file_uploader(
        "Recorded answers as CSV or JSON lines",
        type=["csv", "tsv", "jsonl", "ndjson", "json"],
        key=f"{key}-file-{turn}",
        max_upload_size=MOST_MEGABYTES,
    )
    if file is None:
        return None
    upload = Upload(file.name, file.getvalue())
    try:
        guessed = look(upload, RecordedDefaults(), None)
        columns = _columns(guessed, file.file_id, key)
        defaults = _defaults(columns, key)
        found = look(upload, defaults, columns)
    except AppError as error:
        trouble(error.message, "Nothing was saved.", error.remedy)
        return None
    _draw(found)
    return upload, found, defaults


def _columns(guessed: RecordedPreview, file: str, key: str) -> RecordedColumns:
    """Which column is what; the choice is open where anything is missing that each row needs."""
    own = asdict(guessed.chosen)
    known = ", ".join(_FIELDS[name][0].lower() for name, column in own.items() if column)
    lacks = not (guessed.chosen.answer and (guessed.chosen.question or guessed.chosen.id))
    title = f"Which column is what (known: {known or 'none'})"
    with st.expander(title, key=f"{key}-mapping", expanded=lacks):
        return RecordedColumns(**choose_columns(_FIELDS, guessed.columns, own, file, key=key))


def _defaults(columns: RecordedColumns, key: str) -> RecordedDefaults:
    """What holds for all rows, where no column tells it."""
    told: dict[str, str] = {}
    grid = st.grid(3, min_column_width=200, key=f"{key}-defaults")
    if not columns.model:
        with grid.cell():
            told["model"] = st.text_input(
                "Which model answered?",
                key=f"{key}-model",
                placeholder="such as gpt-4o",
                max_chars=200,
                help=help_for("recorded model"),
            )
    if not columns.provider:
        with grid.cell():
            told["provider"] = st.text_input(
                "Provider",
                key=f"{key}-provider",
                placeholder="told by the model's name",
                max_chars=200,
                help=help_for("recorded provider"),
            )
    if not columns.documents:
        with grid.cell():
            told["documents"] = st.selectbox(
                "Was it given documents?",
                list(_DOCUMENTS),
                format_func=lambda one: _DOCUMENTS[one],
                key=f"{key}-documents",
                help=help_for("recorded documents"),
            )
    return RecordedDefaults(**told)


def _draw(found: RecordedPreview) -> None:
    st.markdown(f"##### {title(found)}")
    if found.warning:
        st.warning(plain(found.warning, 600), icon=":material/warning:")
    if twice := taken_twice(asdict(found.chosen).values()):
        st.warning(f"{plain(twice)} is taken for more than one thing.", icon=":material/warning:")
    if found.groups:
        show(group_table(found.groups), key="recorded-groups")
        if left := missing_line(found.groups):
            st.caption(left)
        st.caption(WITHOUT_PASSAGES)
    if found.unused:
        names = ", ".join(f"“{one}”" for one in found.unused)
        st.caption(f"Not used: {plain(names, 600)}")
    if found.bad:
        bad_rows("", found.bad, TODO)
    if found.doubtful:
        doubtful_rows(found.doubtful)
    if found.answers:
        _sample(found)


def title(found: RecordedPreview) -> str:
    """How much can be added, and how much cannot."""
    good, bad = figures.count(found.answers, "answer"), figures.count(len(found.bad), "row")
    return f"{good[0].upper()}{good[1:]} can be added, {bad} cannot"


def group_table(groups: Sequence[RecordedGroup]) -> Table:
    """What each candidate would get, and what stays unknown of it."""
    names = candidate_names({one.candidate.hash: one.candidate for one in groups}, {})
    rows = tuple(
        (
            names[one.candidate.hash],
            f"{len(one.answers):,} of {one.of:,}",
            one.missing,
            f"list of {one.priced}" if one.priced else UNKNOWN,
            _some(one.undated, len(one.answers), "today's is assumed"),
            _some(one.uncounted, len(one.answers), "cost unknown"),
        )
        for one in groups
    )
    columns = ("Candidate", "Answers", "Not answered", "Price", "Without a date", "Without tokens")
    helps = {"Candidate": help_for("imported"), "Price": help_for("list price")}
    return Table(columns, rows, helps)


def _some(many: int, of: int, so: str) -> str:
    if not many:
        return "none"
    return f"{'all' if many == of else f'{many:,}'}: {so}"


def missing_line(groups: Sequence[RecordedGroup]) -> str:
    """That what is not answered counts neither way; "" where nothing is missing."""
    missing = sum(one.missing for one in groups)
    if not missing:
        return ""
    questions = figures.count(missing, "answer")
    return f"{questions[0].upper()}{questions[1:]} missing: these stay empty, and count neither way."


def _sample(found: RecordedPreview) -> None:
    answers = [(one.candidate, answer) for one in found.groups for answer in one.answers][:SHOWN]
    rows = tuple((one.number, one.text[:500], one.case + 1, who.model) for who, one in answers)
    bare(
        Table(("Row", "Answer", "To question", "Model"), rows, blank=""),
        config={
            "Row": st.column_config.NumberColumn(width=55),
            "Answer": st.column_config.TextColumn(width="large"),
            "To question": st.column_config.NumberColumn(width=90),
            "Model": st.column_config.TextColumn(width=160),
        },
        alt="The first recorded answers of the file, with the questions that they belong to",
    )
    if found.answers > SHOWN:
        st.caption(f"The first {SHOWN} of {found.answers:,}.")


def save_button(found: RecordedPreview, verb: str, key: str) -> bool:
    """The button that saves them ("Add 54 answers"), where there are any; True when it was pressed."""
    if not found.answers:
        return False
    if found.bad:
        st.caption(f"The {figures.count(len(found.bad), 'row')} above that cannot be saved will be left out.")
    answers = figures.count(found.answers, "answer")
    return st.button(f"{verb} {answers}", key=f"{key}-save", type="primary")
