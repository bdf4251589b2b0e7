"""A model server that goes away and comes back."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tabs, Workspace
from tests.scripted_server import ScriptedServer, json_reply, ndjson

pytestmark = pytest.mark.e2e


class AtPort(ScriptedServer):
    """The scripted server at a given port, so that it can come back."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._listener.close()
        self._listener = socket.create_server(("127.0.0.1", port))


@contextmanager
def ollama(port: int) -> Iterator[ScriptedServer]:
    """An Ollama with one model."""
    model = {"name": "tiny:latest", "model": "tiny:latest", "digest": "d" * 64, "size": 1000}
    end = {
        "message": {"content": ""},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 9,
        "eval_count": 4,
    }
    with AtPort(port) as server:
        server.always("/api/version", json_reply({"version": "0.24.0"}))
        server.always("/api/tags", json_reply({"models": [model]}))
        server.always("/api/ps", json_reply({"models": [{**model, "context_length": 4096}]}))
        server.always("/api/show", json_reply({"capabilities": ["completion"], "model_info": {}}))
        server.always("/api/chat", ndjson({"message": {"content": "It is blue [1]."}}, end))
        yield server


def test_a_backend_goes_away_and_comes_back(tabs: Tabs, workspace: Workspace) -> None:
    with ollama(workspace.ollama_port):
        screen = tabs.open("/models")
        screen.page.locator(".st-key-retry-ollama").get_by_role("button").click()
        expect(screen.page.get_by_text("ready, 1 model")).to_be_visible()
        screen.go_to("Ask")
        screen.choose_model(0, "tiny")
        screen.choose_model(1, "scripted-1")
        screen.ask("Which colour has the winch?")
        screen.answered(2)
        expect(screen.lanes().nth(0)).to_contain_text("It is blue [1].")
    screen.ask("Which colour has it now?")
    screen.answered(2)
    expect(screen.lanes().nth(0)).to_contain_text("failed")
    expect(screen.lanes().nth(0)).to_contain_text("ollama serve")
    expect(screen.lanes().nth(1)).not_to_contain_text("failed")
    with ollama(workspace.ollama_port) as server:
        screen.page.get_by_role("button", name="Ask again").first.click()
        screen.answered(3)
        expect(screen.lanes().nth(2)).to_contain_text("It is blue [1].")
        assert json.loads(server.sent_to("/api/chat")[-1].body)["model"].startswith("tiny")
