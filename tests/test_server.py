"""When `serve` opens a browser, what it calls its address, and what it does not hear."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from app.server import Message, Receive, Send, address_of, deaf_to_clear_cache, has_browser
from app.settings import load

SCREEN = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("terminal", "environment", "platform", "wanted"),
    [
        (True, SCREEN, "linux", True),
        (True, {"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        (True, {}, "win32", True),
        (True, {}, "darwin", True),
        (True, {}, "linux", False),
        (False, SCREEN, "linux", False),
        (False, {}, "darwin", False),
        (True, {**SCREEN, "CI": "true"}, "linux", False),
        (True, {**SCREEN, "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "linux", False),
        (True, {"SSH_TTY": "/dev/pts/1"}, "darwin", False),
    ],
)
def test_a_browser_is_opened_only_before_a_person(
    terminal: bool, environment: dict[str, str], platform: str, wanted: bool
) -> None:
    assert has_browser(terminal=terminal, environment=environment, platform=platform) is wanted


def test_the_address_is_one_that_a_browser_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_of(load()) == "http://127.0.0.1:8501"
    monkeypatch.setenv("ASSAY_ADDRESS", "::1")
    assert address_of(load()) == "http://[::1]:8501"


async def never(_message: Message) -> None:
    raise AssertionError("nothing is said")


def heard(kind: str, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """What an application hears of these messages."""
    left, told = list(messages), []

    async def application(_scope: Message, receive: Receive, _send: Send) -> None:
        while left:
            told.append(dict(await receive()))

    async def receive() -> Message:
        return left.pop(0)

    asyncio.run(deaf_to_clear_cache(application)({"type": kind}, receive, never))
    return told


def test_clear_cache_is_not_heard_and_all_else_is() -> None:
    clear, rerun = BackMsg(clear_cache=True), BackMsg()
    rerun.rerun_script.query_string = "collection=c"
    others: list[dict[str, Any]] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "bytes": rerun.SerializeToString()},
        {"type": "websocket.receive", "bytes": b"no message", "text": None},
        {"type": "websocket.receive", "text": "words", "bytes": None},
        {"type": "websocket.receive", "bytes": b""},
        {"type": "websocket.disconnect", "code": 1000},
    ]
    cleared = {"type": "websocket.receive", "bytes": clear.SerializeToString()}
    mixed = [one for other in others for one in (cleared, cleared, other)]
    assert heard("websocket", *mixed) == others
    assert heard("http", cleared) == [cleared], "what is uploaded is none of its business"
