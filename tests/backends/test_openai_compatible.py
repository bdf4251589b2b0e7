"""OpenAI's protocol by a scripted server, in the dialects of vLLM, llama.cpp and a proprietary API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from app.backends.base import Cancel
from app.backends.openai_compatible import OpenAICompatibleBackend, split_address
from app.backends.retrying import stream_with_retries
from app.domain import Completed, HealthState, Model, Usage
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
from app.settings import BackendSettings, Timeouts
from tests.backends.speaking import CANARY, QUICK, SCHEMA, SHORT, OpenAISpeaker, hanging, hear, request
from tests.scripted_server import CUT, HANG, Part, Reply, ScriptedServer, free_address, json_reply, sse

CHAT = "/v1/chat/completions"
STOP = {"choices": [{"delta": {}, "finish_reason": "stop"}]}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def backend(server: ScriptedServer) -> Iterator[OpenAICompatibleBackend]:
    made = OpenAISpeaker(server)
    yield made.backend
    made.backend.close()


def piece(text: str, **more: object) -> dict[str, object]:
    return {"choices": [{"delta": {"content": text}}], **more}


def failed(status: int, message: str, code: str) -> Reply:
    return json_reply({"error": {"message": message, "code": code}}, status)


def connected(url: str, **settings: object) -> OpenAICompatibleBackend:
    made = BackendSettings.model_validate({"kind": "openai", "url": url, **settings})
    return OpenAICompatibleBackend("api", made, QUICK)


def ended(backend: OpenAICompatibleBackend) -> Completed:
    heard = hear(backend)
    assert heard.error is None
    event = heard.events[-1]
    assert isinstance(event, Completed)
    return event


# ------------------------------------------------------------------------------- what is sent


def test_what_is_sent(server: ScriptedServer, backend: OpenAICompatibleBackend) -> None:
    server.on(CHAT, sse(piece("Hi"), STOP))
    hear(backend, request(text="Why?", max_tokens=33, schema=SCHEMA))
    (sent,) = server.sent_to(CHAT)
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
    }
    assert sent.json() == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Answer from the documents."},
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 33,
        "temperature": 0.0,
        "seed": 7,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": schema},
        },
    }
    assert "authorization" not in sent.headers


@pytest.mark.parametrize("end", ["", "/v1"])
def test_the_address_may_end_in_v1(server: ScriptedServer, end: str) -> None:
    server.on(CHAT, sse(piece("Hi"), STOP))
    assert hear(connected(server.address + end)).text == "Hi"


def test_other_paths_are_taken_as_they_are(server: ScriptedServer) -> None:
    server.on("/v1beta/openai/chat/completions", sse(piece("Hi"), STOP))
    assert hear(connected(f"{server.address}/v1beta/openai")).text == "Hi"
    assert split_address("https://x/api/v1") == ("https://x/api", "/v1")


def test_the_key_is_sent_and_shown_nowhere(server: ScriptedServer) -> None:
    backend = connected(server.address, key=CANARY)
    bad = {"error": {"message": f"Incorrect API key provided: {CANARY}", "code": "invalid_api_key"}}
    server.on(CHAT, json_reply(bad, 401), json_reply(bad, 400), json_reply(bad, 500), sse(bad))
    server.always("/v1/models", json_reply(bad, 401))
    errors = [hear(backend).error for _ in range(4)]
    health = backend.health()
    shown = f"{errors} {[str(one) for one in errors]} {health} {backend!r} {vars(backend)}"
    assert all(errors)
    assert CANARY not in shown
    assert {one.headers["authorization"] for one in server.requests} == {f"Bearer {CANARY}"}
    assert health.state is HealthState.WRONG
    assert isinstance(errors[0], BackendRefused)


# ------------------------------------------------------------------------------- what comes


def test_usage_of_a_proprietary_api(server: ScriptedServer, backend: OpenAICompatibleBackend) -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 30},
    }
    more = {"model": "tiny-2026-01-01", "system_fingerprint": "fp_1"}
    server.on(CHAT, sse(piece("Hi", **more), STOP, {"choices": [], "usage": usage}))
    end = ended(backend)
    assert end.usage == Usage(prompt=100, completion=50, thinking=30, cached=64)
    assert end.backend_version == "tiny-2026-01-01 fp_1"
    assert (end.timing.prompt, end.timing.generation) == (None, None)


def test_timings_of_llama_cpp(server: ScriptedServer, backend: OpenAICompatibleBackend) -> None:
    timings = {"cache_n": 9, "prompt_n": 1, "prompt_ms": 120.5, "predicted_n": 4, "predicted_ms": 80.0}
    server.on(
        CHAT, sse(piece("Hi"), STOP, {"choices": [], "timings": timings, "usage": {"prompt_tokens": 10}})
    )
    end = ended(backend)
    assert end.usage == Usage(prompt=10, completion=None, thinking=None, cached=9)
    assert (end.timing.prompt, end.timing.generation) == (0.1205, 0.08)


@pytest.mark.parametrize("usage", [None, [], {}, {"prompt_tokens": "many"}, {"completion_tokens": -2}])
def test_usage_that_is_missing_stays_unknown(
    server: ScriptedServer, backend: OpenAICompatibleBackend, usage: object
) -> None:
    server.on(CHAT, sse(piece("Hi", usage=usage), STOP))
    assert ended(backend).usage == Usage()


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thinking_has_two_names(server: ScriptedServer, backend: OpenAICompatibleBackend, name: str) -> None:
    thought = {"choices": [{"delta": {"content": None, name: "Hm."}}]}
    server.on(CHAT, sse(thought, piece("42"), STOP))
    heard = hear(backend)
    assert (heard.thinking, heard.text) == ("Hm.", "42")


@pytest.mark.parametrize(("told", "finish"), [("stop", "stop"), ("length", "length"), ("eos", "stop")])
def test_how_it_ended(
    server: ScriptedServer, backend: OpenAICompatibleBackend, told: str, finish: str
) -> None:
    server.on(CHAT, sse(piece("Hi"), {"choices": [{"delta": {}, "finish_reason": told}]}))
    assert ended(backend).finish == finish


def test_comments_blank_lines_and_other_fields_are_skipped(
    server: ScriptedServer, backend: OpenAICompatibleBackend
) -> None:
    raw = (
        b": ping\r\n\r\nevent: x\r\nid: 1\r\ndata:"
        b'{"choices":[{"delta":{"content":"H"}}]}\r\n\r\ndata: {"choices":[]}\n\n'
        b'data: {"choices":[{"delta":null,"finish_reason":"stop"}]}\n\ndata: [DONE]\n\ndata: {"error":1}\n'
    )
    server.on(CHAT, Reply(parts=tuple(raw[at : at + 7] for at in range(0, len(raw), 7))))
    assert hear(backend).text == "H"


def test_a_refusal_of_the_model_is_its_answer(
    server: ScriptedServer, backend: OpenAICompatibleBackend
) -> None:
    server.on(CHAT, sse({"choices": [{"delta": {"refusal": "I cannot."}}]}, STOP))
    assert hear(backend).text == "I cannot."


@pytest.mark.parametrize("after", [CUT, HANG])
def test_figures_lost_after_the_end_cost_no_answer(server: ScriptedServer, after: Part) -> None:
    timeouts = Timeouts(connect=10, first_token=20, between_tokens=0.3)
    backend = OpenAISpeaker(server, timeouts).backend
    whole = sse(piece("Hi"), STOP, done=False)
    server.on(CHAT, Reply(parts=(*whole.parts, after)))
    end = ended(backend)
    assert end.finish == "stop"
    assert end.usage == Usage()


# ------------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            json_reply(
                {"error": {"message": "The model `tiny` does not exist", "code": "model_not_found"}}, 404
            ),
            ModelMissing,
            "does not have the model tiny",
        ),
        (
            json_reply({"error": {"message": "This model's maximum context length is 4096 tokens"}}, 400),
            PromptTooLong,
            "maximum context length",
        ),
        (
            failed(400, "too big", "context_length_exceeded"),
            PromptTooLong,
            "does not fit",
        ),
        (
            json_reply(
                {"error": {"message": "request exceeds the available context size", "code": 400}}, 400
            ),
            PromptTooLong,
            "does not fit",
        ),
        (json_reply({"detail": "Not Found"}, 404), BackendRefused, "is .* the right address"),
        (json_reply({"error": {"message": "Loading model"}}, 503), BackendBusy, "busy: Loading model"),
        (
            json_reply({"error": {"message": "Rate limit reached for model gpt"}}, 429),
            BackendBusy,
            "Rate limit",
        ),
        (
            json_reply(
                {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, 429
            ),
            BackendRefused,
            "quota is used up",
        ),
        (json_reply({"error": {"message": "CUDA out of memory"}}, 500), ModelOutOfMemory, "memory"),
        (Reply(502, (b"<html>Bad gateway</html>",)), BackendBusy, "busy"),
        (json_reply({"error": "boom"}, 500), BackendError, r"failed \(500\): boom"),
        (
            json_reply({"detail": [{"loc": ["body"], "msg": "field required"}]}, 422),
            BackendRefused,
            "field required",
        ),
        (sse({"error": {"message": "worker died"}}), StreamBroken, "worker died"),
        (sse(piece("Hi"), {"error": {"message": "worker died"}}), StreamBroken, "worker died"),
        (sse({"object": "error", "message": "worker died"}), StreamBroken, "worker died"),
        (json_reply({"error": {"message": "not today"}}), StreamBroken, "not today"),
        (sse(piece("Hi"), done=True), StreamBroken, "broke off"),
        (sse(piece("Hi"), done=False), StreamBroken, "broke off"),
        (Reply(parts=(b"data: {broken\n\n",)), StreamBroken, "cannot be understood"),
        (Reply(parts=(b"<html><body>It works!</body></html>",)), StreamBroken, "cannot be understood"),
        (Reply(), StreamBroken, "cannot be understood"),
        (Reply(parts=(b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n', CUT)), StreamBroken, "broke off"),
        (Reply(before=(HANG,)), BackendTimeout, "no first token within 0.3 s"),
        (hanging(sse(piece("Hi"), done=False)), BackendTimeout, "no further token for 0.3 s"),
        (
            sse(piece("a"), {"choices": [{"delta": {}, "finish_reason": "content_filter"}]}),
            BackendRefused,
            "content filter",
        ),
        (json_reply({}, 307, {"location": "https://example.com"}), BackendRefused, "does not follow"),
    ],
)
def test_every_failure_has_its_name_and_words(
    server: ScriptedServer, reply: Reply, kind: type[BackendError], words: str
) -> None:
    backend = OpenAISpeaker(server, SHORT if kind is BackendTimeout else QUICK).backend
    server.on(CHAT, reply)
    heard = hear(backend)
    assert type(heard.error) is kind
    with pytest.raises(kind, match=words):
        raise heard.error


# ------------------------------------------------------------------------------- dialects


def refused(parameter: str, message: str = "Unsupported parameter") -> Reply:
    return json_reply({"error": {"message": f"{message}: '{parameter}'.", "param": parameter}}, 400)


def test_a_refused_limit_is_renamed_and_the_second_try_is_counted(
    server: ScriptedServer, backend: OpenAICompatibleBackend
) -> None:
    said = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    server.on(CHAT, json_reply({"error": {"message": said}}, 400), *[sse(piece("Hi"), STOP)] * 2)
    attempts: list[int] = []
    events = list(stream_with_retries(backend, request(), Cancel(), on_attempt=attempts.append))
    assert isinstance(events[-1], Completed)
    assert events[-1].note == ""
    assert attempts == [1, 2]
    hear(backend)
    sent = [one.json() for one in server.sent_to(CHAT)]
    assert ["max_tokens" in one for one in sent] == [True, False, False]
    assert ["max_completion_tokens" in one for one in sent] == [False, True, True]


def test_refused_options_are_left_out_and_said(
    server: ScriptedServer, backend: OpenAICompatibleBackend
) -> None:
    server.on(CHAT, refused("temperature"), refused("seed"), sse(piece("Hi"), STOP))
    events = list(stream_with_retries(backend, request(), Cancel()))
    assert isinstance(events[-1], Completed)
    assert events[-1].note == "The server refuses seed and temperature; it used its own."
    last = server.sent_to(CHAT)[-1].json()
    assert "temperature" not in last
    assert "seed" not in last


def test_a_dialect_is_learned_for_one_model(server: ScriptedServer, backend: OpenAICompatibleBackend) -> None:
    server.on(CHAT, refused("temperature"), sse(piece("Hi"), STOP))
    assert hear(backend, request("odd")).error is not None
    hear(backend, request("tiny"))
    assert "temperature" in server.sent_to(CHAT)[-1].json()


def test_a_server_that_refuses_both_limits_is_an_error_in_the_end(
    server: ScriptedServer, backend: OpenAICompatibleBackend
) -> None:
    server.on(CHAT, refused("max_tokens"), refused("max_completion_tokens"))
    with pytest.raises(BackendRefused) as caught:
        list(stream_with_retries(backend, request(), Cancel()))
    assert len(server.sent_to(CHAT)) == 2
    assert not caught.value.retryable


def test_another_refusal_is_not_tried_again(server: ScriptedServer, backend: OpenAICompatibleBackend) -> None:
    server.on(CHAT, json_reply({"error": {"message": "temperature must be at most 2"}}, 400))
    with pytest.raises(BackendRefused):
        list(stream_with_retries(backend, request(), Cancel()))
    assert len(server.sent_to(CHAT)) == 1


def test_the_newer_limit_is_the_first_try_at_openai(server: ScriptedServer) -> None:
    server.on(CHAT, sse(piece("Hi"), STOP))
    hear(connected(server.address, provider="openai"))
    assert "max_completion_tokens" in server.sent_to(CHAT)[0].json()


# ------------------------------------------------------------------------------- models, health


def test_models_in_the_dialects_of_three_servers(
    server: ScriptedServer, backend: OpenAICompatibleBackend
) -> None:
    meta = {"n_params": 134515008, "size": 96576768, "n_ctx": 4096, "n_ctx_train": 8192, "ftype": "Q4_1"}
    data = [{"id": "vllm", "max_model_len": 8192}, {"id": "llama", "meta": meta}, {"id": "api"}, {"x": 1}, 5]
    server.on("/v1/models", json_reply({"data": data}))
    assert backend.models() == [
        Model("vllm", "api"),
        Model(
            "vllm",
            "llama",
            size=96576768,
            quantisation="Q4_1",
            parameters=134515008,
            context=4096,
            loaded=True,
        ),
        Model("vllm", "vllm", context=8192, loaded=True),
    ]


def test_health(server: ScriptedServer, backend: OpenAICompatibleBackend) -> None:
    assert backend.health().words == "vllm: ready, 1 model"
    assert backend.health().state is HealthState.READY


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (json_reply({}, 401), HealthState.WRONG),
        (json_reply({"models": []}), HealthState.WRONG),
        (Reply(parts=(b"hello",)), HealthState.WRONG),
        (Reply(before=(CUT,)), HealthState.DOWN),
    ],
)
def test_health_of_something_else(
    server: ScriptedServer, backend: OpenAICompatibleBackend, reply: Reply, state: HealthState
) -> None:
    server.on("/v1/models", reply)
    assert backend.health().state is state


def test_nobody_there() -> None:
    backend = connected(free_address())
    assert backend.health().state is HealthState.DOWN
    with pytest.raises(BackendDown):
        backend.models()
    assert backend.count_tokens("tiny", request().messages) is None


def test_an_address_elsewhere_is_not_local() -> None:
    settings = BackendSettings(kind="openai", url="https://api.example.com/v1", key=SecretStr("k"))
    backend = OpenAICompatibleBackend("api", settings, QUICK)
    assert (backend.local, backend.host) == (False, "api.example.com")


# ------------------------------------------------------------------------------- embedding


def test_an_embedder(server: ScriptedServer) -> None:
    backend = connected(server.address, embedders=["emb"], context=512)
    server.always("/v1/models", json_reply({"data": [{"id": "emb"}]}))
    server.on("/v1/embeddings", json_reply({"data": [{"embedding": [3.0, 4.0]}]}))
    assert backend.embedders() == ["emb"]
    embedder = backend.embedder("emb")
    assert (embedder.name, embedder.dimensions, embedder.host) == ("api/emb", 2, "127.0.0.1")
    rows = [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [2, 0]}]
    server.on("/v1/embeddings", json_reply({"data": rows}))
    assert embedder.embed(["a", "b"]).tolist() == [[1, 0], [0, 1]]
    server.on("/v1/embeddings", json_reply({"data": [{"embedding": [1, 2, 3]}]}))
    with pytest.raises(StreamBroken):
        embedder.embed(["a"])
    assert server.sent_to("/v1/embeddings")[1].json()["input"] == ["a", "b"]


def test_other_weights_under_the_same_name_are_another_embedder(server: ScriptedServer) -> None:
    backend = connected(server.address, embedders=["emb"])
    server.always("/v1/embeddings", json_reply({"data": [{"embedding": [3.0, 4.0]}]}))
    server.always("/v1/models", json_reply({"data": [{"id": "emb", "meta": {"size": 1}}]}))
    first = backend.embedder("emb")
    assert backend.embedder("emb") is first
    server.always("/v1/models", json_reply({"data": [{"id": "emb", "meta": {"size": 2}}]}))
    assert backend.embedder("emb").digest != first.digest


def test_a_proprietary_api_is_asked_for_an_embedder_once(server: ScriptedServer) -> None:
    backend = connected(server.address, embedders=["emb"], provider="openai")
    server.on("/v1/embeddings", json_reply({"data": [{"embedding": [3.0, 4.0]}]}))
    server.on("/v1/models", json_reply({"data": [{"id": "emb"}]}))
    assert backend.embedder("emb") is backend.embedder("emb")
    assert len(server.requests) == 2
