"""Simulations with known truth: do intervals hold it, and does the test keep its word? (METRICS, "Comparing")

A sample of it here, the whole with `make soak`; `python -m benchmarks coverage` has the methods not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, sqrt

import numpy as np
import pytest

from app.evaluation.bootstrap import ZERO_TO_ONE, difference_intervals, intervals
from app.evaluation.needed import questions_needed
from app.evaluation.shares import share_of
from app.evaluation.signflip import sign_flip
from benchmarks.coverage import false_alarms
from benchmarks.simulated import NUMBERS, SHARES, Floats, World, held, pairs_of_shares, sparse_pairs

Trials = Callable[[str, int], None]


def some(worlds: Iterator[World], whole: bool) -> list[World]:
    """All, or every seventh."""
    return list(worlds)[:: 1 if whole else 7]


def differences(world: World, trials: int, seed: int) -> Floats:
    means = world.means(trials, seed)
    return means[:, 0] - means[:, 1]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("repeats", [1, 5])
def test_wilsons_intervals_of_shares(number: int, repeats: int, soak: bool, trials: Trials) -> None:
    each = 2000 if soak else 80
    counts = np.full(number, repeats)
    found = []
    for share in SHARES:
        means = World((share,), number, repeats).means(each, 1)[:, 0]
        shares = [share_of(row, counts) for row in means]
        found.append(np.mean([one.low <= share <= one.high for one in shares]))
    trials(
        f"shares of {number} questions, {repeats} repeats: {100 * np.mean(found):.1f}% held",
        each * len(found),
    )
    assert 0.93 <= np.mean(found) <= 0.97


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("repeats", [1, 5])
def test_intervals_of_paired_differences(number: int, repeats: int, soak: bool, trials: Trials) -> None:
    each = 2000 if soak else 150
    found = []
    for seed, world in enumerate(some(pairs_of_shares(number, repeats), soak)):
        bounds = difference_intervals(differences(world, each, seed), ZERO_TO_ONE)
        found.append(held(bounds, world.true[0] - world.true[1]))
    name = f"differences on {number} questions, {repeats} repeats: {100 * np.mean(found):.1f}% held"
    trials(name, each * len(found))
    assert 0.93 <= np.mean(found) <= 0.97
    assert min(found) >= 0.89


@pytest.mark.parametrize("number", NUMBERS)
def test_candidates_that_are_almost_alike_are_not_taken_for_the_same(
    number: int, soak: bool, trials: Trials
) -> None:
    each = 2000 if soak else 150
    found = [
        held(difference_intervals(differences(world, each, seed), ZERO_TO_ONE), world.true[0] - world.true[1])
        for seed, world in enumerate(sparse_pairs(number, 1))
    ]
    trials(f"almost alike on {number} questions: {100 * np.mean(found):.1f}% held", each * len(found))
    assert np.mean(found) >= 0.93
    assert min(found) >= 0.9


@pytest.mark.parametrize("number", NUMBERS)
def test_intervals_of_means_of_scores(number: int, soak: bool, trials: Trials) -> None:
    """Scores such as token F1: many 0, many 1, the others between."""
    each = 2000 if soak else 300
    found = []
    for none, full in ((0.7, 0.1), (0.5, 0.2), (0.3, 0.3), (0.2, 0.5), (0.1, 0.7), (0.0, 0.0)):
        chance = np.random.default_rng([number, round(10 * none)])
        kind, between = chance.random((2, each, number))
        values = np.where(kind < none, 0.0, np.where(kind < none + full, 1.0, between**2))
        found.append(held(intervals(values, ZERO_TO_ONE), full + (1 - none - full) / 3))
    trials(f"mean scores of {number} questions: {100 * np.mean(found):.1f}% held", each * len(found))
    assert 0.93 <= np.mean(found) <= 0.97


@pytest.mark.parametrize(("number", "repeats"), [(20, 1), (60, 1), (60, 3), (200, 1), (200, 3)])
def test_holm_lets_at_most_5_of_100_pages_cry_wolf(
    number: int, repeats: int, soak: bool, trials: Trials
) -> None:
    """Ten pairs of five equal candidates; a page is wrong if any pair is called decisive."""
    # Repeats make more sums to count: up to 40 ms a page instead of 2.
    pages = 2000 if soak else 100 if repeats == 1 else 30
    found = false_alarms(number, repeats, pages)
    trials(f"pages with false alarms, {number} questions, {repeats} repeats: {100 * found:.1f}%", pages)
    assert found <= 0.05 + 2 * sqrt(0.05 * 0.95 / pages)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_sampled_p_value_keeps_its_level_too(number: int, soak: bool, trials: Trials) -> None:
    each = 20_000 if soak else 150
    rows = np.random.default_rng(8).standard_normal((each, number)) ** 3
    found = float((sign_flip(rows) <= 0.05).mean())
    trials(f"false alarms of single sampled tests, {number} questions: {100 * found:.1f}%", each)
    # The 20,000 choices of signs, the same for all, have an error of their own.
    assert abs(found - 0.05) <= 3 * sqrt(0.05 * 0.95 * (1 / each + 1 / 20_000))


@pytest.mark.parametrize(("true", "repeats"), [((0.6, 0.4), 1), ((0.9, 0.6), 1), ((0.7, 0.55), 3)])
def test_the_number_of_questions_that_would_decide_has_the_power_it_promises(
    true: tuple[float, float], repeats: int, soak: bool, trials: Trials
) -> None:
    each = 3000 if soak else 200
    very_many = differences(World(true, 100_000, repeats), 1, 9)[0]
    for alpha in (0.05, 0.005):
        number = questions_needed(very_many, alpha)
        assert number is not None
        found = (sign_flip(differences(World(true, number, repeats), each, 3)) <= alpha).mean()
        trials(f"power with {number} questions at {alpha}: {100 * found:.1f}%", each)
        chance = 3 * sqrt(0.8 * 0.2 / each)
        assert 0.75 - chance <= found <= 0.86 + chance


def test_half_of_the_questions_needed_do_not_do() -> None:
    true = (0.6, 0.4)
    number = questions_needed(differences(World(true, 100_000), 1, 9)[0])
    assert number is not None
    found = (sign_flip(differences(World(true, ceil(number / 2)), 200, 3)) <= 0.05).mean()
    assert found < 0.6
