"""Waiting, without blocking a screen, for work that a thread of the process does."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

import streamlit as st

POLL_SECONDS = 0.3


def begin(key: str, future: Future[Any]) -> None:
    """Remember what was started; ``poll`` with the same key watches it."""
    st.session_state[key] = (future, time.monotonic())


def forget(key: str) -> None:
    """The result was taken."""
    st.session_state.pop(key, None)


def poll(key: str, words: str) -> Future[Any] | None:
    """The finished work; None where there is none, or while it runs, which is then drawn with its seconds."""
    started = st.session_state.get(key)
    if started is None:
        return None
    future: Future[Any] = started[0]
    if future.done():
        return future
    st.fragment(_watch, run_every=POLL_SECONDS)(key, words)
    return None


def _watch(key: str, words: str) -> None:
    started = st.session_state.get(key)
    if started is None or started[0].done():
        st.rerun()
    seconds = int(time.monotonic() - started[1])
    st.caption(f":material/progress_activity: {words}" + (f" ({seconds} s)" if seconds else ""))
