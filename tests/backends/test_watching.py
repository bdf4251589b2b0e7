"""A look at the states is quick whatever the servers do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from app.backends import watching
from app.backends.registry import Registry
from app.backends.watching import HealthWatch, ModelWatch
from app.domain import Health, HealthState, Model
from app.errors import BackendDown
from tests.fakes import FakeBackend


class _Held(FakeBackend):
    """Answers only while it is let; counts how often it was asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.let = threading.Event()
        self.let.set()
        self.asked = self.listed = 0
        self.gone = False

    def health(self) -> Health:
        self.asked += 1
        self.let.wait(20)
        return super().health()

    def models(self) -> list[Model]:
        self.listed += 1
        self.let.wait(20)
        if self.gone:
            raise BackendDown("Nobody answers.")
        return super().models()


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


# ----------------------------------------------------------------- models


def names(found: dict[str, tuple[Model, ...]]) -> dict[str, list[str]]:
    return {backend: [one.name for one in models] for backend, models in found.items()}


def test_models_are_asked_for_once_in_a_while(held: list[_Held]) -> None:
    now = [100.0]
    watch = ModelWatch(held, lambda: now[0])
    for _ in range(3):
        assert names(watch.known(["a", "b"])) == {"a": ["tiny"], "b": ["tiny"]}
    assert [one.listed for one in held] == [1, 1]
    now[0] += watching.BELIEVED
    held[0].gone = True
    assert names(watch.known(["a", "b"])) == {"a": [], "b": ["tiny"]}
    assert [one.listed for one in held] == [2, 2]


def test_a_server_that_hangs_over_its_models_holds_up_nobody(held: list[_Held]) -> None:
    held[0].let.clear()
    watch = ModelWatch(held)
    began = time.monotonic()
    for _ in range(3):
        assert names(watch.known(["a", "b"])) == {"a": [], "b": ["tiny"]}
    assert time.monotonic() - began < 2.0
    assert held[0].listed == 1


def test_the_models_of_ready_backends_are_offered_and_a_look_at_one_is_remembered(held: list[_Held]) -> None:
    held[1].state = HealthState.DOWN
    backends = Registry(held)
    assert names(backends.offered()) == {"a": ["tiny"]}
    held[0]._models["fetched"] = Model("a", "fetched")
    assert [one.name for one in backends.models("a")] == ["fetched", "tiny"]
    assert names(backends.offered()) == {"a": ["fetched", "tiny"]}
    assert [one.listed for one in held] == [2, 0]
