"""About how many questions would decide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.needed import questions_needed

some = st.lists(st.sampled_from([-1, -0.5, 0, 0.5, 1]), min_size=1, max_size=50).map(np.array)


def test_a_worked_case() -> None:
    """Connor's formula by hand: 25% against 15% of questions that only one was right on.

    (1.959964 sqrt(0.4) + 0.841621 sqrt(0.39))^2 / 0.01 = 311.8.
    """
    differences = np.repeat([1.0, -1.0, 0.0], [25, 15, 60])
    assert questions_needed(differences) == 312


def test_more_power_and_a_stricter_level_need_more() -> None:
    differences = np.repeat([1.0, -1.0, 0.0], [25, 15, 60])
    usual = questions_needed(differences) or 0
    assert (questions_needed(differences, power=0.9) or 0) > usual
    assert (questions_needed(differences, alpha=0.05 / 45) or 0) > usual


@pytest.mark.parametrize(
    "values", [[], [np.nan], [0.0, 0.0], [1.0, -1.0], [0.1, 0.2, -0.3], [1 / 3, 2 / 3, -1]]
)
def test_no_difference_is_never_decided(values: list[float]) -> None:
    assert questions_needed(np.array(values)) is None


@given(some)
def test_it_is_of_the_sizes_and_not_of_order_side_unit_or_gaps(
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    found = questions_needed(values)
    assert found is None or found >= 6
    for other in (values[::-1], -values, 64 * values, np.append(values, np.nan), np.tile(values, 4)):
        assert questions_needed(other) == found


def test_a_difference_on_every_question_needs_few() -> None:
    assert questions_needed(np.ones(3)) == 6
    assert questions_needed(np.ones(3), 0.005) == 9


@pytest.mark.parametrize(("alpha", "power"), [(0, 0.8), (1, 0.8), (0.05, 0), (0.05, 1)])
def test_levels_that_are_none_raise(alpha: float, power: float) -> None:
    with pytest.raises(ValueError, match="no level"):
        questions_needed(np.ones(3), alpha, power)
