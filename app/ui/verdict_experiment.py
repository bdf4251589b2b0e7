"""Home where there is an experiment: which one it is about, and what stands below it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.domain import Experiment, ExperimentState
from app.ui import figures, presenting
from app.ui.frame import EXPERIMENT, open_page

NEWEST = 30
"""So many experiments can be chosen; all others are on their own page."""
TITLE = "Verdict"
PURPOSE = "Whether a model is right often enough on your own questions, and what to mend where it is not."
KEY = "verdict-experiment"


def choose(experiments: Sequence[Experiment]) -> Experiment:
    """The title with the picker beside it, small; what is chosen stands in the address.

    It begins with the newest that has finished, else with the newest. There must be one. Where it is
    presented nothing is drawn.
    """
    if presenting.wanted():
        return named(experiments) or first(experiments)
    by_id = {one.id: one for one in experiments}
    if st.session_state.get(KEY) not in by_id:
        st.session_state[KEY] = (named(experiments) or first(experiments)).id
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        with st.container(width="content"):
            open_page(TITLE, PURPOSE)
        chosen = st.selectbox(
            "Experiment", list(by_id), format_func=lambda one: _called(by_id[one]), key=KEY, width=300
        )
    st.query_params[EXPERIMENT] = chosen
    return by_id[chosen]


def named(experiments: Sequence[Experiment]) -> Experiment | None:
    """The one that the address names, else that with which home begins; None where there is none."""
    wanted = st.query_params.get(EXPERIMENT, "")
    found = next((one for one in experiments if one.id == wanted), None)
    return found or (first(experiments) if experiments else None)


def first(experiments: Sequence[Experiment]) -> Experiment:
    """The newest that has finished, else the newest; they come newest first."""
    finished = (one for one in experiments if one.state is ExperimentState.FINISHED)
    return next(finished, experiments[0])


def draw_asked(title: str, purpose: str) -> None:
    """The heading above what was asked by hand."""
    st.divider()
    st.header(title, anchor=False)
    st.markdown(purpose)


def _called(one: Experiment) -> str:
    return f"{one.name} ({figures.day(one.made_at)})"
