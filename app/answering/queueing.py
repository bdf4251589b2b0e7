"""Who may generate when: a fair queue per backend, and the clock that shares out machine time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from app.backends.base import Cancel


class EnergyCounter(Protocol):
    """Counts a machine's energy (``costs.energy.Energy``)."""

    def since_last(self, now: float) -> float | None:
        """Joules since it was last read, None where that cannot be told. ``now``: monotonic seconds."""


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


@dataclass(frozen=True)
class MachineShare:
    """What a generation took of a machine, in seconds.

    ``seconds`` are divided among the generations at once, ``active`` are not; ``shared`` is the most
    generations there were at once. ``joules`` are divided likewise, None where they were not measured.
    """

    seconds: float
    active: float
    shared: int
    joules: float | None = None


class Meter:
    """Counts one generation's share: ``on`` while it computes, ``off`` while it waits or loads."""

    def __init__(self, clock: MachineClock) -> None:
        self._clock = clock
        self.seconds = 0.0
        self.active = 0.0
        self.shared = 1
        self.joules: float | None = 0.0 if clock.measures else None

    def on(self) -> None:
        """It computes from now on."""
        self._clock.change(self, computes=True)

    def off(self) -> None:
        """It computes no more for now."""
        self._clock.change(self, computes=False)

    def share(self) -> MachineShare:
        """Its share so far. To be read when it is off."""
        return MachineShare(self.seconds, self.active, self.shared, self.joules)


class MachineClock:
    """Divides the time of one machine among the generations that run on it at once.

    METRICS, "Cost": an answer's share of machine time is its seconds divided among the generations
    that ran at once; the shares add up to the time in which anything ran. So with its energy, where a
    counter tells it: that is read when a generation begins or ends, and never in between.
    """

    def __init__(self, energy: EnergyCounter | None = None) -> None:
        self.measures = energy is not None
        self._energy = energy
        self._lock = threading.Lock()
        self._running: list[Meter] = []
        self._last = 0.0

    def meter(self) -> Meter:
        """A meter for one generation; it is off."""
        return Meter(self)

    def change(self, meter: Meter, *, computes: bool) -> None:
        """A meter goes on or off; nothing happens if it is that already."""
        with self._lock:
            self._tick()
            if not computes and meter in self._running:
                self._running.remove(meter)
            elif computes and meter not in self._running:
                self._running.append(meter)
                for one in self._running:
                    one.shared = max(one.shared, len(self._running))

    def _tick(self) -> None:
        now = time.monotonic()
        for one in self._running:
            one.active += now - self._last
            one.seconds += (now - self._last) / len(self._running)
        self._last = now
        if self._energy is not None:
            self._divide(self._energy.since_last(now))

    def _divide(self, joules: float | None) -> None:
        """Among those that ran; what was drawn while nothing ran is nobody's."""
        for one in self._running:
            known = joules is not None and one.joules is not None
            one.joules = (one.joules or 0.0) + (joules or 0.0) / len(self._running) if known else None
