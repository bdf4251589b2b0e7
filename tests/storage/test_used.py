"""What the answers of an experiment were given, and when: of those that count, and of no other experiment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.domain import Candidate, Cost, Judged, PriceUse, Score, ScorerUse, Slot, Used
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments, question_id
from tests.experiments import bare, cases_of, experiment_of, given
from tests.storage.examples import NOON, answer, question

LATER = NOON + timedelta(days=2)


@pytest.fixture
def experiments(database: Database) -> Experiments:
    found, dataset = Experiments(database), Datasets(database).create("Mill", cases_of(2))
    for name in ("E1", "E2"):
        made = experiment_of((bare(), given()), 2)
        found.create(replace(made, id=name, dataset_id=dataset.id, version=dataset.version))
    return found


def commit(
    experiments: Experiments,
    slot: Slot,
    who: Candidate,
    *,
    asked_at: datetime = NOON,
    scores: tuple[Score, ...] = (),
    watts: str = "40",
    seconds: float = 1.0,
    name: str = "E1",
) -> None:
    """Answer a case; a slot that is taken is answered once more."""
    asked = replace(question(collection_id=""), id=question_id(name, slot.case))
    own = {"kind": "own machine", "watts": watts, "machine seconds": str(seconds)}
    cost = Cost(7, "EUR", "measured", "", own)
    made = answer(asked, who=who)
    made = replace(
        made, id=f"{name} {slot} {asked_at} {watts}", mark=None, asked_at=asked_at, scores=scores, cost=cost
    )
    experiments.commit(name, slot, asked, Judged(made, True, "contains"))


def test_where_nothing_was_answered_nothing_was_used(experiments: Experiments) -> None:
    assert experiments.used("E1") == Used()
    assert experiments.used("another") == Used()


def test_it_tells_from_when_to_when_each_candidate_was_asked(experiments: Experiments) -> None:
    commit(experiments, Slot(0, 0, 0), bare(), asked_at=LATER)
    commit(experiments, Slot(1, 0, 0), given(), asked_at=LATER)
    commit(experiments, Slot(1, 1, 0), given(), asked_at=NOON)
    commit(experiments, Slot(1, 0, 0), given(), asked_at=NOON - timedelta(days=9), name="E2")
    assert experiments.used("E1").dates == {bare().hash: (LATER, LATER), given().hash: (NOON, LATER)}


def test_scorers_are_told_by_name_and_version_with_what_they_left(experiments: Experiments) -> None:
    """Of each answer the newest version, which counts; what an older one said is kept only."""
    older, newer = Score("hit@k", "9", 0.0, "the older"), Score("hit@k", "10", 1.0, "the newer")
    other = Score("MRR@k", "1", None, "no gold text")
    commit(experiments, Slot(0, 1, 0), bare(), scores=(older, newer, other))
    commit(experiments, Slot(1, 1, 0), given(), scores=(newer, other))
    both = [ScorerUse("MRR@k", "1", 2, 2), ScorerUse("hit@k", "10", 2, 0)]
    assert list(experiments.used("E1").scorers) == both
    commit(experiments, Slot(1, 2, 0), given(), scores=(older,))
    assert list(experiments.used("E1").scorers) == [*both, ScorerUse("hit@k", "9", 1, 0)]


def test_prices_that_differ_in_an_answers_own_seconds_are_one(experiments: Experiments) -> None:
    commit(experiments, Slot(0, 0, 0), bare(), seconds=1)
    commit(experiments, Slot(1, 0, 0), given(), seconds=2)
    commit(experiments, Slot(1, 1, 0), given(), watts="60")
    at = [PriceUse({"kind": "own machine", "watts": watts}, n) for watts, n in (("40", 2), ("60", 1))]
    assert list(experiments.used("E1").prices) == at


def test_what_was_superseded_is_in_nothing_of_it(experiments: Experiments) -> None:
    for when, watts in ((NOON, "40"), (LATER, "60")):
        scored = (Score("hit@k", "1", 1.0, ""),)
        commit(experiments, Slot(0, 0, 0), bare(), asked_at=when, watts=watts, scores=scored)
    assert experiments.used("E1") == Used(
        (ScorerUse("hit@k", "1", 1, 0),),
        (PriceUse({"kind": "own machine", "watts": "60"}, 1),),
        {bare().hash: (LATER, LATER)},
    )
