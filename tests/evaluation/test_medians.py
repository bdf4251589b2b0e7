"""Medians and their intervals."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.medians import median


def test_of_nothing() -> None:
    assert median([]) is None


def test_below_six_values_there_is_no_interval() -> None:
    one = median([3.0, 1.0, 2.0, 9.0, 4.0])
    assert one is not None
    assert (one.value, one.of, one.low, one.high) == (3.0, 5, None, None)


@pytest.mark.parametrize(("of", "left"), [(6, 0), (8, 0), (9, 1), (20, 5), (50, 17), (100, 39)])
def test_the_published_order_statistics(of: int, left: int) -> None:
    """Conover's table of the binomial: the 95% interval of a median runs between these ranks."""
    one = median(float(place) for place in range(of))
    assert one is not None
    assert (one.low, one.high) == (left, of - 1 - left)


@given(st.lists(st.floats(0, 1e6), min_size=6, max_size=60))
def test_the_interval_holds_the_median(values: list[float]) -> None:
    one = median(values)
    assert one is not None
    assert one.low is not None
    assert one.high is not None
    assert min(values) <= one.low <= one.value <= one.high <= max(values)


def test_many_values_are_near_the_exact_interval() -> None:
    exact, near = median(range(1000)), median(range(1001))
    assert exact is not None
    assert near is not None
    assert abs((exact.low or 0) - (near.low or 0)) <= 2


def test_it_covers_the_true_median() -> None:
    chance = random.Random(1)
    held = 0
    runs = 400
    for _ in range(runs):
        one = median(chance.expovariate(1.0) for _ in range(25))
        assert one is not None
        assert one.low is not None
        assert one.high is not None
        held += one.low <= 0.6931 <= one.high
    assert held / runs >= 0.93
