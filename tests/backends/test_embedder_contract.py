"""What every embedder keeps to, the fake included. A new kind: what makes one, and its name below."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.backends.base import Embedder
from app.backends.minilm import MiniLM
from app.backends.ollama import OllamaBackend, OllamaOptions
from app.backends.openai_compatible import OpenAICompatibleBackend
from app.settings import BackendSettings, Timeouts
from tests.fakes import FakeEmbedder
from tests.scripted_server import Recorded, Reply, ScriptedServer, json_reply

KINDS = ("fake", "embedded", "ollama", "openai")
TEXTS = ("The mill has seven stones.", "", "用户 rope 1,234.5", "The mill has seven stones.", "word " * 90)
WORDS = FakeEmbedder(dimensions=16)
"""What the servers embed with."""


@pytest.fixture(params=KINDS, scope="module")
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    with ScriptedServer() as server:
        made: dict[str, Callable[[], Embedder]] = {
            "fake": FakeEmbedder,
            "embedded": lambda: MiniLM(request.getfixturevalue("minilm")._files),
            "ollama": lambda: of_ollama(server),
            "openai": lambda: of_openai(server),
        }
        yield made[request.param]()


def of_ollama(server: ScriptedServer) -> Embedder:
    """One that Ollama serves; its vectors are not of length 1."""
    model = {"name": "emb:latest", "model": "emb:latest", "digest": "d1", "details": {}}
    server.always("/api/tags", json_reply({"models": [model]}))
    server.always("/api/version", json_reply({"version": "0.24.0"}))
    server.always("/api/ps", json_reply({"models": []}))
    shown = {"model_info": {"bert.context_length": 512}, "capabilities": ["embedding"]}
    server.always("/api/show", json_reply(shown))
    server.always("/api/embed", lambda asked: json_reply({"embeddings": rows(asked)}))
    options = BackendSettings(kind="ollama", url=server.address)
    return OllamaBackend("ollama", options, OllamaOptions(), Timeouts()).embedder("emb:latest")


def of_openai(server: ScriptedServer) -> Embedder:
    """One behind the common API, which tells the vectors in an order of its own."""
    server.always("/v1/models", json_reply({"data": [{"id": "emb"}]}))

    def reply(asked: Recorded) -> Reply:
        told = [{"index": at, "embedding": one} for at, one in enumerate(rows(asked))]
        return json_reply({"data": told[::-1]})

    server.always("/v1/embeddings", reply)
    options = BackendSettings(kind="openai", url=server.address, embedders=("emb",), context=512)
    return OpenAICompatibleBackend("api", options, Timeouts()).embedder("emb")


def rows(asked: Recorded) -> list[list[float]]:
    """Vectors of what was asked for, three times too long."""
    texts = asked.json()["input"]
    assert isinstance(texts, list)
    return [[3.0 * float(part) for part in row] for row in WORDS.embed(texts)]


def test_it_says_what_it_is(embedder: Embedder) -> None:
    assert embedder.name.count("/") == 1
    assert embedder.digest
    assert embedder.host
    assert embedder.local is True
    assert embedder.max_tokens > 2


def test_a_row_of_length_1_for_each_text_in_their_order(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.allclose(vectors[0], vectors[3], atol=1e-3)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-3)


def test_company_changes_nothing(embedder: Embedder) -> None:
    texts = [f"Sentence {n} " + "is about ships " * (n % 7) for n in range(40)]
    alone = np.concatenate([embedder.embed([one]) for one in texts])
    assert np.abs(embedder.embed(texts) - alone).max() < 1e-3


def test_nothing_gives_nothing(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimensions)
    assert embedder.count("") == 0
    assert embedder.unknown_share("") == 0.0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_longer_text_never_counts_as_shorter(embedder: Embedder, one: str, more: str) -> None:
    """Else a text that is cut until it fits could stop fitting; separate words count one by one."""
    assert embedder.count(f"{one} {more}") >= embedder.count(one.strip()) - 2
    assert embedder.count(one) >= 0
    assert 0.0 <= embedder.unknown_share(one) <= 1.0


def test_what_counts_as_fitting_is_embedded(embedder: Embedder) -> None:
    text = "mill " * 600
    while embedder.count(text) > embedder.max_tokens - 2:
        text = text[: int(len(text) * 0.9)]
    assert embedder.embed([text]).shape == (1, embedder.dimensions)


def test_many_threads_at_once(embedder: Embedder) -> None:
    expected = embedder.embed(TEXTS[:1])
    found: list[Sequence[float]] = []
    threads = [
        threading.Thread(target=lambda: found.append(embedder.embed(TEXTS[:1])[0].tolist())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.allclose(one, expected[0], atol=1e-4) for one in found)
