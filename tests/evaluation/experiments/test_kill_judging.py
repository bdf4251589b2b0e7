"""SIGKILL while a run is judging, and resume: no answer asked again, none judged twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain import ExperimentState
from tests.evaluation.experiments.test_kill import (
    CHAT,
    SETTINGS,
    TEXT,
    USAGE,
    anything,
    asked_for,
    committed,
    dataset,
    killed_after,
)
from tests.integration.app_process import app
from tests.parts import require
from tests.scripted_server import Recorded, Reply, ScriptedServer, json_reply, sse

SEED = 11
QUESTIONS = 12


def answered(asked: Recorded) -> Reply:
    """Every question rightly, and yes as a judge."""
    words = ('{"match": ', '"yes"}') if judging(asked) else ("seven ", "stones")
    pieces = ({"choices": [{"delta": {"content": word}}]} for word in words)
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    return sse(*pieces, end, {"choices": [], "usage": USAGE})


def judging(asked: Recorded) -> bool:
    """Whether it was asked as a judge."""
    return "Answer to check: " in asked_for(asked)[0]


def judged_in(server: ScriptedServer, since: int) -> set[int]:
    """The cases that were judged since so many requests."""
    prompts = (asked_for(one)[0] for one in server.sent_to(CHAT)[since:] if judging(one))
    return {int(one.partition('Question: "Question ')[2].partition("?")[0]) for one in prompts}


@pytest.mark.kill
def test_killed_while_judging_and_resumed(
    tmp_path: Path, trials: Callable[[str, int], None], soak: bool
) -> None:
    data = tmp_path / "data"
    (tmp_path / "mill.txt").write_text(TEXT)
    if app(data, "ingest", str(tmp_path / "mill.txt"), "--collection", "Mill").code:
        require("weights", "the embedded embedder is not installed")
    file = dataset(tmp_path / "mill.jsonl", QUESTIONS)
    moments, kills, done = random.Random(SEED), 10 if soak else 2, 0
    with ScriptedServer() as server:
        server.always(CHAT, answered)
        server.always("/v1/models", json_reply({"data": [{"id": "tiny"}]}))
        settings = {"ASSAY_BACKENDS__SCRIPTED__URL": f"{server.address}/v1", **SETTINGS}
        arguments = ["--dataset", str(file), "--collection", "Mill"]
        arguments += ["--model", "scripted/tiny", "--judge", "scripted/tiny"]
        requests, judged = QUESTIONS + moments.randint(1, 3), set[int]()
        while done < kills and len(judged) < QUESTIONS - 4:
            before = len(server.sent_to(CHAT))
            killed_after(data, server, requests, arguments, anything)
            done += 1
            assert not judged & judged_in(server, before), f"judged twice after kill {done - 1}"
            kept = committed(data)
            judged = {one.slot.case for one in kept.trials if one.told_by == "judge"}
            arguments, requests = ["--resume", kept.experiment], moments.randint(1, 3)
        before = len(server.sent_to(CHAT))
        ended = app(data, "run", *arguments, **settings)
        assert ended.code == 0, ended.err
        assert not judged & judged_in(server, before)
        asked = [one for one in server.sent_to(CHAT) if not judging(one)]
        assert len(asked) == QUESTIONS, "an answer that waits for the judge is not asked again"
        end = committed(data)
        assert end.state is ExperimentState.FINISHED
        assert [(one.right, one.rule) for one in end.trials] == [(True, "judge")] * QUESTIONS
    trials("kills of a run while it was judging, each resumed", done)
