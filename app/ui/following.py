"""A follow-up question: a model words it so that it stands alone, and the person says what is asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import streamlit as st

from app.domain import StandAlone
from app.errors import AppError
from app.ui import work
from app.ui.asking import LONGEST_QUESTION
from app.ui.candidates import short_name
from app.ui.safe import plain
from app.ui.words import help_for

_PROPOSAL = "follow-up-work"
_TYPED = "follow-up-typed"
_EDITED = "follow-up-edited"
_BEGIN = "follow-up-begin"
"""What was just typed, until a question that stands alone is made of it."""


Proposing = tuple[Future[StandAlone], Callable[[], object]]
"""Where the stand-alone question will be, and what stops its making."""


def follow_up(conversation_id: str, propose: Callable[[str], Proposing]) -> tuple[str, str] | None:
    """A follow-up question and the stand-alone question made of it, once the person has seen and sent it.

    ``propose`` starts making the stand-alone question. It is shown and can be edited before it is asked.
    """
    with st.container(key="follow-up"):
        key = f"follow-up-{conversation_id}"
        st.chat_input(
            "Ask a follow-up",
            key=key,
            max_chars=LONGEST_QUESTION,
            on_submit=_typed,
            args=(conversation_id, key),
        )
    if typed := st.session_state.pop(_BEGIN, ""):
        future, stop = propose(typed)
        work.begin(_PROPOSAL, "making a question of it that stands alone", future, stop=stop)
    asked = st.session_state.get(_TYPED)
    if not asked or asked[0] != conversation_id:
        return None
    made = work.poll(_PROPOSAL)
    return _confirm(asked[1], made) if made else None


def _typed(conversation_id: str, key: str) -> None:
    # Kept until it is read: were the page drawn once more just then, what was typed would be forgotten.
    st.session_state[_BEGIN] = typed = st.session_state[key]
    st.session_state[_TYPED] = (conversation_id, typed)
    st.session_state.pop(_EDITED, None)


def _confirm(typed: str, made: Future[StandAlone]) -> tuple[str, str] | None:
    try:
        proposal = made.result()
        words = told(proposal, typed)
    except AppError as error:
        proposal = StandAlone(typed)
        words = f"No stand-alone question could be made: {plain(str(error), 600)} Write it yourself:"
    if _EDITED not in st.session_state:
        st.session_state[_EDITED] = proposal.text
    with st.container(border=True, key="follow-up-confirm"):
        st.markdown(f"**{plain(typed, 1000)}**")
        st.caption(words)
        sent = _choose(typed, own=proposal.text != typed)
    if sent is None:
        return None
    forget()
    return typed, sent


def told(proposal: StandAlone, typed: str) -> str:
    """Who worded the question in the box."""
    model = plain(short_name(proposal.model))
    if proposal.stopped:
        return "Stopped: your own words stand here. Add what they leave open."
    if proposal.refused:
        return (
            f"{model} turned it into something that you did not ask, so your own words stand here. "
            "Add what they leave open."
        )
    if proposal.text == typed:
        return "Your own words: they stand alone."
    return f"Reworded by {model} so that it stands alone. Check it before you ask."


def _choose(typed: str, *, own: bool) -> str | None:
    """What is to be searched and sent, once a button says so; ``own`` offers the words as typed, too."""
    edited = st.text_area(
        "Searched and sent as",
        key=_EDITED,
        height=80,
        max_chars=LONGEST_QUESTION,
        help=help_for("standalone"),
    )
    with st.container(horizontal=True, gap="small"):
        ask = st.button("Ask this", key="follow-up-ask", type="primary", disabled=not edited.strip())
        as_typed = own and st.button("Ask my own words", key="follow-up-own")
        st.button("Cancel", key="follow-up-cancel", type="tertiary", on_click=forget)
    if as_typed:
        return typed
    return edited if ask else None


def forget() -> None:
    """Drop the follow-up that was being made."""
    for key in (_TYPED, _PROPOSAL):
        st.session_state.pop(key, None)
