"""What a button starts: at once, or on a thread of the process, which is watched without blocking."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.errors import AppError
from app.ui.frame import guard, trouble
from app.ui.safe import plain

POLL_SECONDS = 0.3


@dataclass(frozen=True)
class Started:
    """Work that was handed over: what it is, in words, and where its result will be."""

    words: str
    future: Future[Any]
    since: float = field(default_factory=time.monotonic)


def begin(key: str, words: str, future: Future[Any]) -> None:
    """Remember what was started; ``poll`` with the same key watches it."""
    st.session_state[key] = Started(words, future)


def going(key: str) -> bool:
    """Whether what was started with that key has not ended yet."""
    started: Started | None = st.session_state.get(key)
    return started is not None and not started.future.done()


def forget(key: str) -> None:
    """The result was taken."""
    st.session_state.pop(key, None)


def forget_done(key: str) -> None:
    """What has ended was seen; what still runs stays."""
    started: Started | None = st.session_state.get(key)
    if started is not None and started.future.done():
        forget(key)


def poll(key: str) -> Future[Any] | None:
    """The finished work; None where there is none, or while it runs, which is then drawn with its seconds."""
    started: Started | None = st.session_state.get(key)
    if started is None:
        return None
    if started.future.done():
        return started.future
    st.fragment(_watch, run_every=POLL_SECONDS)(key)
    return None


def _watch(key: str) -> None:
    started: Started | None = st.session_state.get(key)
    if started is None or started.future.done():
        st.rerun()
    with guard():
        seconds = int(time.monotonic() - started.since)
        st.caption(f":material/more_horiz: {started.words}" + (f" ({seconds} s)" if seconds else ""))


def draw_result(key: str, told: Callable[[Any], str] = str) -> None:
    """What the work gave, ``told`` in words, or what went wrong; a button puts it away."""
    made = poll(key)
    if made is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-box"):
        with st.container(), guard():
            st.info(told(made.result()), icon=":material/info:")
        st.button("Close", key=f"{key}-close", type="tertiary", on_click=forget, args=(key,))


def do(action: Callable[..., object], *args: object) -> None:
    """Run what a button asks for (as its ``on_click``); a refusal becomes a toast in words."""
    try:
        action(*args)
    except AppError as error:
        st.toast(plain(str(error), 600), icon=":material/error:")


def try_it(action: Callable[[], object]) -> bool:
    """Run what was asked for while the page is drawn; a refusal is said there, in words, and gives False."""
    try:
        action()
    except AppError as error:
        trouble(error.message, "", error.remedy)
        return False
    return True
