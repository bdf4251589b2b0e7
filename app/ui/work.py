"""What a button starts: at once, or on a thread of the process, which is watched without blocking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from app.domain import Reached
from app.errors import AppError, NotAllowed
from app.ui.frame import guard, trouble
from app.ui.safe import plain
from app.ui.spans import about

POLL_SECONDS = 0.3
SOONEST_LEFT = 2.0
"""Seconds before which nobody knows how long the rest takes."""


class Pace:
    """How far some work is, and whether it is to stop; ``kept`` says what is left of it then.

    ``ends`` is called at Stop, for work that does not look whether it is to go on.
    The work's thread calls ``reached``, the page's all else.
    """

    def __init__(self, kept: str = "", ends: Callable[[], object] | None = None) -> None:
        self._kept, self._ends = kept, ends
        self._stop = threading.Event()
        self._at = 0, 0
        self._since = time.monotonic()

    def reached(self, done: int, of: int) -> None:
        """So many are done. Raises NotAllowed where Stop was pressed before the last of them."""
        if self._stop.is_set() and (done < of or not of):
            far = f" after {done:,} of {of:,}" if of else ""
            raise NotAllowed(f"Stopped{far}, as you asked.", self._kept)
        self._at = done, of

    def stop(self) -> None:
        """End it where it next tells how far it is, or at once."""
        self._stop.set()
        if self._ends is not None:
            self._ends()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def words(self) -> str:
        """How far it is: "120 of 600, about 20 s left"; "" before it has told so."""
        done, of = self._at
        spent = time.monotonic() - self._since
        if not of:
            return ""
        left = f", {about(spent * (of - done) / done)} left" if done and spent >= SOONEST_LEFT else ""
        return f"{done:,} of {of:,}{left if done < of else ''}"


@dataclass(frozen=True)
class Started:
    """Work that was handed over: what it is, in words, and where its result will be.

    ``pace`` is that of work that tells how far it is, and can be stopped. ``seen``: the page was drawn from
    the top since it ended, and so shows what it changed.
    """

    words: str
    future: Future[Any]
    since: float = field(default_factory=time.monotonic)
    pace: Pace | None = None
    seen: bool = False


def begin(key: str, words: str, future: Future[Any], *, stop: Callable[[], object] | None = None) -> None:
    """Remember what was started; ``poll`` with the same key watches it. Its Stop calls ``stop``."""
    st.session_state[key] = Started(words, future, pace=Pace(ends=stop) if stop else None)


def begin_long(key: str, words: str, start: Callable[[Reached], Future[Any]], *, kept: str) -> None:
    """The same for what may last: it shows how far it is, and has its Stop.

    ``start`` is given what the work calls as it goes on; ``kept`` says what is left where it is stopped.
    """
    pace = Pace(kept)
    st.session_state[key] = Started(words, start(pace.reached), pace=pace)


def going(key: str) -> bool:
    """Whether what was started with that key has not ended yet."""
    started: Started | None = st.session_state.get(key)
    return started is not None and not started.future.done()


def forget(key: str) -> None:
    """The result was taken."""
    st.session_state.pop(key, None)


def watched(body: Callable[..., None], *arguments: object, every: float | None = POLL_SECONDS) -> None:
    """A part of the page that is drawn anew by itself ``every`` so many seconds, in a place of its own.

    Where the page is drawn as a whole just then, Streamlit may put the part's new content over what stands
    behind it, which is then gone from the page until that is drawn again.
    """
    with st.container():
        st.fragment(body, run_every=every)(*arguments)


def poll(key: str) -> Future[Any] | None:
    """The finished work; None where there is none, or while it runs, which is then drawn with its seconds.

    What ends while the page is drawn draws it once more: what stands above was read too early.
    """
    started: Started | None = st.session_state.get(key)
    if started is None:
        return None
    if started.future.done():
        if not started.seen:
            _draw_anew(key, started)
        return started.future
    watched(_watch, key)
    return None


def _draw_anew(key: str, ended: Started) -> None:
    st.session_state[key] = replace(ended, seen=True)
    st.rerun()


def _watch(key: str) -> None:
    started: Started | None = st.session_state.get(key)
    if started is None:
        st.rerun()
    if started.future.done():
        _draw_anew(key, started)
    with guard():
        seconds = int(time.monotonic() - started.since)
        told = f":material/more_horiz: {started.words}" + (f" ({seconds} s)" if seconds else "")
        if started.pace is None:
            st.caption(told)
            return
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-going"):
            far = started.pace.words()
            st.caption(f"{told}{f': {far}' if far else ''}", width="content")
            st.button(
                "Stopping" if started.pace.stopping else "Stop",
                key=f"{key}-stop",
                icon=":material/stop_circle:",
                type="tertiary",
                disabled=started.pace.stopping,
                on_click=started.pace.stop,
            )


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
