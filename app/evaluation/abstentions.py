"""How well candidates know when to abstain, and how often they are right where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain import Abstentions, Case, Experiment, Outcome, Share, Trial, outcome_of
from app.evaluation.shares import share_of

Values = NDArray[np.float64]


def abstentions_of(
    experiment: Experiment, cases: Sequence[Case], trials: Sequence[Trial]
) -> tuple[Abstentions, ...]:
    """One for each candidate (METRICS, "Abstention"); a question counts with the mean over its repeats.

    An answer that failed or is empty is no abstention and no answer: recall counts it, and it is in no share
    of those that answered.
    """
    shape = (len(experiment.candidates), experiment.cases, experiment.repeats)
    abstained, right = np.full(shape, np.nan), np.full(shape, np.nan)
    unscored = [0] * len(experiment.candidates)
    for one in trials:
        outcome = outcome_of(one)
        silent = outcome is Outcome.FAILED or one.empty
        if one.abstained is None and not silent:
            unscored[one.slot.candidate] += 1
            continue
        abstained[one.slot] = float(bool(one.abstained) and not silent)
        if outcome.told and not silent:
            right[one.slot] = float(outcome is Outcome.RIGHT)
    unanswerable = np.array([one.unanswerable for one in cases], dtype=bool)[:, np.newaxis]
    truth = np.broadcast_to(unanswerable.astype(float), shape[1:])
    return tuple(
        Abstentions(
            precision=_share(np.where(own == 1, truth, np.nan)),
            recall=_share(np.where(unanswerable, own, np.nan)),
            answered=_share(np.where(own == 0, hits, np.nan)),
            unscored=left,
        )
        for own, hits, left in zip(abstained, right, unscored, strict=True)
    )


def _share(values: Values) -> Share:
    """Over questions x repeats, NaN where nothing is told."""
    counts = (~np.isnan(values)).sum(axis=1)
    means = np.nansum(values, axis=1) / np.maximum(counts, 1)
    return share_of(means, counts)
