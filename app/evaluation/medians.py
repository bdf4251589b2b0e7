"""Medians with intervals: for times and speeds, whose distribution nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True)
class Median:
    """A median of ``of`` values with its interval; ``low`` and ``high`` are None for fewer than six."""

    value: float
    of: int
    low: float | None
    high: float | None


def median(values: Iterable[float]) -> Median | None:
    """The median with its distribution-free interval of at least 95%; None for no values.

    The interval runs between two order statistics, chosen by the binomial distribution: W. J. Conover
    (1999), "Practical Nonparametric Statistics", section 3.2. Below six values none reaches 95%.
    """
    ordered = sorted(values)
    of = len(ordered)
    if of == 0:
        return None
    middle = (ordered[(of - 1) // 2] + ordered[of // 2]) / 2
    left = _left_out(of)
    if left is None:
        return Median(middle, of, None, None)
    return Median(middle, of, ordered[left], ordered[of - 1 - left])


def _left_out(of: int) -> int | None:
    """How many values may be left out on each side, so that 95% still hold; None if none may."""
    if of > 1000:
        # The normal approximation; beyond a thousand values it is off by less than one of them.
        return int(of / 2 - 0.98 * of**0.5 - 1)
    tail, left = 0, None
    for place in range(of // 2):
        tail += comb(of, place)
        # Exact integers: P(X <= place) <= 2.5%.
        if tail * 40 > 2**of:
            break
        left = place
    return left
