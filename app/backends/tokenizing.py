"""Counts the tokens of a prompt at servers that tell: llama.cpp's and vLLM."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from enum import Enum, auto

from app.backends import fields
from app.backends.transport import Call, Transport
from app.domain import Message
from app.errors import BackendDown, BackendError, BackendTimeout

SECONDS = 20.0


class _Way(Enum):
    UNKNOWN = auto()
    LLAMA_CPP = auto()
    VLLM = auto()
    NONE = auto()


class Tokenizing:
    """Finds out once how a server counts, if at all (``ask``: whether to try)."""

    def __init__(self, transport: Transport, *, ask: bool) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self._way = _Way.UNKNOWN if ask else _Way.NONE

    def count(self, model: str, messages: Sequence[Message]) -> int | None:
        """Tokens of the messages in the model's own chat template, or None."""
        with self._lock:
            way = self._way
        try:
            if way is _Way.UNKNOWN:
                return self._find_out(model, messages)
            if way is _Way.LLAMA_CPP:
                return self._llama_cpp(model, messages)
            return self._vllm(model, messages) if way is _Way.VLLM else None
        except BackendError:
            return None

    def _find_out(self, model: str, messages: Sequence[Message]) -> int | None:
        # vLLM's /tokenize takes messages; llama.cpp's would ignore them and count nothing, so it is second.
        for way, count in ((_Way.LLAMA_CPP, self._llama_cpp), (_Way.VLLM, self._vllm)):
            try:
                tokens = count(model, messages)
            except (BackendDown, BackendTimeout):
                return None
            except BackendError:
                continue
            if tokens is not None:
                self._settle(way)
                return tokens
        self._settle(_Way.NONE)
        return None

    def _settle(self, way: _Way) -> None:
        with self._lock:
            self._way = way

    def _llama_cpp(self, model: str, messages: Sequence[Message]) -> int | None:
        payload: dict[str, object] = {"model": model, "messages": _plain(messages)}
        prompt = fields.text(self._ask("/apply-template", payload), "prompt")
        if not prompt:
            return None
        content: dict[str, object] = {"model": model, "content": prompt, "add_special": True}
        tokens = self._ask("/tokenize", content | {"parse_special": True}).get("tokens")
        return len(tokens) if isinstance(tokens, list) and tokens else None

    def _vllm(self, model: str, messages: Sequence[Message]) -> int | None:
        payload: dict[str, object] = {"model": model, "messages": _plain(messages)}
        tokens = fields.count(self._ask("/tokenize", payload | {"add_generation_prompt": True}), "count")
        return tokens or None

    def _ask(self, path: str, payload: dict[str, object]) -> fields.Json:
        return self._transport.ask(Call("POST", path, payload), SECONDS)


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": one.role, "content": one.content} for one in messages]
