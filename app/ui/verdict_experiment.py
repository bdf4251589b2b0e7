"""Home where there is an experiment: which one it is about, or that it is about what was asked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.domain import Experiment, ExperimentState
from app.ui import presenting, theme
from app.ui.frame import EXPERIMENT, open_page
from app.ui.naming import experiment_names
from app.ui.safe import plain
from app.ui.words import help_for

NEWEST = 30
"""So many experiments can be chosen; all others are on their own page."""
TITLE = "Verdict"
PURPOSE = "Whether a model is right often enough on your own questions, and what to mend where it is not."
GONE = (
    "The experiment that the address names cannot be shown: it is not here, has no answers yet, or is older "
    f"than the newest {NEWEST}. This is “{{}}” in its place."
)
KEY = "verdict-experiment"
VIEW, ASKED = "view", "asked"
"""In the address of home."""
VIEW_KEY = "verdict-view"


def choose(experiments: Sequence[Experiment]) -> Experiment:
    """The title with the picker beside it, small; what is chosen stands in the address.

    It begins with the newest that has finished, else with the newest. There must be one. Where it is
    presented nothing is drawn.
    """
    if presenting.wanted():
        _say_gone(experiments, shown := named(experiments))
        return shown
    by_id, names = {one.id: one for one in experiments}, experiment_names(experiments)
    if st.session_state.get(KEY) not in by_id:
        st.session_state[KEY] = named(experiments).id
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        with st.container(width="content"):
            open_page(TITLE, PURPOSE)
        chosen = st.selectbox(
            "Experiment", list(by_id), format_func=lambda one: names[one], key=KEY, width=300
        )
    _address(experiments, by_id[chosen])
    return by_id[chosen]


def pick(experiments: Sequence[Experiment]) -> Experiment:
    """A picker alone, for a page with several figures of one experiment; it begins with that of home.

    What is chosen stands in the address. There must be one.
    """
    by_id, names = {one.id: one for one in experiments}, experiment_names(experiments)
    ids = list(by_id)
    chosen = st.selectbox(
        "Experiment",
        ids,
        index=ids.index(named(experiments).id),
        format_func=lambda one: names.get(one, ""),
        key="costs-experiment",
        help=help_for("experiment of the costs"),
        width=420,
    )
    _address(experiments, by_id[chosen])
    return by_id[chosen]


def _address(experiments: Sequence[Experiment], shown: Experiment) -> None:
    """Put what is shown into the address; one that is not here stands there until another is chosen."""
    if not _say_gone(experiments, shown):
        st.query_params[EXPERIMENT] = shown.id


def _say_gone(experiments: Sequence[Experiment], shown: Experiment) -> bool:
    """Whether the address names one that is not among these and this is in its place; then it is said."""
    wanted = st.query_params.get(EXPERIMENT, "")
    if not wanted or any(one.id == wanted for one in experiments) or shown is not named(experiments):
        return False
    st.warning(GONE.format(plain(shown.name, 120)), icon=":material/info:")
    return True


def named(experiments: Sequence[Experiment]) -> Experiment:
    """The one that the address names, else the one that home begins with. There must be one."""
    by_id = {one.id: one for one in experiments}
    return by_id.get(st.query_params.get(EXPERIMENT, ""), first(experiments))


def first(experiments: Sequence[Experiment]) -> Experiment:
    """The newest that has finished, else the newest; they come newest first."""
    finished = (one for one in experiments if one.state is ExperimentState.FINISHED)
    return next(finished, experiments[0])


def asked_instead() -> bool:
    """Whether the address asks for what was asked by hand in the place of an experiment."""
    return st.query_params.get(VIEW) == ASKED and not presenting.wanted()


def draw_switch(answers: int) -> None:
    """Between the experiment and the so many ``answers`` that were asked for by hand; kept in the address.

    Without such answers, and where it is presented, nothing is drawn.
    """
    if not answers or presenting.wanted():
        return
    views = {"": "The experiment", ASKED: f"Asked so far ({answers:,})"}
    st.session_state[VIEW_KEY] = ASKED if asked_instead() else ""
    st.segmented_control(
        "What is shown",
        list(views),
        format_func=lambda one: theme.option(views[one]),
        required=True,
        key=VIEW_KEY,
        on_change=_turn,
        label_visibility="collapsed",
    )


def _turn() -> None:
    if st.session_state[VIEW_KEY]:
        st.query_params[VIEW] = ASKED
    else:
        st.query_params.pop(VIEW, None)
