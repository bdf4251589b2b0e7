"""Abstention precision, recall, and accuracy where it answered."""

from __future__ import annotations

from hypothesis import given as drawn
from hypothesis import strategies as st

from tests.experiments import examined, given


def test_worked_by_hand() -> None:
    #                                answerable  not
    (found,) = examined([given()], "rrwaa" + "kkwf", unanswerable=4).abstentions
    assert (found.precision.hits, found.precision.of) == (2, 4)
    assert (found.recall.hits, found.recall.of) == (2, 4)  # The failed one did not abstain.
    assert (found.answered.hits, found.answered.of) == (2, 4)
    assert found.unscored == 0


def test_what_says_nothing_did_not_abstain_and_is_no_answer() -> None:
    (found,) = examined([given()], "rree" + "keee", unanswerable=4).abstentions
    assert (found.recall.hits, found.recall.of) == (1, 4)
    assert (found.precision.hits, found.precision.of) == (1, 1)
    assert (found.answered.hits, found.answered.of) == (2, 2)


def test_one_that_never_abstains_has_no_precision() -> None:
    (found,) = examined([given()], "rwrw", unanswerable=1).abstentions
    assert (found.precision.of, found.recall.of, found.recall.hits, found.answered.of) == (0, 1, 0, 4)


def test_one_that_always_abstains_was_never_right_where_it_answered() -> None:
    (found,) = examined([given()], "aaak", unanswerable=1).abstentions
    assert (found.precision.value, found.recall.value, found.answered.of) == (0.25, 1.0, 0)


@drawn(st.text("rwakfeu.", min_size=12, max_size=12))
def test_shares_are_of_what_there_is(word: str) -> None:
    (found,) = examined([given()], word, unanswerable=5).abstentions
    assert found.recall.of <= 5
    assert found.precision.of + found.answered.of <= 12
    assert found.unscored == word.count("u")
