"""What an OpenAI-compatible server wants otherwise than the first try: learned from its refusals.

Some servers know ``max_tokens``, newer proprietary models only ``max_completion_tokens``; some refuse
a temperature, a seed, or ``stream_options``. A refusal that names such a parameter is remembered for
the model, and raised as an error that may be retried: so that the second try is counted as one.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace

from app.backends.failures import Told
from app.domain import Request
from app.errors import BackendRefused

LIMITS = ("max_tokens", "max_completion_tokens")
DROPPABLE = ("temperature", "seed", "stream_options")
_UNSUPPORTED = re.compile(
    r"unsupported|not supported|does not support|unrecogni[sz]ed|unknown|unexpected|extra"
    r"|not permitted|not allowed|only the default",
    re.IGNORECASE,
)


class ParameterRefused(BackendRefused):
    """The server refuses a parameter; the next attempt leaves it out or names it otherwise."""

    retryable = True


@dataclass(frozen=True)
class Dialect:
    """How one model of a server is asked: the name of the token limit, and what is left out."""

    limit: str = "max_tokens"
    left_out: frozenset[str] = frozenset()

    @property
    def note(self) -> str:
        """What of the candidate's options the server did not take, in words; "" if it took all."""
        names = sorted(self.left_out & {"temperature", "seed"})
        return f"The server refuses {' and '.join(names)}; it used its own." if names else ""

    def parameters(self, request: Request) -> dict[str, object]:
        """The part of a request that servers disagree about."""
        all_of_them: dict[str, object] = {
            self.limit: request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "stream_options": {"include_usage": True},
        }
        return {name: value for name, value in all_of_them.items() if name not in self.left_out}

    def after(self, said: Told) -> Dialect | None:
        """The dialect to try after this refusal, or None if it is about something else."""
        if not _UNSUPPORTED.search(said.all):
            return None
        name = self._named(said)
        if name == self.limit:
            return replace(self, limit=next(one for one in LIMITS if one != name))
        return replace(self, left_out=self.left_out | {name}) if name else None

    def _named(self, said: Told) -> str:
        used = [self.limit, *(one for one in DROPPABLE if one not in self.left_out)]
        if said.parameter in used:
            return said.parameter
        # The parameter that is refused stands first: "use 'max_completion_tokens' instead" follows.
        places = {one: re.search(rf"\b{one}\b", said.message) for one in used}
        found = [(match.start(), one) for one, match in places.items() if match]
        return min(found)[1] if found else ""


class Dialects:
    """The dialects learned so far, by model. Each is tried once: two limits refused is a real error."""

    def __init__(self, first: Dialect) -> None:
        self._first = first
        self._lock = threading.Lock()
        self._known: dict[str, Dialect] = {}
        self._tried: dict[str, set[Dialect]] = {}

    def of(self, model: str) -> Dialect:
        """How to ask this model."""
        with self._lock:
            return self._known.get(model, self._first)

    def learn(self, model: str, asked_with: Dialect, said: Told) -> bool:
        """Note a refusal; True if the next attempt will differ."""
        found = asked_with.after(said)
        with self._lock:
            tried = self._tried.setdefault(model, {self._first})
            if found is None or (found in tried and found != self._known.get(model)):
                return False
            tried.add(found)
            self._known[model] = found
            return True
