"""Asked again only where nothing was seen yet, and every attempt is counted."""

from __future__ import annotations

import threading
import time

import pytest

from app.backends import retrying
from app.backends.base import Cancel
from app.backends.dialect import ParameterRefused
from app.backends.retrying import stream_with_retries
from app.domain import Completed, Phase, PhaseChange, StreamEvent, TextDelta
from app.errors import (
    BackendBusy,
    BackendDown,
    BackendError,
    BackendTimeout,
    ModelMissing,
    PromptTooLong,
    StreamBroken,
)
from tests.backends.speaking import request
from tests.fakes import FakeBackend


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.0)
    return FakeBackend()


def run(backend: FakeBackend, attempts: int = 3) -> tuple[list[StreamEvent], list[int], BackendError | None]:
    counted: list[int] = []
    events: list[StreamEvent] = []
    try:
        events.extend(stream_with_retries(backend, request(), Cancel(), attempts, counted.append))
    except BackendError as error:
        return events, counted, error
    return events, counted, None


def test_the_first_try_is_counted_too(backend: FakeBackend) -> None:
    events, counted, error = run(backend)
    assert (counted, error) == ([1], None)
    assert isinstance(events[-1], Completed)


@pytest.mark.parametrize("passing", [BackendDown, BackendBusy, ParameterRefused])
def test_what_may_pass_is_tried_again(backend: FakeBackend, passing: type[BackendError]) -> None:
    backend.fail(passing("x"))
    backend.fail(passing("x"))
    backend.say("Hi")
    events, counted, error = run(backend)
    assert (counted, error) == ([1, 2, 3], None)
    assert events.count(PhaseChange(Phase.QUEUED)) == 2
    assert TextDelta("Hi") in events


def test_the_last_error_is_raised_when_the_tries_are_used_up(backend: FakeBackend) -> None:
    for words in ("first", "second", "third", "fourth"):
        backend.fail(BackendDown(words))
    _, counted, error = run(backend)
    assert counted == [1, 2, 3]
    assert error is not None
    assert error.message == "third"
    assert len(backend.requests) == 3


@pytest.mark.parametrize("lasting", [ModelMissing, PromptTooLong, BackendTimeout, StreamBroken, BackendError])
def test_what_will_not_pass_is_not_tried_again(backend: FakeBackend, lasting: type[BackendError]) -> None:
    backend.fail(lasting("x"))
    _, counted, error = run(backend)
    assert counted == [1]
    assert type(error) is lasting


@pytest.mark.parametrize("thinking", [False, True])
def test_nothing_is_tried_again_once_text_was_seen(backend: FakeBackend, thinking: bool) -> None:
    backend.script(TextDelta("Half", thinking=thinking), BackendBusy("x"))
    events, counted, error = run(backend)
    assert counted == [1]
    assert isinstance(error, BackendBusy)
    assert TextDelta("Half", thinking=thinking) in events


def test_a_stop_ends_the_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 30.0)
    monkeypatch.setattr(retrying, "LONGEST_WAIT", 30.0)
    backend = FakeBackend()
    backend.fail(BackendBusy("x"))
    cancel = Cancel()
    threading.Timer(0.05, cancel.cancel).start()
    began = time.monotonic()
    events = list(stream_with_retries(backend, request(), cancel))
    assert time.monotonic() - began < 1.0
    assert events == [PhaseChange(Phase.QUEUED)]
    assert len(backend.requests) == 1


def test_waits_are_bounded_and_drawn() -> None:
    waits = [retrying._wait(BackendDown("x"), attempt) for attempt in range(1, 12) for _ in range(50)]
    assert all(wait is not None and 0.25 <= wait <= 8.0 for wait in waits)
    assert len(set(waits)) > 100


def test_a_wait_that_the_server_asks_for_is_kept_up_to_a_bound() -> None:
    busy = BackendBusy("x")
    busy.wait = 12.0
    assert retrying._wait(busy, 1) == 12.0
    busy.wait = 3600.0
    assert retrying._wait(busy, 1) is None


def test_a_server_that_asks_for_an_hour_is_not_waited_for(backend: FakeBackend) -> None:
    busy = BackendBusy("x")
    busy.wait = 3600.0
    backend.fail(busy)
    _, counted, error = run(backend)
    assert (counted, error) == ([1], busy)
