"""The plugs for model servers: small Protocols, and what stops a running request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from app.domain import (
    BackendKind,
    Health,
    Message,
    Model,
    PullProgress,
    Request,
    StreamEvent,
)

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), each row of length 1."""


class Cancel:
    """Asks a running request to stop; may be called from any thread, any number of times.

    A backend registers what closes its connection, so that a stop takes effect at once and not at
    the next token.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._closers: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether the stop was asked."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask for the stop and close what was registered."""
        with self._lock:
            self._event.set()
            closers, self._closers = self._closers, []
        for close in closers:
            close()

    def on_cancel(self, close: Callable[[], None]) -> None:
        """Register what to close; it is called at once if the stop was asked already."""
        with self._lock:
            if not self._event.is_set():
                self._closers.append(close)
                return
        close()

    def wait(self, seconds: float) -> bool:
        """Sleep up to ``seconds``; True as soon as the stop is asked."""
        return self._event.wait(seconds)


class Backend(Protocol):
    """A server that runs models.

    ``local`` tells whether the passages stay on this machine, ``host`` where they go, ``context`` is
    the window in tokens that a prompt and its answer must fit together, ``concurrency`` how many
    answers it makes at once, ``provider`` whose price list applies ("" for one's own machine).
    """

    name: str
    kind: BackendKind
    address: str
    host: str
    local: bool
    context: int
    concurrency: int
    provider: str

    def health(self) -> Health:
        """The state in words. Never raises; answers within a few seconds."""

    def models(self) -> list[Model]:
        """The models it offers, by name. Raises BackendError."""

    def stream(self, request: Request, cancel: Cancel) -> Iterator[StreamEvent]:
        """Generate one answer: PhaseChange and TextDelta events, then exactly one Completed.

        Makes one attempt. Raises BackendError; after a cancel it ends without Completed and without
        raising. Closing the iterator closes the connection.
        """

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int | None:
        """Tokens of the prompt by the model's own tokenizer, or None where it does not tell."""

    def close(self) -> None:
        """Release connections and processes."""


@runtime_checkable
class ModelManager(Protocol):
    """A backend that can fetch and delete models."""

    def pull(self, model: str, cancel: Cancel) -> Iterator[PullProgress]:
        """Fetch a model; ends early and quietly after a cancel. Raises BackendError."""

    def delete(self, model: str) -> None:
        """Delete a model. Raises BackendError."""


class Embedder(Protocol):
    """Makes vectors of texts.

    ``name`` is ``backend/model``, ``max_tokens`` how many of its tokens (special ones included) it
    reads without truncating, ``host`` and ``local`` as for a Backend.
    """

    name: str
    digest: str
    dimensions: int
    max_tokens: int
    host: str
    local: bool

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, in the order of the texts. Raises BackendError."""

    def count(self, text: str) -> int:
        """Tokens of the text without special ones: exact, or a bound that is never too low."""

    def unknown_share(self, text: str) -> float:
        """The share (0 to 1) of the text's tokens that the embedder does not know."""
