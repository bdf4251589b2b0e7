"""The threads of long work: a few at once, and lines in which one piece waits for another.

They are daemon threads. The end of the process asks them to stop and waits with ``close``, within
bounds; Python's own pool would make it wait for everything that was ever submitted.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Closed(RuntimeError):
    """No more work is taken."""


class Telling:
    """Hands whatever is raised inside to the future of the one who waits."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if error is not None:
            with contextlib.suppress(InvalidStateError):  # nobody waits any more
                self._future.set_exception(error)
        return True


@dataclass(frozen=True, eq=False)
class _Piece:
    """One piece of work; ``line`` is "" where it waits for no other."""

    line: str
    work: Callable[[], Any]
    future: Future[Any]

    def do(self) -> None:
        if self.future.set_running_or_notify_cancel():
            with Telling(self.future):
                self.future.set_result(self.work())


class Workers(Executor):
    """Does what is submitted on up to ``threads`` threads, in the order in which it came.

    The pieces of one line are done one after another; the one that waits takes no thread. There is no
    thread where there is nothing to do.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._most = threads
        self._name = name
        self._waiting: list[_Piece] = []
        self._lines: set[str] = set()
        self._threads = 0
        self._guests = 0
        self._closed = False
        self._changed = threading.Condition()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As of every executor. Raises Closed."""
        return self._put("", partial(fn, *args, **kwargs))

    def in_line(self, line: str, work: Callable[[], T]) -> Future[T]:
        """Do it after everything that was put into that line before. Raises Closed."""
        return self._put(line, work)

    @contextmanager
    def here(self) -> Iterator[None]:
        """What is done inside, on the caller's own thread, counts too: ``close`` waits for it.

        Raises Closed.
        """
        with self._changed:
            self._refuse_closed()
            self._guests += 1
        try:
            yield
        finally:
            with self._changed:
                self._guests -= 1
                self._changed.notify_all()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As of every executor: nothing more is taken; what waits is still done unless it is cancelled."""
        with self._changed:
            self._closed = True
            if cancel_futures:
                for piece in self._waiting:
                    piece.future.cancel()
                self._waiting.clear()
            if wait:
                self._changed.wait_for(self._idle)

    def close(self, seconds: float) -> bool:
        """Take and begin nothing more, and wait; False where something still runs after ``seconds``."""
        self.shutdown(wait=False, cancel_futures=True)
        with self._changed:
            return self._changed.wait_for(self._idle, seconds)

    # ----------------------------------------------------------------- inside

    def _idle(self) -> bool:
        return not (self._threads or self._guests or self._waiting)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise Closed(f"no more work is taken ({self._name})")

    def _put(self, line: str, work: Callable[[], T]) -> Future[T]:
        piece = _Piece(line, work, Future())
        with self._changed:
            self._refuse_closed()
            self._waiting.append(piece)
            if self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return piece.future

    def _work(self) -> None:
        """The body of a thread: it ends when nothing is left that may be begun."""
        while (piece := self._next()) is not None:
            piece.do()
            with self._changed:
                self._lines.discard(piece.line)

    def _next(self) -> _Piece | None:
        with self._changed:
            ready = (one for one in self._waiting if one.line not in self._lines)
            piece = next(ready, None)
            if piece is None:
                self._threads -= 1
                self._changed.notify_all()
                return None
            self._waiting.remove(piece)
            if piece.line:
                self._lines.add(piece.line)
            return piece


__all__ = ["Closed", "Workers"]
