"""A look at the states is quick whatever the servers do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from app.backends import watching
from app.backends.watching import HealthWatch
from app.domain import Health, HealthState
from tests.fakes import FakeBackend


class _Held(FakeBackend):
    """Answers only while it is let; counts how often it was asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.let = threading.Event()
        self.let.set()
        self.asked = 0

    def health(self) -> Health:
        self.asked += 1
        self.let.wait(20)
        return super().health()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[_Held]]:
    monkeypatch.setattr(watching, "FIRST_WAIT", 0.3)
    monkeypatch.setattr(watching, "LATER_WAIT", 0.2)
    made = [_Held("a"), _Held("b")]
    yield made
    for one in made:
        one.let.set()


def test_a_state_is_believed_for_a_while(held: list[_Held]) -> None:
    now = [100.0]
    watch = HealthWatch(held, lambda: now[0])
    for _ in range(3):
        assert [one.state for one in watch.states()] == [HealthState.READY] * 2
    assert [one.asked for one in held] == [1, 1]
    held[0].state = HealthState.DOWN
    now[0] += watching.BELIEVED
    assert [one.state for one in watch.states()] == [HealthState.DOWN, HealthState.READY]
    assert [one.asked for one in held] == [2, 2]


def test_one_that_was_mended_is_asked_at_once(held: list[_Held]) -> None:
    held[0].state = HealthState.DOWN
    watch = HealthWatch(held)
    assert watch.states()[0].state is HealthState.DOWN
    held[0].state = HealthState.READY
    watch.look_again("a")
    watch.look_again("no such backend")
    assert watch.states()[0].state is HealthState.READY
    assert [one.asked for one in held] == [2, 1]


def test_one_that_hangs_holds_up_nobody_and_is_asked_once(held: list[_Held]) -> None:
    held[0].let.clear()
    watch = HealthWatch(held)
    began = time.monotonic()
    for _ in range(3):
        first, second = watch.states()
        assert (first.state, second.state) == (HealthState.DOWN, HealthState.READY)
        assert "no answer" in first.words
    assert time.monotonic() - began < 2.0
    assert held[0].asked == 1
    held[0].let.set()
    assert watch.states()[0].state is HealthState.READY


def test_the_last_state_stands_while_it_is_asked_anew(held: list[_Held]) -> None:
    now = [100.0]
    watch = HealthWatch(held, lambda: now[0])
    watch.states()
    now[0] += watching.BELIEVED
    held[1].let.clear()
    held[1].state = HealthState.DOWN
    assert watch.states()[1].state is HealthState.READY
    held[1].let.set()
    assert watch.states()[1].state is HealthState.DOWN
