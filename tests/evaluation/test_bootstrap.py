"""The bootstrap against SciPy's, and what must not change it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.evaluation.bootstrap import (
    ZERO_TO_ONE,
    Floats,
    _poisson,
    difference_intervals,
    intervals,
    ratio_bounds,
    ratios,
    resampled_sums,
)
from app.evaluation.shares import wilson

scores = st.lists(st.floats(0, 1), min_size=2, max_size=40).map(np.array)
differences = st.lists(st.sampled_from([-1, -0.5, 0, 0.25, 1 / 3, 1]), min_size=2, max_size=40).map(np.array)


def of(values: Floats) -> tuple[float, float]:
    low, high = intervals(values[np.newaxis], ZERO_TO_ONE)[0].tolist()
    return low, high


def between(values: Floats) -> tuple[float, float]:
    low, high = difference_intervals(values[np.newaxis], ZERO_TO_ONE)[0].tolist()
    return low, high


@settings(max_examples=15)
@given(st.integers(40, 200), st.floats(0.2, 5), st.integers(0, 1000))
def test_agrees_with_scipy(number: int, bend: float, seed: int) -> None:
    """On the same values, the two imagined ones included: SciPy draws, we weigh, both by chance."""
    from scipy.stats import bootstrap

    values = np.random.default_rng(seed).random(number) ** bend
    low, high = of(values)
    with_imagined = np.append(values, [0.25, 0.75])
    theirs = bootstrap(
        (with_imagined,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(seed)
    ).confidence_interval

    near = 0.07 * (theirs.high - theirs.low)
    assert low == pytest.approx(theirs.low, abs=near)
    assert high == pytest.approx(theirs.high, abs=near)


def test_an_unscaled_measure_agrees_with_scipy() -> None:
    from scipy.stats import bootstrap

    seconds = np.random.default_rng(3).lognormal(1, 0.5, 120)
    low, high = intervals(seconds[np.newaxis], None)[0].tolist()
    theirs = bootstrap((seconds,), np.mean, method="percentile", rng=np.random.default_rng(3))
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval), rel=0.02)


@settings(max_examples=20)
@given(scores, st.randoms(use_true_random=False))
def test_neither_order_nor_other_rows_nor_gaps_change_it(values: Floats, chance: object) -> None:
    alone = of(values)
    order = np.random.default_rng(len(values)).permutation(len(values))
    gaps = np.insert(values[order], [0, len(values) // 2], np.nan)
    page = np.full((3, len(gaps) + 500), np.nan)
    page[0] = 0.5
    page[1, : len(gaps)] = gaps
    assert intervals(page, ZERO_TO_ONE)[1].tolist() == pytest.approx(alone, abs=1e-6)


@given(scores)
def test_the_mean_is_within_and_the_scale_is_kept(values: Floats) -> None:
    low, high = of(values)
    assert 0 <= low <= values.mean() <= high <= 1 + 1e-9
    assert low < high


@given(differences)
def test_swapping_the_two_swaps_the_bounds(values: Floats) -> None:
    low, high = between(values)
    assert between(-values) == (-high, -low)
    assert -1 <= low <= values.mean() <= high <= 1


def test_what_looks_the_same_from_both_sides_has_a_symmetric_interval() -> None:
    low, high = between(np.array([1.0, 0.5, -0.5, -1.0, 0, 0]))
    assert low == -high < 0


@settings(max_examples=20)
@given(differences)
def test_the_same_questions_ten_times_are_surer(values: Floats) -> None:
    assume(len(values) > 4)
    few, many = between(values), between(np.tile(values, 10))
    assert many[1] - many[0] < few[1] - few[0]


def test_equal_answers_leave_some_doubt_the_less_the_more_there_were() -> None:
    few, many = between(np.zeros(20)), between(np.zeros(200))
    assert few == pytest.approx((-0.161, 0.161), abs=0.001)
    assert many == pytest.approx((-0.019, 0.019), abs=0.001)


@pytest.mark.parametrize("hits", [0, 50])
def test_where_all_are_equal_it_is_wilsons(hits: int) -> None:
    share = wilson(hits, 50)
    assert of(np.full(50, hits / 50)) == pytest.approx((share.low, share.high))


@pytest.mark.parametrize("values", [[], [0.5], [np.nan, 0.5, np.nan], [np.nan, np.nan]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    row = np.array([values], dtype=float)
    assert np.isnan(intervals(row, ZERO_TO_ONE)).all()
    assert np.isnan(difference_intervals(row, None)).all()


def test_no_rows_have_no_intervals() -> None:
    assert intervals(np.empty((0, 5)), ZERO_TO_ONE).shape == (0, 2)
    assert difference_intervals(np.empty((0, 5)), ZERO_TO_ONE).shape == (0, 2)


def test_it_comes_out_the_same_every_time() -> None:
    values = np.linspace(0, 1, 37)
    assert of(values) == of(values)


def test_the_weights_are_poissons() -> None:
    weights = _poisson().astype(float)
    assert weights.mean() == pytest.approx(1, abs=1e-4)
    assert weights.var() == pytest.approx(1, abs=1e-3)
    assert (weights == 0).mean() == pytest.approx(np.exp(-1), abs=1e-4)


def test_memory_is_bounded() -> None:
    """45 pairs on 10,000 questions: copying resamples would take gigabytes."""
    rows = np.random.default_rng(1).random((45, 10_000))
    tracemalloc.start()
    difference_intervals(rows, ZERO_TO_ONE)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100e6


# ----------------------------------------------------------------- ratios


def ratio(above: Sequence[float], below: Sequence[float]) -> tuple[float, float]:
    """The interval of the ratio of two sums."""
    top, bottom = resampled_sums(np.array([above, below]))
    found = np.array([sum(above) / sum(below) if sum(below) else np.inf])
    low, high = ratio_bounds(ratios(top[np.newaxis], bottom[np.newaxis], found))[0].tolist()
    return low, high


def test_a_ratio_has_the_interval_of_its_parts() -> None:
    chance = np.random.default_rng(5)
    cost, right = chance.random(300), (chance.random(300) < 0.5).astype(float)
    low, high = ratio(cost.tolist(), right.tolist())
    found = cost.sum() / right.sum()

    assert low < found < high
    order = chance.permutation(300)
    assert ratio(cost[order].tolist(), right[order].tolist()) == pytest.approx((low, high), rel=1e-6)
    assert ratio(cost.tolist(), [1] * 300) == pytest.approx(
        tuple(intervals(cost[np.newaxis], None)[0].tolist()), rel=0.01
    )


def test_where_hardly_any_is_right_a_right_answer_may_cost_anything() -> None:
    low, high = ratio([1] * 20, [0, 0, 0, 1] + [0] * 16)
    assert 0 < low < 20 < high == np.inf
    assert ratio([1] * 20, [0] * 20) == (np.inf, np.inf)


def test_a_resample_without_anything_counts_as_the_data() -> None:
    assert ratio([2, 2], [1, 1]) == (2, 2)


def test_sums_of_all_rows_have_the_same_resamples_and_need_every_value() -> None:
    rows = np.random.default_rng(6).random((2, 40))
    first, second, both = resampled_sums(np.vstack([rows, rows.sum(axis=0)]))
    assert first + second == pytest.approx(both, rel=1e-5)
    with pytest.raises(ValueError, match="every question"):
        resampled_sums(np.array([[1.0, np.nan]]))


def test_an_interval_of_another_level_is_wider() -> None:
    rows = np.random.default_rng(7).random((1, 50))
    for of in (intervals, difference_intervals):
        usual, wide = of(rows, ZERO_TO_ONE)[0], of(rows, ZERO_TO_ONE, 0.05 / 19)[0]
        assert wide[0] < usual[0] < usual[1] < wide[1]
    same = intervals(np.ones((1, 20)), ZERO_TO_ONE, 0.05 / 19)
    assert same[0][0] < intervals(np.ones((1, 20)), ZERO_TO_ONE)[0][0]
