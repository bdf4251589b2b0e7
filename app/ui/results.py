"""What came of an experiment so far: the sentence, the charts, the grid, and how it was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Cause, Examined, ScorerUse
from app.ui import figures, result_filters
from app.ui.cause_chart import cause_table, draw_causes
from app.ui.claim_chart import draw_claims, draw_claims_short
from app.ui.drift_chart import draw_drift
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT
from app.ui.next_steps import Largest, draw_next
from app.ui.result_grid import draw_grid
from app.ui.result_look import Look
from app.ui.result_measures import draw_abstentions, draw_how, draw_retrieval
from app.ui.result_sentence import below_of, sentence_of
from app.ui.right_chart import draw_right
from app.ui.safe import plain
from app.ui.words import help_for, lowered
from app.ui.work import try_it

SURE = (
    f"In brackets, in per cent: {lowered(help_for('interval')).rstrip('.')}. "
    f"Decisive: {lowered(help_for('decisive'))}"
)


@dataclass(frozen=True)
class ResultActions:
    """``scorers`` reads which were used; ``trace`` looks for missing causes, where it may.

    ``elsewhere``: the experiment was made on another machine, so that nothing more can be found here.
    """

    scorers: Callable[[], Sequence[ScorerUse]]
    trace: Callable[[], object]
    may_trace: bool = True
    elsewhere: bool = False


def draw_results(examined: Examined, look: Look, largest: Largest, actions: ResultActions) -> None:
    """The whole page of an experiment that has answers."""
    draw_sentence(examined, look)
    if examined.drift is not None:
        draw_drift(examined.drift)
    draw_right(examined, look, result_filters.show)
    draw_causes(examined, look, result_filters.show)
    if any(one.wrong for one in examined.tallies):
        cause_table(examined, look, result_filters.show)
        _draw_trace(examined, actions)
        draw_next(largest, examined.experiment, result_filters.show)
    # By itself, so that a filter draws nothing else anew.
    st.fragment(draw_grid)(examined, look)
    draw_claims(examined, look)
    st.markdown("#### More about it")
    draw_retrieval(examined, look)
    draw_abstentions(examined, look)
    draw_how(examined, look, actions.scorers)


def draw_sentence(examined: Examined, look: Look) -> None:
    """The answer to the page's question, large."""
    st.markdown(f"### {sentence_of(examined, look.names)}")
    if below := below_of(examined, look.names):
        st.markdown(below)
    if examined.headline.leaders:
        st.caption(SURE)


def draw_short(
    examined: Examined, look: Look, largest: Largest, scorers: Callable[[], Sequence[ScorerUse]]
) -> None:
    """For the home page: the sentence, two charts, what to do next, the claim, and the way to all of it.

    ``scorers`` reads which were used.
    """
    draw_sentence(examined, look)
    opened = _opener(examined)
    draw_right(examined, look, opened)
    draw_causes(examined, look, opened)
    if any(one.wrong for one in examined.tallies):
        cause_table(examined, look, opened)
        draw_next(largest, examined.experiment)
    draw_claims_short(examined, look)
    draw_how(examined, look, scorers)
    st.page_link(
        "pages/experiment.py",
        label=f"The whole experiment: {plain(examined.experiment.name, 120)}",
        icon=":material/science:",
        query_params=address(EXPERIMENT, examined.experiment.id),
    )


def _opener(examined: Examined) -> Callable[[str, str], None]:
    """Opens the answers of a part of a chart on the page of the experiment."""

    def opened(candidate: str, cause: str) -> None:
        wanted = {result_filters.CANDIDATE: candidate, result_filters.CAUSE: cause}
        chosen = {key: value for key, value in wanted.items() if value}
        st.switch_page(
            "pages/experiment.py", query_params=address(EXPERIMENT, examined.experiment.id, **chosen)
        )

    return opened


def _draw_trace(examined: Examined, actions: ResultActions) -> None:
    """The button that looks for causes where any is missing."""
    untold = sum(one.untold for one in examined.tallies)
    if untold and actions.elsewhere:
        answers = figures.count(untold, "answer")
        st.caption(f"It was run elsewhere: why {answers} are not right cannot be looked for here.")
    if not actions.may_trace:
        return
    unsplit = sum(one.counts.get(Cause.MODEL_UNSPLIT, 0) for one in examined.tallies)
    if untold + unsplit and st.button(
        f"Look for the causes of {figures.count(untold + unsplit, 'answer')}",
        key="result-trace",
        icon=":material/troubleshoot:",
        help="Asks again where only that can tell how the model failed.",
    ):
        with st.spinner("Starting…"):
            begun = try_it(actions.trace)
        if begun:
            st.rerun()
