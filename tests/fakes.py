"""Stand-ins for models, embedders and scorers: no others are faked in these tests.

``FakeBackend`` answers from a queue of scripts; a script is a list of steps, each an event to give,
an error to raise, or a ``Gate`` to wait at until the test opens it (or the stop is asked)::

    backend = FakeBackend()
    backend.say("It is ", "42 [1].")                  # the next answer
    backend.fail(BackendDown("Nobody answers."))      # the one after it
    gate = backend.hold("Half of ", then="it.")       # waits in the middle until gate.open()

With nothing queued it gives ``default``. ``backend.requests`` are the requests so far.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from app.backends.base import Cancel, Vectors
from app.domain import (
    Answer,
    BackendKind,
    Completed,
    Health,
    HealthState,
    Message,
    Model,
    Phase,
    PhaseChange,
    PosedCase,
    PullProgress,
    Request,
    Score,
    StreamEvent,
    TextDelta,
    Timing,
    Usage,
)
from app.errors import AppError, BackendError, ModelMissing

WORDS = re.compile(r"\w+|[^\w\s]")


class Gate:
    """A place where a script waits. ``reached`` is set when it gets there, ``open()`` lets it on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()

    def open(self) -> None:
        """Let everything on that waits here now or later."""
        self._open.set()

    def wait(self, cancel: Cancel) -> None:
        """Wait until opened or cancelled (at most 30 s: a forgotten gate must not hang a test run)."""
        self.reached.set()
        cancel.on_cancel(self._open.set)
        if not self._open.wait(30):
            raise AssertionError("nobody opened the gate")


Step = StreamEvent | BackendError | Gate | Callable[[], None]


def completed(
    prompt: int | None = 11,
    completion: int | None = 7,
    finish: Literal["stop", "length"] = "stop",
    *,
    usage: Usage | None = None,
    timing: Timing | None = None,
) -> Completed:
    """The end of an answer with round figures."""
    return Completed(
        usage=usage or Usage(prompt=prompt, completion=completion, thinking=None, cached=0),
        timing=timing or Timing(load=0.0, first_token=0.2, prompt=0.1, generation=0.5, wall=0.7),
        finish=finish,
        backend_version="fake 1",
    )


class FakeBackend:
    """A Backend and ModelManager that does what its queue says, at once and on any thread."""

    kind = BackendKind.OLLAMA
    address = "http://127.0.0.1:1"

    def __init__(
        self,
        name: str = "fake",
        *,
        models: Sequence[str] = ("tiny",),
        local: bool = True,
        host: str = "127.0.0.1",
        context: int = 4096,
        concurrency: int = 1,
        provider: str = "",
        default: Sequence[Step] | None = None,
        counts: bool = True,
    ) -> None:
        self.name, self.local, self.host = name, local, host
        self.context, self.concurrency, self.provider = context, concurrency, provider
        self.default: Sequence[Step] = default or (TextDelta("The fake answer [1]."), completed())
        self.requests: list[Request] = []
        self.running = 0
        self.most_running = 0
        self.closed = False
        self.state = HealthState.READY
        self._models = {one: Model(name, one, digest=f"sha256:{one}", context=context) for one in models}
        self._queue: deque[Sequence[Step]] = deque()
        self._counts = counts
        self._lock = threading.Lock()

    def script(self, *steps: Step) -> None:
        """Queue one answer step by step; nothing is added to the steps."""
        with self._lock:
            self._queue.append(steps)

    def say(
        self, *pieces: str, thinking: str = "", end: Completed | None = None, loading: bool = False
    ) -> None:
        """Queue an answer that comes in pieces, after its phases and its thinking."""
        steps: list[Step] = [PhaseChange(Phase.LOADING)] if loading else []
        steps.append(PhaseChange(Phase.READING))
        if thinking:
            steps.append(TextDelta(thinking, thinking=True))
        steps.append(PhaseChange(Phase.ANSWERING))
        self.script(*steps, *(TextDelta(one) for one in pieces), end or completed())

    def fail(self, error: BackendError, *before: str) -> None:
        """Queue a failure, after pieces of text if there are any."""
        self.script(*(TextDelta(one) for one in before), error)

    def hold(self, *pieces: str, then: str = "") -> Gate:
        """Queue an answer that waits at the gate between ``pieces`` and ``then``."""
        gate = Gate()
        self.script(PhaseChange(Phase.ANSWERING), *map(TextDelta, pieces), gate, TextDelta(then), completed())
        return gate

    def health(self) -> Health:
        words = f"{self.name}: {self.state.value}, {len(self._models)} models"
        return Health(self.name, self.kind, self.address, self.state, words, version="fake 1")

    def models(self) -> list[Model]:
        return sorted(self._models.values(), key=lambda one: one.name)

    def change_digest(self, model: str, digest: str) -> None:
        """As when somebody pulls newer weights under the same tag."""
        self._models[model] = replace(self._models[model], digest=digest)

    def stream(self, request: Request, cancel: Cancel) -> Iterator[StreamEvent]:
        steps = self._next(request)
        try:
            yield from self._play(steps, cancel)
        finally:
            with self._lock:
                self.running -= 1

    def _next(self, request: Request) -> Sequence[Step]:
        with self._lock:
            self.requests.append(request)
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            if request.model not in self._models:
                return [ModelMissing(f"{self.name} does not have the model {request.model}.", "Pull it.")]
            return self._queue.popleft() if self._queue else self.default

    @staticmethod
    def _play(steps: Sequence[Step], cancel: Cancel) -> Iterator[StreamEvent]:
        for step in steps:
            if cancel.cancelled:
                return
            if isinstance(step, Gate):
                step.wait(cancel)
            elif isinstance(step, BackendError):
                raise step
            elif isinstance(step, PhaseChange | TextDelta | Completed):
                yield step
            else:
                step()

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int | None:
        """Words and signs, plus 4 a message; None with ``counts=False``."""
        if not self._counts:
            return None
        return sum(4 + len(WORDS.findall(one.content)) for one in messages)

    def pull(self, model: str, cancel: Cancel) -> Iterator[PullProgress]:
        """Three steps of 100 bytes; stops quietly after a cancel."""
        for done in (0, 50, 100):
            if cancel.cancelled:
                return
            yield PullProgress("pulling", done, 100)
        self._models[model] = Model(self.name, model, digest=f"sha256:{model}", context=self.context)

    def delete(self, model: str) -> None:
        if model not in self._models:
            raise ModelMissing(f"{self.name} does not have the model {model}.")
        del self._models[model]

    def close(self) -> None:
        self.closed = True


class FakeEmbedder:
    """Vectors of hashed words: texts that share words are near each other, equal texts are equal.

    ``failures`` is a queue of errors for the next calls (None: this call works); ``calls`` are the
    batches so far; ``gate`` (if set) is waited at before each call.
    """

    def __init__(
        self,
        name: str = "fake/words",
        *,
        dimensions: int = 64,
        max_tokens: int = 256,
        digest: str = "sha256:words-1",
        local: bool = True,
        host: str = "127.0.0.1",
    ) -> None:
        self.name, self.digest, self.dimensions = name, digest, dimensions
        self.max_tokens, self.local, self.host = max_tokens, local, host
        self.calls: list[tuple[str, ...]] = []
        self.failures: deque[BackendError | None] = deque()
        self.gate: Gate | None = None
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            self.calls.append(tuple(texts))
            failure = self.failures.popleft() if self.failures else None
        if self.gate is not None:
            self.gate.wait(Cancel())
        if failure is not None:
            raise failure
        rows = [self._vector(one) for one in texts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.dimensions)

    def _vector(self, text: str) -> Vectors:
        row = np.zeros(self.dimensions, dtype=np.float32)
        for word in WORDS.findall(text.lower()):
            code = hashlib.sha256(f"{self.digest}{word}".encode()).digest()
            row[int.from_bytes(code[:4], "big") % self.dimensions] += 1.0 if code[4] % 2 else -1.0
        length = float(np.linalg.norm(row))
        if length == 0.0:
            row[0], length = 1.0, 1.0
        return np.asarray(row / np.float32(length), dtype=np.float32)

    def count(self, text: str) -> int:
        """Words and signs; a word of over 8 letters counts one more for every 8."""
        return sum(1 + (len(word) - 1) // 8 for word in WORDS.findall(text))

    def unknown_share(self, text: str) -> float:
        """The share of words that hold a character beyond Latin (U+024F)."""
        words = WORDS.findall(text)
        strange = sum(any(char > "ɏ" for char in word) for word in words)
        return strange / len(words) if words else 0.0


class FakeScorer:
    """Scores an answer by how long it is, as a share of 1,000 letters; raises ``failure`` if there is one."""

    name = "length"
    version = "1"

    def __init__(self, failure: AppError | None = None) -> None:
        self.failure = failure
        self.scored: list[str] = []

    def score(self, answer: Answer) -> Score:
        self.scored.append(answer.id)
        if self.failure is not None:
            raise self.failure
        return Score(self.name, self.version, min(1.0, len(answer.text) / 1000), "counted")


class FakeCaseScorer:
    """Scores an answer to a case by whether it is the first right answer, letter for letter."""

    name = "letters"
    version = "1"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        return Score(self.name, self.version, float(answer.text in case.case.references[:1]), "compared")
