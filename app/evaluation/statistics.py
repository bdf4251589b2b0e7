"""Shares with their intervals. Definitions: METRICS, "Comparing"."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from app.domain import Share


def wilson(hits: int, of: int) -> Share:
    """The share of ``hits`` in ``of`` trials with Wilson's 95% score interval.

    Source: E. B. Wilson (1927), "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (158), 209-212; without continuity
    correction. Nothing tried (0 of 0) leaves every share possible: bounds 0 and 1. Raises ValueError
    unless 0 <= hits <= of.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is not a share")
    if of == 0:
        return Share(0, 0, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.975)
    middle = (hits + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * sqrt(hits * (of - hits) / of + z * z / 4)
    # At the ends the formula gives 0 and 1, which floating point may miss by a hair.
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Share(hits, of, low, high)
