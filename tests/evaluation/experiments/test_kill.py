"""SIGKILL at random moments of a run, and resume: nothing lost or doubled, nothing finished asked again.

The model's server is a scripted one and counts for itself what it was asked.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from app.domain import ExperimentState, Trial
from storage.database import Database
from storage.experiments import Experiments
from tests.integration.app_process import ROOT, app, environment
from tests.parts import require
from tests.scripted_server import Recorded, Reply, ScriptedServer, json_reply, sse
from tests.waiting import until

QUESTIONS = 24
SEED = 7
SETTINGS = {"ASSAY_BACKENDS__SCRIPTED__KIND": "openai", "ASSAY_BACKENDS__SCRIPTED__CONCURRENCY": "3"}
CHAT = "/v1/chat/completions"
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def answered(asked: Recorded) -> Reply:
    words = ('{"match": ', '"yes"}') if judging(asked) else ("seven ", "stones")
    pieces = ({"choices": [{"delta": {"content": word}}]} for word in words)
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    return sse(*pieces, end, {"choices": [], "usage": USAGE})


def judging(asked: Recorded) -> bool:
    """Whether it was asked as a judge."""
    return "Answer to check: " in str(cast("dict[str, Any]", asked.json())["messages"][-1]["content"])


def questions_of(asked: list[Recorded]) -> list[str]:
    """What the server was asked, with documents or without."""
    bodies = (cast("dict[str, Any]", one.json()) for one in asked)
    prompts = (str(one["messages"][-1]["content"]) for one in bodies)
    return [_who(one.startswith("Passages")) + one.rpartition("Question: ")[2] for one in prompts]


def _who(with_documents: bool) -> str:
    return "with " if with_documents else ""


def key(trial: Trial) -> str:
    return _who(trial.slot.candidate == 0) + f"Question {trial.slot.case}?"


def committed(data: Path) -> tuple[str, list[Trial], ExperimentState]:
    database = Database.open(data)
    try:
        assert database.check() == []
        (experiment,) = Experiments(database).list()
        return experiment.id, Experiments(database).trials(experiment.id), experiment.state
    finally:
        database.close()


def killed_after(data: Path, server: ScriptedServer, requests: int, arguments: list[str]) -> None:
    """Begin the run and kill it once the server has had so many more requests."""
    before = len(server.sent_to(CHAT))
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run", *arguments],
        cwd=ROOT,
        env=environment(data, ASSAY_BACKENDS__SCRIPTED__URL=f"{server.address}/v1", **SETTINGS),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        until(lambda: len(server.sent_to(CHAT)) - before >= requests or process.poll() is not None, 60)
        process.send_signal(signal.SIGKILL)


@pytest.mark.kill
def test_killed_and_resumed(tmp_path: Path, trials: Callable[[str, int], None], soak: bool) -> None:
    data = tmp_path / "data"
    (tmp_path / "mill.txt").write_text("The mill has seven stones.")
    if app(data, "ingest", str(tmp_path / "mill.txt"), "--collection", "Mill").code:
        require("weights", "the embedded embedder is not installed")
    rows = [{"question": f"Question {n}?", "answers": ["seven"]} for n in range(QUESTIONS)]
    (tmp_path / "mill.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    moments = random.Random(SEED)
    kills = 30 if soak else 5
    with ScriptedServer() as server:
        server.always(CHAT, answered)
        server.always("/v1/models", json_reply({"data": [{"id": "tiny"}]}))
        first = ["--dataset", str(tmp_path / "mill.jsonl"), "--collection", "Mill", "--no-documents-too"]
        killed_after(data, server, moments.randint(1, 12), [*first, "--model", "scripted/tiny"])
        done = 1
        while True:
            name, found, state = committed(data)
            kept = {key(one) for one in found}
            assert len(kept) == len(found)
            before = len(server.sent_to(CHAT))
            if done < kills and len(found) < 2 * QUESTIONS - 8:
                killed_after(data, server, moments.randint(1, 4), ["--resume", name])
                done += 1
            else:
                settings = {"ASSAY_BACKENDS__SCRIPTED__URL": f"{server.address}/v1", **SETTINGS}
                ended = app(data, "run", "--resume", name, **settings)
                assert ended.code == 0, ended.err
            again = kept & set(questions_of(server.sent_to(CHAT)[before:]))
            assert again == set(), f"finished and asked again after kill {done}: {again}"
            if state is ExperimentState.FINISHED or committed(data)[2] is ExperimentState.FINISHED:
                break
        _, found, _ = committed(data)
        assert len(found) == 2 * QUESTIONS
        assert {one.right for one in found} == {True}
    trials("kills of a run of an experiment, each resumed", done)


@pytest.mark.kill
def test_killed_while_judging_and_resumed(
    tmp_path: Path, trials: Callable[[str, int], None], soak: bool
) -> None:
    data, questions = tmp_path / "data", 12
    (tmp_path / "mill.txt").write_text("The mill has seven stones.")
    if app(data, "ingest", str(tmp_path / "mill.txt"), "--collection", "Mill").code:
        require("weights", "the embedded embedder is not installed")
    rows = [{"question": f"Question {n}?", "answers": ["seven"]} for n in range(questions)]
    (tmp_path / "mill.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    moments, kills, done = random.Random(SEED), 10 if soak else 2, 0
    with ScriptedServer() as server:
        server.always(CHAT, answered)
        server.always("/v1/models", json_reply({"data": [{"id": "tiny"}]}))
        settings = {"ASSAY_BACKENDS__SCRIPTED__URL": f"{server.address}/v1", **SETTINGS}
        arguments = ["--dataset", str(tmp_path / "mill.jsonl"), "--collection", "Mill"]
        arguments += ["--model", "scripted/tiny", "--judge", "scripted/tiny"]
        requests, judged = questions + moments.randint(1, 3), set[int]()
        while done < kills and len(judged) < questions - 4:
            before = len(server.sent_to(CHAT))
            killed_after(data, server, requests, arguments)
            done += 1
            assert not judged & judged_in(server, before), f"judged twice after kill {done - 1}"
            name, found, _ = committed(data)
            judged = {one.slot.case for one in found if one.told_by == "judge"}
            arguments, requests = ["--resume", name], moments.randint(1, 3)
        before = len(server.sent_to(CHAT))
        ended = app(data, "run", *arguments, **settings)
        assert ended.code == 0, ended.err
        assert not judged & judged_in(server, before)
        asked = [one for one in server.sent_to(CHAT) if not judging(one)]
        assert len(asked) == questions, "an answer that waits for the judge is not asked again"
        _, found, state = committed(data)
        assert state is ExperimentState.FINISHED
        assert [(one.right, one.rule) for one in found] == [(True, "judge")] * questions
    trials("kills of a run while it was judging, each resumed", done)


def judged_in(server: ScriptedServer, since: int) -> set[int]:
    """The cases that were judged since so many requests."""
    bodies = (cast("dict[str, Any]", one.json()) for one in server.sent_to(CHAT)[since:] if judging(one))
    prompts = (str(one["messages"][-1]["content"]) for one in bodies)
    return {int(one.partition('Question: "Question ')[2].partition("?")[0]) for one in prompts}
