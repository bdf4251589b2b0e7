"""Every measure of every candidate, summed up: the mean with its interval, and how much was left unscored.

METRICS: a measure's unscored share stands beside its mean, and the quote check beside the share of answers
that quote anything at all. Measures that say yes or no have Wilson's interval, the others the bootstrap's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Experiment, Mean, Measured, Measures
from app.evaluation.bootstrap import ZERO_TO_ONE
from app.evaluation.outcomes import Floats, Outcomes
from app.evaluation.scorers.judge import is_judge
from app.evaluation.scorers.quote_check import QuoteCheck
from app.evaluation.scorers.registry import YES_OR_NO

QUOTING = "quotes anything"
"""The share of answers that quote anything: of the quote check's scores, no scorer of its own."""
Told = tuple[int, int, str, float | None]
"""The candidate's place, the case's place, the scorer, and the value: None where it is unscored."""


def measures_of(experiment: Experiment, scores: Sequence[Told]) -> Measures:
    """Each candidate's measures by scorer, from what each answer that counts was scored.

    A question counts with the mean over its scored repeats.
    """
    found = _values(experiment, scores)
    made: list[dict[str, Measured]] = [{} for _ in experiment.candidates]
    for name, answers, unscored, mean in zip(
        found.names, found.answers, found.unscored, _means(found), strict=True
    ):
        candidate, scorer = name
        made[candidate][scorer] = Measured(mean, int(answers), int(unscored))
    return tuple(made)


@dataclass(frozen=True, eq=False)
class _Values:
    """A row for each candidate (its place) and scorer, a column for each case.

    ``means`` over the ``counts`` scored repeats are NaN where nothing is scored; of a row's ``answers`` so
    many are ``unscored``.
    """

    names: tuple[tuple[int, str], ...]
    means: Floats
    counts: NDArray[np.int64]
    answers: NDArray[np.int64]
    unscored: NDArray[np.int64]


def _values(experiment: Experiment, scores: Sequence[Told]) -> _Values:
    told = [*scores, *_quoting(experiment, scores)]
    places = {name: row for row, name in enumerate(dict.fromkeys((one[0], one[2]) for one in told))}
    rows = np.array([places[one[0], one[2]] for one in told], dtype=np.int64)
    where = rows * experiment.cases + np.array([one[1] for one in told], dtype=np.int64)
    values = np.array([np.nan if one[3] is None else one[3] for one in told], dtype=np.float64)
    known, shape = ~np.isnan(values), (len(places), experiment.cases)
    counts = np.bincount(where[known], minlength=len(places) * experiment.cases).reshape(shape)
    sums = np.bincount(where[known], values[known], len(places) * experiment.cases).reshape(shape)
    return _Values(
        names=tuple(places),
        means=np.where(counts > 0, sums / np.maximum(counts, 1), np.nan),
        counts=counts,
        answers=np.bincount(rows, minlength=len(places)),
        unscored=np.bincount(rows[~known], minlength=len(places)),
    )


def _quoting(experiment: Experiment, scores: Sequence[Told]) -> list[Told]:
    """Whether each answer quotes anything: the quote check scores no other. Of imported ones nobody knows."""
    imported = experiment.imported
    return [
        (candidate, case, QUOTING, None if candidate in imported else float(value is not None))
        for candidate, case, scorer, value in scores
        if scorer == QuoteCheck.name
    ]


def says_yes_or_no(scorer: str) -> bool:
    """Whether a measure is 0 or 1 of each answer, so that its mean is a share of answers."""
    return scorer in YES_OR_NO or scorer == QUOTING or is_judge(scorer)


def _means(found: _Values) -> list[Mean]:
    """By Wilson, and by the bootstrap, all of these at once."""
    is_share = np.array([says_yes_or_no(scorer) for _, scorer in found.names], dtype=bool)
    named = [f"{candidate} {scorer}" for candidate, scorer in found.names]
    every = Outcomes(tuple(named), found.means, found.counts, ZERO_TO_ONE)
    averages = iter(_part(every, ~is_share).averages())
    return [
        _share(every, name) if share else next(averages) for name, share in zip(named, is_share, strict=True)
    ]


def _part(every: Outcomes, chosen: NDArray[np.bool_]) -> Outcomes:
    names = tuple(name for name, own in zip(every.candidates, chosen, strict=True) if own)
    return Outcomes(names, every.means[chosen], every.counts[chosen], every.scale)


def _share(every: Outcomes, name: str) -> Mean:
    share = every.share(name)
    return Mean(share.value, share.of, share.low, share.high) if share.of else Mean(None, 0, None, None)
