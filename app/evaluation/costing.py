"""What the answers of an experiment cost, and what a right one does (METRICS, "Cost" and "Comparing").

Sums of money are sums of integers, exact whatever their size, by currency: no currency is ever turned into
another here. Intervals are of the bootstrap over questions, all repeats of a question together, one for all
candidates: a question's resampled weight is the same for its cost and for its right answers.

A resample in which a candidate has no right answer has no cost per right answer: it counts as infinite, so
that where more than 2.5% of the resamples are so the interval has no upper end, and says so. It is not left
out, which would make whoever is seldom right look cheap.

Whose right answer costs least is decided against each of the others that has any: with r the cost per right
answer, the two-sided p of a pair is 2 (b + 1) / (B + 1), b of the B resamples having r of the other no
greater. It is multiplied by the number of others (Bonferroni), all of which have to be told apart: multiple
comparisons with the best, J. C. Hsu (1981), "Simultaneous confidence intervals for all distances from the
best", Annals of Statistics 9 (5), 1026-1034. With fewer than ``LEAST`` questions nothing is called decided: a
percentile bootstrap of 20 covers about 92% for 95, and of fewer still less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from app.costs.machines import weakest
from app.domain import (
    ALPHA,
    Average,
    CandidateCost,
    CostedAnswer,
    Costs,
    Experiment,
    Rate,
    Results,
    Spend,
    Tokens,
)
from app.evaluation.bootstrap import RESAMPLES, ratio_bounds, ratios, resampled_sums

Floats = NDArray[np.float64]
LEAST = 20
"""Questions with a known cost and outcome from which on a cost per right answer can be decided."""


def costs_of(
    experiment: Experiment, results: Results, right: Floats, answers: Sequence[CostedAnswer], spend: Spend
) -> Costs:
    """All of it. ``right`` (candidates x cases x repeats) is 1, 0, or NaN where that is not told.

    ``spend`` is what everything of the experiment cost.
    """
    own: list[list[CostedAnswer]] = [[] for _ in experiment.candidates]
    for one in answers:
        own[one.slot.candidate].append(one)
    exact = [_Exact.of(mine, right) for mine in own]
    resampled = _Resampled.of(exact, experiment.cases, answers, right)
    bounds = resampled.bounds()
    made = tuple(
        _cost(one.hash, mine, sums, bounds[:, place])
        for place, (one, mine, sums) in enumerate(zip(experiment.candidates, own, exact, strict=True))
    )
    currency = _common(made)
    shares = {one.candidate.hash: one.right.value for one in results.candidates if one.right.of}
    points = {
        one.candidate: (one.each.amount / one.each.of, shares[one.candidate])
        for one in made
        if one.each is not None and one.currency == currency and one.candidate in shares
    }
    cheapest = _cheapest(made, currency)
    return Costs(
        candidates=made,
        currency=currency,
        frontier=frontier_of(points),
        cheapest="" if cheapest is None else made[cheapest].candidate,
        decisive=cheapest is not None and resampled.decides(cheapest, _others(made, currency, cheapest)),
        apart=_apart(made, spend),
    )


def frontier_of(points: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Of (cost, share right) by name those that no other beats, the cheapest first (V. Pareto).

    One beats another if it is no dearer and no less often right, and better in one of the two.
    """
    order = sorted(points, key=lambda one: (points[one][0], -points[one][1]))
    found: list[str] = []
    for one in order:
        if not found or points[one][1] > points[found[-1]][1] or points[one] == points[found[-1]]:
            found.append(one)
    return tuple(found)


@dataclass(frozen=True)
class _Exact:
    """The sums of one candidate, as integers. ``both`` is over answers with a known cost and outcome."""

    totals: Mapping[str, int]
    priced: int
    both: int
    told: int
    right: int

    @classmethod
    def of(cls, answers: Iterable[CostedAnswer], right: Floats) -> _Exact:
        totals: Counter[str] = Counter()
        priced = both = told = hits = 0
        for one in answers:
            if one.amount is None:
                continue
            totals[one.currency] += one.amount
            priced += 1
            outcome = float(right[one.slot])
            if not isnan(outcome):
                both += one.amount
                told += 1
                hits += outcome == 1
        return cls(dict(totals), priced, both, told, int(hits))

    @property
    def comparable(self) -> bool:
        return len(self.totals) == 1

    def found(self) -> tuple[float, float]:
        """The two ratios as they are: for each answer, and for each right one."""
        each = sum(self.totals.values()) / self.priced if self.priced else 0.0
        return each, self.both / self.right if self.right else np.inf


@dataclass(frozen=True, eq=False)
class _Resampled:
    """The two ratios of every candidate in every resample, and of how many questions they are.

    ``ratios`` and ``questions`` have a row for the cost of an answer, and one for that of a right one.
    """

    ratios: tuple[Floats, Floats]
    questions: NDArray[np.int64]

    @classmethod
    def of(
        cls, exact: Sequence[_Exact], cases: int, answers: Iterable[CostedAnswer], right: Floats
    ) -> _Resampled:
        table = np.zeros((4, len(exact), cases))
        counted = np.zeros((len(exact), cases))
        known = [one for one in answers if one.amount is not None]
        if known:
            places = tuple(np.array([one.slot for one in known]).T)
            paid = np.array([float(one.amount or 0) for one in known])
            outcome = right[places]
            told = ~np.isnan(outcome)
            where = places[:2]
            for row, value in enumerate((paid, np.ones(len(paid)), paid * told, np.nan_to_num(outcome))):
                np.add.at(table[row], where, value)
            np.add.at(counted, where, told.astype(np.float64))
        sums = resampled_sums(table.reshape(4 * len(exact), cases)).reshape(4, len(exact), RESAMPLES)
        each, hit = np.array([one.found() for one in exact]).reshape(len(exact), 2).T
        made = ratios(sums[0], sums[1], each), ratios(sums[2], sums[3], hit)
        return cls(made, np.stack([(table[1] > 0).sum(axis=1), (counted > 0).sum(axis=1)]))

    def bounds(self) -> Floats:
        """2 x candidates x 2: the intervals of both ratios, NaN for fewer than two questions."""
        found = np.stack([ratio_bounds(one) for one in self.ratios])
        return np.where((self.questions > 1)[:, :, np.newaxis], found, np.nan)

    def decides(self, cheapest: int, others: Sequence[int]) -> bool:
        """Whether the cost of its right answers is told from that of each of the others."""
        compared = [cheapest, *others]
        if not others or self.questions[1][compared].min() < LEAST:
            return False
        _, costs = self.ratios
        against = (costs[others] <= costs[cheapest]).sum(axis=1)
        chances = 2 * (against + 1) / (RESAMPLES + 1) * len(others)
        return bool((chances <= ALPHA).all())


def _cost(name: str, answers: Sequence[CostedAnswer], exact: _Exact, bounds: Floats) -> CandidateCost:
    each = right = None
    if exact.comparable:
        each = _rate(sum(exact.totals.values()), exact.priced, bounds[0])
        right = _rate(exact.both, exact.right, bounds[1]) if exact.told else None
    alone = [one.timing.machine for one in answers if one.timing.shared <= 1]
    loads = [one.timing.load for one in answers if one.timing.load]
    usages = [one.usage for one in answers]
    return CandidateCost(
        candidate=name,
        answers=len(answers),
        priced=exact.priced,
        totals=exact.totals,
        basis=weakest(one.basis for one in answers if one.amount is not None) if exact.priced else "unknown",
        each=each,
        right=right,
        told=exact.told,
        tokens=Tokens(
            prompt=_average([one.prompt for one in usages]),
            completion=_average([one.completion for one in usages]),
            thinking=_average([one.thinking for one in usages]),
            cached=_average([one.cached for one in usages]),
        ),
        machine=_average(alone),
        shared=len(answers) - len(alone),
        load_seconds=float(sum(loads)),
        loads=len(loads),
    )


def _rate(amount: int, of: int, bounds: Floats) -> Rate:
    low, high = bounds.tolist()
    known = np.isfinite(low) and of
    return Rate(
        amount, of, round(low) if known else None, round(high) if known and np.isfinite(high) else None
    )


def _average(values: Sequence[float | None]) -> Average:
    known = [one for one in values if one is not None]
    return Average(sum(known) / len(known), len(known)) if known else Average(None, 0)


def _common(made: Iterable[CandidateCost]) -> str:
    """The currency of most candidates, of equally many the first."""
    often = Counter(one.currency for one in made if one.each is not None)
    return often.most_common(1)[0][0] if often else ""


def _cheapest(made: Sequence[CandidateCost], currency: str) -> int | None:
    """The place of the candidate whose right answer costs least."""
    known = [
        (one.right.amount / one.right.of, place)
        for place, one in enumerate(made)
        if one.right is not None and one.right.of and one.currency == currency
    ]
    return min(known)[1] if known else None


def _others(made: Sequence[CandidateCost], currency: str, cheapest: int) -> list[int]:
    """Whom it is compared with: whoever has a right answer, paid in the same currency."""
    return [
        place
        for place, one in enumerate(made)
        if place != cheapest and one.right is not None and one.right.of and one.currency == currency
    ]


def _apart(made: Iterable[CandidateCost], spend: Spend) -> Spend:
    """What is spent beside the answers that count."""
    left = Counter(spend.amounts)
    unknown = spend.unknown
    for one in made:
        left.subtract(one.totals)
        unknown -= one.unknown
    return Spend({currency: amount for currency, amount in left.items() if amount}, max(unknown, 0))
