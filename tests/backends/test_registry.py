"""Everything that the settings name, by its name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.backends import registry as registry_module
from app.backends.minilm import NAME as MINILM
from app.backends.minilm import find_files
from app.backends.registry import EmbeddingServer, Registry
from app.domain import BackendKind
from app.errors import BackendDown, ModelMissing, NotFound
from app.settings import Settings
from tests.fakes import FakeBackend
from tests.parts import require
from tests.scripted_server import ScriptedServer, free_address, json_reply


def settings(**values: object) -> Settings:
    return Settings.model_validate({"ollama_url": free_address(), **values})


def test_what_is_there_by_default() -> None:
    registry = Registry.build(settings())
    assert [one.name for one in registry.backends()] == ["embedded", "ollama"]
    embedded, ollama = registry.backends()
    assert (embedded.kind, embedded.context, embedded.concurrency) == (BackendKind.EMBEDDED, 4096, 2)
    assert (ollama.kind, ollama.context, ollama.concurrency) == (BackendKind.OLLAMA, 4096, 1)
    registry.close()


def test_the_operators_servers_come_after_with_their_own_options() -> None:
    both = {
        "gpu": {"kind": "ollama", "url": "http://10.0.0.5:11434", "context": 16384, "concurrency": 4},
        "api": {"kind": "openai", "url": "https://api.example.com/v1", "provider": "openai", "key": "sk-1"},
    }
    registry = Registry.build(settings(backends=both, embedded=False))
    assert [one.name for one in registry.backends()] == ["ollama", "gpu", "api"]
    gpu, api = registry.get("gpu"), registry.get("api")
    assert (gpu.context, gpu.concurrency, gpu.local, gpu.host) == (16384, 4, False, "10.0.0.5")
    assert (api.provider, api.local, api.host) == ("openai", False, "api.example.com")
    registry.close()


def test_unknown_names_are_said_with_the_known_ones() -> None:
    registry = Registry.build(settings())
    with pytest.raises(NotFound, match="embedded, ollama"):
        registry.get("nope")
    for name in ("nope/x", "nope", "embedded/other", "ollama/", ""):
        with pytest.raises(NotFound):
            registry.embedder(name)


def test_the_embedded_embedder_is_made_once() -> None:
    if find_files() is None:
        require("models", "the weights of requirements-models.txt are not installed")
    registry = Registry.build(settings())
    assert MINILM in registry.embedders()
    assert registry.embedder(MINILM) is registry.embedder(MINILM)


def test_missing_weights_of_the_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "find_files", lambda: None)
    registry = Registry.build(settings())
    assert registry.embedders() == []
    with pytest.raises(ModelMissing, match="not installed"):
        registry.embedder(MINILM)


def test_embedders_of_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server:
        tags = {"models": [{"model": "emb:latest", "digest": "d1"}]}
        server.always("/api/tags", json_reply(tags))
        show = {"model_info": {"general.architecture": "bert", "bert.context_length": 512}}
        server.always("/api/show", json_reply({**show, "capabilities": ["embedding"]}))
        server.always("/api/ps", json_reply({"models": []}))
        server.always("/api/embed", json_reply({"embeddings": [[3.0, 4.0]]}))
        server.always("/v1/models", json_reply({"data": []}))
        api = {"kind": "openai", "url": server.address, "embedders": ["text-emb"]}
        made = settings(ollama_url=server.address, embedded=False, backends={"api": api})
        registry = Registry.build(made)
        assert registry.embedders() == ["ollama/emb:latest", "api/text-emb"]
        assert registry.embedder_hosts() == {"ollama/emb:latest": "", "api/text-emb": ""}
        assert server.sent_to("/api/embed") == []
        embedder = registry.embedder("ollama/emb:latest")
        assert (embedder.digest, embedder.dimensions, embedder.max_tokens) == ("d1", 2, 103)
        sent = server.sent_to("/api/embed")[0].json()
        assert sent["truncate"] is False
        assert sent["options"] == {"num_ctx": 512}
        assert registry.embedder("ollama/emb:latest") is embedder
        assert len(server.sent_to("/api/embed")) == 1

        # Somebody pulls newer weights under the same tag: another digest, at the next look.
        server.always("/api/tags", json_reply({"models": [{"model": "emb:latest", "digest": "d2"}]}))
        assert registry.embedder("ollama/emb:latest").digest == "d2"
        with pytest.raises(ModelMissing):
            registry.embedder("ollama/gone")
        assert isinstance(registry.get("ollama"), EmbeddingServer)
        registry.close()


def test_a_server_that_is_down_has_no_embedders() -> None:
    registry = Registry.build(settings(embedded=False))
    assert registry.embedders() == []
    with pytest.raises(BackendDown):
        registry.embedder("ollama/emb")


def test_where_texts_go_is_known_without_asking() -> None:
    api = {"kind": "openai", "url": "https://api.example.com/v1", "embedders": ["text-emb"]}
    registry = Registry.build(settings(embedded=False, backends={"api": api}))
    assert registry.embedder_hosts() == {"api/text-emb": "api.example.com"}


def test_health_is_that_of_each_and_closing_closes_all() -> None:
    backends = [FakeBackend("a"), FakeBackend("b")]
    registry = Registry(backends)
    assert [one.backend for one in registry.health()] == ["a", "b"]
    registry.close()
    assert all(one.closed for one in backends)
    assert Registry([]).health() == []


def test_building_loads_no_slow_library() -> None:
    code = (
        "import sys; from app.settings import Settings; from app.backends.registry import Registry;"
        "Registry.build(Settings());"
        "slow = {'xllamacpp', 'onnxruntime', 'ollama', 'httpx', 'tokenizers', 'chromadb', 'llama_index'};"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
