"""Asks again where that is honest: before any text has come, a few times, and counted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from app.backends.base import Backend, Cancel
from app.backends.dialect import ParameterRefused
from app.domain import Phase, PhaseChange, Request, StreamEvent, TextDelta
from app.errors import BackendBusy, BackendError

ATTEMPTS = 3
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds; the wait doubles with each attempt, and is drawn from its upper half."""
LONGEST_ASKED_WAIT = 30.0
"""Seconds; a server that asks for a longer wait is not waited for."""


def stream_with_retries(
    backend: Backend,
    request: Request,
    cancel: Cancel,
    attempts: int = ATTEMPTS,
    on_attempt: Callable[[int], None] = lambda _: None,
) -> Iterator[StreamEvent]:
    """The events of ``backend.stream``, asked up to ``attempts`` times.

    Asks again only after an error that may pass (``retryable``) and only if no text has come yet, be it
    thinking: what a person has seen is never replaced. ``on_attempt`` is told 1, 2, … as each begins.
    While it waits the phase is QUEUED. A stop ends the wait at once. Raises the last BackendError.
    """
    for attempt in range(1, attempts + 1):
        on_attempt(attempt)
        begun = False
        try:
            for event in backend.stream(request, cancel):
                begun = begun or isinstance(event, TextDelta)
                yield event
        except BackendError as error:
            wait = _wait(error, attempt)
            if begun or attempt == attempts or not error.retryable or wait is None:
                raise
        else:
            return
        yield PhaseChange(Phase.QUEUED)
        if cancel.wait(wait):
            return


def _wait(error: BackendError, attempt: int) -> float | None:
    """Seconds to wait before the next attempt; None if the server asks for too long a wait."""
    if isinstance(error, ParameterRefused):
        return 0.0
    drawn = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)
    asked = error.wait if isinstance(error, BackendBusy) else 0.0
    return None if asked > LONGEST_ASKED_WAIT else max(drawn, asked)
