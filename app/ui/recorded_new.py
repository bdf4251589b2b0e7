"""An experiment of recorded answers alone: no model is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.domain import Dataset, Reached, RecordedColumns, RecordedDefaults, RecordedPreview, Upload
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT
from app.ui.recorded_preview import FILLED_IN, choose, save_button
from app.ui.work import begin_long, draw_result, forget, going, poll

NEW = "recorded-new"
TITLE = "An experiment of recorded answers alone"
PURPOSE = "No model is asked: you bring what models answered elsewhere, as a CSV or JSON-lines file."


@dataclass(frozen=True)
class NewActions:
    """Look at a file for a dataset (its id), begin to make the experiment, and its questions as a table."""

    look: Callable[[str, Upload, RecordedDefaults, RecordedColumns | None], RecordedPreview]
    make: Callable[
        [str, Upload, RecordedDefaults, RecordedColumns, Reached], Future[tuple[str, RecordedPreview]]
    ]
    questions: Callable[[str], bytes]


def draw_new(datasets: Sequence[Dataset], actions: NewActions) -> None:
    """An expander that makes an experiment of recorded answers; nothing where there are no questions."""
    if not datasets:
        return
    made = poll(NEW)
    if made is not None and made.exception() is None:
        forget(NEW)
        st.switch_page("pages/experiment.py", query_params=address(EXPERIMENT, made.result()[0]))
    if made is not None:
        draw_result(NEW)
    with st.expander(TITLE, icon=":material/playlist_add:", key=f"{NEW}-box"):
        st.caption(PURPOSE)
        by_id = {one.id: one for one in datasets}
        dataset = st.selectbox(
            "Questions", list(by_id), format_func=lambda one: by_id[one].name, key=f"{NEW}-dataset"
        )
        st.download_button(
            "Download these questions",
            lambda: actions.questions(by_id[dataset].version),
            file_name="assay-questions.csv",
            mime="text/csv",
            key=f"{NEW}-questions",
            icon=":material/download:",
            help=FILLED_IN,
            on_click="ignore",
        )
        if going(NEW):
            return
        chosen = choose(lambda *told: actions.look(dataset, *told), NEW)
        if chosen is not None and save_button(chosen[1], "Make an experiment of", NEW):
            upload, found, defaults = chosen
            make = partial(actions.make, dataset, upload, defaults, found.chosen)
            begin_long(NEW, "Scoring the recorded answers", make, kept="No experiment was made.")
            st.rerun()
