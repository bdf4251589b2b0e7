"""The sign-flip test against SciPy's and by hand, and what must not change it."""

from __future__ import annotations

import tracemalloc
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evaluation.signflip import LARGEST, Floats, sign_flip

shares = st.lists(st.sampled_from([-1, -2 / 3, -0.5, 0, 0, 0.25, 1 / 3, 1]), min_size=1, max_size=12)
anything = st.lists(st.floats(-50, 50).map(lambda one: round(one, 3)), min_size=1, max_size=12)


def p_of(values: Floats, resamples: int = 20_000) -> float:
    return float(sign_flip(values[np.newaxis], resamples)[0])


def by_hand(values: list[float]) -> float:
    """All 2^n choices of signs."""
    row = np.array(values)
    sums = np.abs([np.dot(row, signs) for signs in product((-1, 1), repeat=len(row))])
    near = 1e-7 * max(np.abs(row).max(), 1e-12)
    return float((sums >= abs(row.sum()) - near).mean())


@given(st.one_of(shares, anything))
def test_agrees_with_counting_all_signs(values: list[float]) -> None:
    assert p_of(np.array(values, dtype=float)) == pytest.approx(by_hand(values), abs=1e-9)


@settings(max_examples=20)
@given(st.lists(st.sampled_from([-12, -8, -6, 0, 3, 4, 12]), min_size=2, max_size=12))
def test_agrees_with_scipys_exact_test(values: list[int]) -> None:
    """On whole numbers: SciPy takes sums that differ by rounding for different."""
    from scipy.stats import permutation_test

    row = np.array(values, dtype=float)
    theirs = permutation_test(
        (row, np.zeros_like(row)), lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples", vectorized=True, n_resamples=np.inf,
    )  # fmt: skip
    assert p_of(row) == pytest.approx(theirs.pvalue, abs=1e-9)


@settings(max_examples=6)
@given(st.integers(0, 1000))
def test_agrees_with_scipys_sampled_test(seed: int) -> None:
    from scipy.stats import permutation_test

    row = np.random.default_rng(seed).normal(0.15, 1, 80)
    theirs = permutation_test(
        (row, np.zeros_like(row)), lambda a, b, axis: np.mean(a - b, axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=10_000, rng=np.random.default_rng(seed),
    )  # fmt: skip
    assert p_of(row) == pytest.approx(theirs.pvalue, abs=0.02)


@settings(max_examples=20)
@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 3000))
def test_right_and_wrong_is_mcnemars_exact_test(better: int, worse: int, equal: int) -> None:
    from scipy.stats import binomtest

    row = np.repeat([1.0, -1.0, 0.0], [better, worse, equal])
    if len(row) == 0:
        assert np.isnan(p_of(row))
        return
    expected = binomtest(better, better + worse).pvalue if better + worse else 1.0
    assert p_of(row) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=20)
@given(shares.map(np.array), st.integers(0, 1000))
def test_order_swapping_zeros_and_gaps_change_nothing(values: Floats, seed: int) -> None:
    chance = np.random.default_rng(seed)
    many = np.tile(values, 4) * chance.random(4 * len(values))
    found = p_of(many)
    assert p_of(chance.permutation(many)) == found
    assert p_of(-many) == found
    assert p_of(np.append(many, [np.nan, 0.0, 0.0])) == found
    assert p_of(many * 1000) == pytest.approx(found)


def test_other_rows_change_nothing() -> None:
    chance = np.random.default_rng(1)
    page = chance.normal(0.1, 1, (5, 700))
    page[2, 90:] = np.nan
    page[3] = 0
    together = sign_flip(page)
    assert together.tolist() == [p_of(row) for row in page]
    assert together[3] == 1


def test_repeats_of_equal_rows_are_equally_likely() -> None:
    """Twice the same questions are no mere repeat: the test takes them for independent, and is surer."""
    row = np.array([1.0, 1, 1, -1, 1, 1])
    assert p_of(np.tile(row, 3)) < p_of(row)


def test_all_equal_is_1_and_none_at_all_is_no_number() -> None:
    assert p_of(np.zeros(30)) == 1
    assert p_of(np.array([0.0, np.nan])) == 1
    assert np.isnan(p_of(np.array([np.nan])))
    assert np.isnan(p_of(np.empty(0)))
    assert sign_flip(np.empty((0, 4))).shape == (0,)


def test_the_smallest_is_that_of_one_choice_in_two_directions() -> None:
    assert p_of(np.full(5, 0.3)) == pytest.approx(2 / 2**5)
    assert p_of(np.full(60, 0.3)) == pytest.approx(2 / 2**60)


def test_a_sampled_p_is_never_0() -> None:
    sure = 1 + np.random.default_rng(1).random(300)
    assert p_of(sure, 999) == 1 / 1000


def test_sampled_and_counted_agree_where_both_can_be_done() -> None:
    """Thirds are counted; shaken by a hair they are not, and have to be sampled."""
    chance = np.random.default_rng(4)
    row = chance.choice([-1, -1 / 3, 1 / 3, 2 / 3, 1], 150, p=[0.3, 0.15, 0.15, 0.1, 0.3])
    shaken = row * (1 + 1e-4 * chance.random(150))
    assert len(np.unique(shaken)) > np.log2(LARGEST)
    assert p_of(shaken, 100_000) == pytest.approx(p_of(row), abs=0.01)


@pytest.mark.integration
def test_five_repeats_of_10000_questions_are_sampled_with_their_ties() -> None:
    chance = np.random.default_rng(4)
    row = (chance.binomial(5, 0.5, 10_000) - chance.binomial(5, 0.5, 10_000)) / 5
    spread = np.sqrt((row * row).sum())
    from scipy.special import ndtr

    assert p_of(row) == pytest.approx(2 * ndtr(-abs(row.sum()) / spread), abs=0.02)


def test_infinite_differences_raise() -> None:
    with pytest.raises(ValueError, match="infinite"):
        sign_flip(np.array([[1.0, np.inf]]))


@pytest.mark.integration
def test_memory_is_bounded() -> None:
    rows = np.random.default_rng(1).random((45, 10_000))
    tracemalloc.start()
    sign_flip(rows)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100e6
