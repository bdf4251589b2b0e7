"""An experiment looked at as a whole: once for each state of the data, and the retrieval's means by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import Candidate, Case, Experiment, Judged, PaidAnswer, Question, Score, Slot, Trial
from app.errors import NotFound
from app.evaluation.experiments.examining import KEPT, Examining
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments, question_id
from tests.experiments import bare, experiment_of, given
from tests.storage.conftest import database, folder, opener
from tests.storage.examples import answer, question

__all__ = ["database", "folder", "opener"]
CASES = [Case("Who?", ("Ada",)), Case("When?", ("1714",))]


class Room:
    """A database with experiments on two questions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.experiments, self.datasets = Experiments(database), Datasets(database)
        self.version = self.datasets.create("Mill", CASES).version
        self.reads = 0
        self.examining = Examining(self.experiments, self.datasets, lambda: database.writes)

    def add(self, name: str, *candidates: Candidate) -> None:
        made = replace(experiment_of(candidates, len(CASES)), id=name, version=self.version)
        self.experiments.create(made)

    def commit(self, name: str, slot: Slot, *, right: bool | None, scores: tuple[Score, ...] = ()) -> None:
        who = self.experiments.get(name).candidates[slot.candidate]
        asked: Question = replace(question(collection_id=""), id=question_id(name, slot.case))
        made = replace(answer(asked, who=who), id=f"{name}-{slot}", mark=None, scores=scores)
        self.experiments.commit(name, slot, asked, Judged(made, right, "contains"))


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def test_it_is_computed_anew_when_something_was_written_and_only_then(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.add("E1", given(), bare())
    reads: list[str] = []
    whole = room.experiments.paid_trials

    def read(name: str) -> tuple[Experiment, list[Trial], list[PaidAnswer]]:
        reads.append(name)
        return whole(name)

    monkeypatch.setattr(room.experiments, "paid_trials", read)
    assert room.examining.of("E1").trials == ()
    room.commit("E1", Slot(0, 0, 0), right=True)
    first = room.examining.of("E1")
    assert [one.right for one in first.trials] == [True]
    assert first.sure.best == given().hash
    assert room.examining.of("E1") is first
    assert reads == ["E1", "E1"]
    room.commit("E1", Slot(1, 0, 0), right=False)
    assert len(room.examining.of("E1").trials) == 2


def test_what_no_rule_could_judge_was_told_by_no_rule(room: Room) -> None:
    """The screens say what told whether an answer is right: of these nothing did."""
    room.add("E1", given(), bare())
    room.commit("E1", Slot(0, 0, 0), right=True)
    room.commit("E1", Slot(0, 1, 0), right=False)
    room.commit("E1", Slot(1, 0, 0), right=None)
    found = room.examining.of("E1")
    assert [one.rule for one in found.trials] == ["contains"] * 3
    assert found.rules == {"contains": 2}


def test_it_keeps_a_few_and_refuses_what_is_not_there(room: Room) -> None:
    for number in range(KEPT + 2):
        room.add(f"E{number}", given())
    seen = [room.examining.of(f"E{number}") for number in range(KEPT + 2)]
    assert room.examining.of(f"E{KEPT + 1}") is seen[-1]
    assert room.examining.of("E0") is not seen[0]
    with pytest.raises(NotFound):
        room.examining.of("another")


def test_measures_are_made_once_until_something_is_written(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    whole = room.experiments.scores

    def read(experiment_id: str) -> list[tuple[int, int, str, float | None]]:
        reads.append(experiment_id)
        return whole(experiment_id)

    monkeypatch.setattr(room.experiments, "scores", read)
    room.add("E1", given(), bare())
    room.commit("E1", Slot(0, 0, 0), right=True, scores=(Score("hit@k", "1", 1.0, ""),))
    first = room.examining.measures("E1")
    assert (first[0]["hit@k"].mean.value, first[1]) == (1.0, {})
    assert room.examining.measures("E1") is first
    room.commit("E1", Slot(0, 1, 0), right=True, scores=(Score("hit@k", "1", None, ""),))
    found = room.examining.measures("E1")[0]["hit@k"]
    assert (found.mean.value, found.mean.of, found.answers, found.unscored) == (1.0, 1, 2, 1)
    assert reads == ["E1", "E1"]
    with pytest.raises(NotFound):
        room.examining.measures("another")
