"""The end of a running app, however it is asked: nothing is lost and the data folder is free."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app.domain import AnswerState, DocumentState
from storage.answers import Answers
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from storage.lock import HOLDER_FILE, holder
from tests.integration.app_process import READY, ROOT, environment, free_port
from tests.integration.tab import drawn, tab
from tests.scripted_server import HANG, Reply, ScriptedServer, json_reply, sse

pytestmark = pytest.mark.integration
ENDS = [signal.SIGTERM, signal.SIGINT]
SERVE = ["app", "serve"]
STREAMLIT = ["streamlit", "run", "streamlit_app.py", "--server.headless", "true"]


@contextmanager
def running(
    data: Path, command: list[str], *ready: str, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of the app that has printed all the words ``ready``, in any order; and what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment(data, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, _until(process, ready)
    finally:
        process.kill()
        process.communicate()


def _until(process: subprocess.Popen[str], words: tuple[str, ...]) -> str:
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if all(one in told for one in words):
            return told
    raise AssertionError(told + process.communicate()[1])


def ended(process: subprocess.Popen[str], how: signal.Signals, data: Path) -> None:
    """Ask for the end; it must be a clean one."""
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "Aborted" not in errors
    assert not (data / HOLDER_FILE).exists()
    assert holder(data) is None


@pytest.mark.parametrize("how", ENDS)
def test_it_ends_with_a_tab_open(tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    with (
        running(tmp_path, SERVE, READY, ASSAY_PORT=str(port)) as (process, _),
        tab(f"http://127.0.0.1:{port}") as opened,
    ):
        assert "Nothing was asked yet" in drawn(opened)
        ended(process, how, tmp_path)


@pytest.mark.parametrize("how", ENDS)
def test_plain_streamlit_ends_as_well(tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    with ExitStack() as stack:
        command = [*STREAMLIT, "--server.port", str(port)]
        process, _ = stack.enter_context(running(tmp_path, command, "URL:"))
        opened = stack.enter_context(tab(f"http://127.0.0.1:{port}"))
        assert "Nothing was asked yet" in drawn(opened)
        assert holder(tmp_path) is not None
        ended(process, how, tmp_path)


@pytest.mark.parametrize("how", ENDS)
def test_an_answer_under_way_is_logged_with_what_came(tmp_path: Path, how: signal.Signals) -> None:
    pieces = [{"choices": [{"delta": {"content": text}}]} for text in ("Half of ", "the answer")]
    half = Reply(200, (*sse(*pieces, done=False).parts, HANG))
    with ScriptedServer() as server:
        server.always("/v1/models", json_reply({"data": [{"id": "slow-1"}]}))
        server.always("/v1/chat/completions", half)
        settings = {
            "ASSAY_PORT": str(free_port()),
            "ASSAY_BACKENDS__SLOW__KIND": "openai",
            "ASSAY_BACKENDS__SLOW__URL": f"{server.address}/v1",
        }
        command = ["tests.integration.asking_process", "slow/slow-1"]
        with running(tmp_path, command, READY, "answering", **settings) as (process, told):
            question = told.partition("answering ")[2].split()[0]
            ended(process, how, tmp_path)
    database = Database.open(tmp_path, upgrade=False)
    (answer,) = Answers(database).answers(question)
    database.close()
    assert (answer.state, answer.text) == (AnswerState.STOPPED, "Half of the answer")
    assert not answer.error


def test_an_upload_under_way_can_be_retried(tmp_path: Path) -> None:
    """The embedder hangs: the end must not wait for it for ever, and the next start must say what is left."""
    with ScriptedServer() as server:
        _serves_an_embedder(server)
        settings = {
            "ASSAY_BACKENDS__SLOW__KIND": "openai",
            "ASSAY_BACKENDS__SLOW__URL": f"{server.address}/v1",
            "ASSAY_BACKENDS__SLOW__EMBEDDERS": '["embeds"]',
        }
        (tmp_path / "a.txt").write_text("The mill has seven stones.")
        data = tmp_path / "data"
        command = [
            "app",
            "ingest",
            str(tmp_path / "a.txt"),
            "--collection",
            "Mill",
            "--embedder",
            "slow/embeds",
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment(data, **settings),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        pause = threading.Event()
        for _ in range(1200):
            if sum(one.path == "/v1/embeddings" for one in server.requests) > 1:
                break
            pause.wait(0.05)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert time.monotonic() - began < 40
        assert process.returncode == 1
        assert "Traceback" not in errors
        assert holder(data) is None
    database = Database.open(data, upgrade=False)
    found = Collections(database).by_name("Mill")
    assert found is not None
    documents = Documents(database)
    documents.mark_interrupted()
    assert [one.state for one in documents.entries(found.id)] == [DocumentState.NOT_FINISHED]
    database.close()


def _serves_an_embedder(server: ScriptedServer) -> None:
    """Its first answer tells what it is; then it hangs."""
    vector = json_reply({"data": [{"index": 0, "embedding": [1.0] + [0.0] * 7}], "model": "embeds"})
    server.always("/v1/models", json_reply({"data": [{"id": "embeds"}]}))
    server.on("/v1/embeddings", vector)
    server.always("/v1/embeddings", Reply(200, (HANG,), before=(HANG,)))
