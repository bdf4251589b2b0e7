"""Candidates whose true shares are known, for seeing how often intervals and tests tell the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHARES = (0.2, 0.35, 0.5, 0.65, 0.8)
ALIKE = ((0.0, 0.3), (0.5, 0.2), (0.85, 0.1))
NUMBERS = (20, 60, 200)


@dataclass(frozen=True)
class World:
    """Candidates that are right on the shares ``true`` of all questions there might be.

    ``shared`` and ``own`` say how much of what makes an answer right lies in the question for all of them,
    and in the question for this candidate; the rest, to 1, is chance anew in each of ``repeats`` answers.
    """

    true: tuple[float, ...]
    questions: int
    repeats: int = 1
    shared: float = 0.5
    own: float = 0.2

    def means(self, trials: int, seed: int) -> Floats:
        """Shares right of each question, as trials x candidates x questions.

        An answer is right where a normal variable, put together from the three parts, stays below the
        quantile of the true share: so the shares are exact and the dependence is free.
        """
        chance = np.random.default_rng([seed, self.questions, self.repeats])
        shape = (trials, len(self.true), self.questions)
        by_question = chance.standard_normal((trials, 1, self.questions)) * self.shared**0.5
        by_candidate = chance.standard_normal(shape) * self.own**0.5
        ease = np.array([NormalDist().inv_cdf(one) for one in self.true])[:, np.newaxis]
        room = ease - by_question - by_candidate
        anew = (1 - self.shared - self.own) ** 0.5
        right = np.zeros(shape)
        for _ in range(self.repeats):
            right += chance.standard_normal(shape) * anew < room
        return right / self.repeats


def pairs_of_shares(questions: int, repeats: int) -> Iterator[World]:
    """METRICS' grid: two candidates, each with a true share of 0.2 to 0.8, more and less alike."""
    for true, (shared, own) in product(product(SHARES, repeat=2), ALIKE):
        yield World(true, questions, repeats, shared, own)


def sparse_pairs(questions: int, repeats: int) -> Iterator[World]:
    """Two candidates that are right on almost the same questions."""
    for true in ((0.5, 0.5), (0.5, 0.55), (0.8, 0.85), (0.2, 0.22), (0.9, 0.95)):
        yield World(true, questions, repeats, 0.95, 0.04)


def held(bounds: Floats, truth: float) -> float:
    """The share of intervals (trials x 2) that hold the truth."""
    # A hair of rounding is no miss.
    return float(((bounds[:, 0] <= truth + 1e-9) & (truth - 1e-9 <= bounds[:, 1])).mean())


def summary(found: Sequence[float]) -> str:
    """The mean and the lowest coverage in percent, like 95.1 (92.0)."""
    return f"{100 * float(np.mean(found)):.1f} ({100 * min(found):.1f})"
