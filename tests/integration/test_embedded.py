"""The embedded model with its real weights, in its real process."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from app.answering.prompting import bound
from app.backends.base import Backend, Cancel
from app.backends.embedded import MODEL, SLOTS, EmbeddedBackend, find_weights
from app.backends.embedded_server import READY, ServerOptions
from app.domain import Completed, Message, Phase, PhaseChange, Request, TextDelta
from app.errors import BackendDown, PromptTooLong, StreamBroken
from app.sample.loading import Sample
from app.settings import Timeouts
from tests.backends.speaking import YES_OR_NO, hear
from tests.parts import require

pytestmark = pytest.mark.integration
CONTEXT = 1024
MESSAGES = (Message("system", "You are brief."), Message("user", "Name three fruits."))


@pytest.fixture(scope="module")
def weights() -> Path:
    found = find_weights()
    if found is None:
        require("models", "the weights of requirements-models.txt are not installed")
    return found


@pytest.fixture(scope="module")
def shared(weights: Path) -> Iterator[EmbeddedBackend]:
    made = EmbeddedBackend(weights, CONTEXT, Timeouts())
    yield made
    made.close()


@pytest.fixture
def fresh(weights: Path) -> Iterator[EmbeddedBackend]:
    made = EmbeddedBackend(weights, CONTEXT, Timeouts())
    yield made
    made.close()


def asked(text: str = "Name three fruits.", *, max_tokens: int = 24, schema: str = "") -> Request:
    messages = (MESSAGES[0], Message("user", text))
    return Request(MODEL, messages, temperature=0.0, seed=1, max_tokens=max_tokens, schema=schema)


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether the process ends within so many seconds."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        until = time.monotonic() + seconds
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
    return True


def child_of(backend: EmbeddedBackend) -> int:
    assert backend._process is not None
    running = backend._process.running
    assert running is not None
    return running.pid


# ------------------------------------------------------------------------------- the contract


def test_an_answer(shared: EmbeddedBackend) -> None:
    as_backend: Backend = shared
    heard = hear(as_backend, asked())
    assert heard.error is None
    assert heard.text.strip()
    end = heard.events[-1]
    assert isinstance(end, Completed)
    assert end.usage.prompt is not None
    assert end.usage.completion is not None
    assert 0 < end.usage.completion <= 24
    timing = end.timing
    assert None not in {timing.load, timing.first_token, timing.prompt, timing.generation, timing.wall}
    assert end.backend_version.startswith("xllamacpp ")


def test_the_same_again_is_the_same(shared: EmbeddedBackend) -> None:
    """Also where all of a long prompt could be remembered: that rounds otherwise, and then words differ."""
    about = next(one for one in Sample().documents() if one.name.startswith("about")).content.decode()
    question = asked(f"{about[:1800]}\n\nWhat is this text about?", max_tokens=60)
    first = hear(shared, question)
    assert first.error is None
    assert hear(shared, question).text == first.text


def test_the_count_of_tokens_is_that_of_the_server(shared: EmbeddedBackend) -> None:
    end = hear(shared, asked()).events[-1]
    assert isinstance(end, Completed)
    assert shared.count_tokens(MODEL, MESSAGES) == end.usage.prompt


def test_the_token_limit_is_told(shared: EmbeddedBackend) -> None:
    end = hear(shared, asked("Write a long story.", max_tokens=8)).events[-1]
    assert isinstance(end, Completed)
    assert (end.finish, end.usage.completion) == ("length", 8)


def test_json_by_schema(shared: EmbeddedBackend) -> None:
    heard = hear(shared, asked(schema=YES_OR_NO, max_tokens=60))
    end = heard.events[-1]
    assert isinstance(end, Completed)
    assert end.finish == "stop"
    assert json.loads(heard.text)["answer"] in {"yes", "no"}


def test_a_prompt_that_is_too_long_is_refused_and_not_cut(shared: EmbeddedBackend) -> None:
    heard = hear(shared, asked("word " * CONTEXT))
    assert isinstance(heard.error, PromptTooLong)


def test_a_stop_frees_the_model_at_once(shared: EmbeddedBackend) -> None:
    cancel = Cancel()
    began = time.monotonic()
    events = []
    for event in shared.stream(asked("Write a very long story.", max_tokens=900), cancel):
        events.append(event)
        if isinstance(event, TextDelta):
            cancel.cancel()
    assert time.monotonic() - began < 5.0
    assert not any(isinstance(one, Completed) for one in events)
    assert hear(shared, asked()).error is None


def test_two_lanes_side_by_side(shared: EmbeddedBackend) -> None:
    assert shared.concurrency == SLOTS == 2
    alone = [hear(shared, asked(text, max_tokens=12)).text for text in ("Count to ten.", "Name a city.")]
    found: dict[int, str] = {}

    def lane(number: int, text: str) -> None:
        found[number] = hear(shared, asked(text, max_tokens=12)).text

    lanes = [
        threading.Thread(target=lane, args=item) for item in enumerate(("Count to ten.", "Name a city."))
    ]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join(60)
    assert all(found[number].strip() for number in (0, 1))
    assert len(alone) == len(found)


def test_the_model_tells_its_facts(shared: EmbeddedBackend) -> None:
    (model,) = shared.models()
    assert (model.name, model.quantisation, model.parameters) == (MODEL, "Q4_1", 134_515_008)
    assert model.note == "demo quality"


# ------------------------------------------------------------------------------- its process


def test_loading_is_a_phase_and_told_once(fresh: EmbeddedBackend) -> None:
    assert fresh.models()[0].loaded is False
    first, second = hear(fresh, asked(max_tokens=2)), hear(fresh, asked(max_tokens=2))
    assert first.events[0] == PhaseChange(Phase.LOADING)
    assert PhaseChange(Phase.LOADING) not in second.events
    loads = [one.events[-1].timing.load for one in (first, second) if isinstance(one.events[-1], Completed)]
    assert loads[0] is not None
    assert loads[0] > 0.1
    assert loads[1] == 0.0
    assert fresh.models()[0].loaded is True


def test_loading_by_a_count_is_told_with_the_next_answer(fresh: EmbeddedBackend) -> None:
    assert fresh.count_tokens(MODEL, MESSAGES)
    end = hear(fresh, asked(max_tokens=2)).events[-1]
    assert isinstance(end, Completed)
    assert end.timing.load is not None
    assert end.timing.load > 0.1


def test_nobody_else_can_use_it(shared: EmbeddedBackend) -> None:
    hear(shared, asked(max_tokens=1))
    assert shared._process is not None
    running = shared._process.running
    assert running is not None
    assert running.address.startswith("http://127.0.0.1:")
    with httpx.Client(trust_env=False, base_url=running.address) as client:
        body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        assert client.post("/v1/chat/completions", json=body).status_code == 401
        origin = {"Origin": "https://evil.example", "Authorization": f"Bearer {running.key}"}
        reply = client.get("/v1/models", headers=origin)
        assert reply.headers.get("access-control-allow-origin") not in {"*", "https://evil.example"}
        assert client.get("/").status_code != 200
    addresses = {one.laddr.ip for one in psutil.Process(running.pid).net_connections("inet")}
    assert addresses <= {"127.0.0.1"}
    arguments = psutil.Process(running.pid).cmdline()
    assert running.key not in " ".join(arguments)


@pytest.mark.kill
def test_a_killed_process_is_started_again(fresh: EmbeddedBackend) -> None:
    hear(fresh, asked(max_tokens=1))
    before = child_of(fresh)
    os.kill(before, signal.SIGKILL)
    assert gone(before)
    heard = hear(fresh, asked(max_tokens=1))
    if heard.error is not None:  # it had not yet been seen that it was gone
        assert isinstance(heard.error, BackendDown)
        assert heard.error.retryable
        heard = hear(fresh, asked(max_tokens=1))
    assert heard.error is None
    assert child_of(fresh) != before


@pytest.mark.kill
def test_killed_in_the_middle_the_text_is_kept_and_the_reason_said(fresh: EmbeddedBackend) -> None:
    text = ""

    def read() -> None:
        nonlocal text
        for event in fresh.stream(asked("Write a very long story.", max_tokens=900), Cancel()):
            if isinstance(event, TextDelta):
                text += event.text
                if len(text) < 10:
                    os.kill(child_of(fresh), signal.SIGKILL)

    with pytest.raises(StreamBroken, match="signal 9"):
        read()
    assert text


def test_closing_ends_it(fresh: EmbeddedBackend) -> None:
    hear(fresh, asked(max_tokens=1))
    pid = child_of(fresh)
    fresh.close()
    assert gone(pid)


PARENT = """
import sys, threading, time
from app.backends.base import Cancel
from app.backends.embedded import MODEL, EmbeddedBackend, find_weights
from app.domain import Message, Request
from app.settings import Timeouts

backend = EmbeddedBackend(find_weights(), 512, Timeouts())
asked = Request(MODEL, (Message("user", "Hi"),), 0.0, 1, {tokens})

def answer():
    for event in backend.stream(asked, Cancel()):
        pass

# Started by a thread that ends, as the workers of a pool do.
worker = threading.Thread(target=answer, daemon=True)
worker.start()
{wait}
while backend._process.running is None:
    time.sleep(0.01)
print(backend._process.running.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.kill
@pytest.mark.parametrize(
    ("tokens", "wait"), [(1, "worker.join()"), (400, "")], ids=["idle", "in the middle of an answer"]
)
def test_it_dies_with_its_killed_parent_and_not_before(
    weights: Path, trials: Callable[[str, int], None], tokens: int, wait: str
) -> None:
    code = PARENT.format(tokens=tokens, wait=wait)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid, 0.5)
        parent.send_signal(signal.SIGKILL)
    assert gone(pid)
    trials("SIGKILLs of the parent of a model's process", 1)


def test_the_end_of_its_input_alone_ends_it(weights: Path) -> None:
    options = ServerOptions(str(weights), MODEL, "k", os.getpid(), 512, 1, 1)
    with subprocess.Popen(
        [sys.executable, "-m", "app.backends.embedded_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(options.line())
        process.stdin.flush()
        while not process.stdout.readline().startswith(READY.encode()):
            assert process.poll() is None
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(bytes(range(256)) * 3).decode(),
        "\n\t" * 200,
        "QXJZKWVPFH" * 60,
        "zxcvb qwrtp lkjhg mnbvc " * 30,
        "a9f3 0c7e b1d4 " * 40,
        "Donaudampfschifffahrtsgesellschaft und Überprüfung. " * 10,
        "Привет, как дела? 你好世界 สวัสดี 😀👩‍👩‍👧 " * 10,
        "| 12.50 | EL-7803 |\n|---|---|\n" * 20,
        Path(__file__).read_text(encoding="utf-8")[:5000],
    ],
)
def test_the_bound_of_a_prompt_stays_above_its_real_tokens(shared: EmbeddedBackend, text: str) -> None:
    empty = shared.count_tokens(MODEL, (Message("user", ""),))
    counted = shared.count_tokens(MODEL, (Message("user", text),))
    assert empty is not None
    assert counted is not None
    assert bound(text) >= counted - empty
