"""What screens ask of each backend at every click: answered at once, and never waiting for a dead server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from app.backends.base import Backend
from app.domain import Health, HealthState, Model
from app.errors import AppError

BELIEVED = 5.0
"""Seconds for which an answer is believed."""
FIRST_WAIT, LATER_WAIT = 4.0, 1.0
"""Seconds that one look may take: the first, when nothing is known yet, and the later ones."""


Value = TypeVar("Value")


class _Watched(Generic[Value]):
    """The last thing that one backend told; asked in a thread of its own, one at a time."""

    def __init__(self, ask: Callable[[], Value], clock: Callable[[], float]) -> None:
        self._ask, self._clock = ask, clock
        self._lock = threading.Lock()
        self._known: Value | None = None
        self._at = 0.0
        self._asked = threading.Event()
        self._asked.set()

    def refresh(self) -> None:
        """Ask if what is known is too old and nobody is asking already."""
        with self._lock:
            fresh = self._known is not None and self._clock() - self._at < BELIEVED
            if fresh or not self._asked.is_set():
                return
            self._asked.clear()
        threading.Thread(target=self._listen, name="backend-watch", daemon=True).start()

    def forget(self) -> None:
        """What is known is too old, whatever its age."""
        with self._lock:
            self._known = None

    def put(self, value: Value) -> None:
        """Somebody has just asked."""
        with self._lock:
            self._known, self._at = value, self._clock()

    def newest(self, until: float) -> Value | None:
        """The newest that is known by then; None for nothing yet."""
        with self._lock:
            later = self._known is not None
        limit = until - (FIRST_WAIT - LATER_WAIT if later else 0.0)
        self._asked.wait(max(0.0, limit - time.monotonic()))
        with self._lock:
            return self._known

    def _listen(self) -> None:
        try:
            self.put(self._ask())
        finally:
            self._asked.set()


class HealthWatch:
    """The states of several backends; one that hangs holds up neither the others nor the screen."""

    def __init__(self, backends: Sequence[Backend], clock: Callable[[], float] = time.monotonic) -> None:
        self._backends = {one.name: one for one in backends}
        self._watched = {one.name: _Watched(one.health, clock) for one in backends}

    def states(self) -> list[Health]:
        """Each backend's state, at most 5 s old where it answers. Never raises."""
        for one in self._watched.values():
            one.refresh()
        until = time.monotonic() + FIRST_WAIT
        return [one.newest(until) or _silent(self._backends[name]) for name, one in self._watched.items()]

    def look_again(self, backend: str) -> None:
        """The next ``states`` asks this backend anew. For a person who has just mended it."""
        if backend in self._watched:
            self._watched[backend].forget()


class ModelWatch:
    """The models of several backends, as a screen needs them at every click."""

    def __init__(self, backends: Sequence[Backend], clock: Callable[[], float] = time.monotonic) -> None:
        self._watched = {one.name: _Watched(partial(_models, one), clock) for one in backends}

    def known(self, backends: Sequence[str]) -> dict[str, tuple[Model, ...]]:
        """The models of these, at most 5 s old where they answer; none of one that does not. Never raises."""
        watched = {name: self._watched[name] for name in backends}
        for one in watched.values():
            one.refresh()
        until = time.monotonic() + FIRST_WAIT
        return {name: one.newest(until) or () for name, one in watched.items()}

    def put(self, backend: str, models: Sequence[Model]) -> None:
        """Somebody has just asked this backend for its models."""
        self._watched[backend].put(tuple(models))


def _silent(one: Backend) -> Health:
    words = f"{one.name}: no answer from {one.address} yet."
    return Health(one.name, one.kind, one.address, HealthState.DOWN, words, "Retry in a moment.")


def _models(backend: Backend) -> tuple[Model, ...]:
    try:
        return tuple(backend.models())
    except AppError:
        # It went away since its state was asked; that tells so at the next look.
        return ()
