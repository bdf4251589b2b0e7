"""The mean cost of an answer with its interval, where questions are a sample of those that will be asked.

The interval is that of ``costing.py``: a bootstrap over questions, all answers to a question together, of the
ratio of what they cost to how many they are. Of what was asked by hand the mean is over all answers, however
many there are, and exact; how far questions differ is told by the newest of them. Where these are only a part
of all, the ends come nearer to the mean by the root of that part: so much less does the mean of more spread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import sqrt

import numpy as np

from app.domain import AnswerPoint, CandidateSummary, Money, Rate
from app.evaluation.bootstrap import RESAMPLES, ratio_bounds, ratios, resampled_sums

Paid = tuple[Money, int]
"""What the answers to a question cost, in 10^-12 of their currency, and how many they are."""


def mean_bounds(several: Sequence[Sequence[Paid]]) -> list[tuple[int, int] | None]:
    """The 95% interval of each mean cost, in 10^-12; None for fewer than two questions."""
    widest = max(map(len, several), default=0)
    if widest < 2:
        return [None] * len(several)
    table = np.zeros((2, len(several), widest))
    for place, own in enumerate(several):
        table[:, place, : len(own)] = np.array(own, float).reshape(-1, 2).T
    amounts, counts = resampled_sums(table.reshape(-1, widest)).reshape(2, len(several), RESAMPLES)
    whole = table.sum(axis=2)
    found = ratio_bounds(ratios(amounts, counts, whole[0] / np.maximum(whole[1], 1)))
    return [
        (round(low), round(high)) if len(own) > 1 and np.isfinite((low, high)).all() else None
        for own, (low, high) in zip(several, found.tolist(), strict=True)
    ]


def mean_costs(summaries: Iterable[CandidateSummary], newest: Sequence[AnswerPoint]) -> dict[str, Rate]:
    """What an answer of each candidate with a known cost costs, by hash; ``newest`` of its answers."""
    costed = [one for one in summaries if one.costed]
    asked: defaultdict[tuple[str, str], dict[int, Paid]] = defaultdict(dict)
    for one in newest:
        if one.cost is not None:
            own = asked[one.candidate_hash, one.currency]
            amount, count = own.get(one.question_key, (0, 0))
            own[one.question_key] = amount + one.cost, count + 1
    several = [list(asked[one.candidate_hash, one.currency].values()) for one in costed]
    return {
        one.candidate_hash: _rate(one, own, bounds)
        for one, own, bounds in zip(costed, several, mean_bounds(several), strict=True)
    }


def _rate(one: CandidateSummary, own: Sequence[Paid], bounds: tuple[int, int] | None) -> Rate:
    if bounds is None:
        return Rate(one.cost_total, one.costed)
    mean, count = float(one.cost_total / one.costed), sum(many for _, many in own)
    nearer = sqrt(min(count / one.costed, 1.0))
    newest = float(sum(amount for amount, _ in own) / count)
    low, high = (mean + nearer * (end - newest) for end in bounds)
    return Rate(one.cost_total, one.costed, max(round(low), 0), round(high))
