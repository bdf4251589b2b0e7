"""The state of each backend as screens ask for it: at every click, and never waiting for a dead server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from app.backends.base import Backend
from app.domain import Health, HealthState

BELIEVED = 5.0
"""Seconds for which a state is believed."""
FIRST_WAIT, LATER_WAIT = 4.0, 1.0
"""Seconds that one look may take: the first, when nothing is known yet, and the later ones."""


class _Watched:
    """One backend with its last state; asked in a thread of its own, one at a time."""

    def __init__(self, backend: Backend, clock: Callable[[], float]) -> None:
        self._backend, self._clock = backend, clock
        self._lock = threading.Lock()
        self._known: Health | None = None
        self._at = 0.0
        self._asked = threading.Event()
        self._asked.set()

    def refresh(self) -> None:
        """Ask if the last state is too old and nobody is asking already."""
        with self._lock:
            fresh = self._known is not None and self._clock() - self._at < BELIEVED
            if fresh or not self._asked.is_set():
                return
            self._asked.clear()
        threading.Thread(target=self._ask, name="backend-health", daemon=True).start()

    def forget(self) -> None:
        """What is known is too old, whatever its age."""
        with self._lock:
            self._known = None

    def state(self, until: float) -> Health:
        """The newest state that is known by then."""
        with self._lock:
            later = self._known is not None
        limit = until - (FIRST_WAIT - LATER_WAIT if later else 0.0)
        self._asked.wait(max(0.0, limit - time.monotonic()))
        with self._lock:
            return self._known or self._silent()

    def _ask(self) -> None:
        try:
            health = self._backend.health()
            with self._lock:
                self._known, self._at = health, self._clock()
        finally:
            self._asked.set()

    def _silent(self) -> Health:
        one = self._backend
        words = f"{one.name}: no answer from {one.address} yet."
        return Health(one.name, one.kind, one.address, HealthState.DOWN, words, "Retry in a moment.")


class HealthWatch:
    """The states of several backends; one that hangs holds up neither the others nor the screen."""

    def __init__(self, backends: Sequence[Backend], clock: Callable[[], float] = time.monotonic) -> None:
        self._watched = {one.name: _Watched(one, clock) for one in backends}

    def states(self) -> list[Health]:
        """Each backend's state, at most 5 s old where it answers. Never raises."""
        for one in self._watched.values():
            one.refresh()
        until = time.monotonic() + FIRST_WAIT
        return [one.state(until) for one in self._watched.values()]

    def look_again(self, backend: str) -> None:
        """The next ``states`` asks this backend anew. For a person who has just mended it."""
        if backend in self._watched:
            self._watched[backend].forget()
