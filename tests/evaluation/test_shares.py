"""Wilson's interval against SciPy's, and what repeats of a question do to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import RightTally
from app.evaluation.shares import effective_questions, share_of, share_right, wilson


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_agrees_with_scipy(counts: tuple[int, int]) -> None:
    from scipy.stats import binomtest

    hits, of = counts
    expected = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    share = wilson(hits, of)

    assert (share.hits, share.of) == (hits, of)
    assert share.low == pytest.approx(expected.low, abs=1e-9)
    assert share.high == pytest.approx(expected.high, abs=1e-9)
    assert 0 <= share.low <= share.value <= share.high <= 1


def test_a_worked_case() -> None:
    """43 of 60, as SciPy 1.17 prints it."""
    share = wilson(43, 60)

    assert (round(share.low, 4), round(share.high, 4)) == (0.5923, 0.8149)


def test_the_ends_are_exact() -> None:
    assert wilson(0, 20).low == 0.0
    assert wilson(20, 20).high == 1.0


def test_nothing_tried_leaves_everything_possible() -> None:
    share = wilson(0, 0)

    assert (share.low, share.high) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "of"), [(-1, 3), (4, 3), (0, -1), (1, 0)])
def test_impossible_counts_raise(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        wilson(hits, of)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_more_trials_narrow_the_interval(counts: tuple[int, int]) -> None:
    hits, of = counts
    few, many = wilson(hits, of), wilson(10 * hits, 10 * of)

    assert many.high - many.low < few.high - few.low


# ----------------------------------------------------------------- repeats


def tally(*questions: tuple[int, int]) -> RightTally:
    """A tally of questions, each as (right, asked)."""
    shares = [right / asked for right, asked in questions]
    right, asked = sum(one for one, _ in questions), sum(one for _, one in questions)
    squares = sum(one * one for one in shares)
    return RightTally("a", len(shares), right, asked - right, 0, 0, sum(shares), squares)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=80))
def test_without_repeats_it_is_wilsons(marks: list[int]) -> None:
    assert share_right(tally(*((one, 1) for one in marks))) == wilson(sum(marks), len(marks))


def test_one_question_asked_ten_times_tells_as_much_as_one() -> None:
    assert share_right(tally((10, 10))) == wilson(1, 1)


def test_each_question_weighs_the_same() -> None:
    assert share_right(tally((9, 9), (0, 1), (0, 1))).value == pytest.approx(1 / 3)


def test_answers_that_are_alike_add_nothing_and_independent_ones_count() -> None:
    alike = tally(*[(5, 5)] * 12, *[(0, 5)] * 8)
    assert effective_questions(alike) == 20
    spread = tally(*[(3, 5)] * 10, *[(2, 5)] * 10)
    assert effective_questions(spread) == 100


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)).map(sorted).map(tuple), max_size=30))
def test_the_number_lies_between_questions_and_answers(questions: list[tuple[int, int]]) -> None:
    one = tally(*((right, max(asked, 1)) for right, asked in questions))
    assert one.questions <= effective_questions(one) <= max(one.questions, one.answers)
    share = share_right(one)
    assert 0 <= share.low <= share.high <= 1


def test_nothing_judged_leaves_everything_possible() -> None:
    assert share_right(tally()) == wilson(0, 0)


# ----------------------------------------------------------------- from arrays


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)).map(sorted).map(tuple), max_size=30))
def test_arrays_say_the_same_as_a_tally(questions: list[tuple[int, int]]) -> None:
    asked = [(right, max(of, 1)) for right, of in questions]
    # A question without a scored answer changes nothing.
    means = np.array([*(right / of for right, of in asked), np.nan])
    counts = np.array([*(of for _, of in asked), 0])
    found, expected = share_of(means, counts), share_right(tally(*asked))

    assert found.of == expected.of
    assert found.hits == pytest.approx(expected.hits)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(
    ("means", "counts", "words"),
    [
        ([0.5, 1.1], [1, 1], "not a share"),
        ([-0.1], [1], "not a share"),
        ([np.nan], [1], "not a share"),
        ([0.5], [1, 1], "shape"),
        ([[0.5]], [[1]], "shape"),
    ],
)
def test_what_is_no_share_raises(means: list[float], counts: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        share_of(np.array(means), np.array(counts))


# ----------------------------------------------------------------- coverage


def coverage(questions: int, most: int, alike: float, share: float, trials: int = 300) -> float:
    """How often the interval holds the true share, with 1 to ``most`` repeats of each question.

    ``alike`` is the correlation between the answers to one question.
    """
    chance = np.random.default_rng([questions, most, round(alike * 100), round(share * 100)])
    weight = 1 / alike - 1
    held = 0
    for _ in range(trials):
        each = chance.beta(share * weight, (1 - share) * weight, questions)
        asked = chance.integers(1, most + 1, questions)
        right = chance.binomial(asked, each)
        found = share_right(tally(*zip(right.tolist(), asked.tolist(), strict=True)))
        held += found.low <= share <= found.high
    return held / trials


@pytest.mark.parametrize("questions", [20, 60, 200])
def test_95_of_100_intervals_hold_the_truth(questions: int) -> None:
    """METRICS: mean coverage of 93-97% for true shares of 0.2 to 0.8 at n = 20, 60 and 200."""
    shares = (0.2, 0.35, 0.5, 0.65, 0.8)
    found = [
        coverage(questions, most, alike, share)
        for most in (1, 8) for alike in (0.3, 0.8) for share in shares
    ]  # fmt: skip
    assert 0.93 <= sum(found) / len(found) <= 0.97
