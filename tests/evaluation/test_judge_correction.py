"""The judge's mistakes taken out of its share: by hand, by properties, by simulations with known truth."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.domain import Share
from app.evaluation.judge_correction import LEAST, corrected, interval, rate
from app.evaluation.shares import wilson

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Chance = np.random.Generator
Trials = Callable[[str, int], None]
counts = st.integers(20, 200)


def column(right: int, of: int) -> list[float]:
    return [1.0] * right + [0.0] * (of - right)


def judged(
    right: tuple[int, int], wrong: tuple[int, int], rest: tuple[int, int] = (0, 0)
) -> tuple[Floats, Floats]:
    """How many of those marked right, of those marked wrong and of the others the judge called right."""
    said = [*column(*right), *column(*wrong), *column(*rest)]
    marked = [1.0] * right[1] + [0.0] * wrong[1] + [np.nan] * rest[1]
    return np.array(said)[:, None], np.array(marked)[:, None]


def test_by_hand() -> None:
    # se 18/20, sp 21/24, p (18 + 3 + 40) / 100: (0.61 + 0.875 - 1) / (0.9 + 0.875 - 1)
    found = corrected(*judged((18, 20), (3, 24), (40, 56)))
    assert (found.said.hits, found.said.of) == (61, 100)
    assert (found.sensitivity.hits, found.sensitivity.of) == (18, 20)
    assert (found.specificity.hits, found.specificity.of) == (21, 24)
    assert found.value == pytest.approx(0.485 / 0.775)
    bounds = [found.low or 0.0, found.value or 0.0, found.high or 0.0]
    assert 0.35 < bounds[0] < bounds[1] < bounds[2] < 0.9
    assert found.words == ""


def test_the_interval_is_that_of_the_paper() -> None:
    """Worked by hand from Lang and Reiczigel's formulas: 30 of 100, se 45/50, sp 95/100."""
    low, high = interval(wilson(30, 100), wilson(45, 50), wilson(95, 100))
    assert (round(low, 3), round(high, 3)) == (0.184, 0.421)


def test_a_judge_without_fault_changes_nothing() -> None:
    found = corrected(*judged((30, 30), (0, 30), (40, 80)))
    assert found.value == found.said.value == 0.5


def test_repeats_of_a_question_count_once() -> None:
    said, marked = judged((18, 20), (3, 24))
    once, twice = corrected(said, marked), corrected(np.tile(said, 3), np.tile(marked, 3))
    assert (twice.sensitivity.of, twice.specificity.of) == (20, 24)
    assert twice.value == once.value
    few = corrected(np.tile(said[:, :1], 2)[::2], np.tile(marked[:, :1], 2)[::2])
    assert few.value is None, "ten right questions asked twice are ten"


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (judged((0, 0), (0, 0)), "The judge has said nothing yet."),
        (judged((0, 0), (0, 0), (3, 9)), "so far there are 0 and 0."),
        (judged((19, 19), (0, 40)), "so far there are 19 and 40."),
        (judged((40, 40), (0, 19)), "so far there are 40 and 19."),
        (judged((20, 20), (20, 20)), "little better than a coin"),
        (judged((11, 20), (8, 20)), "little better than a coin"),
        (judged((0, 20), (20, 20)), "little better than a coin"),
    ],
)
def test_where_nothing_can_be_corrected_the_reason_is_said(arrays: tuple[Floats, Floats], words: str) -> None:
    found = corrected(*arrays)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert words in found.words


def test_marks_on_what_was_not_judged_do_not_count() -> None:
    said, marked = judged((20, 20), (0, 20))
    said[0] = np.nan
    assert "there are 19 and 20" in corrected(said, marked).words


@pytest.mark.parametrize("shapes", [((3, 1), (4, 1)), ((3,), (3,))])
def test_other_shapes_are_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="shape"):
        corrected(*(np.zeros(one) for one in shapes))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Floats, Floats]:
    right, wrong, rest = draw(counts), draw(counts), draw(st.integers(0, 100))
    return judged(
        (draw(st.integers(0, right)), right),
        (draw(st.integers(0, wrong)), wrong),
        (draw(st.integers(0, rest)), rest),
    )


@given(worlds())
def test_whatever_is_told_is_a_share_within_its_interval(arrays: tuple[Floats, Floats]) -> None:
    found = corrected(*arrays)
    if found.value is None:
        assert found.words
        return
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    # Taking mistakes out of "right" and of "wrong" must agree.
    mirrored = corrected(1 - arrays[0], 1 - arrays[1])
    assert mirrored.value == pytest.approx(1 - found.value)
    assert mirrored.low == pytest.approx(1 - found.high)
    assert mirrored.high == pytest.approx(1 - found.low)


@given(st.floats(0, 1), st.floats(0.6, 1), st.floats(0.6, 1))
def test_the_rate_undoes_what_the_judge_does(truth: float, se: float, sp: float) -> None:
    assert rate(truth * se + (1 - truth) * (1 - sp), se, sp) == pytest.approx(truth)


@pytest.mark.parametrize("number", [60, 200])
@pytest.mark.parametrize("apart", [True, False], ids=["marks on other answers", "marks on these answers"])
def test_the_interval_holds_the_truth(number: int, apart: bool, soak: bool, trials: Trials) -> None:
    """METRICS wants the uncertainty of se, sp and p in it."""
    each, chance = (2000 if soak else 40), np.random.default_rng(number)
    found = []
    for truth, se, sp in product((0.35, 0.5, 0.65), (0.7, 0.9, 0.98), (0.7, 0.9, 0.98)):
        found.append(np.mean([_held(chance, number, (truth, se, sp), apart=apart) for _ in range(each)]))
    name = "other" if apart else "the same"
    trials(f"{number} judged, marks on {name} answers: {100 * np.mean(found):.1f}% held", each * len(found))
    assert np.mean(found) >= 0.94
    assert min(found) >= (0.93 if soak else 0.85)


def _held(chance: Chance, number: int, world: tuple[float, float, float], *, apart: bool) -> bool:
    truth, se, sp = world
    right = _exactly(number, truth) if not apart else chance.random(number) < truth
    said = _said(chance, right, se, sp)
    if apart:
        marked = np.repeat([True, False], LEAST)
        told = _said(chance, marked, se, sp)
        shares = _share(said), _share(told[marked]), _share(~told[~marked])
        low, high = interval(*shares)
        return bool(low <= truth <= high)
    marks = np.where(right, 1.0, 0.0)
    for kind in (True, False):
        places = np.flatnonzero(right == kind)
        marks[chance.permutation(places)[LEAST:]] = np.nan
    found = corrected(said.astype(float)[:, None], marks[:, None])
    if found.low is None or found.high is None:
        return True
    return bool(found.low <= right.mean() <= found.high)


def _exactly(number: int, share: float) -> Truths:
    return np.arange(number) < round(number * share)


def _said(chance: Chance, right: Truths, se: float, sp: float) -> Truths:
    return np.where(right, chance.random(len(right)) < se, chance.random(len(right)) >= sp)


def _share(values: Truths) -> Share:
    return wilson(int(values.sum()), len(values))
