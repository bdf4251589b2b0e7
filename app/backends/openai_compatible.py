"""OpenAI-compatible servers: vLLM, llama.cpp's server, proprietary APIs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.backends import failures, fields
from app.backends.assembling import Assembler
from app.backends.base import Cancel
from app.backends.dialect import Dialect, Dialects, ParameterRefused
from app.backends.failures import Place, Refusal
from app.backends.served_embedder import Embedded, Embedding, ServedEmbedder
from app.backends.tokenizing import Tokenizing
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
    Request,
    StreamEvent,
    Usage,
    stable_hash,
)
from app.errors import BackendDown, BackendError, BackendRefused, BackendTimeout, StreamBroken
from app.settings import BackendSettings, Timeouts

START_SERVER = "Start that server, then try again."
CHOOSE_MODEL = "Choose one of the models that it lists."
QUICK = 5.0
"""Seconds that the list of models may take."""
MILLISECONDS = 1e3


def split_address(url: str) -> tuple[str, str]:
    """The server's root and the path of its API: a bare address and one that ends in /v1 mean the same."""
    if url.endswith("/v1"):
        return url.removesuffix("/v1"), "/v1"
    has_path = "/" in url.split("://", 1)[-1]
    return url, "" if has_path else "/v1"


@dataclass
class _Reply:
    """What of a stream is not text, as it came so far."""

    usage: fields.Json = field(default_factory=dict)
    timings: fields.Json = field(default_factory=dict)
    finish: str = ""
    model: str = ""
    fingerprint: str = ""
    events: int = 0

    def note(self, data: fields.Json, finish: str) -> None:
        """Take what an event holds beside its text."""
        self.events += 1
        self.usage = fields.child(data, "usage") or self.usage
        self.timings = fields.child(data, "timings") or self.timings
        self.finish = finish or self.finish
        self.model = fields.text(data, "model") or self.model
        self.fingerprint = fields.text(data, "system_fingerprint") or self.fingerprint

    def tokens(self) -> Usage:
        """Usage as the server told it; what it did not tell is None."""
        prompt_details = fields.child(self.usage, "prompt_tokens_details")
        completion_details = fields.child(self.usage, "completion_tokens_details")
        cached = fields.count(prompt_details, "cached_tokens")
        return Usage(
            prompt=fields.count(self.usage, "prompt_tokens"),
            completion=fields.count(self.usage, "completion_tokens"),
            thinking=fields.count(completion_details, "reasoning_tokens"),
            cached=fields.count(self.timings, "cache_n") if cached is None else cached,
        )


class OpenAICompatibleBackend:
    """A Backend for one server that speaks OpenAI's chat completions."""

    kind = BackendKind.OPENAI

    def __init__(self, name: str, settings: BackendSettings, timeouts: Timeouts, title: str = "") -> None:
        self.name = name
        self.address = settings.url
        self.host = host_of(settings.url)
        self.context, self.concurrency = settings.context, settings.concurrency
        self.provider = settings.provider
        root, self._api = split_address(settings.url)
        self._place = Place(title or f"The server {name}", root, START_SERVER, CHOOSE_MODEL, settings.key)
        self._transport = Transport(self._place, timeouts)
        self.local = self._transport.local
        self._settings, self._timeouts = settings, timeouts
        # A proprietary API has no tokenizer to ask; its newer models know only the newer limit.
        self._tokenizing = Tokenizing(self._transport, ask=not settings.provider)
        newer = settings.provider == "openai"
        self._lock = threading.Lock()
        self._embedders: dict[str, ServedEmbedder] = {}
        self._dialects = Dialects(Dialect("max_completion_tokens" if newer else "max_tokens"))

    def health(self) -> Health:
        """READY with the number of models, DOWN, or WRONG (a wrong key, not such a server)."""
        try:
            models = len(self.models())
        except (BackendDown, BackendTimeout) as error:
            return self._health(HealthState.DOWN, error.message, error.remedy)
        except BackendError as error:
            return self._health(HealthState.WRONG, error.message, error.remedy)
        words = f"{self.name}: ready, {models} model{'' if models == 1 else 's'}"
        return self._health(HealthState.READY, words, "")

    def models(self) -> list[Model]:
        """The models that the server lists, by name."""
        reply = self._transport.ask(Call("GET", f"{self._api}/models"), QUICK)
        if not isinstance(reply.get("data"), list):
            raise failures.unreadable(self._place)
        found = (self._model(one) for one in fields.children(reply, "data"))
        return sorted((one for one in found if one.name), key=lambda one: one.name)

    def stream(self, request: Request, cancel: Cancel) -> Iterator[StreamEvent]:
        """One attempt at an answer."""
        yield PhaseChange(Phase.READING)
        patience = Patience(self._timeouts.first_token, self._timeouts.between_tokens)
        assembler = Assembler(self._place, request.max_tokens, patience.token)
        reply, dialect = _Reply(), self._dialects.of(request.model)
        at = assembler.sent
        try:
            for at, line in self._transport.lines(self._call(request, dialect), cancel, patience):
                data = self._event(line, request.model)
                if data is None:
                    break
                yield from self._pieces(data, at, reply, assembler)
        except (StreamBroken, BackendTimeout):
            # The server had said that the answer is whole: only the figures after it are missing.
            if not reply.finish:
                raise
        if cancel.cancelled:
            return
        if not reply.finish:
            raise failures.broken(self._place) if reply.events else failures.unreadable(self._place)
        yield from assembler.finish()
        yield self._completed(reply, dialect, assembler, at, request.model)

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int | None:
        """Tokens by the server's own tokenizer (llama.cpp, vLLM), else None."""
        return self._tokenizing.count(model, messages)

    def embedders(self) -> list[str]:
        """The models that the operator named as embedders."""
        return list(self._settings.embedders)

    def embedder(self, model: str) -> ServedEmbedder:
        """An embedder with a model of the server. Raises BackendError.

        Such servers tell no digest: its place is taken by address, name, and the size where that is told.
        A proprietary API tells nothing of its models, so it is asked but once.
        """
        with self._lock:
            made = self._embedders.get(model)
        if made is not None and self.provider:
            return made
        known = next((one for one in self.models() if one.name == model), Model(self.name, model))
        digest = stable_hash(
            "embedder", self._place.address, model, known.size, known.parameters, known.quantisation
        )
        if made is None or made.digest != digest:
            made = self._new_embedder(model, digest, known.context or self.context)
            with self._lock:
                self._embedders[model] = made
        return made

    def close(self) -> None:
        """End what is under way."""
        self._transport.close()

    def _call(self, request: Request, dialect: Dialect) -> Call:
        payload: dict[str, object] = {
            "model": request.model,
            "messages": [{"role": one.role, "content": one.content} for one in request.messages],
            "stream": True,
            **dialect.parameters(request),
        }
        if request.schema:
            schema = {"name": "answer", "strict": True, "schema": fields.parse(request.schema) or {}}
            payload["response_format"] = {"type": "json_schema", "json_schema": schema}

        def explain(refusal: Refusal) -> BackendError | None:
            said = failures.told(refusal.body)
            known = failures.by_words(self._place, said, request.model)
            if refusal.status not in {400, 422} or known is not None:
                return None
            if not self._dialects.learn(request.model, dialect, said):
                return None
            return ParameterRefused(
                f"{self._place.title} refuses a parameter: {self._place.shown(said.message)}", "Ask again."
            )

        return Call("POST", f"{self._api}/chat/completions", payload, request.model, explain)

    def _event(self, line: bytes, model: str) -> fields.Json | None:
        """The event in a line of the stream; {} for a line without one, None at the end mark."""
        line = line.strip()
        bare = line.startswith(b"{")
        if not bare and not line.startswith(b"data:"):
            return {}
        content = line if bare else line.removeprefix(b"data:").strip()
        if content == b"[DONE]":
            return None
        data = fields.parse(content)
        if data is None and not bare:
            raise failures.unreadable(self._place)
        data = data or {}
        if data.get("error") or data.get("object") == "error":
            raise failures.in_stream(self._place, failures.told_in(data), model)
        return {} if bare else data

    def _pieces(
        self, data: fields.Json, at: float, reply: _Reply, assembler: Assembler
    ) -> Iterator[StreamEvent]:
        if not data:
            return
        choice = next(iter(fields.children(data, "choices")), {})
        delta = fields.child(choice, "delta")
        finish = fields.text(choice, "finish_reason")
        reply.note(data, finish)
        answer = fields.text(delta, "content") + fields.text(delta, "refusal")
        thinking = fields.text(delta, "reasoning_content") or fields.text(delta, "reasoning")
        yield from assembler.piece(at, answer, thinking)
        if finish == "content_filter":
            raise BackendRefused(
                f"{self._place.title} ended the answer: its content filter objects.",
                "Put the question in other words.",
            )

    def _completed(
        self, reply: _Reply, dialect: Dialect, assembler: Assembler, ended: float, model: str
    ) -> Completed:
        finish: Literal["stop", "length"] = "length" if reply.finish in {"length", "max_tokens"} else "stop"
        told = reply.model if reply.model != model else ""
        version = " ".join(filter(None, (told, reply.fingerprint)))
        return Completed(
            usage=reply.tokens(),
            timing=assembler.timing(
                ended,
                prompt=fields.seconds(reply.timings, "prompt_ms", MILLISECONDS),
                generation=fields.seconds(reply.timings, "predicted_ms", MILLISECONDS),
            ),
            finish=finish,
            backend_version=self._place.shown(version),
            note=dialect.note,
        )

    def _model(self, told: fields.Json) -> Model:
        name = fields.text(told, "id")
        meta = fields.child(told, "meta")
        windows = (
            fields.count(told, "max_model_len"),
            fields.count(meta, "n_ctx"),
            fields.count(told, "context_length"),
            fields.count(told, "context_window"),
            fields.count(meta, "n_ctx_train"),
        )
        return Model(
            self.name,
            name,
            size=fields.count(meta, "size"),
            quantisation=fields.text(meta, "ftype"),
            parameters=fields.count(meta, "n_params"),
            context=next((one for one in windows if one), None),
            loaded=True if meta or windows[0] else None,
            embeds=name in self._settings.embedders,
        )

    def _new_embedder(self, model: str, digest: str, context: int) -> ServedEmbedder:
        return ServedEmbedder(
            Embedding(
                name=f"{self.name}/{model}",
                digest=digest,
                context=context,
                local=self.local,
                host=self.host,
                place=self._place,
                ask=lambda texts: self._embed(model, texts),
            )
        )

    def _embed(self, model: str, texts: Sequence[str]) -> Embedded:
        payload = {"model": model, "input": list(texts), "encoding_format": "float"}
        call = Call("POST", f"{self._api}/embeddings", payload, model)
        told = self._transport.ask(call, self._timeouts.first_token)
        rows = fields.children(told, "data")
        # A missing index counts as 0; the sort keeps the order of equals.
        vectors = [
            one.get("embedding") for one in sorted(rows, key=lambda one: fields.count(one, "index") or 0)
        ]
        # A proprietary API is paid by the token, and its tokenizer is none that could be compared.
        tokens = None if self.provider else fields.count(fields.child(told, "usage"), "prompt_tokens")
        return Embedded(vectors, tokens)

    def _health(self, state: HealthState, words: str, remedy: str) -> Health:
        return Health(self.name, self.kind, self.address, state, words, remedy)
