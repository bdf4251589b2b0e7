"""Makes the events of one answer out of the pieces that a server sends, and times them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from app.backends import failures
from app.backends.failures import Place
from app.backends.thinking import SurrogateJoiner, ThinkSplitter
from app.domain import Phase, PhaseChange, StreamEvent, TextDelta, Timing

ROOM_PER_TOKEN = 200
"""Characters that one token may have in the mean; a server that sends more ignores its limit."""


class Assembler:
    """Collects one answer: thinking apart from text, phases, and when the first token came.

    ``sent`` is the monotonic time of sending; ``token`` is called for every piece of text.
    """

    def __init__(self, place: Place, max_tokens: int, token: Callable[[], None]) -> None:
        self.sent = time.monotonic()
        self._place, self._token = place, token
        self._room = (max_tokens + 100) * ROOM_PER_TOKEN
        self._splitter = ThinkSplitter()
        self._answer, self._thinking = SurrogateJoiner(), SurrogateJoiner()
        self._first: float | None = None

    def piece(self, at: float, answer: str, thinking: str = "") -> Iterator[StreamEvent]:
        """Events for what came at the monotonic time ``at``. Raises StreamBroken for endless text."""
        if not answer and not thinking:
            return
        self._token()
        if self._first is None:
            self._first = at
            yield PhaseChange(Phase.ANSWERING)
        self._room -= len(answer) + len(thinking)
        if self._room < 0:
            raise failures.broken(self._place, "It sent far more text than was asked for.")
        if thought := self._thinking.feed(thinking):
            yield TextDelta(thought, thinking=True)
        yield from self._splitter.feed(self._answer.feed(answer))

    def finish(self) -> Iterator[StreamEvent]:
        """What was held back, when the stream has ended."""
        if thought := self._thinking.finish():
            yield TextDelta(thought, thinking=True)
        yield from self._splitter.feed(self._answer.finish())
        yield from self._splitter.finish()

    def timing(
        self,
        ended: float,
        *,
        load: float | None = None,
        loaded_within: float = 0.0,
        prompt: float | None = None,
        generation: float | None = None,
    ) -> Timing:
        """The spans of the answer, loading apart.

        ``loaded_within`` is the part of the span since sending that went into loading the model: it is
        taken out of ``first_token`` and ``wall``, so that these compare the models and not their loading.
        """
        first = None if self._first is None else max(0.0, self._first - self.sent - loaded_within)
        return Timing(
            load=load,
            first_token=first,
            prompt=prompt,
            generation=generation,
            wall=max(0.0, ended - self.sent - loaded_within),
        )
