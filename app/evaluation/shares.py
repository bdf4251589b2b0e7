"""Shares with their intervals. Definitions: METRICS, "Comparing"."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from app.domain import RightTally, Share

Z = NormalDist().inv_cdf(0.975)


def wilson(hits: float, of: int, effective: float | None = None, z: float = Z) -> Share:
    """The share of ``hits`` in ``of`` trials with Wilson's 95% score interval.

    Source: E. B. Wilson (1927), "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (158), 209-212; without continuity
    correction. ``effective`` stands for the number of trials in the interval where they are not
    independent, ``z`` is the normal quantile of another level. Nothing
    tried (0 of 0) leaves every share possible: bounds 0 and 1. Raises ValueError
    unless 0 <= hits <= of.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is not a share")
    if of == 0:
        return Share(0, 0, 0.0, 1.0)
    share, number = hits / of, effective or of
    middle = (share * number + z * z / 2) / (number + z * z)
    half = z / (number + z * z) * sqrt(number * share * (1 - share) + z * z / 4)
    # At the ends the formula gives 0 and 1, which floating point may miss by a hair.
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Share(hits, of, low, high)


def share_right(tally: RightTally) -> Share:
    """The mean over the questions of each one's own share of right answers, with its 95% interval."""
    return wilson(tally.share_sum, tally.questions, effective_questions(tally))


def share_of(means: NDArray[np.float64], counts: NDArray[np.int64], z: float = Z) -> Share:
    """The same from arrays with one place a question: ``means`` 0 to 1 of ``counts`` answers each.

    A question without a scored answer has the count 0; its mean is not looked at. Raises ValueError for
    other shapes and for means that are no shares.
    """
    if means.ndim != 1 or means.shape != counts.shape:
        raise ValueError(f"means of shape {means.shape} with counts of shape {counts.shape}")
    shares = means[counts > 0]
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("a mean is not a share from 0 to 1")
    # Rounding may take a sum of shares by a hair beyond their number.
    total = min(float(shares.sum()), float(len(shares)))
    number = _effective(len(shares), int(counts.sum()), total, float((shares * shares).sum()))
    return wilson(total, len(shares), number, z)


def effective_questions(tally: RightTally) -> float:
    """How many independent questions tell as much as these, of which some were asked several times.

    With k questions, N answers, p_i the share right of question i and p their mean, p has the variance
    v = sum (p_i - p)^2 / (k (k - 1)), questions being what was sampled and answers to one question
    being alike. As many independent ones as p (1 - p) / v would have the same variance (the effective
    sample size of L. Kish (1965), "Survey Sampling"); it is multiplied by (z / t)^2, t being Student's
    0.975 quantile with k - 1 degrees of freedom, since v is itself estimated. Both, for an interval of a
    share: E. L. Korn and B. I. Graubard (1998), "Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data", Survey Methodology 24 (2), 193-201.
    Never less than k, which repeats cannot take away (so that Wilson's own interval comes out without
    repeats), nor more than N; k where all were right or none was, since v tells nothing then.
    """
    return _effective(tally.questions, tally.answers, tally.share_sum, tally.square_sum)


def _effective(k: int, answers: int, share_sum: float, square_sum: float) -> float:
    if k == 0:
        return 0.0
    share = share_sum / k
    spread = square_sum - k * share * share
    if k == 1 or not 0 < share < 1 or answers == k:
        return float(k)
    if spread <= 0:
        return float(answers)
    number = share * (1 - share) * k * (k - 1) / spread * (Z / _student(k - 1)) ** 2
    return min(max(number, float(k)), float(answers))


def _student(freedom: int) -> float:
    """Student's 0.975 quantile."""
    # Late, since it is slow to load and only repeats need it.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
