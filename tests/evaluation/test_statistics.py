"""Wilson's interval against SciPy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.statistics import wilson


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
