"""What came of an experiment so far: the sentence, the charts, the grid, and how it was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.domain import (
    Cause,
    Examined,
    Verdict,
    VerdictSettings,
)
from app.ui import figures, presenting, result_filters
from app.ui.cause_chart import cause_table, draw_causes
from app.ui.charts import Opened
from app.ui.claim_chart import draw_claims, draw_claims_short
from app.ui.drift_chart import draw_drift
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT
from app.ui.frontier_chart import draw_frontier
from app.ui.measures import draw_measures
from app.ui.next_steps import draw_next
from app.ui.report_button import ReportActions, draw_report
from app.ui.result_grid import draw_grid
from app.ui.result_look import Look
from app.ui.result_measures import draw_abstentions, draw_how
from app.ui.right_chart import draw_right
from app.ui.safe import plain, unbroken, whole_ends
from app.ui.verdict_figures import draw_figures, draw_settings
from app.ui.verdict_pay_off import draw_pay_off, figure_of, marks_of
from app.ui.verdict_words import MOST_NAMED, SURE, below, headline, on_screen
from app.ui.work import try_it


@dataclass(frozen=True)
class ResultActions:
    """``report`` is what its button needs; ``trace`` looks for missing causes, where it may.

    ``elsewhere``: the experiment was made on another machine, so that nothing more can be found here.
    """

    report: ReportActions
    trace: Callable[[], object]
    may_trace: bool = True
    elsewhere: bool = False


@dataclass(frozen=True)
class HomeActions:
    """``report`` is what its button needs; ``save`` keeps one of the ``settings``, by its name."""

    report: ReportActions
    settings: VerdictSettings
    save: Callable[[str, float], VerdictSettings]


def draw_results(examined: Examined, verdict: Verdict, look: Look, actions: ResultActions) -> None:
    """The whole page of an experiment that has answers."""
    draw_sentence(examined, verdict, look, result_filters.show)
    draw_report(examined, verdict, look, actions.report)
    if examined.drift is not None:
        draw_drift(examined.drift, look.names, result_filters.show)
    draw_right(examined, look, result_filters.show)
    draw_frontier(examined, look, result_filters.show)
    draw_causes(examined, look, result_filters.show)
    if any(one.wrong for one in examined.tallies):
        cause_table(examined, look, result_filters.show)
        _draw_trace(examined, actions)
        draw_next(examined, verdict, look.names, result_filters.show)
    # By itself, so that a filter draws nothing else anew.
    st.fragment(draw_grid)(examined, look)
    draw_claims(examined, look, result_filters.show)
    st.markdown("#### More about it")
    # By itself too, so that to open it draws nothing else anew.
    st.fragment(draw_measures)(examined, look, actions.report.measures)
    draw_abstentions(examined, look)
    _draw_how(examined, look, actions.report)


def draw_newest(answers: int) -> None:
    """While it runs the charts stand still until they are asked for."""
    with st.container(horizontal=True, vertical_alignment="center", key="result-newest"):
        st.caption(f"Below are the first {answers:,} answers.", width="content")
        st.button("Show the newest", key="result-refresh", icon=":material/refresh:", type="tertiary")


def draw_sentence(examined: Examined, verdict: Verdict, look: Look, opened: Opened) -> None:
    """The answer to the page's question, large, and what is said besides.

    Each share of the sentence is a candidate's, whose answers ``opened`` shows.
    """
    voice = on_screen(look.names)
    st.markdown(f"### {unbroken(headline(verdict, examined.experiment, voice))}")
    if lines := below(verdict, examined.experiment, voice):
        st.markdown(unbroken("\n".join(f"- {line}" for line in lines)))
    if verdict.head.who:
        st.caption(SURE)
    with st.container(horizontal=True, key="verdict-behind"):
        for one in verdict.head.who[:MOST_NAMED]:
            name = one.candidate.hash
            label = f"Show the answers of {plain(whole_ends(look.names[name]))}"
            # On a phone it takes two lines: the end of a name tells what was given.
            if st.button(label, key=f"behind-{name}", type="tertiary", wrap=True):
                opened(name, "")


def draw_short(examined: Examined, verdict: Verdict, look: Look, actions: HomeActions) -> None:
    """For the home page: the sentence, three figures, the charts, what to do next, and the way to all.

    Where the address asks for it, only what is presented.
    """
    pay_off = actions.report.pay_off(examined, look.names)
    pays_off = figure_of(pay_off)
    if presenting.wanted():
        presenting.draw_presented(examined, verdict, look, pays_off)
        return
    opened = _opener(examined)
    draw_sentence(examined, verdict, look, opened)
    with st.container(horizontal=True, key="verdict-actions"):
        draw_settings(actions.settings, actions.save)
        presenting.draw_button()
        draw_report(examined, verdict, look, actions.report)
    draw_figures(examined, verdict, look.names, opened, pays_off)
    draw_right(examined, look, opened)
    draw_frontier(examined, look, opened, marks_of(pay_off))
    draw_causes(examined, look, opened)
    if any(one.wrong for one in examined.tallies):
        cause_table(examined, look, opened)
        draw_next(examined, verdict, look.names, opened)
    draw_pay_off(pay_off, look.styles, examined.experiment.id)
    draw_claims_short(examined, look)
    _draw_how(examined, look, actions.report)
    st.page_link(
        "pages/experiment.py",
        label=f"The whole experiment: {plain(examined.experiment.name, 120)}",
        icon=":material/science:",
        query_params=address(EXPERIMENT, examined.experiment.id),
    )


def _draw_how(examined: Examined, look: Look, actions: ReportActions) -> None:
    name = examined.experiment.id
    pay_off = partial(actions.pay_off, examined, look.names)
    draw_how(examined, look, partial(actions.used, name), pay_off)


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
