"""The claim that documents make models hallucinate: counted on answers that are known."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given as drawn
from hypothesis import strategies as st

from app.domain import Claim
from app.evaluation.claims import claims_of
from tests.experiments import bare, cases_of, examined, experiment_of, given, trials_of

BOTH = [given(), bare()]
WORDS = st.text("rwakfeu.", min_size=12, max_size=12)


def the_claim(with_documents: str, without: str, unanswerable: int = 0, repeats: int = 1) -> Claim:
    cases = cases_of(len(with_documents) // repeats, unanswerable)
    one = experiment_of(BOTH, len(cases), repeats)
    (found,) = claims_of(one, cases, trials_of(with_documents, without, repeats=repeats))
    return found


def test_wrong_and_invented_are_counted_on_the_questions_that_both_were_scored_on() -> None:
    #                  answerable  not
    found = the_claim("rrwwau" + "kwwf", "rwrwww" + "wwkw", unanswerable=4)
    assert (found.wrong.given.hits, found.wrong.given.of) == (4, 9)
    assert (found.wrong.bare.hits, found.wrong.bare.of) == (6, 9)
    assert (found.invented.given.hits, found.invented.given.of) == (2, 4)
    assert (found.invented.bare.hits, found.invented.bare.of) == (3, 4)
    assert found.wrong.difference.difference is not None
    assert round(found.wrong.difference.difference, 9) == round(-2 / 9, 9)


def test_which_answers_changed_sides() -> None:
    found = the_claim("wwwrra", "rrwwww")
    assert (found.pairs, found.given_wrong, found.spoilt) == (6, 3, 2)
    assert (found.bare_wrong, found.mended) == (4, 2)


def test_repeats_are_paired_by_their_number() -> None:
    found = the_claim("wr", "rw", repeats=2)
    assert (found.given_wrong, found.spoilt, found.bare_wrong, found.mended) == (1, 1, 1, 1)
    assert found.wrong.given.of == 1
    assert found.wrong.given.value == found.wrong.bare.value == 0.5


def test_a_model_that_refuses_everything_hallucinates_nothing() -> None:
    found = the_claim("a" * 20, "w" * 20)
    assert found.wrong.given.hits == 0
    assert found.wrong.difference.decisive
    assert (found.wrong.difference.difference or 0) < 0
    assert found.mended == 0


def test_only_candidates_that_were_asked_both_ways_tell_it() -> None:
    assert examined([given(), given("large")], "rw", "wr").claims == ()
    assert examined([given(), bare("large")], "rw", "wr").claims == ()
    placed = given(k=4, gold_at=1)
    assert examined([placed, bare()], "rw", "wr").claims == ()


def test_all_differences_are_corrected_together() -> None:
    large = [given("large"), bare("large")]
    found = examined([*BOTH, *large], "r" * 12, "w" * 12, "r" * 12, "w" * 12, unanswerable=4)
    assert [one.given for one in found.claims] == [BOTH[0].hash, large[0].hash]
    assert {one.wrong.difference.pairs for one in found.claims} == {4}


@drawn(WORDS, WORDS)
def test_swapping_the_two_swaps_the_claim(first: str, second: str) -> None:
    one, other = the_claim(first, second, unanswerable=4), the_claim(second, first, unanswerable=4)
    assert (one.wrong.given, one.wrong.bare) == (other.wrong.bare, other.wrong.given)
    assert (one.given_wrong, one.spoilt) == (other.bare_wrong, other.mended)
    assert one.wrong.difference.p == other.wrong.difference.p
    assert one.spoilt <= one.given_wrong <= one.pairs
    # Of pairs that both are scored, wrong with minus wrong without is what the shares say.
    assert one.wrong.given.hits - one.wrong.bare.hits == one.given_wrong - one.bare_wrong
    assert one.invented.given.hits <= one.wrong.given.hits
    assert one.wrong.difference == replace(one.wrong.difference, first=BOTH[0].hash, second=BOTH[1].hash)
