"""The stand-ins do what their docstrings say: everybody's tests stand on them."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from app.backends.base import Backend, Cancel, Embedder, ModelManager
from app.domain import Completed, Phase, PhaseChange, Request, TextDelta
from app.errors import BackendDown, ModelMissing
from tests.fakes import FakeBackend, FakeEmbedder, completed

ASKED = Request("tiny", (), 0.0, 1, 10)


def test_scripts_are_played_in_order_then_the_default() -> None:
    backend = FakeBackend()
    as_backend: Backend = backend
    assert isinstance(as_backend, ModelManager)
    backend.say("a", "b", thinking="t", loading=True)
    assert list(backend.stream(ASKED, Cancel())) == [
        PhaseChange(Phase.LOADING),
        PhaseChange(Phase.READING),
        TextDelta("t", thinking=True),
        PhaseChange(Phase.ANSWERING),
        TextDelta("a"),
        TextDelta("b"),
        completed(),
    ]
    assert isinstance(list(backend.stream(ASKED, Cancel()))[-1], Completed)
    assert backend.requests == [ASKED, ASKED]


def test_a_gate_holds_an_answer_until_it_is_opened() -> None:
    backend = FakeBackend()
    gate = backend.hold("a", then="b")
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.extend(backend.stream(ASKED, Cancel())))
    thread.start()
    assert gate.reached.wait(5)
    assert (TextDelta("b") in seen, backend.running) == (False, 1)
    gate.open()
    thread.join(5)
    assert TextDelta("b") in seen
    assert (backend.running, backend.most_running) == (0, 1)


def test_errors_missing_models_and_pulls() -> None:
    backend = FakeBackend()
    backend.fail(BackendDown("x"), "half")
    with pytest.raises(BackendDown):
        list(backend.stream(ASKED, Cancel()))
    with pytest.raises(ModelMissing):
        list(backend.stream(Request("gone", (), 0.0, 1, 10), Cancel()))
    assert [one.done for one in backend.pull("new", Cancel())] == [0, 50, 100]
    assert [one.name for one in backend.models()] == ["new", "tiny"]
    backend.change_digest("tiny", "other")
    assert backend.models()[1].digest == "other"
    backend.delete("new")
    with pytest.raises(ModelMissing):
        backend.delete("new")


def test_the_embedder_puts_like_to_like() -> None:
    embedder = FakeEmbedder()
    as_embedder: Embedder = embedder
    vectors = as_embedder.embed(["the cat sat", "a cat sat", "taxes rise", "", "the cat sat"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    assert np.array_equal(vectors[0], vectors[4])
    assert embedder.count("one two, three") == 4
    assert embedder.unknown_share("one два") == 0.5
    embedder.failures.append(BackendDown("x"))
    with pytest.raises(BackendDown):
        embedder.embed(["a"])
    assert len(embedder.calls) == 2
