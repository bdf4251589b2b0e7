"""Experiments as files, and scoring one anew: small parts that a page draws by one line each."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import IO

import streamlit as st

from app.domain import Experiment, Reached, RescoreView, RunView
from app.ui import figures, judge_again
from app.ui.safe import plain
from app.ui.work import begin_long, draw_result, going

SCORED = "What was scored anew until then stays. Score anew once more for the rest."
IMPORT, RESCORE = "experiment-import", "experiment-rescore"
ENDINGS = ["gz", "jsonl", "json"]
_UNUSUAL = re.compile(r"[^\w-]+")


def draw_actions(
    view: RunView,
    pack: Callable[[str], bytes],
    rescore: Callable[[str, Reached], Future[RescoreView]],
    again: judge_again.AgainActions,
) -> None:
    """The download of an experiment, made when it is asked for, and the buttons that tell it anew.

    The first two are called with its id; ``rescore`` begins, and gives what will come of it. That has to
    wait for a run, and for itself.
    """
    experiment = view.experiment
    key = f"{RESCORE}-{experiment.id}"
    with st.container(horizontal=True, key="experiment-files"):
        st.download_button(
            "Download the experiment",
            partial(pack, experiment.id),
            file_name=file_name(experiment),
            mime="application/gzip",
            key="experiment-download",
            icon=":material/download:",
            help="Its questions, answers and scores as one file, which can be read in here or elsewhere.",
            on_click="ignore",
        )
        if st.button(
            "Score anew",
            key="experiment-score-anew",
            icon=":material/rule:",
            help="Puts today's measures to the recorded answers. No model is asked.",
            disabled=view.busy or going(key),
        ):
            begin_long(key, "Scoring the recorded answers", partial(rescore, experiment.id), kept=SCORED)
    draw_result(key, rescored_words)
    judge_again.draw(experiment.judge, again)


def file_name(experiment: Experiment) -> str:
    """What the file is called: of the name what every disk takes."""
    stem = _UNUSUAL.sub("-", experiment.name).strip("-")[:60] or "experiment"
    return f"assay-{stem}.jsonl.gz"


def rescored_words(view: RescoreView) -> str:
    """What came of scoring anew, in words."""
    changes = (
        (view.now_right, "right now that were not"),
        (view.now_wrong, "not right any more"),
        (view.otherwise, "scored now and was not, or the other way round"),
    )
    told = [f"{number:,} {words}" for number, words in changes if number]
    parts = [f"{figures.count(view.done, 'answer')} scored anew; no model was asked"]
    parts.append(", ".join(told) if told else "None came out otherwise")
    if view.look_again:
        parts.append(f"{figures.count(view.look_again, 'cause')} must be looked for again")
    if view.unlocated:
        answers = figures.count(view.unlocated, "answer")
        parts.append(f"The documents of {answers} are not as they were, so measures of the search stay")
    parts += stays_words(view)
    if view.unjudged:
        wait = "waits" if view.unjudged == 1 else "wait"
        parts.append(f"{figures.count(view.unjudged, 'answer')} {wait} for the judge")
    return ". ".join(f"{one[0].upper()}{one[1:]}" for one in parts) + "."


def stays_words(view: RescoreView) -> list[str]:
    """What nobody could find again here, so that it stays as it was, or is missing."""
    why = "the experiment was run elsewhere" if view.elsewhere else "the documents are not as they were"
    told = []
    if view.kept_causes:
        causes, stay = figures.count(view.kept_causes, "cause"), "stays" if view.kept_causes == 1 else "stay"
        told.append(f"{causes} {stay} as found before, though it may be another now: {why}")
    if view.kept_rulings:
        stay = "stays" if view.kept_rulings == 1 else "stay"
        told.append(
            f"{figures.count(view.kept_rulings, 'answer')} {stay} right or wrong as before: now a judge "
            "would have to tell, and none is asked here"
        )
    if view.untold:
        answers = figures.count(view.untold, "answer")
        told.append(f"Why {answers} are not right any more cannot be looked for: {why}")
    return told


def draw_import(mb: int, read: Callable[[IO[bytes], Reached], Future[Experiment]]) -> None:
    """An expander that takes an experiment's file; ``read`` begins to read it, and gives what it will be."""
    with st.expander("Read an experiment from a file", icon=":material/upload_file:", key="import-box"):
        st.caption("A file that “Download the experiment” made, here or elsewhere. No model is asked.")
        file = st.file_uploader(
            "An experiment's file",
            ENDINGS,
            key="import-file",
            max_upload_size=mb,
            label_visibility="collapsed",
        )
        if file is not None and st.button("Read it", key="import-read", type="primary"):
            begin_long(IMPORT, "Reading the experiment", partial(read, file), kept="Nothing was imported.")
        draw_result(IMPORT, imported_words)


def imported_words(one: Experiment) -> str:
    """That it is there now."""
    return (
        f"“{plain(one.name, 120)}” is among the experiments now, with {figures.count(one.cases, 'question')}."
    )
