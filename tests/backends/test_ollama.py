"""Ollama's native API by a scripted server; the real one: tests/integration/test_ollama.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from app.backends.base import Cancel, ModelManager
from app.backends.ollama import GET_OLLAMA, OllamaBackend, OllamaOptions
from app.domain import Completed, HealthState, Phase, PhaseChange, Usage
from app.errors import (
    BackendBusy,
    BackendDown,
    BackendError,
    BackendRefused,
    BackendTimeout,
    ModelMissing,
    ModelOutOfMemory,
    PromptTooLong,
    StreamBroken,
)
from app.settings import DEFAULT_OLLAMA, BackendSettings
from tests.backends.speaking import CANARY, QUICK, SCHEMA, SHORT, OllamaSpeaker, hanging, hear, request
from tests.scripted_server import CUT, HANG, Reply, ScriptedServer, free_address, json_reply, ndjson

END = OllamaSpeaker.end()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def ollama(server: ScriptedServer) -> Iterator[OllamaBackend]:
    made = OllamaSpeaker(server)
    yield made.backend
    made.backend.close()


def ended(ollama: OllamaBackend) -> Completed:
    event = hear(ollama).events[-1]
    assert isinstance(event, Completed)
    return event


# ------------------------------------------------------------------------------- what is sent


def test_what_is_sent_forbids_every_silent_cut(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on("/api/chat", ndjson(END))
    hear(ollama, request(text="Why?", max_tokens=33))
    (sent,) = server.sent_to("/api/chat")
    assert sent.json() == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Answer from the documents."},
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
        "truncate": False,
        "shift": False,
        "options": {
            "num_ctx": 4096,
            "num_predict": 33,
            "temperature": 0.0,
            "seed": 7,
            "repeat_penalty": 1.0,
        },
    }


def test_threads_context_and_schema_are_sent_where_set(server: ScriptedServer) -> None:
    OllamaSpeaker(server)
    server.on("/api/chat", ndjson(END))
    settings = BackendSettings(kind="ollama", url=server.address)
    made = OllamaBackend("big", settings, OllamaOptions(context=4096, threads=3), QUICK)
    hear(made, request(schema=SCHEMA))
    sent = server.sent_to("/api/chat")[0].json()
    assert sent["format"] == {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
    }
    options = sent["options"]
    assert isinstance(options, dict)
    assert (options["num_ctx"], options["num_thread"]) == (4096, 3)


def test_every_call_goes_without_the_key_of_the_environment(
    server: ScriptedServer, ollama: OllamaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", CANARY)
    server.always("/api/tags", json_reply({"models": []}))
    server.on("/api/chat", ndjson(END))
    server.on("/api/pull", ndjson({"status": "success"}))
    ollama.models()
    hear(ollama)
    list(ollama.pull("tiny", Cancel()))
    assert all("authorization" not in one.headers for one in server.requests)
    assert server.requests


def test_a_key_of_the_settings_is_sent_with_every_call(server: ScriptedServer) -> None:
    made = OllamaSpeaker(server, key=CANARY).backend
    server.always("/api/tags", json_reply({"models": []}))
    server.on("/api/chat", ndjson(END))
    server.on("/api/pull", ndjson({"status": "success"}))
    made.models()
    hear(made)
    list(made.pull("tiny", Cancel()))
    assert {one.headers.get("authorization") for one in server.requests} == {f"Bearer {CANARY}"}
    assert CANARY not in f"{made!r} {vars(made)}"


# ------------------------------------------------------------------------------- what comes


def test_figures_come_from_the_last_chunk_in_seconds(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on("/api/chat", ndjson({"message": {"content": "Hi"}}, {**END, "done_reason": "length"}))
    end = ended(ollama)
    assert end.usage == Usage(prompt=20, completion=5, thinking=None, cached=None)
    assert (end.timing.load, end.timing.prompt, end.timing.generation) == (0.002, 0.1, 0.2)
    assert end.finish == "length"
    assert end.backend_version == "Ollama 0.24.0"


@pytest.mark.parametrize("odd", [None, "12", -1, True, [], {}, 1.5])
def test_a_figure_that_is_none_stays_unknown(
    server: ScriptedServer, ollama: OllamaBackend, odd: object
) -> None:
    names = ("eval_count", "prompt_eval_count", "load_duration", "eval_duration", "prompt_eval_duration")
    server.on("/api/chat", ndjson({"message": {"content": "Hi"}, "done": True, **dict.fromkeys(names, odd)}))
    end = ended(ollama)
    assert end.usage == Usage()
    if odd != 1.5:
        assert (end.timing.load, end.timing.prompt, end.timing.generation) == (None, None, None)
    assert end.timing.wall is not None


def test_think_tags_in_the_text_are_kept_apart(server: ScriptedServer, ollama: OllamaBackend) -> None:
    pieces = ["<th", "ink>\nLet me ", "see.\n</thi", "nk>\n\nIt is", " <think> 42."]
    server.on("/api/chat", ndjson(*OllamaSpeaker.pieces(pieces), END))
    heard = hear(ollama)
    assert (heard.thinking, heard.text) == ("Let me see.", "It is <think> 42.")


def test_half_characters_are_joined_over_chunks(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on(
        "/api/chat",
        Reply(
            parts=(
                b'{"message": {"content": "a \\ud83d"}}\n',
                b'{"message": {"content": "\\ude00 b \\ud83d"}}\n',
                b'{"message": {"content": " c"}, "done": true}\n',
            )
        ),
    )
    assert hear(ollama).text == "a 😀 b \ufffd c"


def test_an_empty_answer_is_an_answer(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on("/api/chat", ndjson(END))
    heard = hear(ollama)
    assert heard.error is None
    assert heard.text == ""
    end = heard.events[-1]
    assert isinstance(end, Completed)
    assert end.timing.first_token is None


def test_a_server_that_ignores_the_token_limit_is_stopped(
    server: ScriptedServer, ollama: OllamaBackend
) -> None:
    server.on("/api/chat", ndjson(*[{"message": {"content": "la " * 5000}}] * 10, END))
    heard = hear(ollama, request(max_tokens=10))
    assert isinstance(heard.error, StreamBroken)
    assert "more text than was asked for" in heard.error.message
    assert heard.text.startswith("la la")


# ------------------------------------------------------------------------------- loading


def test_a_model_that_is_not_loaded_is_loaded_first_and_apart(
    server: ScriptedServer, ollama: OllamaBackend
) -> None:
    server.on("/api/ps", json_reply({"models": []}))
    server.on("/api/show", json_reply({"model_info": {}}))
    server.on("/api/chat", json_reply({"done": True, "done_reason": "load"}), ndjson(END))
    heard = hear(ollama)
    assert heard.error is None
    assert [one.phase for one in heard.events if isinstance(one, PhaseChange)] == [
        Phase.LOADING,
        Phase.READING,
    ]
    load, chat = (one.json() for one in server.sent_to("/api/chat"))
    assert load["messages"] == []
    assert load["stream"] is False
    assert load["options"] == chat["options"]
    end = heard.events[-1]
    assert isinstance(end, Completed)
    assert end.timing.load is not None
    assert end.timing.load >= 0.002


def test_loading_is_in_neither_first_token_nor_wall(server: ScriptedServer, ollama: OllamaBackend) -> None:
    hour = {**END, "load_duration": 3600 * 10**9}
    server.on("/api/chat", ndjson({"message": {"content": "Hi"}}, hour))
    end = ended(ollama)
    assert (end.timing.load, end.timing.first_token, end.timing.wall) == (3600.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("listed", "loaded"),
    [
        ({"name": "tiny:latest", "context_length": 4096}, True),
        ({"name": "tiny", "context_length": 4096}, True),
        ({"name": "tiny:latest"}, True),
        ({"name": "tiny:latest", "context_length": 2048}, False),
        ({"name": "tiny:1b", "context_length": 4096}, False),
        ({"name": 5}, False),
    ],
)
def test_what_counts_as_loaded(
    server: ScriptedServer, ollama: OllamaBackend, listed: object, loaded: bool
) -> None:
    server.on("/api/ps", json_reply({"models": [listed]}))
    server.on("/api/show", json_reply({"model_info": {}}))
    if not loaded:
        server.on("/api/chat", json_reply({"done": True}))
    server.on("/api/chat", ndjson(END))
    assert (PhaseChange(Phase.LOADING) not in hear(ollama).events) is loaded


def test_a_model_that_was_trained_on_less_is_not_loaded_each_time(
    server: ScriptedServer, ollama: OllamaBackend
) -> None:
    info = {"general.architecture": "llama", "llama.context_length": 2048}
    server.on("/api/ps", json_reply({"models": []}))
    server.always("/api/ps", json_reply({"models": [{"name": "tiny:latest", "context_length": 2048}]}))
    server.on("/api/show", json_reply({"model_info": info}))
    server.on("/api/chat", json_reply({"done": True}), ndjson(END), ndjson(END))
    assert PhaseChange(Phase.LOADING) in hear(ollama).events
    assert PhaseChange(Phase.LOADING) not in hear(ollama).events


def test_a_server_that_does_not_tell_what_is_loaded_still_answers(
    server: ScriptedServer, ollama: OllamaBackend
) -> None:
    server.on("/api/ps", json_reply({"error": "no"}, 404))
    server.on("/api/chat", ndjson(END))
    assert hear(ollama).error is None


def test_a_model_that_a_local_server_passes_on_is_refused(
    server: ScriptedServer, ollama: OllamaBackend
) -> None:
    server.on("/api/ps", json_reply({"models": []}))
    server.on("/api/show", json_reply({"remote_host": "https://ollama.com:443", "model_info": {}}))
    heard = hear(ollama, request("big:cloud"))
    assert isinstance(heard.error, BackendRefused)
    assert "passed on to ollama.com" in heard.error.message
    assert server.sent_to("/api/chat") == []


# ------------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            json_reply({"error": "model 'tiny' not found"}, 404),
            ModelMissing,
            "Ollama does not have the model tiny.",
        ),
        (
            json_reply({"error": "the input length exceeds the context length"}, 400),
            PromptTooLong,
            "does not fit the context of tiny",
        ),
        (
            json_reply({"error": "server busy, please try again. maximum pending requests exceeded"}, 503),
            BackendBusy,
            "Ollama is busy",
        ),
        (json_reply({"error": "slow down"}, 429), BackendBusy, "Ollama is busy"),
        (
            json_reply({"error": "model requires more system memory (9 GiB) than is available"}, 500),
            ModelOutOfMemory,
            "does not fit into memory",
        ),
        (
            json_reply({"error": "llama runner process has ended: cudaMalloc failed: out of memory"}, 500),
            ModelOutOfMemory,
            "does not fit into memory",
        ),
        (json_reply({"error": "boom"}, 500), BackendError, r"Ollama failed \(500\): boom"),
        (json_reply({"error": "no"}, 401), BackendRefused, "refuses access"),
        (json_reply({"error": '"tiny" does not support chat'}, 400), BackendRefused, "does not support chat"),
        (ndjson({"error": "an error was encountered"}), StreamBroken, "an error was encountered"),
        (
            ndjson({"message": {"content": "a"}}, {"error": "unexpected EOF"}),
            StreamBroken,
            "broke off .* unexpected EOF",
        ),
        (
            ndjson({"message": {"content": "a"}}, {"error": "CUDA error: out of memory"}),
            ModelOutOfMemory,
            "memory",
        ),
        (Reply(parts=(b"<html>hello</html>\n",)), StreamBroken, "cannot be understood"),
        (Reply(parts=(b'{"message": {"content": "a"}}\n', CUT)), StreamBroken, "broke off"),
        (Reply(parts=(b'{"message": {"conte', CUT)), StreamBroken, "broke off"),
        (Reply(parts=(b'{"message": {"content": "\xff"}}\n',)), StreamBroken, "cannot be understood"),
        (Reply(before=(CUT,)), BackendDown, "without an answer"),
        (Reply(before=(HANG,)), BackendTimeout, "no first token within 0.3 s"),
        (hanging(ndjson({"message": {"content": "a"}})), BackendTimeout, "no further token for 0.3 s"),
        (hanging(ndjson({"message": {"content": ""}})), BackendTimeout, "no first token within 0.3 s"),
    ],
)
def test_every_failure_has_its_name_and_words(
    server: ScriptedServer, reply: Reply, kind: type[BackendError], words: str
) -> None:
    made = OllamaSpeaker(server, SHORT if kind is BackendTimeout else QUICK).backend
    server.on("/api/chat", reply)
    heard = hear(made)
    assert type(heard.error) is kind
    with pytest.raises(kind, match=words):
        raise heard.error


def test_the_text_before_a_failure_is_kept(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.on("/api/chat", ndjson(*OllamaSpeaker.pieces(["Half ", "of it"]), {"error": "boom"}))
    heard = hear(ollama)
    assert heard.text == "Half of it"
    assert isinstance(heard.error, StreamBroken)


def test_nobody_there_says_how_to_start_it() -> None:
    settings = BackendSettings(kind="ollama", url=free_address())
    heard = hear(OllamaBackend("ollama", settings, OllamaOptions(), QUICK))
    assert isinstance(heard.error, BackendDown)
    assert heard.error.remedy == "Start it with `ollama serve`, then try again."
    assert heard.error.retryable


# ------------------------------------------------------------------------------- health


def test_ready_says_how_many_models(server: ScriptedServer, ollama: OllamaBackend) -> None:
    server.always("/api/tags", json_reply({"models": [{"model": "a"}, {"model": "b"}]}))
    health = ollama.health()
    assert (health.state, health.words, health.version) == (
        HealthState.READY,
        "Ollama: ready, 2 models",
        "Ollama 0.24.0",
    )


def test_nothing_at_the_default_address_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    address = free_address()
    monkeypatch.setattr("app.backends.ollama.DEFAULT_OLLAMA", address)
    made = OllamaBackend("ollama", BackendSettings(kind="ollama", url=address), OllamaOptions(), QUICK)
    health = made.health()
    assert health.state is HealthState.ABSENT
    assert health.remedy == GET_OLLAMA
    assert DEFAULT_OLLAMA.endswith(":11434")


def test_nothing_at_a_configured_address_is_down() -> None:
    settings = BackendSettings(kind="ollama", url=free_address())
    health = OllamaBackend("ollama", settings, OllamaOptions(), QUICK).health()
    assert health.state is HealthState.DOWN
    assert "ollama serve" in health.remedy


@pytest.mark.parametrize(
    "reply",
    [
        json_reply({"hello": "world"}),
        Reply(parts=(b"<html></html>",)),
        json_reply({}, 404),
        json_reply({}, 401),
        json_reply({}, 302, {"location": "http://127.0.0.1:1"}),
    ],
)
def test_something_else_at_the_address_is_wrong(server: ScriptedServer, reply: Reply) -> None:
    made = OllamaSpeaker(server).backend
    server.on("/api/version", reply)
    health = made.health()
    assert health.state is HealthState.WRONG
    assert health.words


def test_it_can_manage_models_and_counts_no_tokens(ollama: OllamaBackend) -> None:
    assert isinstance(ollama, ModelManager)
    assert ollama.count_tokens("tiny", request().messages) is None


def test_a_key_is_in_no_error(server: ScriptedServer) -> None:
    made = OllamaSpeaker(server, key=CANARY).backend
    server.always("/api/chat", json_reply({"error": f"bad token {CANARY}"}, 400))
    server.always("/api/tags", json_reply({"error": f"bad token {CANARY}"}, 500))
    heard = hear(made)
    assert CANARY not in f"{heard.error} {heard.error!r} {made.health()!r}"
    with pytest.raises(BackendError) as caught:
        made.models()
    assert CANARY not in f"{caught.value} {caught.value!r}"
    assert str(SecretStr(CANARY)) != CANARY
