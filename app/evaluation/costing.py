"""What the answers of an experiment cost, and what a right one does (METRICS, "Cost" and "Comparing").

Sums of money are exact whatever their size. Each answer comes in the currency in which it is told: converted
by the rate that a person typed (``Exchange``), else as it was paid, and then told apart. Intervals are of the
bootstrap over questions, all repeats of a question together, one for all candidates: a question's resampled
weight is the same for its cost and for its right answers.

A right answer's cost is over the answers of which it is told whether they are right. Here METRICS says "total
cost / number right": by that an answer that nobody can score, or that waits for a judge, would make the right
ones dearer although it may itself be right, and a candidate would look the dearer the less of it was scored.
The screens name it, and say how many answers are left out.

A resample in which a candidate has no right answer has no cost per right answer: it counts as infinite, so
that where more than 2.5% of the resamples are so the interval has no upper end, and says so. It is not left
out, which would make whoever is seldom right look cheap.

Whose right answer costs least is decided against each of the others that has any: with r the cost per right
answer on the questions that tell of both, the two-sided p of a pair is 2 (b + 1) / (B + 1), b of the B
resamples having r of the other no greater. It is multiplied by the number of others (Bonferroni), all of
which have to be told apart: multiple comparisons with the best, J. C. Hsu (1981), "Simultaneous confidence
intervals for all distances from the best", Annals of Statistics 9 (5), 1026-1034. With fewer than ``LEAST``
questions nothing is called decided: a percentile bootstrap of 20 covers about 92% for 95, and of fewer
still less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isnan

import numpy as np
from numpy.typing import NDArray

from app.costs.machines import weakest
from app.domain import (
    ALPHA,
    Average,
    Basis,
    Besides,
    CandidateCost,
    Costs,
    Exchange,
    Experiment,
    Money,
    PaidAnswer,
    Rate,
    Results,
    Spend,
    Tokens,
)
from app.evaluation.bootstrap import RESAMPLES, ratio_bounds, ratios, resampled_sums

Floats = NDArray[np.float64]
AS_PAID = Exchange()
LEAST = 20
"""Questions with a known cost and outcome from which on a cost per right answer can be decided."""


def costs_of(
    experiment: Experiment,
    results: Results,
    right: Floats,
    answers: Sequence[PaidAnswer],
    spend: Spend,
    *,
    exchange: Exchange = AS_PAID,
) -> Costs:
    """All of it. ``right`` (candidates x cases x repeats) is 1, 0, or NaN where that is not told.

    ``spend`` is what everything of the experiment cost; money is told as ``exchange`` says.
    """
    columns = _Columns.of(answers, right, exchange)
    exact = columns.exact(len(experiment.candidates))
    resampled = _Resampled.of(columns, exact, experiment.cases)
    bounds = resampled.bounds()
    made = tuple(
        _with_cost(columns.taken(one.hash, place), exact[place], bounds[:, place])
        for place, one in enumerate(experiment.candidates)
    )
    currency = _common(made)
    shares = {one.candidate.hash: one.right.value for one in results.candidates if one.right.of}
    points = {
        one.candidate: (one.each.mean(), shares[one.candidate])
        for one in made
        if one.each is not None and one.currency == currency and one.candidate in shares
    }
    cheapest = _cheapest(made, currency)
    # What the time of two machines costs is told by the figures of one: that decides nothing.
    others = [] if cheapest is None else _others(made, currency, cheapest)
    return Costs(
        candidates=made,
        currency=currency,
        frontier=frontier_of(points),
        cheapest="" if cheapest is None else made[cheapest].candidate,
        decisive=cheapest is not None
        and not any(experiment.apart(made[cheapest].candidate, made[one].candidate) for one in others)
        and resampled.decides(cheapest, others),
        apart=_apart(
            [one for one, who in zip(made, experiment.candidates, strict=True) if not who.imported],
            spend,
            exchange,
        ),
        rates=exchange.used([*(one.currency for one in answers if one.amount is not None), *spend.amounts]),
    )


def frontier_of(points: Mapping[str, tuple[float | Fraction, float]]) -> tuple[str, ...]:
    """Of (cost, share right) by name those that no other beats, the cheapest first (V. Pareto).

    One beats another if it is no dearer and no less often right, and better in one of the two.
    """
    order = sorted(points, key=lambda one: (points[one][0], -points[one][1]))
    found: list[str] = []
    for one in order:
        if not found or points[one][1] > points[found[-1]][1] or points[one] == points[found[-1]]:
            found.append(one)
    return tuple(found)


@dataclass
class _Exact:
    """The sums of one candidate, as integers. ``both`` is over ``told`` answers with a known outcome."""

    totals: dict[str, Money] = field(default_factory=dict)
    bases: set[Basis] = field(default_factory=set)
    priced: int = 0
    both: Money = 0
    told: int = 0
    right: int = 0

    def add(self, amount: Money, currency: str, basis: Basis, outcome: float) -> None:
        """Count an answer with a known cost; ``outcome`` is NaN where it is not told if it is right."""
        self.totals[currency] = self.totals.get(currency, 0) + amount
        self.bases.add(basis)
        self.priced += 1
        if not isnan(outcome):
            self.both += amount
            self.told += 1
            self.right += outcome == 1

    def found(self) -> tuple[float, float]:
        """The two ratios as they are: for each answer, and for each right one."""
        each = float(sum(self.totals.values()) / self.priced) if self.priced else 0.0
        return each, float(self.both / self.right) if self.right else np.inf


@dataclass(frozen=True, eq=False)
class _Columns:
    """The answers column by column.

    ``places`` are their candidates, cases and repeats, ``outcome`` whether they are right (1, 0), and
    ``took`` its tokens of each kind, load and machine seconds as rows; all are NaN where that is not known.
    """

    places: tuple[NDArray[np.int64], ...]
    amounts: Sequence[Money | None]
    currencies: Sequence[str]
    bases: Sequence[Basis]
    took: Floats
    alone: NDArray[np.bool_]
    outcome: Floats

    @classmethod
    def of(cls, answers: Sequence[PaidAnswer], right: Floats, exchange: Exchange) -> _Columns:
        columns = zip(*answers, strict=True) if answers else [()] * len(PaidAnswer._fields)
        candidates, cases, repeats, amounts, currencies, bases, *took, shared = columns
        places = tuple(np.array(one, dtype=np.int64) for one in (candidates, cases, repeats))
        return cls(
            places=places,
            amounts=[
                None if amount is None else exchange.told(amount, currency)
                for amount, currency in zip(amounts, currencies, strict=True)
            ],
            currencies=[exchange.into(one) for one in currencies],
            bases=bases,
            # None becomes NaN.
            took=np.array(took, dtype=np.float64),
            alone=np.array(shared, dtype=np.int64) <= 1,
            outcome=right[places],
        )

    def exact(self, candidates: int) -> list[_Exact]:
        """The sums of each candidate."""
        found = [_Exact() for _ in range(candidates)]
        columns = self.places[0].tolist(), self.amounts, self.currencies, self.bases, self.outcome.tolist()
        for candidate, amount, currency, basis, outcome in zip(*columns, strict=True):
            if amount is not None:
                found[candidate].add(amount, currency, basis, outcome)
        return found

    def taken(self, name: str, candidate: int) -> CandidateCost:
        """The tokens and times of a candidate's answers; their cost is still to come."""
        own = self.places[0] == candidate
        *tokens, load, machine = self.took[:, own]
        alone, loads = self.alone[own], load[load > 0]
        return CandidateCost(
            candidate=name,
            answers=int(own.sum()),
            priced=0,
            totals={},
            basis="unknown",
            tokens=Tokens(*(_average(one) for one in tokens)),
            machine=_average(machine[alone]),
            shared=int((~alone).sum()),
            load_seconds=float(loads.sum()),
            loads=len(loads),
        )


@dataclass(frozen=True, eq=False)
class _Resampled:
    """The two ratios of every candidate in every resample, and of how many questions they are.

    ``ratios`` and ``questions`` have a row for the cost of an answer, and one for that of a right one.
    ``told`` has what the latter is made of: cost, right answers and answers (3 x candidates x questions).
    """

    ratios: tuple[Floats, Floats]
    questions: NDArray[np.int64]
    told: Floats

    @classmethod
    def of(cls, columns: _Columns, exact: Sequence[_Exact], cases: int) -> _Resampled:
        # None becomes NaN.
        paid = np.array(columns.amounts, dtype=np.float64)
        known, told = ~np.isnan(paid), ~np.isnan(paid + columns.outcome)
        where = columns.places[0] * cases + columns.places[1]
        size = len(exact) * cases
        table = [
            np.bincount(where[rows], None if weights is None else weights[rows], size)
            for rows, weights in ((known, paid), (known, None), (told, paid), (told, columns.outcome))
        ]
        table.append(np.bincount(where[told], None, size))
        sums = resampled_sums(np.reshape(np.array(table[:4], dtype=np.float64), (-1, cases)))
        each, of, both, right = sums.reshape(4, len(exact), RESAMPLES)
        each_found, right_found = np.array([one.found() for one in exact]).reshape(-1, 2).T
        questions = [(np.reshape(one, (-1, cases)) > 0).sum(axis=1) for one in (table[1], table[4])]
        made = ratios(each, of, each_found), ratios(both, right, right_found)
        parts = np.reshape(np.array(table[2:], dtype=np.float64), (3, len(exact), cases))
        return cls(made, np.array(questions), parts)

    def bounds(self) -> Floats:
        """2 x candidates x 2: the intervals of both ratios, NaN for fewer than two questions."""
        found = np.stack([ratio_bounds(one) for one in self.ratios])
        return np.where((self.questions > 1)[:, :, np.newaxis], found, np.nan)

    def decides(self, cheapest: int, others: Sequence[int]) -> bool:
        """Whether the cost of its right answers is told from that of each of the others."""
        chances = [self._chance(cheapest, other) * len(others) for other in others]
        return bool(chances) and max(chances) <= ALPHA

    def _chance(self, one: int, other: int) -> float:
        """The p-value of ``one`` being the cheaper, on the questions that tell of both."""
        answers = self.told[2, [one, other]] > 0
        common = answers.all(axis=0)
        if common.sum() < LEAST:
            return 1.0
        _, costs = self.ratios
        pair = costs[[one, other]]
        if not (answers == common).all():
            # Who was asked the easy questions only is not set against who was asked all of them.
            cost, right = self.told[:2, [one, other]][:, :, common]
            sums = resampled_sums(np.concatenate([cost, right])).reshape(2, 2, RESAMPLES)
            whole = np.where(
                right.sum(axis=1) > 0, cost.sum(axis=1) / np.maximum(right.sum(axis=1), 1), np.inf
            )
            pair = ratios(sums[0], sums[1], whole)
        return float(2 * ((pair[1] <= pair[0]).sum() + 1) / (RESAMPLES + 1))


def _with_cost(taken: CandidateCost, exact: _Exact, bounds: Floats) -> CandidateCost:
    each = right = None
    if len(exact.totals) == 1:
        each = _rate(sum(exact.totals.values()), exact.priced, bounds[0])
        right = _rate(exact.both, exact.right, bounds[1]) if exact.told else None
    return replace(
        taken,
        priced=exact.priced,
        totals=dict(exact.totals),
        basis=weakest(iter(exact.bases)) if exact.bases else "unknown",
        each=each,
        right=right,
        told=exact.told,
    )


def _rate(amount: Money, of: int, bounds: Floats) -> Rate:
    low, high = bounds.tolist()
    known = np.isfinite(low) and of
    return Rate(
        amount, of, round(low) if known else None, round(high) if known and np.isfinite(high) else None
    )


def _average(values: Floats) -> Average:
    known = values[~np.isnan(values)]
    return Average(float(known.mean()), len(known)) if len(known) else Average(None, 0)


def _common(made: Iterable[CandidateCost]) -> str:
    """The currency of most candidates, of equally many the first."""
    often = Counter(one.currency for one in made if one.each is not None)
    return often.most_common(1)[0][0] if often else ""


def _cheapest(made: Sequence[CandidateCost], currency: str) -> int | None:
    """The place of the candidate whose right answer costs least."""
    known = [
        (one.right.mean(), place)
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


def _apart(made: Iterable[CandidateCost], spend: Spend, exchange: Exchange) -> Besides:
    """What is spent beside the answers that count, which are of those ``made`` here.

    What imported candidates cost where they were asked is no spending of the experiment.
    """
    left = exchange.sums(spend.amounts)
    unknown = spend.unknown
    for one in made:
        for currency, amount in one.totals.items():
            left[currency] = left.get(currency, 0) - amount
        unknown -= one.unknown
    return Besides({currency: amount for currency, amount in left.items() if amount}, max(unknown, 0))
