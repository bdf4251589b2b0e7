"""Listing, pulling and deleting at a scripted Ollama."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from app.backends.base import Cancel
from app.backends.ollama import OllamaBackend, OllamaOptions
from app.backends.ollama_models import active_parameters, full_name, read_facts
from app.domain import Model, PullProgress
from app.errors import (
    BackendBusy,
    BackendDown,
    BackendError,
    BackendRefused,
    ModelMissing,
    StreamBroken,
)
from app.settings import BackendSettings
from tests.backends.speaking import QUICK, OllamaSpeaker, hanging
from tests.scripted_server import CUT, Recorded, Reply, ScriptedServer, free_address, json_reply, ndjson

MOE = {"general.architecture": "moe", "moe.expert_count": 8, "moe.expert_used_count": 2}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def ollama(server: ScriptedServer) -> OllamaBackend:
    return OllamaSpeaker(server).backend


def listed(name: str, digest: str = "d1", **more: object) -> dict[str, object]:
    return {"model": name, "name": name, "digest": digest, **more}


def test_a_model_with_all_that_is_told(server: ScriptedServer, ollama: OllamaBackend) -> None:
    details = {"quantization_level": "Q4_K_M"}
    server.always("/api/tags", json_reply({"models": [listed("tiny:latest", size=99, details=details)]}))
    info = {
        "general.architecture": "llama",
        "general.parameter_count": 1_235_814_432,
        "llama.context_length": 131_072,
    }
    server.on("/api/show", json_reply({"model_info": info, "capabilities": ["completion"]}))
    assert ollama.models() == [
        Model(
            "ollama",
            "tiny:latest",
            digest="d1",
            size=99,
            quantisation="Q4_K_M",
            parameters=1_235_814_432,
            active_parameters=1_235_814_432,
            context=131_072,
            loaded=True,
        )
    ]


def test_each_version_is_asked_about_once(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on("/api/tags", *[json_reply({"models": [listed("a", "d1")]})] * 2)
    server.on("/api/tags", json_reply({"models": [listed("a", "d2")]}))
    server.always("/api/show", json_reply({"model_info": {}}))
    for _ in range(3):
        ollama.models()
    assert len(server.sent_to("/api/show")) == 2


def test_embedders_are_those_that_say_so(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.always("/api/tags", json_reply({"models": [listed("a", "d1"), listed("b", "d2")]}))

    def show(request: Recorded) -> Reply:
        embeds = request.json()["model"] == "b"
        return json_reply({"model_info": {}, "capabilities": ["embedding"] if embeds else ["completion"]})

    server.always("/api/show", show)
    assert ollama.embedders() == ["b"]
    assert [one.loaded for one in ollama.models()] == [False, False]


def test_models_that_run_elsewhere_are_left_out(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.always("/api/tags", json_reply({"models": [listed("a", "d1"), listed("big:cloud", "d2")]}))

    def show(request: Recorded) -> Reply:
        remote = {"remote_host": "https://ollama.com:443"} if request.json()["model"] == "big:cloud" else {}
        return json_reply({"model_info": {}, **remote})

    server.always("/api/show", show)
    assert [one.name for one in ollama.models()] == ["a"]


def test_a_model_that_the_server_cannot_show_is_listed_all_the_same(
    server: ScriptedServer, ollama: OllamaBackend
) -> None:
    server.always("/api/tags", json_reply({"models": [listed("a"), listed("b", "d2")]}))
    server.on("/api/show", json_reply({"error": "damaged"}, 500), json_reply({"model_info": {}}))
    server.on("/api/ps", json_reply({"error": "x"}, 500))
    first, second = ollama.models()
    assert "damaged" in first.note
    assert second.note == ""
    assert first.loaded is None


def test_active_parameters_of_a_mixture_are_counted_from_its_tensors(
    server: ScriptedServer, ollama: OllamaBackend
) -> None:
    server.always("/api/tags", json_reply({"models": [listed("mix")]}))
    tensors = [
        {"name": "token_embd.weight", "shape": [10, 100]},
        {"name": "blk.0.ffn_up_exps.weight", "shape": [10, 10, 8]},
        {"name": "blk.0.ffn_gate_inp.weight", "shape": [10, 8]},
    ]

    def show(request: Recorded) -> Reply:
        info = {**MOE, "general.parameter_count": 1880}
        verbose = request.json().get("verbose") is True
        return json_reply({"model_info": info, **({"tensors": tensors} if verbose else {})})

    server.always("/api/show", show)
    (model,) = ollama.models()
    assert (model.parameters, model.active_parameters) == (1880, 1000 + 200 + 80)
    assert model.note == "mixture of experts: 2 of 8 used per token"


@pytest.mark.parametrize("tensors", [None, [], [{"name": "a.weight", "shape": [2]}], "x", [1]])
def test_active_parameters_that_cannot_be_counted_stay_unknown(tensors: object) -> None:
    assert active_parameters({"model_info": MOE, "tensors": tensors}) is None
    assert read_facts({"model_info": MOE}).active_parameters is None


@pytest.mark.parametrize("data", [{}, {"model_info": None}, {"model_info": {"general.architecture": 3}}])
def test_facts_of_nothing_are_unknown(data: dict[str, object]) -> None:
    facts = read_facts(data)
    assert (facts.parameters, facts.context, facts.embeds) == (None, None, False)


def test_older_servers_tell_embedders_by_their_pooling() -> None:
    info = {"general.architecture": "bert", "bert.pooling_type": 1}
    assert read_facts({"model_info": info}).embeds


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (json_reply({"models": 3}), StreamBroken),
        (json_reply([1]), StreamBroken),
        (json_reply({}), StreamBroken),
        (Reply(parts=(b"<html>",)), StreamBroken),
        (json_reply([1], 500), StreamBroken),
        (json_reply({"error": "x"}, 500), BackendError),
        (json_reply({"error": "x"}, 503), BackendBusy),
        (json_reply({"error": "x"}, 403), BackendRefused),
        (json_reply({}, 302, {"location": "/api/elsewhere"}), BackendRefused),
        (Reply(before=(CUT,)), BackendDown),
    ],
)
def test_a_list_that_fails(
    server: ScriptedServer, ollama: OllamaBackend, reply: Reply, kind: type[BackendError]
) -> None:
    server.always("/api/elsewhere", json_reply({"models": []}))
    server.on("/api/tags", reply)
    with pytest.raises(kind):
        ollama.models()
    assert server.sent_to("/api/elsewhere") == []


def test_nobody_there() -> None:
    settings = BackendSettings(kind="ollama", url=free_address())
    made = OllamaBackend("ollama", settings, OllamaOptions(), QUICK)
    with pytest.raises(BackendDown):
        made.models()
    with pytest.raises(BackendDown):
        made.delete("a")
    with pytest.raises(BackendDown):
        list(made.pull("a", Cancel()))


# ------------------------------------------------------------------------------- pull and delete


def test_a_pull_counts_the_bytes_of_all_layers(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on(
        "/api/pull",
        ndjson(
            {"status": "pulling manifest"},
            {"status": "pulling a", "digest": "a", "total": 100},
            {"status": "pulling a", "digest": "a", "total": 100, "completed": 60},
            {"status": "pulling a", "digest": "a", "total": 100, "completed": 100},
            {"status": "pulling b", "digest": "b", "total": 10, "completed": 4},
            {"status": "success"},
        ),
    )
    assert list(ollama.pull("tiny", Cancel())) == [
        PullProgress("pulling manifest", 0, 0),
        PullProgress("pulling a", 0, 100),
        PullProgress("pulling a", 60, 100),
        PullProgress("pulling a", 100, 100),
        PullProgress("pulling b", 104, 110),
        PullProgress("success", 104, 110),
    ]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            ndjson({"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}),
            ModelMissing,
            "has no model tiny",
        ),
        (json_reply({"error": "invalid model name"}, 400), ModelMissing, "has no model tiny"),
        (
            ndjson({"error": 'pull model manifest: Get "https://x": dial tcp: lookup x: no such host'}),
            BackendError,
            "could not fetch tiny: .*no such host",
        ),
        (ndjson({"error": "write: no space left on device"}), BackendError, "no space left"),
        (ndjson({"status": "pulling a"}), BackendError, "ended before the end"),
        (
            Reply(parts=(b'{"status": "pulling a"}\n', CUT)),
            BackendError,
            "could not fetch tiny: the connection was lost",
        ),
        (Reply(parts=(b"garbage\n",)), StreamBroken, "cannot be understood"),
        (Reply(parts=(b"[1]\n",)), StreamBroken, "cannot be understood"),
        (json_reply({}, 302, {"location": "http://127.0.0.1:1/"}), BackendRefused, "does not follow"),
        (json_reply({"error": "server busy"}, 503), BackendBusy, "busy"),
    ],
)
def test_a_pull_that_fails(
    server: ScriptedServer, ollama: OllamaBackend, reply: Reply, kind: type[BackendError], words: str
) -> None:
    server.on("/api/pull", reply)
    with pytest.raises(kind, match=words) as caught:
        list(ollama.pull("tiny", Cancel()))
    assert type(caught.value) is kind


def test_a_pull_is_cancelled_at_once(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on("/api/pull", hanging(ndjson({"status": "pulling a", "digest": "a", "total": 9})))
    cancel = Cancel()
    began = time.monotonic()
    seen = []
    for progress in ollama.pull("tiny", cancel):
        seen.append(progress)
        threading.Thread(target=cancel.cancel).start()
    assert len(seen) == 1
    assert server.gone.wait(1.0)
    assert time.monotonic() - began < 1.5


def test_a_cancelled_pull_goes_on_when_started_again(server: ScriptedServer, ollama: OllamaBackend) -> None:
    halfway = {"status": "pulling a", "digest": "a", "total": 9, "completed": 5}
    server.on("/api/pull", hanging(ndjson(halfway)))
    cancel = Cancel()
    for _ in ollama.pull("tiny", cancel):
        cancel.cancel()
    server.on("/api/pull", ndjson(halfway, {"status": "success"}))
    assert [one.done for one in ollama.pull("tiny", Cancel())] == [5, 5]


def test_delete(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on("/api/delete", json_reply({}), json_reply({"error": "model 'tiny' not found"}, 404))
    ollama.delete("tiny")
    (sent,) = server.sent_to("/api/delete")
    assert (sent.method, sent.json()) == ("DELETE", {"model": "tiny"})
    with pytest.raises(ModelMissing):
        ollama.delete("tiny")


def test_full_name() -> None:
    assert full_name("a") == "a:latest"
    assert full_name("a:1b") == "a:1b"
    assert full_name("host:8000/a") == "host:8000/a:latest"
