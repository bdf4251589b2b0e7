"""The drawer with the latest questions, by conversation; a click opens one with its logged answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

import streamlit as st

from app.domain import DELETED, Question
from app.ui import figures
from app.ui.dialogs import close_dialog, is_open, open_dialog
from app.ui.frame import guard, open_question
from app.ui.safe import plain

NAME = "history"


def history_button(
    latest: Callable[[], Sequence[Question]], collections: Callable[[], Mapping[str, str]]
) -> None:
    """The button of the drawer. ``latest`` and ``collections`` (names by id) are called when it is opened."""
    st.button("History", key="history", icon=":material/history:", on_click=open_dialog, args=(NAME,))
    if is_open(NAME):
        _drawer(latest, collections)


@st.dialog("Earlier questions", position="right", icon=":material/history:", on_dismiss=close_dialog)
def _drawer(latest: Callable[[], Sequence[Question]], collections: Callable[[], Mapping[str, str]]) -> None:
    with guard():
        asked, names = conversations(latest()), collections()
        if not asked:
            st.markdown("Nothing was asked yet. What you ask is kept here with its answers.")
        for day, talks in groupby(asked, key=lambda one: figures.day(one[-1].asked_at)):
            st.caption(day)
            with st.container(gap=None):
                for one in (question for talk in talks for question in talk):
                    _row(one, names)


def conversations(questions: Iterable[Question]) -> list[list[Question]]:
    """Questions that come newest first, by conversation: the one that went on last first, each in order."""
    found: dict[str, list[Question]] = {}
    for one in questions:
        found.setdefault(one.conversation_id, []).insert(0, one)
    return list(found.values())


def _row(one: Question, collections: Mapping[str, str]) -> None:
    label = label_of(one, collections)
    if st.button(label, key=f"history-{one.id}", type="tertiary", help=_help(one)):
        close_dialog()
        open_question(one.id, one.collection_id)
        st.rerun()


def label_of(question: Question, collections: Mapping[str, str]) -> str:
    """The question; a follow-up has an arrow, others the name of their collection where there are several."""
    text = plain(question.text, 90)
    if _is_follow_up(question):
        return f":material/subdirectory_arrow_right: {text}"
    name = collections.get(question.collection_id, DELETED)
    told = len(collections) > 1 or name == DELETED
    return f"{text} :small[({plain(name, 40)})]" if told and question.collection_id else text


def _help(question: Question) -> str:
    asked = f"{question.asked_at:%H:%M} UTC"
    return f"{asked}, a follow-up question" if _is_follow_up(question) else asked


def _is_follow_up(question: Question) -> bool:
    return question.conversation_id != question.id
