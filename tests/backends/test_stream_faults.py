"""A fault at every step of a stream: the text before it is kept, and no half answer passes for a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from app.domain import Completed
from app.errors import BackendDown, BackendError, BackendTimeout, StreamBroken
from app.settings import Timeouts
from tests.backends.speaking import QUICK, OllamaSpeaker, OpenAISpeaker, hear
from tests.scripted_server import CUT, HANG, Part, Reply, ScriptedServer

SHORT = Timeouts(connect=10, first_token=0.1, between_tokens=0.1)
PIECES = ("It is ", "4€2 ", "[1].")
WHOLE = "".join(PIECES)
FAULTS: dict[str, Part] = {"reset": CUT, "closed": b"", "silence": HANG, "garbage": b"\x00\xff{]\n\n"}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def raw_ollama() -> bytes:
    events = [*OllamaSpeaker.pieces(PIECES, "Hm."), OllamaSpeaker.end()]
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in events)


def raw_openai() -> bytes:
    events = [*OpenAISpeaker.pieces(PIECES, "Hm."), *OpenAISpeaker.end()]
    lines = (b"data: " + json.dumps(one, ensure_ascii=False).encode() + b"\n\n" for one in events)
    return b"".join(lines) + b"data: [DONE]\n\n"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["ollama", "openai"])
def test_a_fault_after_every_byte(
    server: ScriptedServer, kind: str, fault: str, soak: bool, trials: Callable[[str, int], None]
) -> None:
    speaks = OllamaSpeaker if kind == "ollama" else OpenAISpeaker
    speaker = speaks(server, SHORT if fault == "silence" else QUICK)
    raw = raw_ollama() if kind == "ollama" else raw_openai()
    step = 1 if soak else (97 if fault == "silence" else 41)
    places = range(0, len(raw), step)
    for place in places:
        server.on(speaker.chat, Reply(parts=(raw[:place], FAULTS[fault])))
        heard = hear(speaker.backend)
        assert WHOLE.startswith(heard.text), (place, heard.text)
        if heard.error is None:
            # Only the figures after the end mark were lost.
            assert heard.text == WHOLE, place
            assert isinstance(heard.events[-1], Completed)
        else:
            assert isinstance(heard.error, StreamBroken | BackendTimeout | BackendDown), place
            assert not any(isinstance(one, Completed) for one in heard.events)
    server.on(speaker.chat, Reply(parts=(raw,)))
    clean = hear(speaks(server).backend)
    assert (clean.error, clean.text, clean.thinking) == (None, WHOLE, "Hm.")
    trials(f"streams of {kind} with: {fault}", len(places))


@pytest.mark.parametrize("kind", ["ollama", "openai"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64])
def test_the_size_of_the_pieces_changes_nothing(server: ScriptedServer, kind: str, size: int) -> None:
    speaker = (OllamaSpeaker if kind == "ollama" else OpenAISpeaker)(server)
    raw = raw_ollama() if kind == "ollama" else raw_openai()
    parts = tuple(raw[at : at + size] for at in range(0, len(raw), size))
    server.on(speaker.chat, Reply(parts=parts))
    heard = hear(speaker.backend)
    assert (heard.error, heard.text, heard.thinking) == (None, WHOLE, "Hm.")


def test_the_error_is_one_for_a_person(server: ScriptedServer) -> None:
    speaker = OllamaSpeaker(server)
    server.on(speaker.chat, Reply(parts=(raw_ollama()[:80], CUT)))
    error = hear(speaker.backend).error
    assert isinstance(error, BackendError)
    assert error.message.startswith("Ollama broke off in the middle.")
    assert error.remedy
