"""SIGKILL at random moments of a run, and resume: nothing lost or doubled, nothing finished asked again.

The model's server is a scripted one and counts for itself what it was asked. Half of the kills come while
questions are asked, half while the causes of wrong answers are looked for, which takes asking again.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from app.domain import Answer, ExperimentState, ProbeKind, Trial
from storage.database import Database
from storage.experiments import Experiments
from tests.integration.app_process import ROOT, app, environment
from tests.parts import require
from tests.scripted_server import Recorded, Reply, ScriptedServer, Wait, json_reply, sse
from tests.waiting import until

SEED = 7
SETTINGS = {"ASSAY_BACKENDS__SCRIPTED__KIND": "openai", "ASSAY_BACKENDS__SCRIPTED__CONCURRENCY": "3"}
CHAT = "/v1/chat/completions"
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
GOLD = "The mill has seven stones."
TEXT = f"{GOLD} The inn beside it has nine beds."
FRESH = 1000
"""The seed of an answer is 1, and from here on those of asking the same again."""
RIGHT, ONCE, WRONG = range(3)
Asked = tuple[str, int]
"""A prompt with its seed: no two pieces of a run share both."""


def body_of(asked: Recorded) -> dict[str, Any]:
    return cast("dict[str, Any]", asked.json())


def asked_for(asked: Recorded) -> Asked:
    return str(body_of(asked)["messages"][-1]["content"]), int(body_of(asked)["seed"])


def alone(asked: Recorded) -> bool:
    """Whether it was asked with the gold text alone, which comes after asking the same again."""
    prompt, _ = asked_for(asked)
    return GOLD in prompt and TEXT not in prompt


def again(asked: Recorded) -> bool:
    """Whether it was asked to find a cause."""
    return asked_for(asked)[1] >= FRESH or alone(asked)


def answered(asked: Recorded) -> Reply:
    """A third of the questions rightly, a third wrongly but for fresh seeds, a third always wrongly."""
    prompt, seed = asked_for(asked)
    kind = int(prompt.rpartition("Question ")[2].rstrip("?")) % 3
    right = kind == RIGHT or (kind == ONCE and seed >= FRESH)
    words = ("seven " if right else "nine ", "it is")
    pieces = ({"choices": [{"delta": {"content": word}}]} for word in words)
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    return sse(*pieces, end, {"choices": [], "usage": USAGE})


@dataclass(frozen=True)
class Kept:
    """What is committed. ``asked`` are the pieces that were answered, each by what the server was sent."""

    experiment: str
    state: ExperimentState
    trials: list[Trial]
    probes: list[ProbeKind]
    asked: Counter[Asked]
    ids: set[str]


def committed(data: Path) -> Kept:
    database = Database.open(data)
    try:
        assert database.check() == []
        experiments = Experiments(database)
        (experiment,) = experiments.list()
        trials = experiments.trials(experiment.id)
        probed = experiments.probes([one.answer_id for one in trials])
        probes = [one for each in probed.values() for one in each]
        ids = [one.answer_id for one in trials] + [one.answer_id for one in probes]
        answers = experiments.answers(ids)
        assert set(answers) == set(ids)
        asked = Counter(map(_sent, answers.values()))
        kinds = [one.kind for one in probes]
        return Kept(experiment.id, experiment.state, trials, kinds, asked, set(ids))
    finally:
        database.close()


def _sent(answer: Answer) -> Asked:
    assert answer.prompt is not None
    return answer.prompt.rendered()[-1].content, answer.candidate.options.seed


def killed_after(
    data: Path,
    server: ScriptedServer,
    requests: int,
    arguments: list[str],
    counts: Callable[[Recorded], bool],
) -> None:
    """Begin the run and kill it once the server has had so many more requests that count."""

    def seen() -> int:
        return sum(map(counts, server.sent_to(CHAT)))

    before = seen()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run", *arguments],
        cwd=ROOT,
        env=environment(data, ASSAY_BACKENDS__SCRIPTED__URL=f"{server.address}/v1", **SETTINGS),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        until(lambda: seen() - before >= requests or process.poll() is not None, 120)
        process.send_signal(signal.SIGKILL)


def dataset(place: Path, questions: int) -> Path:
    right = {"answers": ["seven"], "gold_document": "mill.txt", "gold_text": GOLD}
    rows = [{"question": f"Question {n}?", **right} for n in range(questions)]
    place.write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    return place


@pytest.mark.kill
def test_killed_and_resumed(tmp_path: Path, trials: Callable[[str, int], None], soak: bool) -> None:
    questions, kills = (90, 30) if soak else (24, 5)
    data = tmp_path / "data"
    (tmp_path / "mill.txt").write_text(TEXT)
    if app(data, "ingest", str(tmp_path / "mill.txt"), "--collection", "Mill").code:
        require("weights", "the embedded embedder is not installed")
    file = dataset(tmp_path / "mill.jsonl", questions)
    moments = random.Random(SEED)
    first = kills // 2
    gate = threading.Event()
    gate.set()
    with ScriptedServer() as server:
        server.always(CHAT, lambda asked: held(answered(asked), gate) if alone(asked) else answered(asked))
        server.always("/v1/models", json_reply({"data": [{"id": "tiny"}]}))
        arguments = ["--dataset", str(file), "--collection", "Mill", "--no-documents-too"]
        arguments += ["--temperature", "0.5", "--model", "scripted/tiny"]
        within: Counter[bool] = Counter()
        kept: Kept | None = None
        for number in range(kills):
            before = len(server.sent_to(CHAT))
            if number < first:
                killed_after(data, server, moments.randint(1, 3 if number else 12), arguments, anything)
            elif number % 2:
                killed_after(data, server, moments.randint(1, 3), arguments, again)
            else:  # its same again is done, and its cause not found: the one moment when that could be lost
                gate.clear()
                killed_after(data, server, 1, arguments, alone)
                gate.set()
            kept = nothing_lost(kept, committed(data), server.sent_to(CHAT)[before:])
            within[len(kept.trials) == 2 * questions] += 1
            arguments = ["--resume", kept.experiment]
        before = len(server.sent_to(CHAT))
        settings = {"ASSAY_BACKENDS__SCRIPTED__URL": f"{server.address}/v1", **SETTINGS}
        ended = app(data, "run", *arguments, **settings)
        assert ended.code == 0, ended.err
        end = nothing_lost(kept, committed(data), server.sent_to(CHAT)[before:])
        all_there(end, questions)
        # What a kill took from three answers at once was asked again, and nothing else.
        assert len(server.sent_to(CHAT)) <= sum(end.asked.values()) + 3 * kills
    assert within == {False: first, True: kills - first}
    trials("kills of a run of an experiment while it asked, each resumed", within[False])
    trials("kills of a run of an experiment while it looked for causes, each resumed", within[True])


def anything(_asked: Recorded) -> bool:
    return True


def held(reply: Reply, gate: threading.Event) -> Reply:
    """Comes when the gate is open."""
    return replace(reply, before=(Wait(gate),))


def nothing_lost(before: Kept | None, now: Kept, sent: list[Recorded]) -> Kept:
    """What was committed still is, nothing is there twice, and nothing of it was ``sent`` since."""
    assert max(now.asked.values(), default=1) == 1
    assert before is None or before.ids <= now.ids
    again_and_again = set(before.asked if before else ()) & set(map(asked_for, sent))
    assert again_and_again == set(), "finished and asked again"
    return now


def all_there(end: Kept, questions: int) -> None:
    third = questions // 3
    assert end.state is ExperimentState.FINISHED
    assert len(end.trials) == 2 * questions
    with_documents = Counter(one.cause for one in end.trials if one.slot.candidate == 0)
    assert with_documents == {"": third, "not repeatable": third, "model wrong": third}
    without = Counter(one.cause for one in end.trials if one.slot.candidate == 1)
    assert without == {"": third, "no documents given": 2 * third}
    assert Counter(end.probes) == {ProbeKind.AGAIN: 2 * third, ProbeKind.GOLD: third}
