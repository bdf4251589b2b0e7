"""The experiments that run, what is said where there is nothing yet, and the way to a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Dataset, Experiment, RunView
from app.ui import figures, running
from app.ui.frame import COLLECTION, DATASET, EXPERIMENT, empty, guard
from app.ui.running import doing_words
from app.ui.safe import plain

POLL_SECONDS = 0.5
NEW = "new"
"""In the address: that a new experiment is being made."""
SAMPLE = "Open the sample workspace"


@dataclass(frozen=True)
class RunningActions:
    """What can be done with those that run; each takes an experiment's id."""

    look: Callable[[str], RunView]
    stop: Callable[[str], object]


# ------------------------------------------------------------------------ those that run


def draw_running(views: Sequence[RunView], actions: RunningActions) -> None:
    """Each experiment that runs with its progress and Stop; nothing where none does."""
    if not views:
        return
    st.markdown(f"#### {running_words(len(views))}")
    for one in views:
        with st.container(border=True, key=f"running-{one.experiment.id}"):
            link(one.experiment)
            st.fragment(_watch, run_every=POLL_SECONDS)(one.experiment.id, actions)


def running_words(many: int) -> str:
    """How many run, as a heading."""
    return "1 experiment is running" if many == 1 else f"{many} experiments are running"


def _watch(experiment_id: str, actions: RunningActions) -> None:
    with guard():
        view = actions.look(experiment_id)
        if not view.busy:
            st.rerun()
        running.head(view, lambda: actions.stop(experiment_id))
        st.caption(plain(doing_words(view)))


def link(one: Experiment) -> None:
    """The name, which opens it."""
    st.page_link(
        "pages/experiment.py",
        label=f"**{plain(one.name, 120)}**",
        icon=":material/science:",
        query_params=address(EXPERIMENT, one.id),
    )


def address(name: str, value: str, **more: str) -> dict[str, str]:
    """The address of a view, with the collection in use."""
    return {**_kept(), name: value, **more}


def _kept() -> dict[str, str]:
    return {COLLECTION: st.query_params[COLLECTION]} if COLLECTION in st.query_params else {}


# ------------------------------------------------------------------------ nothing to show yet


def no_documents() -> bool:
    """Neither documents nor questions are there; True when the sample was asked for."""
    return empty(
        "**Nothing to compare models on yet.** An experiment needs documents, and questions with their "
        "right answers. The sample workspace has both, of an invented company.",
        SAMPLE,
        key="open-sample",
    )


def no_dataset() -> None:
    """There are documents, and no questions."""
    if empty(
        "**No questions yet.** An experiment puts the same questions to several models and counts how often "
        "each is right: write some, or bring them as a file.",
        "Make a dataset",
        key="make-dataset",
    ):
        st.switch_page("pages/dataset.py")


def draw_questions(datasets: Sequence[Dataset]) -> None:
    """The datasets, each of which opens, and the way to a new one."""
    if not datasets:
        return
    st.markdown("#### Your questions")
    for one in datasets:
        st.page_link(
            "pages/dataset.py",
            label=f"{plain(one.name, 120)} ({figures.count(one.size, 'question')})",
            icon=":material/quiz:",
            query_params=address(DATASET, one.id),
        )
    st.page_link("pages/dataset.py", label="New questions", icon=":material/add:", query_params=_kept())


def new_button() -> None:
    """The button that begins a new experiment."""
    st.button("New experiment", key="experiment-new", type="primary", icon=":material/add:", on_click=_begin)


def back_button() -> None:
    """From the new experiment back to all of them."""
    st.button(
        "All experiments",
        key="experiments-back",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=_back,
    )


def _begin() -> None:
    st.query_params[NEW] = "yes"


def _back() -> None:
    for name in (NEW, DATASET):
        st.query_params.pop(name, None)
