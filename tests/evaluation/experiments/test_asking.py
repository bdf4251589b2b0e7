"""A task may be done anywhere: in a process of its own, with a key that it does not bring."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from app.backends.openai_compatible import OpenAICompatibleBackend
from app.domain import Answer, AnswerState, Candidate, ExperimentState, FoundPassage, Options, Retrieval
from app.evaluation.experiments.asking import AskTask, Task
from app.settings import BackendSettings, Timeouts
from tests.evaluation.experiments.conftest import Laboratory
from tests.fakes import FakeBackend
from tests.integration.app_process import ROOT, environment
from tests.scripted_server import ScriptedServer, json_reply, sse

pytestmark = pytest.mark.integration  # starts processes

KEY = "canary-key-of-the-worker"
CHAT = "/v1/chat/completions"
WHO = Candidate("scripted", "tiny", Options(seed=5, temperature=0.5), Retrieval("c", 2))
SAID = sse(
    {"choices": [{"delta": {"content": "seven stones [1]"}}]},
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}},
)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        made.always("/v1/models", json_reply({"data": [{"id": "tiny"}]}))
        made.always(CHAT, SAID)
        yield made


@dataclass
class Elsewhere:
    """A Worker that does every task in a process of its own; ``sent`` is what travelled there."""

    server: ScriptedServer
    data: Path
    sent: list[bytes] = field(default_factory=list)
    back: list[bytes] = field(default_factory=list)

    def __call__(self, task: Task) -> Answer:
        settings = {"KIND": "openai", "URL": f"{self.server.address}/v1", "KEY": KEY}
        named = {f"ASSAY_BACKENDS__SCRIPTED__{name}": value for name, value in settings.items()}
        self.sent.append(pickle.dumps(task))
        done = subprocess.run(
            [sys.executable, "-m", "tests.evaluation.experiments.task_process"],
            cwd=ROOT, env=environment(self.data, **named), input=self.sent[-1], capture_output=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        self.back.append(done.stdout)
        answer, loaded = pickle.loads(done.stdout)  # noqa: S301 - from the process started here
        assert loaded == []
        return cast("Answer", answer)

    def stop(self, run: str) -> None:
        """Nothing here is ever stopped."""

    def allow(self, run: str) -> None:
        """Nor allowed again."""


def test_a_task_is_done_in_another_process_with_the_key_of_that_process(
    server: ScriptedServer, laboratory: Laboratory, tmp_path: Path
) -> None:
    passage = laboratory.world.add("inn.txt", "The mill has seven stones.")[0]
    task = AskTask("run", "answer", "question", "How many?", WHO, (FoundPassage(passage, 0.9, 1),))
    nowhere = tmp_path / "nowhere"
    elsewhere = Elsewhere(server, nowhere)
    answer = elsewhere(task)
    assert (answer.state, answer.text) == (AnswerState.COMPLETE, "seven stones [1]")
    assert (answer.id, answer.question_id, answer.candidate) == ("answer", "question", WHO)
    assert answer.prompt
    assert [one.passage for one in answer.prompt.given] == [passage]
    assert answer.cost.amount is None
    (asked,) = server.sent_to(CHAT)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    body = cast("dict[str, Any]", asked.json())
    assert (body["model"], body["seed"], body["temperature"]) == ("tiny", 5, 0.5)
    assert "The mill has seven stones." in body["messages"][-1]["content"]
    assert not [one for one in (*elsewhere.sent, *elsewhere.back) if KEY.encode() in one]
    assert not nowhere.exists()


def test_a_server_that_is_gone_is_an_answer_too(server: ScriptedServer, tmp_path: Path) -> None:
    server.always(CHAT, json_reply({"error": {"message": "no such key"}}, 401))
    task = AskTask("run", "answer", "question", "How many?", replace(WHO, retrieval=None), ())
    answer = Elsewhere(server, tmp_path)(task)
    assert answer.state is AnswerState.FAILED
    assert answer.error


def test_a_run_whose_tasks_are_done_elsewhere(
    server: ScriptedServer, laboratory: Laboratory, tmp_path: Path
) -> None:
    """The coordinator here has another key than the workers, and asks the server nothing but its models."""
    settings = BackendSettings(kind="openai", url=f"{server.address}/v1", key=SecretStr("coordinator"))
    backend = OpenAICompatibleBackend("scripted", settings, Timeouts())
    laboratory.world.backends["scripted"] = cast("FakeBackend", backend)
    dataset = laboratory.datasets.create("Two", laboratory.cases[:2])
    elsewhere = Elsewhere(server, tmp_path / "nowhere")
    running = laboratory.experimenting
    running._rooms = replace(running._rooms, worker=elsewhere)
    who = replace(WHO, retrieval=Retrieval(laboratory.world.collection.id, 2))
    wanted = replace(laboratory.wanted(who, repeats=1), dataset_id=dataset.id)
    name = running.start(wanted)
    assert running._runs[name].done.wait(120)
    view = running.view(name)
    assert view.experiment.state is ExperimentState.FINISHED
    assert view.spend.amounts == {"USD": 0}
    trials = laboratory.experiments.trials(name)
    assert [one.right for one in trials] == [False, False]
    assert {one.cause for one in trials} == {"not in the collection"}
    keys = {one.headers["authorization"] for one in server.sent_to(CHAT)}
    assert (len(server.sent_to(CHAT)), keys) == (2, {f"Bearer {KEY}"})
    assert not [one for one in elsewhere.sent if b"coordinator" in one or KEY.encode() in one]
    backend.close()
