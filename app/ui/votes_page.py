"""The page on which a person votes blind: two answers side by side, and which is better.

Nothing on it, nor in its address, tells who answered before the vote was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import streamlit as st

from app.domain import AnswerText, Choice, Experiment, Vote
from app.ui import figures
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT, VOTER
from app.ui.lanes import NARROWEST_LANE
from app.ui.safe import answer_markdown, plain
from app.ui.theme import LaneStyle
from app.ui.words import help_for
from app.ui.work import do

PURPOSE = "Two answers to the same question: say which is better, without knowing who wrote it."
LONGEST_NAME = 80
LONGEST_QUESTION = 4000
KEYS = {Choice.LEFT: "1", Choice.RIGHT: "2", Choice.TIE: "3", Choice.BAD: "4"}
UNDO, NEXT, TELLING = "U", "N", "T"
ICONS = {
    Choice.LEFT: ":material/arrow_back:",
    Choice.RIGHT: ":material/arrow_forward:",
    Choice.TIE: ":material/drag_handle:",
    Choice.BAD: ":material/thumb_down:",
}
TELL = "vote-tell"
_TOLD = "vote-told"
_SHOWN = "vote-shown"
"""The pair that was drawn last, until it is voted on."""
LIMITS = (
    "Marks such as [1] are left out of both answers: they would tell which of them got passages. "
    "An answer that names its author or speaks of its passages still gives itself away."
)


@dataclass(frozen=True)
class Sight:
    """What a voter sees next: their progress, and the two answers, left and right; None where all is done.

    ``experiment`` is its id. ``alike`` pairs were left out, because both answers have the same words.
    """

    experiment: str
    done: int
    of: int
    alike: int
    sides: tuple[AnswerText, AnswerText] | None
    question: str


class _Told(NamedTuple):
    """The last vote of an experiment, whose names the voter wants to see."""

    experiment: str
    question: str
    sides: tuple[AnswerText, AnswerText]
    choice: Choice


@dataclass(frozen=True)
class VotingActions:
    """``vote`` keeps a choice between two answers (ids, left and right) and says if it replaced another one.

    ``undo`` takes the last one back and gives it.
    """

    vote: Callable[[tuple[str, str], Choice], bool]
    undo: Callable[[], Vote]


def voter() -> str:
    """Who votes, by the address; asks for the name where there is none yet, and gives ""."""
    name = st.query_params.get(VOTER, "").strip()[:LONGEST_NAME]
    if name:
        return name
    with st.form("vote-name", width=420):
        typed = st.text_input("Your name", max_chars=LONGEST_NAME, help=help_for("voter"))
        begun = st.form_submit_button("Begin", type="primary", icon=":material/how_to_vote:")
    if begun and typed.strip():
        st.query_params[VOTER] = typed.strip()
        st.rerun()
    if begun:
        st.caption("Type a name first: each person's votes are kept apart.")
    return ""


def draw_way(experiment_id: str, name: str) -> None:
    """The way back, and who votes."""
    with st.container(horizontal=True, vertical_alignment="center", key="vote-way"):
        st.page_link(
            "pages/experiment.py",
            label="The experiment, with all names",
            icon=":material/arrow_back:",
            query_params=address(EXPERIMENT, experiment_id),
        )
        if name:
            st.caption(f"Voting as **{plain(name, LONGEST_NAME)}**", width="content")
            st.button("Somebody else", key="vote-other", type="tertiary", on_click=_other)


def _other() -> None:
    st.query_params.pop(VOTER, None)
    _forget()


def _tell() -> None:
    st.session_state[TELL] = not st.session_state.get(TELL)


def _forget() -> None:
    st.session_state.pop(_TOLD, None)


def unfinished() -> None:
    """The experiment's answers may still change."""
    st.info(
        "**Nothing to vote on yet.** This experiment has not finished, so its answers may still change. "
        "Vote when it has finished.",
        icon=":material/hourglass_empty:",
    )


def nothing(experiment: Experiment) -> None:
    """There is no pair to vote on."""
    why = (
        "It has one candidate only, and a vote is between two."
        if len(experiment.candidates) < 2
        else "No question has two different answers yet."
    )
    st.info(f"**Nothing to vote on.** {why}", icon=":material/how_to_vote:")


def draw_turn(
    sight: Sight,
    actions: VotingActions,
    look: tuple[Mapping[int, str], Mapping[int, LaneStyle]],
) -> None:
    """The pair that comes next, or, where the voter asked for that, the last one with its names.

    ``look`` are the names and styles of candidates by their places: told only after a vote.
    """
    told: _Told | None = st.session_state.get(_TOLD)
    _progress(sight)
    # What was told of another experiment has names of its own.
    if told is not None and told.experiment == sight.experiment:
        _revealed(told, look)
    elif sight.sides is None:
        _all_done(sight, actions)
    else:
        _pair(sight.question, sight.sides)
        _buttons(sight, sight.sides, actions)
    _below(sight)


def progress_words(sight: Sight) -> str:
    """How far the voter is: "12 of 60"."""
    return f"{sight.done:,} of {sight.of:,}"


def _progress(sight: Sight) -> None:
    share = sight.done / sight.of if sight.of else 1.0
    st.progress(min(share, 1.0), text=f"**{progress_words(sight)}** pairs")


def _pair(
    question: str,
    sides: tuple[AnswerText, AnswerText],
    heads: tuple[str, str] = ("**A**", "**B**"),
) -> None:
    st.subheader(plain(question, LONGEST_QUESTION), anchor=False)
    grid = st.grid(2, min_column_width=NARROWEST_LANE, border=True, key="vote-pair")
    for head, side in zip(heads, sides, strict=True):
        with grid.cell():
            st.markdown(head)
            st.markdown(answer_markdown(side.text))


def _buttons(sight: Sight, sides: tuple[AnswerText, AnswerText], actions: VotingActions) -> None:
    # Buttons of this pair: a key that is pressed twice is no vote on the pair that comes next. While the page
    # is drawn anew those of the pair before are there as well, and hear the same key: they count no more.
    pair = st.session_state[_SHOWN] = _pair_id(sides)
    with st.container(horizontal=True, key="vote-buttons"):
        for choice, key in KEYS.items():
            st.button(
                choice.value,
                key=f"vote-{choice.name.lower()}-{pair}",
                icon=ICONS[choice],
                shortcut=key,
                on_click=_voted,
                args=(sight, sides, choice, actions),
            )
        _undo(sight, actions)


def _pair_id(sides: tuple[AnswerText, AnswerText]) -> str:
    return "-".join(one.answer_id for one in sides)


def _undo(sight: Sight, actions: VotingActions) -> None:
    st.button(
        "Undo",
        key="vote-undo",
        icon=":material/undo:",
        type="tertiary",
        shortcut=UNDO,
        disabled=not sight.done,
        help="Takes your last vote back; its pair comes again.",
        on_click=_undone,
        args=(actions,),
    )


def _voted(
    sight: Sight, sides: tuple[AnswerText, AnswerText], choice: Choice, actions: VotingActions
) -> None:
    if st.session_state.get(_SHOWN) != _pair_id(sides):
        return
    del st.session_state[_SHOWN]
    left, right = sides
    replaced: list[bool] = []
    do(lambda: replaced.append(actions.vote((left.answer_id, right.answer_id), choice)))
    if not replaced:
        return  # It was said in words why not.
    if replaced[0]:
        st.toast("You had voted on this pair before: the new vote took its place.", icon=":material/sync:")
    if st.session_state.get(TELL):
        st.session_state[_TOLD] = _Told(sight.experiment, sight.question, sides, choice)


def _undone(actions: VotingActions) -> None:
    st.session_state.pop(_TOLD, None)
    do(actions.undo)


def _revealed(told: _Told, look: tuple[Mapping[int, str], Mapping[int, LaneStyle]]) -> None:
    names, styles = look
    a, b = (
        f"**{letter}** was {styles[one.candidate].marker} {plain(names[one.candidate])}"
        for letter, one in zip("AB", told.sides, strict=True)
    )
    _pair(told.question, told.sides, (a, b))
    with st.container(horizontal=True, vertical_alignment="center", key="vote-buttons"):
        st.button(
            "Next pair",
            key="vote-next",
            type="primary",
            icon=":material/arrow_forward:",
            shortcut=NEXT,
            on_click=_forget,
        )
        st.caption(f"You said: {told.choice.value}.", width="content")


def _all_done(sight: Sight, actions: VotingActions) -> None:
    st.success("You voted on every pair. Thank you!", icon=":material/done_all:")
    _undo(sight, actions)


def _below(sight: Sight) -> None:
    # A button, since the keys do nothing while a switch or a box has the focus.
    box = "check_box" if st.session_state.get(TELL) else "check_box_outline_blank"
    st.button(
        "After each vote, tell me who answered",
        key="vote-telling",
        icon=f":material/{box}:",
        type="tertiary",
        shortcut=TELLING,
        help=help_for("tell after voting"),
        on_click=_tell,
    )
    if sight.alike:
        both = "pair is" if sight.alike == 1 else "pairs are"
        st.caption(f"{sight.alike:,} more {both} left out: both answers have the same words.")
    st.caption(f"{LIMITS} {figures.count(sight.of, 'pair')} in all; what you have done is kept.")
