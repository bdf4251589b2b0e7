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

from app.domain import AnswerFilter, AnswerState
from storage.answers import Answers
from storage.database import Database
from tests.answering.asking_process import PIECES

TRIALS = 40 if os.environ.get("SOAK") else 6
SEED = 4


def lines_until_killed(folder: Path, after: int) -> list[str]:
    """What the process printed before it was killed right after its line number ``after``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.answering.asking_process", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
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
