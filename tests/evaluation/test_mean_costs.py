"""The mean cost of an answer: exact over all of them, with an interval over questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from app.domain import AnswerPoint, AnswerState, CandidateSummary, Money
from app.evaluation.mean_costs import mean_bounds, mean_costs

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def summary(total: int, costed: int, currency: str = "USD") -> CandidateSummary:
    return CandidateSummary("a", "a", True, costed, costed, 0, 0, 0, total, currency, costed, 0)


def point(cost: Money | None, question: int, currency: str = "USD", who: str = "a") -> AnswerPoint:
    return AnswerPoint(
        answer_id="A",
        question_id="Q",
        question="Q",
        candidate_hash=who,
        label=who,
        state=AnswerState.COMPLETE,
        first_token=None,
        wall=None,
        tokens_per_second=None,
        shared=1,
        cost=cost,
        currency=currency,
        judgement=None,
        asked_at=NOON,
        question_key=question,
    )


COSTS = [100, 250, 300, 120, 900, 410, 330, 280, 150, 505]


def test_the_mean_is_exact_and_within_its_interval() -> None:
    found = mean_costs([summary(sum(COSTS), 10)], [point(one, at) for at, one in enumerate(COSTS)])["a"]
    assert (found.amount, found.of) == (sum(COSTS), 10)
    assert found.low is not None
    assert found.high is not None
    assert 150 < found.low < sum(COSTS) / 10 < found.high < 550


def test_a_question_asked_often_is_one_question() -> None:
    """Ten answers to two questions tell of two questions, whatever they cost."""
    costs = [point(100, 1)] * 5 + [point(300, 2)] * 5
    (wide, narrow) = (
        mean_costs([summary(2000, 10)], points)["a"]
        for points in (costs, [point(one.cost, at) for at, one in enumerate(costs)])
    )
    assert None not in {wide.low, wide.high, narrow.low, narrow.high}
    assert (wide.high or 0) - (wide.low or 0) > 1.3 * ((narrow.high or 0) - (narrow.low or 0))


def test_of_more_answers_than_were_looked_at_the_mean_is_known_better() -> None:
    points = [point(one, at) for at, one in enumerate(COSTS)]
    ends = [mean_costs([summary(sum(COSTS) * many, 10 * many)], points)["a"] for many in (1, 4, 100)]
    widths = [(one.high or 0) - (one.low or 0) for one in ends]
    assert [round(one / other) for one, other in pairwise(widths)] == [2, 5]


def test_where_nothing_tells_there_is_no_interval() -> None:
    assert mean_costs([summary(0, 0)], []) == {}
    for points in (
        [],
        [point(100, 1)],
        [point(100, 1), point(None, 2)],
        [point(100, 1), point(100, 2, "EUR")],
        [point(100, 1), point(100, 2, who="b")],
    ):
        found = mean_costs([summary(100, 1)], points)["a"]
        assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize("questions", [20, 60])
def test_the_interval_holds_the_truth(questions: int, soak: bool, trials: Callable[[str, int], None]) -> None:
    """Costs as uneven as lengths of answers are; a percentile bootstrap covers a little less than 95%."""
    chance = np.random.default_rng(questions)
    each = 1000 if soak else 100
    drawn = chance.gamma(4, 250, (each, questions, 2)).sum(axis=2)
    held = []
    for costs in drawn:
        (bounds,) = mean_bounds([[(round(one), 2) for one in costs]])
        assert bounds is not None
        held.append(bounds[0] <= 1000 <= bounds[1])
    trials(f"mean costs of {questions} questions: {100 * np.mean(held):.1f}% held", each)
    assert np.mean(held) >= (0.91 if soak else 0.86)
