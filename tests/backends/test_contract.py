"""What every backend keeps to, the fake included. A new kind: its speaker in speaking.py, its name below."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.backends.base import Backend, Cancel, ModelManager
from app.domain import BackendKind, Completed, HealthState, Phase, PhaseChange, TextDelta
from app.errors import ModelMissing, StreamBroken
from tests.backends.speaking import (
    EmbeddedSpeaker,
    FakeSpeaker,
    OllamaSpeaker,
    OpenAISpeaker,
    Speaker,
    hear,
    request,
)
from tests.scripted_server import ScriptedServer


@pytest.fixture(params=["fake", "ollama", "openai", "embedded"])
def speaker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Speaker]:
    with ScriptedServer() as server:
        made: dict[str, Callable[[], Speaker]] = {
            "fake": FakeSpeaker,
            "ollama": lambda: OllamaSpeaker(server),
            "openai": lambda: OpenAISpeaker(server),
            "embedded": lambda: EmbeddedSpeaker(server, monkeypatch),
        }
        speaks = made[request.param]()
        yield speaks
        speaks.backend.close()


def test_every_kind_is_held_to_it() -> None:
    """A kind that can be connected or comes along is one of the kinds above."""
    assert {one.value for one in BackendKind} == {"ollama", "openai", "embedded"}


def test_an_answer_is_phases_pieces_and_one_end(speaker: Speaker) -> None:
    speaker.answer("It is ", "42 [1].")
    heard = hear(speaker.backend)
    assert heard.error is None
    assert heard.text == "It is 42 [1]."
    assert isinstance(heard.events[-1], Completed)
    assert sum(isinstance(one, Completed) for one in heard.events) == 1
    phases = [one.phase for one in heard.events if isinstance(one, PhaseChange)]
    assert phases == [Phase.READING, Phase.ANSWERING]
    assert heard.events.index(PhaseChange(Phase.ANSWERING)) < heard.events.index(TextDelta("It is "))


def test_the_end_carries_usage_and_timing(speaker: Speaker) -> None:
    speaker.answer("Yes.")
    end = hear(speaker.backend).events[-1]
    assert isinstance(end, Completed)
    assert (end.usage.prompt, end.usage.completion) == (20, 5)
    assert end.finish == "stop"
    assert end.timing.first_token is not None
    assert end.timing.wall is not None
    assert 0 <= end.timing.first_token <= end.timing.wall


def test_thinking_comes_apart(speaker: Speaker) -> None:
    speaker.answer("42.", thinking="Let me see.")
    heard = hear(speaker.backend)
    assert (heard.thinking, heard.text) == ("Let me see.", "42.")


def test_a_stream_without_its_end_mark_is_broken_and_its_text_is_kept(speaker: Speaker) -> None:
    speaker.answer("Half of", cut=True)
    heard = hear(speaker.backend)
    assert isinstance(heard.error, StreamBroken)
    assert heard.text == "Half of"


def test_a_missing_model_is_named_with_a_remedy(speaker: Speaker) -> None:
    speaker.no_model()
    heard = hear(speaker.backend)
    assert isinstance(heard.error, ModelMissing)
    assert "tiny" in heard.error.message
    assert heard.error.remedy


def test_a_stop_ends_quietly_and_the_server_sees_it(speaker: Speaker) -> None:
    speaker.hang("Half of")
    cancel = Cancel()
    heard = []
    began = time.monotonic()
    for event in speaker.backend.stream(request(), cancel):
        heard.append(event)
        if isinstance(event, TextDelta):
            threading.Thread(target=cancel.cancel).start()
    assert time.monotonic() - began < 1.0
    assert TextDelta("Half of") in heard
    assert not any(isinstance(one, Completed) for one in heard)
    assert speaker.left()


def test_a_stop_before_the_start_gives_no_text(speaker: Speaker) -> None:
    speaker.answer("Never seen.")
    cancel = Cancel()
    cancel.cancel()
    heard = hear(speaker.backend, cancel=cancel)
    assert heard.error is None
    assert heard.text == ""
    assert not any(isinstance(one, Completed) for one in heard.events)


def test_closing_the_iterator_closes_the_connection(speaker: Speaker) -> None:
    speaker.hang("Half of")
    stream = speaker.backend.stream(request(), Cancel())
    for event in stream:
        if isinstance(event, TextDelta):
            break
    assert isinstance(stream, Iterator)
    stream.close()  # type: ignore[attr-defined]
    assert speaker.left()


def test_two_answers_at_once_do_not_mix(speaker: Speaker) -> None:
    for word in ("one", "two"):
        speaker.answer(*[f"{word} "] * 20)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(hear(speaker.backend).text)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(found) == ["one " * 20, "two " * 20]


def test_it_says_what_it_is(speaker: Speaker) -> None:
    backend: Backend = speaker.backend
    assert backend.local
    assert backend.host == "127.0.0.1"
    assert backend.context > 0
    assert backend.concurrency > 0
    assert backend.provider == ""
    assert isinstance(backend, ModelManager) == (backend.name in {"fake", "ollama"})


def test_health_never_raises_after_closing(speaker: Speaker) -> None:
    speaker.backend.close()
    assert speaker.backend.health().state in HealthState
    assert speaker.backend.health().words
