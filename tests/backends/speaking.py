"""What the shared tests need of each kind of backend: to script the same thing in its own language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
from pydantic import SecretStr

from app.backends import embedded
from app.backends.base import Backend, Cancel
from app.backends.embedded import EmbeddedBackend
from app.backends.embedded_process import Running
from app.backends.ollama import OllamaBackend, OllamaOptions
from app.backends.openai_compatible import OpenAICompatibleBackend
from app.domain import Message, Request, StreamEvent, TextDelta
from app.errors import BackendError, ModelMissing, StreamBroken
from app.settings import BackendSettings, Timeouts
from tests.fakes import FakeBackend, Gate, completed
from tests.scripted_server import HANG, Part, Reply, ScriptedServer, json_reply, ndjson, sse

QUICK = Timeouts(connect=10.0, first_token=20.0, between_tokens=20.0)
SHORT = Timeouts(connect=10.0, first_token=0.3, between_tokens=0.3)
SCHEMA = json.dumps({"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]})
YES_OR_NO = json.dumps(
    {"type": "object", "properties": {"answer": {"enum": ["yes", "no"]}}, "required": ["answer"]}
)
CANARY = "sk-canary-8e1f4b7"


def request(
    model: str = "tiny", text: str = "What is it?", *, schema: str = "", max_tokens: int = 50
) -> Request:
    messages = (Message("system", "Answer from the documents."), Message("user", text))
    return Request(model, messages, temperature=0.0, seed=7, max_tokens=max_tokens, schema=schema)


@dataclass
class Heard:
    """What came of a stream: its events, and the error that ended it, if one did."""

    events: list[StreamEvent] = field(default_factory=list)
    error: BackendError | None = None

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.events if isinstance(one, TextDelta) and not one.thinking)

    @property
    def thinking(self) -> str:
        return "".join(one.text for one in self.events if isinstance(one, TextDelta) and one.thinking)


def hear(backend: Backend, asked: Request | None = None, cancel: Cancel | None = None) -> Heard:
    heard = Heard()
    try:
        for event in backend.stream(asked or request(), cancel or Cancel()):
            heard.events.append(event)
    except BackendError as error:
        heard.error = error
    return heard


class Speaker(Protocol):
    """Scripts one kind of backend for the contract test."""

    @property
    def backend(self) -> Backend:
        """The backend under test."""

    def answer(self, *pieces: str, thinking: str = "", cut: bool = False) -> None:
        """The next answer comes in these pieces; ``cut``: the stream ends without its end mark."""

    def hang(self, *pieces: str) -> None:
        """The next answer hangs after these pieces."""

    def left(self) -> bool:
        """Whether the server saw that the client left, within a second."""

    def no_model(self) -> None:
        """The next request is for a model that is not there."""


class OllamaSpeaker:
    chat = "/api/chat"

    def __init__(self, server: ScriptedServer, timeouts: Timeouts = QUICK, key: str = "") -> None:
        self.server = server
        settings = BackendSettings(kind="ollama", url=server.address, key=SecretStr(key))
        self.backend = OllamaBackend("ollama", settings, OllamaOptions(), timeouts)
        server.always("/api/version", json_reply({"version": "0.24.0"}))
        loaded = [{"name": "tiny:latest", "model": "tiny:latest", "context_length": 4096}]
        server.always("/api/ps", json_reply({"models": loaded}))

    @staticmethod
    def pieces(texts: Sequence[str], thinking: str = "") -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        if thinking:
            found.append({"message": {"content": "", "thinking": thinking}})
        found.extend({"message": {"role": "assistant", "content": one}} for one in texts)
        return found

    @staticmethod
    def end() -> dict[str, object]:
        return {
            "message": {"content": ""},
            "done": True,
            "done_reason": "stop",
            "load_duration": 2_000_000,
            "prompt_eval_count": 20,
            "prompt_eval_duration": 100_000_000,
            "eval_count": 5,
            "eval_duration": 200_000_000,
        }

    def answer(self, *pieces: str, thinking: str = "", cut: bool = False) -> None:
        end = [] if cut else [self.end()]
        self.server.on(self.chat, ndjson(*self.pieces(pieces, thinking), *end))

    def hang(self, *pieces: str) -> None:
        self.server.on(self.chat, hanging(ndjson(*self.pieces(pieces))))

    def left(self) -> bool:
        return self.server.gone.wait(1.0)

    def no_model(self) -> None:
        self.server.on(self.chat, json_reply({"error": "model 'tiny' not found"}, 404))


class OpenAISpeaker:
    chat = "/v1/chat/completions"

    def __init__(self, server: ScriptedServer, timeouts: Timeouts = QUICK, key: str = "") -> None:
        self.server = server
        settings = BackendSettings(kind="openai", url=server.address, key=SecretStr(key))
        self.backend = OpenAICompatibleBackend("vllm", settings, timeouts)
        server.always("/v1/models", json_reply({"data": [{"id": "tiny", "max_model_len": 4096}]}))

    @staticmethod
    def pieces(texts: Sequence[str], thinking: str = "") -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        if thinking:
            found.append({"choices": [{"delta": {"reasoning_content": thinking}}]})
        found.extend({"choices": [{"delta": {"content": one}}]} for one in texts)
        return found

    @staticmethod
    def end() -> list[dict[str, object]]:
        usage = {"prompt_tokens": 20, "completion_tokens": 5}
        return [{"choices": [{"delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]

    def answer(self, *pieces: str, thinking: str = "", cut: bool = False) -> None:
        end = [] if cut else self.end()
        self.server.on(self.chat, sse(*self.pieces(pieces, thinking), *end, done=not cut))

    def hang(self, *pieces: str) -> None:
        self.server.on(self.chat, hanging(sse(*self.pieces(pieces), done=False)))

    def left(self) -> bool:
        return self.server.gone.wait(1.0)

    def no_model(self) -> None:
        said = {"message": "The model `tiny` does not exist.", "code": "model_not_found"}
        self.server.on(self.chat, json_reply({"error": said}, 404))


class _Process:
    """In the place of the embedded model's process: its server is the scripted one."""

    def __init__(self, running: Running) -> None:
        self.running: Running | None = running

    def ensure(self, cancel: Cancel) -> Running | None:
        return None if cancel.cancelled else self.running

    def end(self, _seconds: float = 0.0) -> str:
        return ""

    def close(self) -> None:
        self.running = None


class EmbeddedSpeaker:
    """The embedded backend, whose process speaks OpenAI's language."""

    def __init__(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._scripts, self._patch = OpenAISpeaker(server), monkeypatch
        running = Running(server.address, "its-own-key", seconds=0.5, pid=0)
        monkeypatch.setattr(embedded, "MODEL", "tiny")
        monkeypatch.setattr(embedded, "EmbeddedProcess", lambda *_: _Process(running))
        self.backend = EmbeddedBackend(Path("weights.gguf"), 4096, QUICK)

    def answer(self, *pieces: str, thinking: str = "", cut: bool = False) -> None:
        self._scripts.answer(*pieces, thinking=thinking, cut=cut)

    def hang(self, *pieces: str) -> None:
        self._scripts.hang(*pieces)

    def left(self) -> bool:
        return self._scripts.left()

    def no_model(self) -> None:
        self._patch.setattr(embedded, "MODEL", "another")


class FakeSpeaker:
    def __init__(self) -> None:
        self.backend = FakeBackend()
        self._gate = Gate()

    def answer(self, *pieces: str, thinking: str = "", cut: bool = False) -> None:
        if cut:
            self.backend.fail(StreamBroken("It broke off."), *pieces)
        else:
            self.backend.say(*pieces, thinking=thinking, end=completed(20, 5))

    def hang(self, *pieces: str) -> None:
        self._gate = self.backend.hold(*pieces)

    def left(self) -> bool:
        return self.backend.running == 0

    def no_model(self) -> None:
        self.backend.fail(ModelMissing("fake does not have the model tiny.", "Pull it."))


def hanging(reply: Reply) -> Reply:
    parts: tuple[Part, ...] = (*reply.parts, HANG)
    return Reply(reply.status, parts, reply.headers)
