"""What several candidates made of the same questions, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.domain import Mean, Share
from app.evaluation.bootstrap import ZERO_TO_ONE, Scale, intervals
from app.evaluation.shares import Z, share_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """One measure of every candidate on every question; all repeats of a question belong together.

    ``means`` (candidates x questions) are those over the scored repeats of a question, NaN where none was
    scored; ``counts``, of the same shape, say how many were. ``scale`` holds the measure's least and
    greatest possible value, None where it has no bounds (seconds, money). ``candidates`` are hashes, in
    the order of the rows. The arrays cannot be written to.
    """

    candidates: tuple[str, ...]
    means: Floats
    counts: NDArray[np.int64]
    scale: Scale | None = ZERO_TO_ONE

    @classmethod
    def of(cls, candidates: Sequence[str], values: ArrayLike, scale: Scale | None = ZERO_TO_ONE) -> Outcomes:
        """From ``values`` (candidates x questions x repeats), NaN where an answer is unscored or absent.

        Raises ValueError for another shape, for a candidate that stands there twice, and for values that
        are infinite or off the scale.
        """
        table = np.array(values, dtype=np.float64)
        if table.ndim != 3 or len(table) != len(candidates) or len(set(candidates)) != len(candidates):
            raise ValueError(f"values of shape {table.shape} for the candidates {', '.join(candidates)}")
        scored = ~np.isnan(table)
        low, high = scale or (-np.finfo(np.float64).max, np.finfo(np.float64).max)
        if ((table < low) | (table > high)).any():
            raise ValueError(f"a value is not from {low} to {high}")
        counts = scored.sum(axis=2)
        sums = np.where(scored, table, 0.0).sum(axis=2)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        means.setflags(write=False)
        counts.setflags(write=False)
        return cls(tuple(candidates), means, counts, scale)

    def place(self, candidate: str) -> int:
        """The candidate's row. Raises ValueError for one that is not there."""
        return self.candidates.index(candidate)

    def scored(self, candidate: str) -> int:
        """On how many questions the candidate has a score at all."""
        return int((self.counts[self.place(candidate)] > 0).sum())

    def share(self, candidate: str, z: float = Z) -> Share:
        """The candidate's share with Wilson's interval. Raises ValueError where values are no shares.

        ``z`` is the normal quantile of the interval's level, 95% as a rule.
        """
        row = self.place(candidate)
        return share_of(self.means[row], self.counts[row], z)

    def averages(self) -> tuple[Mean, ...]:
        """Each candidate's mean over its questions with its bootstrap interval."""
        found = intervals(self.means, self.scale).tolist()
        return tuple(_mean(row, *bounds) for row, bounds in zip(self.means, found, strict=True))


def _mean(row: Floats, low: float, high: float) -> Mean:
    seen = row[~np.isnan(row)]
    if len(seen) < 2:
        return Mean(float(seen[0]) if len(seen) else None, len(seen), None, None)
    return Mean(float(seen.mean()), len(seen), low, high)
