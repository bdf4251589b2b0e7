"""Who may generate when: a fair queue per backend, and the clock that shares out machine time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.backends.base import Cancel


class _Ticket:
    """One who waits: ``called`` when the wait is over, ``held`` while it has a place."""

    def __init__(self) -> None:
        self.called = threading.Event()
        self.held = False


class FairQueue:
    """Places at one backend, given in turn to those who ask, not to whoever asked most.

    Each asker (a person's tab, an experiment) has a line of its own; free places go round the
    askers, so that one with twenty questions holds up nobody with one.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._lines: dict[str, deque[_Ticket]] = {}
        self._turns: deque[str] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def place(self, asker: str, cancel: Cancel) -> Iterator[bool]:
        """Wait for a place; gives False where the stop was asked first. The place is freed at the end."""
        ticket = self._enqueue(asker)
        cancel.on_cancel(lambda: self._withdraw(asker, ticket))
        ticket.called.wait()
        try:
            yield ticket.held and not cancel.cancelled
        finally:
            self._leave(ticket)

    def waiting(self) -> int:
        """How many wait now."""
        with self._lock:
            return sum(len(line) for line in self._lines.values())

    def _enqueue(self, asker: str) -> _Ticket:
        ticket = _Ticket()
        with self._lock:
            if asker not in self._lines:
                self._lines[asker] = deque()
                self._turns.append(asker)
            self._lines[asker].append(ticket)
            self._admit()
        return ticket

    def _admit(self) -> None:
        while self._free > 0 and self._turns:
            asker = self._turns.popleft()
            line = self._lines[asker]
            ticket = line.popleft()
            if line:
                self._turns.append(asker)
            else:
                del self._lines[asker]
            self._free -= 1
            ticket.held = True
            ticket.called.set()

    def _withdraw(self, asker: str, ticket: _Ticket) -> None:
        with self._lock:
            line = self._lines.get(asker)
            if line is not None and ticket in line:
                line.remove(ticket)
                if not line:
                    del self._lines[asker]
                    self._turns.remove(asker)
                ticket.called.set()

    def _leave(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket.held:
                ticket.held = False
                self._free += 1
                self._admit()


@dataclass
class _Running:
    shared: int = 1
    seconds: float = 0.0


@dataclass(frozen=True)
class MachineShare:
    """``seconds`` of machine time, divided among the generations at once; ``shared`` the most of them."""

    seconds: float
    shared: int


class MachineClock:
    """Divides the time of one machine among the generations that run on it at once.

    METRICS, "Cost": an answer's share of machine time is its seconds divided among the generations
    that ran at once; the shares add up to the time in which anything ran.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, _Running] = {}
        self._next = 0
        self._last = 0.0

    def start(self) -> int:
        """A generation begins; the number is for ``stop``."""
        with self._lock:
            self._tick()
            self._next += 1
            self._running[self._next] = _Running()
            for one in self._running.values():
                one.shared = max(one.shared, len(self._running))
            return self._next

    def stop(self, number: int) -> MachineShare:
        """A generation ends; returns its share."""
        with self._lock:
            self._tick()
            one = self._running.pop(number)
            return MachineShare(one.seconds, one.shared)

    def _tick(self) -> None:
        now = time.monotonic()
        for one in self._running.values():
            one.seconds += (now - self._last) / len(self._running)
        self._last = now
