"""SIGKILL while answers are made: nothing half visible, nothing committed lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain import Answer, AnswerFilter, AnswerState
from storage.answers import Answers
from storage.database import Database
from storage.reports import Reports
from tests.answering.asking_process import PIECES, PROMPT_LOGGED, SAVED, STEPS

TRIALS = 40 if os.environ.get("SOAK") else 6
SEED = 4


def asking(folder: Path, step: str = "") -> subprocess.Popen[str]:
    """The process that asks; it stands still at the ``step``, if there is one."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.answering.asking_process", str(folder), *([step] if step else [])],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def lines_until_killed(folder: Path, after: int) -> list[str]:
    """What the process printed before it was killed right after its line number ``after``."""
    process = asking(folder)
    assert process.stdout is not None
    with process:
        lines = [process.stdout.readline().strip() for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        lines += [line.strip() for line in process.stdout]
    return [line for line in lines if line]


@pytest.mark.kill
def test_killed_at_any_moment_of_answering(tmp_path: Path, trials: Callable[[str, int], None]) -> None:
    moments = random.Random(SEED)
    asked: set[str] = set()
    saved: set[str] = set()
    for _ in range(TRIALS):
        for line in lines_until_killed(tmp_path, moments.randint(1, 40)):
            word, _, one = line.partition(" ")
            # The last line may be cut off in the middle by the kill.
            if len(one) == 26:
                {"asked": asked, "saved": saved}.get(word, set()).add(one)
        database = Database.open(tmp_path)
        answers = Answers(database)
        answers.mark_interrupted()
        assert database.check() == []
        logged = {answer.id: answer for _question, answer, _origin in answers.export(AnswerFilter())}
        database.close()
        assert saved <= logged.keys()
        assert asked <= {answer.question_id for answer in logged.values()}
        for answer in logged.values():
            if answer.state is AnswerState.COMPLETE:
                assert answer.text == "".join(PIECES).strip()
            else:
                assert answer.state is AnswerState.FAILED
                assert answer.id not in saved
                assert "closed" in answer.error
    trials(f"kills while answering ({len(saved)} answers seen saved, none lost)", TRIALS)
    assert saved


@pytest.mark.kill
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_of_answering(tmp_path: Path, step: str) -> None:
    """The question before is untouched; of this one there is what was logged, and it says why it ended."""
    process = asking(tmp_path, step)
    assert process.stdout is not None
    with process:
        told = list(iter(lambda: process.stdout.readline().strip(), f"at {step}"))  # type: ignore[union-attr]
        process.send_signal(signal.SIGKILL)
    database = Database.open(tmp_path)
    answers = Answers(database)
    answers.mark_interrupted()
    assert database.check() == []
    logged = [(question, answer) for question, answer, _origin in answers.export(AnswerFilter())]
    counted = Reports(database).by_candidate(AnswerFilter())
    database.close()
    before = [answer for question, answer in logged if question.text == "Question 0?"]
    assert {f"saved {answer.id}" for answer in before} == {one for one in told if one.startswith("saved")}
    for answer in before:
        whole(answer)
    killed = [answer for question, answer in logged if question.text == "Question 1?"]
    assert len(killed) == 2
    given = next(one for one in killed if one.candidate.with_documents)
    if STEPS.index(step) >= STEPS.index(PROMPT_LOGGED) and given.prompt:
        assert "the mill has seven stones" in [one.passage.text for one in given.prompt.given]
        assert given.prompt.messages
    assert any(one.prompt for one in killed) or STEPS.index(step) < STEPS.index(PROMPT_LOGGED)
    assert any(one.state is AnswerState.COMPLETE for one in killed) or step != SAVED
    for answer in killed:
        if answer.state is AnswerState.COMPLETE:
            whole(answer)
        else:
            assert answer.state is AnswerState.FAILED
            assert "closed" in answer.error
    assert sum(one.answers for one in counted) == len(logged)
    complete = sum(answer.state is AnswerState.COMPLETE for _question, answer in logged)
    assert sum(one.complete for one in counted) == complete


def whole(answer: Answer) -> None:
    """Nothing of a complete answer is missing."""
    assert answer.text == "".join(PIECES).strip()
    assert answer.prompt
    assert answer.timing.wall is not None
    if answer.candidate.with_documents:
        assert [one.number for one in answer.checks.citations] == [1]
        assert len(answer.prompt.given) == 2
        assert answer.scores
