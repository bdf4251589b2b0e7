"""The drawer with the latest questions; a click opens one with its logged answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import streamlit as st

from app.domain import Question
from app.ui import figures
from app.ui.dialogs import close_dialog, is_open, open_dialog
from app.ui.frame import guard
from app.ui.safe import plain

NAME = "history"


def open_question(question: Question) -> None:
    """Show a question with its logged answers; the address of the page names it."""
    st.query_params["question"] = question.id


def history_button(latest: Callable[[], Sequence[Question]]) -> None:
    """The button of the drawer. ``latest`` is called only when it is opened."""
    st.button("History", key="history", icon=":material/history:", on_click=open_dialog, args=(NAME,))
    if is_open(NAME):
        _drawer(latest)


@st.dialog("Earlier questions", position="right", icon=":material/history:", on_dismiss=close_dialog)
def _drawer(latest: Callable[[], Sequence[Question]]) -> None:
    with guard():
        questions = latest()
        if not questions:
            st.markdown("Nothing was asked yet. What you ask is kept here with its answers.")
        for day, asked in groupby(questions, key=lambda one: figures.day(one.asked_at)):
            st.caption(day)
            with st.container(gap=None):
                for one in asked:
                    if st.button(_label(one), key=f"history-{one.id}", type="tertiary", help=_help(one)):
                        close_dialog()
                        open_question(one)
                        st.rerun()


def _label(question: Question) -> str:
    follow_up = ":material/subdirectory_arrow_right: " if _is_follow_up(question) else ""
    return follow_up + plain(question.text, 90)


def _help(question: Question) -> str:
    asked = f"{question.asked_at:%H:%M} UTC"
    return f"{asked}, a follow-up question" if _is_follow_up(question) else asked


def _is_follow_up(question: Question) -> bool:
    return question.conversation_id != question.id
