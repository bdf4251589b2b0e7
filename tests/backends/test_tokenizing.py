"""Counting at servers that tell; a wrong count of 0 must never come of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.backends.openai_compatible import OpenAICompatibleBackend
from app.domain import Message
from app.settings import BackendSettings
from tests.backends.speaking import QUICK
from tests.scripted_server import CUT, Recorded, Reply, ScriptedServer, json_reply

MESSAGES = (Message("user", "Hi there"),)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def connected(server: ScriptedServer, provider: str = "") -> OpenAICompatibleBackend:
    settings = BackendSettings(kind="openai", url=server.address, provider=provider)
    return OpenAICompatibleBackend("x", settings, QUICK)


def llama_tokenize(request: Recorded) -> Reply:
    content = request.json().get("content", "")
    assert isinstance(content, str)
    return json_reply({"tokens": list(range(len(content.split())))})


def test_llama_cpp_counts_the_rendered_prompt(server: ScriptedServer) -> None:
    server.always("/apply-template", json_reply({"prompt": "<|user|> Hi there <|assistant|>"}))
    server.always("/tokenize", llama_tokenize)
    backend = connected(server)
    assert backend.count_tokens("tiny", MESSAGES) == 4
    assert backend.count_tokens("tiny", MESSAGES) == 4
    sent = server.sent_to("/tokenize")[0].json()
    assert (sent["add_special"], sent["parse_special"]) == (True, True)


def test_vllm_counts_the_messages(server: ScriptedServer) -> None:
    server.always("/tokenize", json_reply({"count": 12, "max_model_len": 4096, "tokens": [1] * 12}))
    backend = connected(server)
    assert backend.count_tokens("tiny", MESSAGES) == 12
    assert backend.count_tokens("tiny", MESSAGES) == 12
    assert len(server.sent_to("/apply-template")) == 1
    assert server.sent_to("/tokenize")[0].json()["messages"] == [{"role": "user", "content": "Hi there"}]


def test_a_server_without_a_tokenizer_is_asked_once(server: ScriptedServer) -> None:
    backend = connected(server)
    assert backend.count_tokens("tiny", MESSAGES) is None
    asked = len(server.requests)
    assert backend.count_tokens("tiny", MESSAGES) is None
    assert len(server.requests) == asked == 2


def test_a_proprietary_api_is_not_asked_at_all(server: ScriptedServer) -> None:
    assert connected(server, provider="openai").count_tokens("tiny", MESSAGES) is None
    assert server.requests == []


@pytest.mark.parametrize("reply", [{"tokens": []}, {"count": 0}, {"count": "12"}, {"tokens": 3}, {}])
def test_an_odd_reply_is_no_count(server: ScriptedServer, reply: object) -> None:
    server.always("/apply-template", json_reply({"prompt": "x"}))
    server.always("/tokenize", json_reply(reply))
    assert connected(server).count_tokens("tiny", MESSAGES) is None


def test_a_lost_connection_settles_nothing(server: ScriptedServer) -> None:
    server.on("/apply-template", Reply(before=(CUT,)))
    backend = connected(server)
    assert backend.count_tokens("tiny", MESSAGES) is None
    server.always("/apply-template", json_reply({"prompt": "a b"}))
    server.always("/tokenize", llama_tokenize)
    assert backend.count_tokens("tiny", MESSAGES) == 2
