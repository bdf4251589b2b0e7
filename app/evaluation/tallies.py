"""How often each cause was found, and which of them are worth mending first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from app.domain import Cause, CauseTally, Experiment, Family, Remedies, Remedy, Trial, twins

Floats = NDArray[np.float64]
MOST = 3
"""So many causes are worth mending first."""


def tallies_of(candidates: int, trials: Iterable[Trial]) -> tuple[CauseTally, ...]:
    """The causes of each candidate's answers that are not right, one tally for each of ``candidates``."""
    found = [Counter[str]() for _ in range(candidates)]
    for one in trials:
        if one.right is False:
            found[one.slot.candidate][one.cause] += 1
    return tuple(_tally(place, counts) for place, counts in enumerate(found))


def _tally(place: int, counts: Counter[str]) -> CauseTally:
    told = {cause: counts[cause.value] for cause in Cause if counts[cause.value]}
    wrong = counts.total()
    return CauseTally(place, wrong, wrong - sum(told.values()), told)


def remedies_of(experiment: Experiment, right: Floats, trials: Iterable[Trial]) -> tuple[Remedies, ...]:
    """What mending could win at most, for each candidate by itself.

    ``right`` (candidates x cases x repeats) is 1, 0, or NaN where that is not told. If every answer with a
    cause came out right, the mean over the questions of each one's own share right would be ``at_most``: no
    remedy mends them all, so it is a bound and no forecast. That no documents were given mends itself where
    the same candidate was asked with them, too: then it is not among these.
    """
    answers = (~np.isnan(right)).sum(axis=2)
    hits = np.where(answers > 0, np.nansum(right, axis=2) / np.maximum(answers, 1), 0.0).sum(axis=1)
    won = [Counter[Cause]() for _ in experiment.candidates]
    many = [Counter[Cause]() for _ in experiment.candidates]
    known = {one.value: one for one in Cause}
    for one in trials:
        cause = known.get(one.cause)
        if one.right is False and cause is not None:
            many[one.slot.candidate][cause] += 1
            won[one.slot.candidate][cause] += 1 / answers[one.slot[:2]]
    asked_too = {bare.hash for _, bare in twins(experiment.candidates)}
    made = []
    for place, candidate in enumerate(experiment.candidates):
        if candidate.hash in asked_too:
            many[place].pop(Cause.NO_DOCUMENTS, None)
        questions = max(int((answers[place] > 0).sum()), 1)
        gains = {cause: won[place][cause] / questions for cause in many[place]}
        made.append(_remedies(place, many[place], float(hits[place]) / questions, gains))
    return tuple(made)


def _remedies(place: int, many: Counter[Cause], now: float, gains: Mapping[Cause, float]) -> Remedies:
    """``now`` is the candidate's share right, ``gains`` what it would be more without each cause."""
    order = sorted(many, key=lambda one: (-many[one], list(Cause).index(one)))

    def remedy(causes: Iterable[Cause], family: Family | None = None) -> Remedy:
        own = tuple(causes)
        # Thirds of questions sum up to a little less than the whole, which would be told as not all of it.
        at_most = round(float(min(now + sum(gains[one] for one in own), 1.0)), 12)
        return Remedy(own, sum(many[one] for one in own), at_most, family)

    families = [
        remedy((one for one in order if one.family is family), family)
        for family in (Family.INDEX, Family.MODEL)
    ]
    largest = tuple(remedy((cause,)) for cause in order[:MOST])
    return Remedies(place, largest, tuple(one for one in families if one.answers))
