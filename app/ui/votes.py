"""The votes on an experiment: the ranking, how far people agree, and the judge of pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.domain import Concord, Examined, ExperimentState, Polled, Standing, WithRight
from app.ui import figures, votes_chart
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT, VOTER
from app.ui.result_look import Look
from app.ui.safe import plain
from app.ui.votes_judge import JudgeActions, draw_judges, draw_start
from app.ui.words import help_for

STYLED = "votes-styled"


@dataclass(frozen=True)
class VoteActions:
    """``polled`` reads what the votes say, None where there are none; ``styled`` with the looks taken out."""

    polled: Callable[[], Polled | None]
    styled: Callable[[], Standing]
    judge: JudgeActions


def draw(examined: Examined, look: Look, actions: VoteActions) -> None:
    """All of it; only the way to vote where nobody has voted yet."""
    experiment = examined.experiment
    if len(experiment.candidates) < 2:
        return
    finished = experiment.state is ExperimentState.FINISHED
    # Before what it writes is read: if it ends meanwhile, it is still watched.
    judging = actions.judge.look()
    polled = actions.polled()
    if polled is None and not finished:
        return
    st.markdown("#### Which answers do people prefer?")
    if polled is not None and polled.standing.votes:
        _ranking(polled, look, actions)
    if finished:
        _way(experiment.id, polled)
    if polled is not None:
        draw_judges(polled.judges, look)
    draw_start(judging, actions.judge)


def _ranking(polled: Polled, look: Look, actions: VoteActions) -> None:
    styled = st.toggle("Take the looks of the answers out", key=STYLED, help=help_for("style control"))
    standing = actions.styled() if styled else polled.standing
    votes_chart.draw(polled, standing, look)
    if styled:
        st.caption(plain(votes_chart.style_words(standing), 800))
    for words, key in (
        (agree_words(polled.concord), "votes agree"),
        (right_words(polled.with_right), "votes right"),
    ):
        st.markdown(plain(words, 400), help=help_for(key))


def _way(experiment_id: str, polled: Polled | None) -> None:
    kept = {VOTER: st.query_params[VOTER]} if VOTER in st.query_params else {}
    if polled is None or not polled.standing.votes:
        st.markdown("Nobody has voted yet. A vote sets two answers side by side, without their names.")
    st.page_link(
        "pages/vote.py",
        label="Vote blind",
        icon=":material/how_to_vote:",
        query_params=address(EXPERIMENT, experiment_id, **kept),
    )


def agree_words(concord: Concord) -> str:
    """How far people agree, in a sentence."""
    if not concord.share.of:
        return "No two people have voted on the same pair yet, so how far they agree is not known."
    pairs = figures.count(concord.share.of, "pair")
    chance = (
        ""
        if concord.by_chance is None
        else f"; by chance it would be about {figures.percent(concord.by_chance)}"
    )
    return f"Two people chose the same {figures.share(concord.share)} of the time, on {pairs}{chance}."


def right_words(found: WithRight) -> str:
    """How far votes go with what is right, in a sentence."""
    if not found.votes:
        return "No vote was on a pair of which just one answer is right."
    votes = figures.count(found.votes, "vote")
    return (
        f"Where just one of two answers was right, people preferred it {figures.share(found.share)} of the "
        f"time; the wrong one {figures.percent(found.wrong)}, neither {figures.percent(found.neither)} "
        f"({votes})."
    )
