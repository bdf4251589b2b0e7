"""Answers of models that were asked elsewhere, on the page of an experiment: added, and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.domain import Candidate, Reached, RecordedColumns, RecordedDefaults, RecordedPreview, RunView, Upload
from app.ui import figures
from app.ui.dialogs import close_dialog, confirmed, is_open, open_dialog
from app.ui.recorded_preview import FILLED_IN, Look, choose, save_button
from app.ui.safe import plain
from app.ui.words import help_for
from app.ui.work import Started, begin_long, draw_result, going, try_it

KEY = "recorded"
ADDING, DELETE = "recorded-adding", "recorded-delete"
PURPOSE = (
    "A proprietary model whose key is not here can be compared, too: bring what it answered elsewhere as a "
    "CSV or JSON-lines file, one answer a row. It becomes a candidate marked “imported”, is scored and "
    "priced like the others, and is never asked by Assay. You see what the file brings before it is saved."
)
RUNNING = "Recorded answers can be added when the experiment has ended, or was stopped."
_TURN = "recorded-turn"


@dataclass(frozen=True)
class RecordedActions:
    """What can be done with an experiment: look at a file, begin to add it, take a candidate out again.

    ``questions`` makes the table to be filled in elsewhere.
    """

    look: Look
    add: Callable[[Upload, RecordedDefaults, RecordedColumns, Reached], Future[RecordedPreview]]
    take_out: Callable[[Candidate], int]
    questions: Callable[[], bytes]


def draw(view: RunView, names: Mapping[str, str], actions: RecordedActions) -> None:
    """The box that adds recorded answers, and the imported candidates that there are."""
    experiment = view.experiment
    adding = f"{ADDING}-{experiment.id}"
    _next_file(adding)
    draw_result(adding, added_words)
    imported = [one for one in experiment.candidates if one.imported]
    with st.expander("Add recorded answers", icon=":material/playlist_add:", key=f"{KEY}-box"):
        st.caption(PURPOSE)
        if view.busy:
            st.info(RUNNING, icon=":material/hourglass_empty:")
            return
        st.download_button(
            "Download the questions",
            actions.questions,
            file_name="assay-questions.csv",
            mime="text/csv",
            key=f"{KEY}-questions",
            icon=":material/download:",
            help=FILLED_IN,
            on_click="ignore",
        )
        turn = st.session_state.get(_TURN, 0)
        chosen = None if going(adding) else choose(actions.look, KEY, turn)
        if chosen is not None and save_button(chosen[1], "Add", KEY):
            upload, found, defaults = chosen
            add = partial(actions.add, upload, defaults, found.chosen)
            begin_long(adding, "Scoring the recorded answers", add, kept="Nothing was added.")
            st.rerun()
    if imported and not view.busy:
        _draw_imported(imported, names, actions.take_out)


def _next_file(adding: str) -> None:
    """What was added needs no second look: the box is empty again."""
    started: Started | None = st.session_state.get(adding)
    if started is not None and started.future.done() and started.future.exception() is None:
        st.session_state[_TURN] = started.since


def added_words(found: RecordedPreview) -> str:
    """What was put into the experiment, in words."""
    parts = [
        f"{plain(one.candidate.label)}: {figures.count(len(one.answers), 'answer')} added"
        + (f", {one.missing:,} of {one.of:,} not answered" if one.missing else "")
        for one in found.groups
    ]
    left = f" {figures.count(len(found.bad), 'row')} left out." if found.bad else ""
    return f"{'; '.join(parts)}.{left}"


# ------------------------------------------------------------------------ what is there already


def _draw_imported(
    imported: Sequence[Candidate], names: Mapping[str, str], take_out: Callable[[Candidate], int]
) -> None:
    """Each imported candidate with its Delete."""
    st.caption("Imported, and never asked here:", help=help_for("imported"))
    for one in imported:
        with st.container(horizontal=True, vertical_alignment="center", key=f"{KEY}-of-{one.hash}"):
            told = f": {one.provenance.note}" if one.provenance and one.provenance.note else ""
            st.markdown(f"{plain(names[one.hash])}{plain(told)}", width="content")
            st.button(
                "Delete its answers",
                key=f"{DELETE}-{one.hash}",
                icon=":material/delete:",
                type="tertiary",
                on_click=open_dialog,
                args=(f"{DELETE}-{one.hash}",),
            )
        if is_open(f"{DELETE}-{one.hash}"):
            _delete_dialog(one, take_out)


@st.dialog("Delete imported answers", on_dismiss=close_dialog)
def _delete_dialog(candidate: Candidate, take_out: Callable[[Candidate], int]) -> None:
    """Ask for the typed name."""
    st.markdown(
        f"**{plain(candidate.label)}** goes from this experiment with all its answers, with your marks and "
        "with people's votes on them. Every other candidate stays as it is. This cannot be undone: the file "
        "can be added again, marks and votes cannot."
    )
    sure, _ = confirmed("recorded-delete-form", "model", candidate.model)
    if sure and try_it(lambda: take_out(candidate)):
        close_dialog()
        st.rerun()
