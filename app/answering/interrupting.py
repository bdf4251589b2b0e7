"""Work that a stop need not wait for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from typing import TypeVar

from app.backends.base import Cancel
from app.workers import Telling

T = TypeVar("T")


class Stopped(Exception):
    """The person asked to stop; never leaves this room."""


def unless_stopped(cancel: Cancel, work: Callable[[], T]) -> T:
    """What ``work`` returns or raises; raises Stopped as soon as the stop is asked.

    Searching, asking a server for its models and counting tokens can hang for minutes and know nothing of
    a stop. So they run in a thread of their own, which is left to itself then; its result is dropped.
    """
    future: Future[T] = Future()

    def give_up() -> None:
        future.cancel()

    cancel.on_cancel(give_up)
    threading.Thread(target=_into, args=(future, work), name="preparing", daemon=True).start()
    try:
        return future.result()
    except CancelledError:
        raise Stopped from None


def _into(future: Future[T], work: Callable[[], T]) -> None:
    with Telling(future):
        result = work()
        with contextlib.suppress(InvalidStateError):  # nobody waits any more
            future.set_result(result)
