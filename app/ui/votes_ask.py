"""Blind on Ask: lanes are A and B, and nothing tells a person whose they are until that person has voted.

Who has looked without a vote is not kept with the question, which stays blind for others: it stands in the
session, and for a reload in the address.
"""

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
from app.ui.work import do, watched

BLIND = "blind"
"""In the address of Ask: whether the next question is asked blind."""
_TOGGLE, _KEPT = "blind-mode", "blind-mode-kept"
SEEN = "seen"
"""In the address of Ask: the question whose names were looked at, which is not voted on any more."""
_SEEN, _NAME, _WHO = "ask-seen", "ask-voter", "ask-voter-kept"
HIDDEN = "Who answers is hidden until you vote on the open question."
NOTHING_CAME = "No answer came. Why is told with the names."
AT_ONCE = "All answers are shown at once when the last has ended: who is faster would tell who it is."
LEFT_OUT = "Marks such as [1] are left out until you vote: they would tell which lane got passages."


class AskVoting(Protocol):
    """Votes on the lanes of a question."""

    def on(self, answer_ids: Sequence[str]) -> Sequence[Vote]:
        """All votes on pairs of these answers."""

    def vote_best(self, voter: str, shown: Sequence[str], best: str | None, *, bad: bool) -> None:
        """Keep which of several answers is best (None: all are alike, or ``bad``)."""

    def blinded(self, text: str) -> str:
        """An answer without what tells at a glance whether it had documents."""

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
    """Whether it is not told yet who answered: it was asked blind, and this person neither voted nor looked.

    A vote of somebody else tells them, and nobody here.
    """
    if view is None or not view.question.blind or view.question.id in _seen():
        return False
    return not _own(voting.on([one.answer_id for one in view.lanes]))


def _seen() -> set[str]:
    """The questions whose names were shown here without a vote, or after one that was taken back."""
    seen: set[str] = st.session_state.setdefault(_SEEN, set())
    seen.update(st.query_params.get_all(SEEN))
    return seen


def _look(question_id: str) -> None:
    """Show the names: from now on this person cannot vote blind on it."""
    _seen().add(question_id)
    st.query_params[SEEN] = question_id


def in_order(view: AskView) -> list[LaneView]:
    """The lanes by chance, in the same order after a reload."""
    return sorted(view.lanes, key=lambda one: stable_hash("lane", view.question.id, one.answer_id))


def draw_hidden(view: AskView, look: Callable[[], AskView | None], voting: AskVoting) -> None:
    """The lanes without a name, a figure or an address, and below them the vote.

    All are shown at once when the last has ended: who begins first, and who writes faster, tells who it is.
    """
    lanes = in_order(view)
    grid = st.grid(min(len(lanes), MOST_BESIDE), min_column_width=NARROWEST_LANE, border=True, key="lanes")
    for letter, lane in zip(ascii_uppercase, lanes, strict=False):
        with grid.cell():
            st.markdown(f"**{letter}**")
            if view.busy:
                st.caption(":material/more_horiz: working")
            else:
                text = voting.blinded(lane.answer.text if lane.answer else lane.text)
                st.markdown(answer_markdown(text) if text.strip() else NOTHING_CAME)
    if view.busy:
        watched(_waiting, look, every=POLL_SECONDS)
        return
    st.caption(LEFT_OUT)
    _vote(view, lanes, voting)


def _waiting(look: Callable[[], AskView | None]) -> None:
    with guard():
        view = look()
        if view is None or not view.busy:
            st.rerun()
        st.caption(AT_ONCE)


def _vote(view: AskView, lanes: Sequence[LaneView], voting: AskVoting) -> None:
    letters = dict(zip((one.answer_id for one in lanes), ascii_uppercase, strict=False))
    told = [one.answer_id for one in lanes if one.answer and voting.blinded(one.answer.text).strip()]
    with st.container(key="ask-vote"):
        if len(told) < 2:
            st.info("Fewer than two lanes answered, so there is nothing to vote on.", icon=":material/info:")
        else:
            _draw_name()
            _buttons(told, letters, voting)
        st.button(
            "Show who answered, without a vote",
            key="ask-vote-reveal",
            type="tertiary",
            icon=":material/visibility:",
            on_click=_look,
            args=(view.question.id,),
        )


def _draw_name() -> None:
    """Who votes; asked for where the address does not tell."""
    if name := _voter():
        _called(name)
        with st.container(horizontal=True, vertical_alignment="center", key="ask-voting-as"):
            st.caption(f"Which is best? You vote as **{plain(name, LONGEST_NAME)}**.", width="content")
            st.button("Somebody else", key="ask-voter-other", type="tertiary", on_click=_somebody_else)
        return
    # Who has voted before is known by the name as soon as it is typed.
    st.text_input(
        "Your name",
        max_chars=LONGEST_NAME,
        key=_NAME,
        help=help_for("voter"),
        on_change=_named,
        width=320,
    )


def _voter() -> str:
    """Who votes: by the address, or as typed before on this page."""
    return (st.query_params.get(VOTER, "") or str(st.session_state.get(_WHO, ""))).strip()[:LONGEST_NAME]


def _called(name: str) -> None:
    """Keep who votes in the address, and in the session for when this page is opened again."""
    st.query_params[VOTER] = st.session_state[_WHO] = name


def _named() -> None:
    if name := _typed():
        _called(name)


def _typed() -> str:
    return str(st.session_state.get(_NAME, "")).strip()


def _somebody_else() -> None:
    st.query_params.pop(VOTER, None)
    st.session_state[_WHO] = ""


def _buttons(told: Sequence[str], letters: Mapping[str, str], voting: AskVoting) -> None:
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
                args=(told, chosen, bad, voting),
            )


def _voted(told: Sequence[str], chosen: str | None, bad: bool, voting: AskVoting) -> None:
    # Looked up now: who types and clicks at once is faster than the page, which does not know the name yet.
    name = _voter() or _typed()
    if not name:
        st.toast("Type your name first: each person's votes are kept apart.", icon=":material/error:")
        return
    _called(name)
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
                args=(view.question.id, own, voting),
            )
    standing, known = voting.of_ask()
    table_expander(
        votes_chart.table(standing, candidate_names(known, collections)),
        key="ask-votes",
        label=f"Votes on Ask so far: {figures.count(standing.votes, 'pair')}",
    )


def _own(votes: Sequence[Vote]) -> list[Vote]:
    """Those of the person at this address: nobody takes back what others said."""
    name = _voter().casefold()
    return [one for one in votes if one.voter.casefold() == name]


def _unvote(question_id: str, own: Sequence[Vote], voting: AskVoting) -> None:
    """Delete one's own votes."""
    _look(question_id)
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
