"""Outcomes: repeats of a question belong together, and what is unscored is not 0."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain import Mean
from app.evaluation.outcomes import Outcomes
from app.evaluation.shares import wilson

NAN = float("nan")
TABLE = np.array(
    [
        [[1, 1], [0, 1], [NAN, NAN], [0, 0]],
        [[1, NAN], [1, 1], [0, NAN], [NAN, NAN]],
    ]
)


def test_means_and_counts() -> None:
    outcomes = Outcomes.of(["a", "b"], TABLE)

    np.testing.assert_array_equal(outcomes.means, [[1, 0.5, NAN, 0], [1, 1, 0, NAN]])
    np.testing.assert_array_equal(outcomes.counts, [[2, 2, 0, 2], [1, 2, 1, 0]])
    assert (outcomes.scored("a"), outcomes.scored("b")) == (3, 3)
    assert outcomes.share("a").of == 3
    assert outcomes.share("a").value == pytest.approx(0.5)


def test_without_repeats_the_share_is_wilsons() -> None:
    outcomes = Outcomes.of(["a"], [[[1.0], [0.0], [1.0], [NAN]]])
    assert outcomes.share("a") == wilson(2, 3)


def test_averages() -> None:
    first, second = Outcomes.of(["a", "b"], TABLE).averages()

    assert (first.value, first.of) == (0.5, 3)
    assert first.low is not None and first.high is not None
    assert first.low < 0.5 < first.high
    assert second.value == pytest.approx(2 / 3)


def test_one_question_or_none_has_no_interval() -> None:
    table = [[[NAN], [0.25]], [[NAN], [NAN]]]
    assert Outcomes.of(["a", "b"], table).averages() == (Mean(0.25, 1, None, None), Mean(None, 0, None, None))
    empty = Outcomes.of(["a"], np.empty((1, 0, 1)))
    assert empty.averages() == (Mean(None, 0, None, None),)
    assert empty.share("a") == wilson(0, 0)


def test_nothing_can_be_written_to() -> None:
    source = np.zeros((1, 2, 1))
    outcomes = Outcomes.of(["a"], source)
    source[:] = 1
    assert outcomes.means.tolist() == [[0, 0]]
    for array in (outcomes.means, outcomes.counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


@pytest.mark.parametrize(
    ("names", "values", "words"),
    [
        (["a"], [[1.0]], "shape"),
        (["a", "b"], [[[1.0]]], "shape"),
        (["a", "a"], [[[1.0]], [[0.0]]], "shape"),
        (["a"], [[[1.5]]], "is not from 0.0 to 1.0"),
        (["a"], [[[-0.5]]], "is not from 0.0 to 1.0"),
        (["a"], [[[float("inf")]]], "is not from"),
    ],
)
def test_wrong_values_raise(names: list[str], values: list[list[list[float]]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Outcomes.of(names, values)


def test_a_measure_without_a_scale_takes_any_finite_number() -> None:
    assert Outcomes.of(["a"], [[[-7.0], [900.0]]], None).averages()[0].value == 446.5
    with pytest.raises(ValueError, match="is not from"):
        Outcomes.of(["a"], [[[float("-inf")]]], None)


def test_an_unknown_candidate_raises() -> None:
    with pytest.raises(ValueError, match="not in"):
        Outcomes.of(["a"], [[[1.0]]]).share("b")
