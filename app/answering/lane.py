"""One lane: a buffer that a thread fills and the screen reads."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from app.backends.base import Cancel
from app.domain import Answer, Completed, LaneView, Phase, PhaseChange, StreamEvent, TextDelta

SPEED_AFTER = 0.5
"""Seconds from the first token on after which a speed means something: before, a few pieces that came
together look like thousands a second."""


@dataclass(frozen=True)
class Heard:
    """What came over the stream so far, and where its seconds went.

    ``waited`` for a server that was asked again, ``loaded`` for the model; ``first_token`` and ``wall``
    since the request that was answered, without those two.
    """

    text: str
    thinking: str
    first_token: float | None
    wall: float
    waited: float
    loaded: float
    completed: Completed | None


class Lane:
    """Filled by one thread, read by any; every method is safe to call at once."""

    def __init__(self, answer: Answer) -> None:
        self.pending = answer
        self.cancel = Cancel()
        self.done = threading.Event()
        self._lock = threading.Lock()
        self._phase = Phase.PREPARING
        self._since = time.monotonic()
        self._attempts = 0
        self._answer: Answer | None = None
        self._saved = True
        self._reset()

    def _reset(self) -> None:
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._spent = {Phase.QUEUED: 0.0, Phase.LOADING: 0.0, Phase.ANSWERING: 0.0}
        self._at = time.monotonic()
        self._first: float | None = None
        self._first_at = 0.0
        self._completed: Completed | None = None

    def sending(self) -> None:
        """A request goes out; what an earlier attempt wrote is dropped."""
        with self._lock:
            self._reset()

    def attempt(self, number: int) -> None:
        """One more attempt is made; from the second on, what the earlier ones took was waiting."""
        with self._lock:
            self._attempts += 1
            self._count()
            if number > 1:
                self._spent[Phase.QUEUED] += self._spent[Phase.ANSWERING]
                self._spent[Phase.ANSWERING] = 0.0

    def hear(self, event: StreamEvent) -> None:
        """Take one event of the stream."""
        with self._lock:
            if isinstance(event, PhaseChange):
                self._enter(event.phase)
            elif isinstance(event, TextDelta):
                self._take(event)
            else:
                self._completed = event

    def waiting(self, phase: Phase) -> None:
        """Enter a phase."""
        with self._lock:
            self._enter(phase)

    def heard(self) -> Heard:
        """What came so far."""
        with self._lock:
            self._count()
            return Heard(
                text="".join(self._text),
                thinking="".join(self._thinking),
                first_token=self._first,
                wall=self._spent[Phase.ANSWERING],
                waited=self._spent[Phase.QUEUED],
                loaded=self._spent[Phase.LOADING],
                completed=self._completed,
            )

    @property
    def attempts(self) -> int:
        """How many requests were sent for this answer."""
        with self._lock:
            return self._attempts

    def end(self, answer: Answer, *, saved: bool) -> None:
        """The answer is final."""
        with self._lock:
            self._answer, self._saved = answer, saved
        self.done.set()

    @property
    def settled(self) -> bool:
        """Whether the answer is final and in the database."""
        with self._lock:
            return self._answer is not None and self._saved

    @property
    def unsaved(self) -> Answer | None:
        """The final answer where it is not in the database; None while it is made, and once it is saved."""
        with self._lock:
            return None if self._saved else self._answer

    def view(self) -> LaneView:
        """The lane as it stands now."""
        with self._lock:
            now = time.monotonic()
            shown = self._answer or self.pending
            return LaneView(
                answer_id=self.pending.id,
                position=self.pending.position,
                candidate=shown.candidate,
                phase=self._phase,
                phase_seconds=now - self._since,
                text="".join(self._text),
                thinking="".join(self._thinking),
                tokens_per_second=self._speed(now),
                attempts=self._attempts,
                answer=self._answer,
                saved=self._saved,
            )

    def _count(self) -> None:
        """Put the time since the last look to what it was spent on."""
        now = time.monotonic()
        self._spent[self._phase if self._phase in self._spent else Phase.ANSWERING] += now - self._at
        self._at = now

    def _enter(self, phase: Phase) -> None:
        if phase is not self._phase:
            self._count()
            self._phase, self._since = phase, self._at

    def _take(self, delta: TextDelta) -> None:
        if self._first is None:
            self._count()
            self._first, self._first_at = self._spent[Phase.ANSWERING], self._at
        self._enter(Phase.ANSWERING)
        (self._thinking if delta.thinking else self._text).append(delta.text)

    def _speed(self, now: float) -> float | None:
        pieces = len(self._text) + len(self._thinking)
        seconds = now - self._first_at
        if self._first is None or seconds < SPEED_AFTER:
            return None
        return (pieces - 1) / seconds  # the first one was there at the beginning


def lane_of(answer: Answer) -> LaneView:
    """The view of an answer out of the log."""
    return LaneView(
        answer_id=answer.id,
        position=answer.position,
        candidate=answer.candidate,
        phase=Phase.ANSWERING,
        phase_seconds=0.0,
        text=answer.text,
        thinking=answer.thinking,
        tokens_per_second=None,
        attempts=answer.attempts,
        answer=answer,
    )
