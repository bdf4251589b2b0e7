"""What a new experiment will take, drawn on its form, and the short probe that measures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.domain import Estimate, MeasureView
from app.ui import figures
from app.ui.estimates import figures_of, listed
from app.ui.experiment_form import Plan
from app.ui.frame import guard, trouble
from app.ui.safe import plain
from app.ui.work import do, watched

POLL_SECONDS = 0.5
NARROWEST = 200
"""Pixels of a figure; below that they stack."""
PROBE = "Measure with a short probe"


@dataclass(frozen=True)
class Probe:
    """The short probe: what can be done with it. ``allowed``: all passages may go where they would."""

    look: Callable[[], MeasureView | None]
    start: Callable[[], object]
    stop: Callable[[], object]
    allowed: bool


def draw(plan: Plan, estimate: Estimate, probe: Probe) -> None:
    """The figures; where something is unknown, the button that measures it."""
    st.markdown("#### What it will take")
    grid = st.grid(4, min_column_width=NARROWEST, border=True, key="estimate")
    for one in figures_of(plan, estimate):
        with grid.cell():
            st.metric(one.name, one.value)
            st.caption(plain(one.basis))
    view = probe.look()
    if view is not None and view.busy:
        watched(_watch, probe, every=POLL_SECONDS)
    elif estimate.unknown:
        _offer(estimate, view, probe)


def _offer(estimate: Estimate, last: MeasureView | None, probe: Probe) -> None:
    for one in last.failures if last else ():
        trouble(
            f"The probe could not measure {one}", "What it measured is kept.", "Mend it, then measure again."
        )
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="probe-offer"):
        st.markdown(
            f"Nothing is recorded of {plain(listed(estimate.unknown), 600)}. A short probe puts two of the "
            "questions to each model, with and without documents as chosen. Its answers are logged, cost "
            "what they cost, and are part of no comparison.",
            width="stretch",
        )
        st.button(
            PROBE,
            key="probe-start",
            icon=":material/timer:",
            disabled=not probe.allowed,
            on_click=do,
            args=(probe.start,),
        )


def _watch(probe: Probe) -> None:
    with guard():
        view = probe.look()
        if view is None or not view.busy:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", key="probe-running"):
            st.progress(view.done / view.of if view.of else 0.0, text=plain(probe_words(view)))
            st.button(
                "Stopping" if view.stopping else "Cancel",
                key="probe-stop",
                icon=":material/stop_circle:",
                disabled=view.stopping,
                on_click=do,
                args=(probe.stop,),
            )


def probe_words(view: MeasureView) -> str:
    """How far a probe is: "Measuring: 3 of 8 answers, now tiny with documents"."""
    if view.stopping:
        return f"Stopping after {view.done} of {figures.count(view.of, 'answer')}…"
    now = f", now {view.asking}" if view.asking else ""
    return f"Measuring: {view.done} of {figures.count(view.of, 'answer')}{now}"
