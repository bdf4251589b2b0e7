"""Blind on Ask: lanes are A and B, and nothing tells whose they are until the vote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase
from typing import Protocol

import streamlit as st

from app.domain import AskView, Candidate, LaneView, Standing, Vote, stable_hash
from app.ui import figures, votes_chart
from app.ui.frame import VOTER, guard
from app.ui.lanes import MOST_BESIDE, NARROWEST_LANE, POLL_SECONDS, lane_names
from app.ui.naming import candidate_names
from app.ui.safe import answer_markdown, plain
from app.ui.tables import table_expander
from app.ui.votes_page import LONGEST_NAME
from app.ui.words import help_for
from app.ui.work import do

BLIND = "blind"
"""In the address of Ask: whether the next question is asked blind."""
_TOGGLE, _KEPT = "blind-mode", "blind-mode-kept"
HIDDEN = "Who answers is hidden until you vote on the open question."
NOTHING_CAME = "No answer came. Why is told with the names."


class AskVoting(Protocol):
    """Votes on the lanes of a question."""

    def on(self, answer_ids: Sequence[str]) -> Sequence[Vote]:
        """All votes on pairs of these answers."""

    def vote_best(self, voter: str, shown: Sequence[str], best: str | None, *, bad: bool) -> None:
        """Keep which of several answers is best (None: all are alike, or ``bad``)."""

    def reveal(self, question_id: str) -> None:
        """Who answered a question is told from now on, vote or none."""

    def take_back(self, vote: Vote) -> None:
        """Delete it."""

    def of_ask(self) -> tuple[Standing, Mapping[str, Candidate]]:
        """What all votes on Ask say, and of whom."""


def blind_mode(lanes: int) -> bool:
    """Whether the next question is asked blind. Kept in the address, and in the session for other pages."""
    named = st.query_params.get(BLIND, "") or str(st.session_state.get(_KEPT, ""))
    st.session_state[_TOGGLE] = named == "yes"
    st.toggle("Blind", key=_TOGGLE, help=help_for("blind"), on_change=_keep, disabled=lanes < 2)
    _keep()
    return bool(st.session_state[_TOGGLE]) and lanes > 1


def _keep() -> None:
    chosen = bool(st.session_state[_TOGGLE])
    st.session_state[_KEPT] = "yes" if chosen else ""
    if chosen:
        st.query_params[BLIND] = "yes"
    else:
        st.query_params.pop(BLIND, None)


def hides(view: AskView | None, voting: AskVoting) -> bool:
    """Whether it is not told yet who answered: it was asked blind, and nobody has voted on it."""
    if view is None or not view.question.blind:
        return False
    return not voting.on([one.answer_id for one in view.lanes])


def in_order(view: AskView) -> list[LaneView]:
    """The lanes by chance, in the same order after a reload."""
    return sorted(view.lanes, key=lambda one: stable_hash("lane", view.question.id, one.answer_id))


def draw_hidden(view: AskView, look: Callable[[], AskView | None], voting: AskVoting) -> None:
    """The lanes without a name, a figure or an address, and below them the vote."""
    lanes = in_order(view)
    grid = st.grid(min(len(lanes), MOST_BESIDE), min_column_width=NARROWEST_LANE, border=True, key="lanes")
    for letter, lane in zip(ascii_uppercase, lanes, strict=False):
        with grid.cell():
            st.markdown(f"**{letter}**")
            if lane.answer is None:
                st.fragment(_running, run_every=POLL_SECONDS)(lane.answer_id, look)
            else:
                st.markdown(answer_markdown(lane.answer.text) if lane.answer.text else NOTHING_CAME)
    if not view.busy:
        _vote(view, lanes, voting)


def _running(answer_id: str, look: Callable[[], AskView | None]) -> None:
    with guard():
        view = look()
        lane = next((one for one in view.lanes if one.answer_id == answer_id), None) if view else None
        if lane is None or lane.answer is not None:
            st.rerun()
        if lane.text:
            st.markdown(answer_markdown(lane.text))
        # What it waits for, and how fast it writes, would tell who it is.
        st.caption(":material/more_horiz: working")


def _vote(view: AskView, lanes: Sequence[LaneView], voting: AskVoting) -> None:
    letters = dict(zip((one.answer_id for one in lanes), ascii_uppercase, strict=False))
    told = [one.answer_id for one in lanes if one.answer is not None and one.answer.text.strip()]
    with st.container(key="ask-vote"):
        if len(told) < 2:
            st.info("Fewer than two lanes answered, so there is nothing to vote on.", icon=":material/info:")
        else:
            name = _name()
            _buttons(told, letters, name, voting)
        st.button(
            "Show who answered, without a vote",
            key="ask-vote-reveal",
            type="tertiary",
            icon=":material/visibility:",
            on_click=do,
            args=(voting.reveal, view.question.id),
        )


def _name() -> str:
    """Who votes; asked for where the address does not tell."""
    if name := st.query_params.get(VOTER, "").strip()[:LONGEST_NAME]:
        st.caption(f"Which is best? You vote as **{plain(name, LONGEST_NAME)}**.")
        return name
    typed = st.text_input(
        "Your name", max_chars=LONGEST_NAME, key="ask-voter", help=help_for("voter"), width=320
    )
    return typed.strip()


def _buttons(told: Sequence[str], letters: Mapping[str, str], name: str, voting: AskVoting) -> None:
    best = "better" if len(told) == 2 else "best"
    all_of = "Both" if len(told) == 2 else "All"
    offers: list[tuple[str, str | None, bool]] = [(f"{letters[one]} is {best}", one, False) for one in told]
    offers += [("Equally good", None, False), (f"{all_of} bad", None, True)]
    with st.container(horizontal=True, key="ask-vote-buttons"):
        for number, (label, chosen, bad) in enumerate(offers, start=1):
            st.button(
                label,
                key=f"ask-vote-{number}",
                shortcut=str(number),
                on_click=_voted,
                args=(told, chosen, bad, name, voting),
            )


def _voted(told: Sequence[str], chosen: str | None, bad: bool, name: str, voting: AskVoting) -> None:
    if not name:
        st.toast("Type your name first: each person's votes are kept apart.", icon=":material/error:")
        return
    st.query_params[VOTER] = name
    do(lambda: voting.vote_best(name, told, chosen, bad=bad))


# ------------------------------------------------------------------------ after the vote


def draw_voted(view: AskView, voting: AskVoting, collections: Mapping[str, str]) -> None:
    """What was voted on the open question, and what all votes on Ask say; nothing for one not blind."""
    votes = voting.on([one.answer_id for one in view.lanes]) if view.question.blind else []
    if not votes:
        return
    letters = dict(zip((one.answer_id for one in in_order(view)), ascii_uppercase, strict=False))
    names = lane_names(view.lanes)
    were = "; ".join(f"{letter} was {names[one]}" for one, letter in letters.items())
    with st.container(horizontal=True, vertical_alignment="center", key="ask-voted"):
        st.markdown(f":material/how_to_vote: {plain(f'{were}. {voted_words(votes, letters)}', 900)}")
        if own := _own(votes):
            st.button(
                "Take the vote back",
                key="ask-unvote",
                type="tertiary",
                on_click=_unvote,
                args=(view, own, len(own) == len(votes), voting),
            )
    standing, known = voting.of_ask()
    table_expander(
        votes_chart.table(standing, candidate_names(known, collections)),
        key="ask-votes",
        label=f"Votes on Ask so far: {figures.count(standing.votes, 'pair')}",
    )


def _own(votes: Sequence[Vote]) -> list[Vote]:
    """Those of the person at this address: nobody takes back what others said."""
    name = st.query_params.get(VOTER, "").strip().casefold()
    return [one for one in votes if one.voter.casefold() == name]


def _unvote(view: AskView, own: Sequence[Vote], alone: bool, voting: AskVoting) -> None:
    """Delete one's own votes; ``alone``: there are no others."""
    if alone:
        # The names were seen: it is not blind any more.
        do(voting.reveal, view.question.id)
    for one in own:
        do(voting.take_back, one)


def voted_words(votes: Sequence[Vote], letters: Mapping[str, str]) -> str:
    """What was voted, by letters: "Ada preferred A."."""
    told = []
    for name in dict.fromkeys(one.voter for one in votes):
        own = [one for one in votes if one.voter == name]
        best = dict.fromkeys(letters.get(one.preferred, "?") for one in own if one.preferred)
        even = "found none of them good" if own[0].both_bad else "found them equally good"
        told.append(f"{name} preferred {', '.join(best)}." if best else f"{name} {even}.")
    return " ".join(told)
