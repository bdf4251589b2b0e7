"""A full disk at every write of a question, once and for good, until a clean pass: never a false "saved"."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import Connection

from app.domain import AnswerState
from storage.database import Database
from tests.answering.conftest import World

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("for_good", [False, True])
def test_an_answer_stays_on_the_screen_and_is_saved_when_there_is_room(
    world: World, monkeypatch: pytest.MonkeyPatch, for_good: bool, trials: Callable[[str, int], None]
) -> None:
    world.add("mill.txt", "the mill has seven stones")
    seen, at = [0], [0]
    real = Database._commit

    def commit(database: Database, connection: Connection) -> None:
        seen[0] += 1
        if at[0] and (seen[0] == at[0] or (for_good and seen[0] > at[0])):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        real(database, connection)

    monkeypatch.setattr(Database, "_commit", commit)
    for step in count(1):
        seen[0], at[0] = 0, step
        world.backends["fake"].say(f"Seven, {step} [1].")
        asked = world.comparing.ask("How many stones?", [world.candidate()], world.collection.id, "me")
        (lane,) = world.ended(asked).lanes
        hit, at[0] = seen[0] >= step, 0
        assert lane.answer is not None
        assert lane.answer.state is AnswerState.COMPLETE
        assert lane.answer.text == f"Seven, {step} [1]."
        logged = world.answers.answers(asked)
        assert lane.saved == bool(logged and logged[0].state is AnswerState.COMPLETE), step
        assert world.comparing.save_again() == 0
        (kept,) = world.answers.answers(asked)
        assert kept.text == lane.answer.text
        assert kept.prompt is not None
        assert [one.passage.text for one in kept.prompt.given] == ["the mill has seven stones"]
        if not hit:
            break
    assert step > 3, "begin, prompt, answer"
    trials(f"full disks while a question is answered ({'for good' if for_good else 'once'})", step - 1)
