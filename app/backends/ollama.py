"""Ollama by its native API.

Chat is posted with httpx, because the ``ollama`` client cannot send ``truncate`` and ``shift``:
without them a prompt that is too long silently loses its front (FACTS). ``/v1`` of Ollama is of no
use either, as it ignores ``num_ctx``. Listing, pulling and deleting go through the client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.backends import failures, fields
from app.backends.assembling import Assembler
from app.backends.base import Cancel
from app.backends.failures import Place
from app.backends.ollama_models import Catalogue, full_name
from app.backends.served_embedder import Embedded, Embedding, ServedEmbedder
from app.backends.transport import Call, Patience, Transport, host_of
from app.domain import (
    BackendKind,
    Completed,
    Health,
    HealthState,
    Message,
    Model,
    Phase,
    PhaseChange,
    PullProgress,
    Request,
    StreamEvent,
    Usage,
)
from app.errors import BackendDown, BackendError, BackendRefused, BackendTimeout
from app.settings import DEFAULT_OLLAMA, BackendSettings, Timeouts

GET_OLLAMA = "Models of your own: install Ollama from https://ollama.com, then run `ollama serve`."
START_OLLAMA = "Start it with `ollama serve`, then try again."
PULL_MODEL = "Pull it on the Models screen, or with `ollama pull {model}`."
NANOSECONDS = 1e9
EMBEDDING_CONTEXT, MOST_EMBEDDING_CONTEXT = 512, 8192
"""Tokens that an embedder reads: where the server does not tell, and at most (it costs memory)."""
QUICK = 3.0
"""Seconds that a small question (version, health, what is loaded) may take."""


@dataclass(frozen=True)
class OllamaOptions:
    """What all requests of one server share: changing one of these makes Ollama load a model anew.

    ``context`` is ``num_ctx`` in tokens; ``threads`` is ``num_thread``, 0 leaves it to the server.
    """

    context: int = 4096
    threads: int = 0
    concurrency: int = 1


class OllamaBackend:
    """A Backend and ModelManager for one Ollama server."""

    kind = BackendKind.OLLAMA

    def __init__(
        self, name: str, settings: BackendSettings, options: OllamaOptions, timeouts: Timeouts
    ) -> None:
        self.name = name
        self.address = settings.url
        self.host = host_of(settings.url)
        self.context, self.concurrency = options.context, options.concurrency
        self.provider = settings.provider
        title = "Ollama" if name == "ollama" else f"The Ollama server {name}"
        self._place = Place(title, settings.url, START_OLLAMA, PULL_MODEL, settings.key)
        self._transport = Transport(self._place, timeouts)
        self._catalogue = Catalogue(name, self._transport)
        self.local = self._transport.local
        self._options, self._timeouts = options, timeouts
        self._lock = threading.Lock()
        self._version = ""
        self._embedders: dict[str, ServedEmbedder] = {}

    def health(self) -> Health:
        """READY with version and number of models, ABSENT where nothing was set up, else DOWN or WRONG."""
        try:
            version = self._ask_version()
            models = len(self._catalogue.names())
        except BackendDown as error:
            return self._unreachable(error)
        except BackendTimeout as error:
            return self._health(HealthState.DOWN, error.message, error.remedy)
        except BackendError as error:
            return self._health(HealthState.WRONG, error.message, error.remedy)
        words = f"{self._place.title}: ready, {models} model{'' if models == 1 else 's'}"
        return self._health(HealthState.READY, words, "", version)

    def models(self) -> list[Model]:
        """The models on the server's disk, by name; those that run elsewhere are left out."""
        return self._catalogue.models()

    def stream(self, request: Request, cancel: Cancel) -> Iterator[StreamEvent]:
        """One attempt at an answer, loading the model first where it is not loaded yet."""
        loading = None
        if not self._is_loaded(request.model, cancel):
            yield PhaseChange(Phase.LOADING)
            loading = self._load(request, cancel)
        if not cancel.cancelled:
            yield PhaseChange(Phase.READING)
            yield from self._answer(request, cancel, loading)

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int | None:  # noqa: ARG002
        """None: Ollama tells no one how it cuts a text into tokens."""
        return None

    def pull(self, model: str, cancel: Cancel) -> Iterator[PullProgress]:
        """Fetch a model; what a cancelled pull has fetched the server keeps, and goes on from there."""
        return self._catalogue.pull(model, cancel)

    def delete(self, model: str) -> None:
        """Delete a model from the server's disk."""
        self._catalogue.delete(model)

    def embedders(self) -> list[str]:
        """The names of its models that embed. Raises BackendError."""
        return [one.name for one in self.models() if one.embeds]

    def embedder(self, model: str) -> ServedEmbedder:
        """An embedder with a model as it is now. Raises ModelMissing, BackendError."""
        digest = self._catalogue.digest(model)
        with self._lock:
            made = self._embedders.get(model)
        if made is None or made.digest != digest:
            made = self._new_embedder(model, digest)
            with self._lock:
                self._embedders[model] = made
        return made

    def close(self) -> None:
        """End what is under way."""
        self._transport.close()

    def _new_embedder(self, model: str, digest: str) -> ServedEmbedder:
        self._catalogue.refuse_remote(model, Cancel())
        trained = self._catalogue.facts(model, digest).context or EMBEDDING_CONTEXT
        context = min(trained, MOST_EMBEDDING_CONTEXT)
        return ServedEmbedder(
            Embedding(
                name=f"{self.name}/{model}",
                digest=digest,
                context=context,
                local=self.local,
                host=self.host,
                place=self._place,
                ask=lambda texts: self._embed(model, context, texts),
            )
        )

    def _embed(self, model: str, context: int, texts: Sequence[str]) -> Embedded:
        payload = {
            "model": model,
            "input": list(texts),
            "truncate": False,
            "options": self._loading_options(context),
        }
        call = Call("POST", "/api/embed", payload, model)
        told = self._transport.ask(call, self._timeouts.first_token)
        return Embedded(told.get("embeddings"), fields.count(told, "prompt_eval_count"))

    def _answer(self, request: Request, cancel: Cancel, loading: float | None) -> Iterator[StreamEvent]:
        patience = Patience(self._timeouts.first_token, self._timeouts.between_tokens)
        assembler = Assembler(self._place, request.max_tokens, patience.token)
        call = Call("POST", "/api/chat", self._payload(request, request.messages), request.model)
        for at, line in self._transport.lines(call, cancel, patience):
            if not line.strip():
                continue
            data = self._parsed(line, request.model)
            message = fields.child(data, "message")
            yield from assembler.piece(at, fields.text(message, "content"), fields.text(message, "thinking"))
            if data.get("done") is True:
                yield from assembler.finish()
                yield self._completed(data, assembler, at, loading)
                return
        if not cancel.cancelled:
            raise failures.broken(self._place)

    def _parsed(self, line: bytes, model: str) -> fields.Json:
        data = fields.parse(line)
        if data is None:
            raise failures.unreadable(self._place)
        if data.get("error"):
            raise failures.in_stream(self._place, failures.told_in(data), model)
        return data

    def _completed(
        self, data: fields.Json, assembler: Assembler, ended: float, loading: float | None
    ) -> Completed:
        within = fields.seconds(data, "load_duration", NANOSECONDS)
        load = within if loading is None else loading + (within or 0.0)
        finish: Literal["stop", "length"] = (
            "length" if fields.text(data, "done_reason") == "length" else "stop"
        )
        return Completed(
            usage=Usage(fields.count(data, "prompt_eval_count"), fields.count(data, "eval_count")),
            timing=assembler.timing(
                ended,
                load=load,
                loaded_within=within or 0.0,
                prompt=fields.seconds(data, "prompt_eval_duration", NANOSECONDS),
                generation=fields.seconds(data, "eval_duration", NANOSECONDS),
            ),
            finish=finish,
            backend_version=self._known_version(),
        )

    def _payload(self, request: Request, messages: Sequence[Message]) -> dict[str, object]:
        options = {
            **self._loading_options(self._options.context),
            "num_predict": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            # Its default changed between versions (1.1, later 1.0).
            "repeat_penalty": 1.0,
        }
        payload: dict[str, object] = {
            "model": request.model,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            "stream": True,
            "truncate": False,
            "shift": False,
            "options": options,
        }
        if request.schema:
            payload["format"] = fields.parse(request.schema) or {}
        return payload

    def _loading_options(self, context: int) -> dict[str, object]:
        threads = {"num_thread": self._options.threads} if self._options.threads else {}
        return {"num_ctx": context, **threads}

    def _is_loaded(self, model: str, cancel: Cancel) -> bool:
        """Whether the model is in memory with our context; True where the server does not tell."""
        try:
            reply = self._transport.ask(Call("GET", "/api/ps"), self._timeouts.connect + QUICK, cancel)
        except (BackendDown, BackendTimeout):
            raise
        except BackendError:
            # The answer itself will tell what is wrong.
            return True
        for one in fields.children(reply, "models"):
            if full_name(fields.text(one, "name")) == full_name(model):
                loaded = fields.count(one, "context_length") or self._options.context
                # A model that was trained on less gets less; another program may have asked for less.
                return loaded in {self._options.context, self._trained_on(model)}
        return cancel.cancelled

    def _trained_on(self, model: str) -> int | None:
        known = self._catalogue.known(model)
        return known.context if known else None

    def _load(self, request: Request, cancel: Cancel) -> float:
        """Load the model by a chat without messages; how long that took, in seconds."""
        self._catalogue.refuse_remote(request.model, cancel)
        began = time.monotonic()
        payload = {**self._payload(request, ()), "stream": False}
        call = Call("POST", "/api/chat", payload, request.model)
        if not cancel.cancelled:
            self._transport.ask(call, self._timeouts.first_token, cancel)
        return time.monotonic() - began

    def _ask_version(self) -> str:
        reply = self._transport.ask(Call("GET", "/api/version"), QUICK)
        number = fields.text(reply, "version")
        if not number:
            raise BackendRefused(
                f"What answers at {self.address} is not Ollama.", "Check the address in the settings."
            )
        with self._lock:
            self._version = f"Ollama {self._place.shown(number)}"
            return self._version

    def _known_version(self) -> str:
        with self._lock:
            version = self._version
        try:
            return version or self._ask_version()
        except BackendError:
            return ""

    def _unreachable(self, error: BackendDown) -> Health:
        if self.address == DEFAULT_OLLAMA:
            return self._health(HealthState.ABSENT, f"Ollama: not found at {self.address}.", GET_OLLAMA)
        return self._health(HealthState.DOWN, error.message, error.remedy)

    def _health(self, state: HealthState, words: str, remedy: str, version: str = "") -> Health:
        return Health(self.name, self.kind, self.address, state, words, remedy, version)
