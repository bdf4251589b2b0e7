"""The judge of pairs on an experiment's page: what it said, how often it flips, and how it is begun."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Candidate, Estimate, JudgedVotes, PairJudge, PairView
from app.ui import figures
from app.ui.candidates import Offer, short_name
from app.ui.frame import guard
from app.ui.judge_again import judging_words
from app.ui.result_look import Look
from app.ui.safe import plain
from app.ui.tables import Table, show
from app.ui.words import help_for
from app.ui.work import do, try_it, watched

POLL_SECONDS = 0.5
USUAL_PAIRS = 60
MOST_PAIRS = 2000
COLUMNS = (
    "Candidate",
    "Judge: points won",
    "Judged pairs",
    "People on the same",
    "Pairs of both",
    "Corrected",
)


@dataclass(frozen=True)
class JudgeActions:
    """``offers`` are the models that can judge, and ``judge_of`` makes a judge of one, by backend and name.

    ``start`` takes such a judge and a number of pairs, and ``estimate`` tells what that will take.
    ``look`` gives how far the judging is, None where none was begun. ``may``: it may be begun now.
    """

    offers: Callable[[], Sequence[Offer]]
    judge_of: Callable[[str, str], Candidate]
    start: Callable[[Candidate, int], object]
    estimate: Callable[[Candidate, int], Estimate]
    look: Callable[[], PairView | None]
    stop: Callable[[], object]
    may: bool


def draw_judges(judges: Sequence[PairJudge], look: Look) -> None:
    """What each judge said, its flip rate, how far it agrees with people, and what these correct."""
    for one in judges:
        with st.container(key=f"pair-judge-{one.judge.hash}"):
            st.markdown(f"**{plain(title(one))}**", help=help_for("pair judge"))
            st.caption(plain(flip_words(one), 400), help=help_for("flip rate"))
            st.caption(plain(concord_words(one), 400))
            show(table(one, look), key=f"pair-judge-{one.judge.hash[:8]}")
            for line in missing(one, look):
                st.caption(plain(line, 400))


def title(one: PairJudge) -> str:
    """What was judged by whom."""
    return f"{short_name(one.judge.model)} judged {figures.count(one.pairs, 'pair')}, each in both orders"


def flip_words(one: PairJudge) -> str:
    """How often it changed its mind, and what said nothing."""
    if not one.flips.of:
        return "No pair was judged in both orders yet."
    unclear = f" {figures.count(one.unclear, 'pair')} got no clear reply." if one.unclear else ""
    return (
        f"It changed its mind with the order in {figures.share(one.flips)} of the pairs; these count as ties."
        f"{unclear}"
    )


def concord_words(one: PairJudge) -> str:
    """How far it agrees with people."""
    share = one.concord.share
    if not share.of:
        return "Nobody has voted on a pair that it judged."
    chance = one.concord.by_chance
    by_chance = "" if chance is None else f"; by chance it would be about {figures.percent(chance)}"
    return (
        f"It chose as people did in {figures.share(share)} of {figures.count(share.of, 'pair')}{by_chance}."
    )


def table(one: PairJudge, look: Look) -> Table:
    """A row for each candidate."""
    rows = tuple(
        (
            look.names[each.candidate],
            figures.percent(each.said) if each.said is not None else None,
            each.pairs,
            figures.percent(each.people) if each.people is not None else None,
            each.both,
            corrected_words(each),
        )
        for each in one.by_candidate
    )
    told = {"Judge: points won": help_for("points won"), "Corrected": help_for("votes corrected")}
    return Table(COLUMNS, rows, told, blank="not known yet")


def corrected_words(one: JudgedVotes) -> str | None:
    """The corrected share as "67% (52-80)"; None where there is none."""
    if one.corrected is None or one.low is None or one.high is None:
        return None
    low, high = (figures.percent(each).removesuffix("%") for each in (one.low, one.high))
    return f"{figures.percent(one.corrected)} ({low}-{high})"


def missing(one: PairJudge, look: Look) -> list[str]:
    """Why shares are not corrected; said once of all for which it is the same."""
    why: dict[str, list[str]] = {}
    for each in one.by_candidate:
        if each.words:
            why.setdefault(each.words, []).append(look.names[each.candidate])
    lines = []
    for words, who in why.items():
        are = "is" if len(who) == 1 else "are"
        told = "Not" if len(who) == len(one.by_candidate) > 1 else f"{', '.join(who)} {are} not"
        lines.append(f"{told} corrected: {words}")
    return lines


def draw_start(view: PairView | None, actions: JudgeActions) -> None:
    """The judging that runs, or the way to begin one; ``view`` is how far it is."""
    if view is not None and view.busy:
        watched(_watch, actions, every=POLL_SECONDS)
        return
    if view is not None and view.words:
        st.warning(plain(view.words, 600), icon=":material/gavel:")
    if actions.may:
        with st.expander(
            "Have a model judge the pairs", icon=":material/gavel:", key="pair-judge-new", on_change="rerun"
        ) as opened:
            if opened.open:
                _form(actions)


def _form(actions: JudgeActions) -> None:
    offers = {one.name: one for one in actions.offers()}
    if not offers:
        st.caption("No model is there to judge. Models tells what is missing.")
        return
    st.caption(
        "It is asked twice about each pair, once in either order, and is told no names. Pairs with people's "
        "votes come first, so that its mistakes can be found. Small models judge poorly."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="pair-judge-form"):
        chosen = st.selectbox("Judge", list(offers), key="pair-judge", help=help_for("pair judge"), width=320)
        pairs = int(st.number_input("Pairs", 1, MOST_PAIRS, USUAL_PAIRS, key="pair-judge-pairs", width=130))
        judge = actions.judge_of(offers[chosen].backend, offers[chosen].model)
        taken = actions.estimate(judge, pairs)
        idle = not taken.judgements
        begun = st.button("Start judging", key="pair-judge-start", icon=":material/gavel:", disabled=idle)
    st.caption(plain(judging_words(taken), 400))
    if begun and try_it(lambda: actions.start(judge, pairs)):
        st.rerun()


def _watch(actions: JudgeActions) -> None:
    with guard():
        view = actions.look()
        if view is None or not view.busy:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", key="pair-judge-runs"):
            share = view.done / view.of if view.of else 1.0
            st.progress(min(share, 1.0), text=f"**{view.done:,} of {view.of:,}** questions put to the judge")
            st.button(
                "Stop",
                key="pair-judge-stop",
                icon=":material/stop_circle:",
                on_click=do,
                args=(actions.stop,),
            )
