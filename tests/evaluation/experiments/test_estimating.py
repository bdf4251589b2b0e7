"""The estimate before Start: from recorded answers, and what it does not know is said."""

from __future__ import annotations

from dataclasses import replace

from app.domain import Candidate, Options, Recorded, Retrieval
from app.evaluation.experiments.estimating import estimate, most_reasks
from tests.evaluation.experiments.conftest import Laboratory

FAST, SLOW = Candidate("near", "fast"), Candidate("far", "slow")
ONE = Recorded(10, 2.0, 100.0, 20.0, 5.0, "EUR")
TWO = Recorded(4, 30.0, 50.0, 10.0, 7.5, "USD")


def places(backend: str) -> int:
    return {"near": 1, "far": 10}[backend]


def test_backends_work_beside_each_other() -> None:
    found = estimate([FAST, SLOW], [ONE, TWO], 60, places, one_at_a_time=False)
    assert (found.answers, found.seconds, found.tokens) == (120, 180.0, 60 * 180)
    assert found.amounts == {"EUR": 300, "USD": 450}
    assert (found.unknown, found.unpriced) == ((), ())
    assert found.basis == "From 14 recorded answers of the same models."


def test_a_run_for_speed_waits_for_each() -> None:
    assert estimate([FAST, SLOW], [ONE, TWO], 60, places, one_at_a_time=True).seconds == 60 * 32.0


def test_models_of_one_backend_wait_for_each_other() -> None:
    other = replace(FAST, model="other")
    assert estimate([FAST, other], [ONE, ONE], 10, places, one_at_a_time=False).seconds == 40.0


def test_who_has_no_record_is_named_and_not_counted_as_nothing() -> None:
    found = estimate([FAST, SLOW], [ONE, Recorded(0)], 10, places, one_at_a_time=False)
    assert (found.answers, found.seconds) == (20, 20.0)
    assert found.unknown == found.unpriced == ("slow without documents",)
    nothing = estimate([SLOW], [Recorded(0)], 10, places, one_at_a_time=False)
    assert (nothing.seconds, nothing.amounts) == (None, {})
    assert "Nothing is recorded" in nothing.basis


def test_asking_again_for_causes_stands_beside_the_figures() -> None:
    found = estimate([FAST, SLOW], [ONE, TWO], 60, places, one_at_a_time=True, reasks=[30, 0])
    assert (found.reasks, found.more.seconds, found.more.tokens) == (30, 60.0, 30 * 120)
    assert found.more.amounts == {"EUR": 150, "USD": 0}
    assert (found.answers, found.seconds) == (120, 60 * 32.0)


def test_only_what_has_gold_text_and_documents_is_asked_again() -> None:
    given = replace(FAST, retrieval=Retrieval("c"))
    warm = replace(given, options=Options(temperature=0.5))
    assert [most_reasks(one, 20, 1) for one in (FAST, given, warm)] == [0, 20, 40]
    assert most_reasks(given, 20, 3) == 180


def test_switched_off_nothing_is_asked_again(laboratory: Laboratory) -> None:
    wanted = laboratory.wanted(laboratory.world.candidate())
    gold = sum(bool(one.gold) and not one.unanswerable for one in laboratory.cases)
    assert laboratory.experimenting.estimate(wanted).reasks == gold * wanted.repeats**2
    assert laboratory.experimenting.estimate(replace(wanted, reask=False)).reasks == 0


def test_the_record_is_of_the_same_model_with_documents_or_without(laboratory: Laboratory) -> None:
    wanted = laboratory.wanted()
    assert laboratory.experimenting.estimate(wanted).seconds is None
    only_with = laboratory.wanted(laboratory.world.candidate())
    laboratory.ended(laboratory.experimenting.start(only_with))
    found = laboratory.experimenting.estimate(wanted)
    assert found.unknown == ("tiny without documents",)
    other_options = replace(laboratory.world.candidate(), options=Options(temperature=0.5))
    assert laboratory.experimenting.estimate(laboratory.wanted(other_options)).unknown == ()
    recorded = laboratory.experiments.recorded(laboratory.world.candidate())
    assert (recorded.answers, recorded.completion_tokens, recorded.cost) == (6, 7.0, 0.0)
