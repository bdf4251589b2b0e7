"""What a new experiment will take, each figure with its basis, and the short probe that measures it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Estimate, MeasureView, Taking
from app.ui import figures
from app.ui.experiment_form import Plan
from app.ui.frame import guard, trouble
from app.ui.safe import plain
from app.ui.spans import about, money_words
from app.ui.words import UNKNOWN
from app.ui.work import do

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


@dataclass(frozen=True)
class Taken:
    """One figure of an estimate, and where it comes from."""

    name: str
    value: str
    basis: str


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
        st.fragment(_watch, run_every=POLL_SECONDS)(probe)
    elif estimate.unknown:
        _offer(estimate, view, probe)


def figures_of(plan: Plan, estimate: Estimate) -> list[Taken]:
    """Answers, time, tokens and money. What nothing is recorded of is in no figure, and is told."""
    missing = _without(estimate.unknown)
    nothing = estimate.seconds is None
    more = " or more" if estimate.unknown else ""
    time_ = UNKNOWN if estimate.seconds is None else about(estimate.seconds) + more
    tokens = UNKNOWN if nothing else f"{figures.significant(estimate.tokens, 2)}{more}"
    basis = "Nothing is recorded of these candidates yet." if nothing else f"{estimate.basis}{missing}"
    pace = "One after the other" if plan.one_at_a_time else "As many at once as each server takes"
    return [
        Taken("Answers", f"{estimate.answers:,}", _product(plan, estimate)),
        Taken("Time", time_, basis if nothing else f"{pace}. {basis}{_more(estimate, _more_time)}"),
        Taken("Tokens", tokens, basis if nothing else f"In and out. {basis}{_more(estimate, _more_tokens)}"),
        _money(estimate),
    ]


def _more(estimate: Estimate, told: Callable[[Taking], str]) -> str:
    """What looking for causes takes beside the figure, where it can ask again and that is known."""
    words = told(estimate.more) if estimate.reasks else ""
    return f" Looking for causes takes at most {words} more." if words else ""


def _more_time(more: Taking) -> str:
    return "" if more.seconds is None else about(more.seconds).removeprefix("about ")


def _more_tokens(more: Taking) -> str:
    return figures.significant(more.tokens, 2) if more.tokens else ""


def _more_money(more: Taking) -> str:
    return money_words(more.amounts) if more.amounts else ""


def _product(plan: Plan, estimate: Estimate) -> str:
    asked = figures.count(estimate.questions, "question")
    parts = [asked, figures.count(len(plan.candidates), "candidate")]
    judged = figures.count(estimate.judgements, "judgement") if estimate.judgements else ""
    product = " × ".join(parts + ([f"{plan.repeats} times"] if plan.repeats > 1 else []))
    again = f"{estimate.reasks:,} asked again to find causes" if estimate.reasks else ""
    most = " and ".join(one for one in (judged, again) if one)
    return f"{product}; and up to {most}" if most else product


def _money(estimate: Estimate) -> Taken:
    if not estimate.amounts:
        return Taken("Cost", UNKNOWN, "No recorded answer of these candidates has a known cost.")
    missing = _without(estimate.unpriced)
    value = money_words(estimate.amounts) + (" or more" if missing else "")
    basis = f"As recorded answers of the same models cost.{missing}{_own(estimate)}"
    return Taken("Cost", value, f"{basis}{_more(estimate, _more_money)}")


def _own(estimate: Estimate) -> str:
    """What of the cost no bill comes for, and no limit counts."""
    if not estimate.own:
        return ""
    whole = estimate.own == {one: amount for one, amount in estimate.amounts.items() if amount}
    part = "It" if whole else money_words(estimate.own)
    return f" {part} is your own machine's, which nobody bills by the answer."


def _without(labels: Sequence[str]) -> str:
    names = list(dict.fromkeys(labels))
    return f" Without {'; '.join(names)}, of which nothing is known." if names else ""


def _offer(estimate: Estimate, last: MeasureView | None, probe: Probe) -> None:
    for one in last.failures if last else ():
        trouble(
            f"The probe could not measure {one}", "What it measured is kept.", "Mend it, then measure again."
        )
    names = list(dict.fromkeys(estimate.unknown))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="probe-offer"):
        st.markdown(
            f"Nothing is recorded of {plain('; '.join(names), 400)}. A short probe puts two of the questions "
            "to each model, with and without documents as chosen. Its answers are logged, cost what they "
            "cost, and are part of no comparison.",
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
