"""Intervals of means, differences and ratios: a percentile bootstrap over questions.

The method, and why this one. Each of 4,000 resamples gives every question a weight of its own from the
Poisson distribution with mean 1 (J. A. Hanley and B. MacGibbon (2006), "Creating non-parametric bootstrap
samples using Poisson frequencies", Computer Methods and Programs in Biomedicine 83, 57-62), which is what
drawing questions with replacement comes to, except that the number drawn varies; the resample's figure is
the weighted mean. So one table of weights serves every pair of candidates, whatever questions they share,
and no sample is ever copied. The interval runs from the 2.5th to the 97.5th percentile of these means.

Where the measure has a scale, two imagined questions stand beside the real ones in the resamples, at the
quarter points of the scale (0.25 and 0.75 of what lies between 0 and 1, -0.5 and 0.5 of a difference), in
the manner of A. Agresti and Y. Min (2005), "Simple improved confidence intervals for comparing matched
proportions", Statistics in Medicine 24, 729-740; where exactly was chosen by simulation. Without them few
questions give intervals that are too narrow. Where all values are equal no resample tells anything, and
"0 points (0 to 0)" is no thing to say after 20 questions: the interval is then made from Wilson's.

What else was tried, by `python -m benchmarks coverage`: the mean coverage in percent of 95% intervals of
the paired differences of shares from 0.2 to 0.8, with 1, 3 and 8 repeats, and in brackets the lowest of a
single case; METRICS wants a mean of 93 to 97. "Alike" are candidates right on almost the same questions.

    method                             n = 20       n = 60       n = 200      alike, n = 20
    this one                           95.2 (91.5)  95.0 (92.2)  94.9 (91.2)   99.1 (97.0)
    no imagined questions              94.3 (89.8)  95.1 (91.8)  94.9 (92.0)   80.8 (62.3)
    imagined at the ends of the scale  98.2 (95.0)  96.6 (93.8)  95.5 (92.0)  100.0 (99.5)
    percentile                         94.1 (89.2)  95.1 (91.8)  95.3 (92.5)   80.9 (62.3)
    percentile, expanded               95.7 (90.8)  95.6 (92.8)  95.3 (92.5)   81.4 (62.3)
    BCa                                94.4 (83.5)  95.0 (89.8)  95.3 (92.8)   78.8 (62.3)
    bootstrap-t                        94.6 (83.5)  95.2 (90.5)  95.1 (92.0)   73.6 (58.0)
    Student's t                        94.9 (89.8)  95.1 (92.2)  95.1 (92.0)   85.5 (65.5)
    adjusted Wald                      97.7 (92.5)  96.4 (93.0)  95.5 (92.2)  100.0 (99.8)

Known: where one candidate is right wherever the other is, and on some questions besides, the lowest found
is 88 (60 questions, 6% besides). Means of scores from 0 to 1 that pile up at both ends: 95.4, 95.0 and 94.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from math import exp, factorial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from app.domain import ALPHA

Floats = NDArray[np.float64]
Scale = tuple[float, float]
"""The least and the greatest value that a measure can have."""
ZERO_TO_ONE: Scale = (0.0, 1.0)
SEED = 1
RESAMPLES = 4000
BLOCK = 256
"""Questions at once: weights of 256 questions in 4,000 resamples take 4 MB."""
KEPT = 4
"""So many blocks of weights are kept for the next table: 1 MB each."""
TAILS = (0.025, 0.975)


def intervals(rows: Floats, scale: Scale | None, alpha: float = ALPHA) -> Floats:
    """The 95% interval of each row's mean (rows x questions; NaN: not scored), as rows x 2.

    With another ``alpha`` the one that errs so often: a fifth of 5% where five are looked at together.

    Both bounds are NaN for fewer than two values. The observed mean is always within. Weights come from a
    fixed seed and go by the order of the values, so that the order of the questions and the other rows
    change nothing. ``scale`` is the measure's own, None where it has no bounds: such a measure gets no
    imagined questions, and where its values are very uneven (seconds, money) its interval is too narrow.
    """
    ordered = np.sort(rows, axis=1)  # NaN last
    counts = (~np.isnan(rows)).sum(axis=1)
    mean = np.nansum(ordered, axis=1) / np.maximum(counts, 1)
    tails = alpha / 2, 1 - alpha / 2
    low, high = np.quantile(_resampled_means(ordered, counts, mean, scale), tails, axis=1)
    bounds = np.stack([np.minimum(low, mean), np.maximum(high, mean)], axis=1)
    if scale is not None:
        # Whoever has seen one value only knows no more than this of the others.
        equal = np.abs(np.nan_to_num(ordered - mean[:, np.newaxis])).max(axis=1, initial=0.0) < 1e-12
        bounds[equal] = _of_equals(mean[equal], counts[equal], scale, alpha)
    return np.where(counts[:, np.newaxis] > 1, bounds, np.nan)


def _resampled_means(ordered: Floats, counts: NDArray[np.int64], mean: Floats, scale: Scale | None) -> Floats:
    """The mean of each row (its ``counts`` values first) in every resample, as rows x resamples."""
    imagined = _imagined(scale, len(ordered))
    table = np.hstack([imagined, np.nan_to_num(ordered)])
    # Rows with as many values have the same weights, whichever questions they are of.
    sizes, size_of = np.unique(counts + imagined.shape[1], return_inverse=True)
    present = np.arange(table.shape[1]) < sizes[:, np.newaxis]
    sums, all_weights = np.split(_resampled(np.vstack([table, present])), [len(ordered)])
    weights = all_weights[size_of]
    # A resample in which no question has a weight says nothing: it counts as the data themselves.
    return np.where(weights > 0, sums / np.maximum(weights, 1), mean[:, np.newaxis])


def _of_equals(mean: Floats, counts: NDArray[np.int64], scale: Scale, alpha: float) -> Floats:
    """Bounds where all values are ``mean``: by Wilson's interval at most z^2 / (n + z^2) of all questions
    have another value, which may be anything on the scale. For shares it is Wilson's interval itself.
    """
    z = NormalDist().inv_cdf(1 - alpha / 2)
    others = z * z / (np.maximum(counts, 1) + z * z)
    return np.stack([mean - others * (mean - scale[0]), mean + others * (scale[1] - mean)], axis=1)


def difference_intervals(rows: Floats, scale: Scale | None, alpha: float = ALPHA) -> Floats:
    """The same for differences of two candidates in a measure of that scale.

    Swapping the two swaps the bounds and their signs exactly: the data decide which way round is resampled,
    and where they look the same from both sides, so does the interval.
    """
    sides = _sides(rows)[:, np.newaxis]
    width = None if scale is None else (scale[0] - scale[1], scale[1] - scale[0])
    found = intervals(np.where(sides < 0, -rows, rows), width, alpha)
    mirrored = -found[:, ::-1]
    return np.select([sides > 0, sides < 0], [found, mirrored], (found + mirrored) / 2)


def resampled_sums(rows: Floats) -> Floats:
    """The sum of each row (rows x questions, 0 where a question has nothing) in every resample.

    All rows have the same resamples, so that what comes of several (cost and right answers, say, or two
    candidates) can be set against each other. No question is imagined. The questions are put into an order of
    their own, so that theirs changes nothing. Raises ValueError for NaN.
    """
    if np.isnan(rows).any():
        raise ValueError("a sum needs a value of every question")
    return _resampled(rows[:, np.lexsort(rows)] if len(rows) else rows)


def ratios(above: Floats, below: Floats, found: Floats) -> Floats:
    """``above`` / ``below``, both sums as of ``resampled_sums``, in every resample.

    Infinite where a resample has nothing below. One that has nothing at all says nothing: it counts as the
    data themselves, whose ratios are ``found`` (one a row).
    """
    told = np.where(below > 0, above / np.where(below > 0, below, 1), np.inf)
    return np.where((above == 0) & (below == 0), found[:, np.newaxis], told)


def ratio_bounds(resampled: Floats) -> Floats:
    """The 95% interval of each row of ``ratios``, as rows x 2; its end is infinite where too many are."""
    # Without interpolating, which has no answer between a number and infinity.
    bounds: Floats = np.quantile(resampled, TAILS, axis=1, method="inverted_cdf").T
    return bounds


def _imagined(scale: Scale | None, rows: int) -> Floats:
    """The two imagined questions of every row; rows x 0 where the measure has no scale."""
    if scale is None:
        return np.empty((rows, 0))
    low, high = scale
    return np.tile([0.75 * low + 0.25 * high, 0.25 * low + 0.75 * high], (rows, 1))


def _resampled(table: Floats) -> Floats:
    """Weighted sums of ``table`` (rows x questions) in every resample, as rows x resamples."""
    sums = np.zeros((len(table), RESAMPLES))
    for start, weights in zip(range(0, table.shape[1], BLOCK), _weights(), strict=False):
        # Single precision within a block, double among blocks: twice as fast, and right to 6 digits.
        part = table[:, start : start + BLOCK].astype(np.float32)
        sums += part @ weights[: part.shape[1]].astype(np.float32)
    return sums


def _weights() -> Iterator[NDArray[np.uint8]]:
    """The weights of each block of questions (BLOCK x RESAMPLES), as many blocks as are asked for."""
    kept, chance = _first_blocks()
    yield from kept
    # A generator of its own for whoever has more questions: it goes on where the kept ones end.
    chance = deepcopy(chance)
    while True:
        yield _drawn(chance)


@cache
def _first_blocks() -> tuple[tuple[NDArray[np.uint8], ...], np.random.Generator]:
    """The weights of the first questions, which every table needs: drawn once a process."""
    chance = np.random.default_rng(SEED)
    return tuple(_drawn(chance) for _ in range(KEPT)), chance


def _drawn(chance: np.random.Generator) -> NDArray[np.uint8]:
    # A whole block every time: the weights of the first questions do not depend on how many follow.
    values = _poisson().astype(np.uint8)
    return values[chance.integers(0, len(values), (BLOCK, RESAMPLES), dtype=np.uint16)]


def _poisson() -> NDArray[np.float32]:
    """2^16 equally likely values with the Poisson distribution of mean 1, which is fast to draw from."""
    most = 12
    heaps = np.cumsum([exp(-1) / factorial(value) for value in range(most)])
    return np.searchsorted(heaps, (np.arange(2**16) + 0.5) / 2**16).astype(np.float32)


def _sides(rows: Floats) -> Floats:
    """1 or -1 for each row, which a row and its negative have the other way round; 0 if they are the same."""
    if rows.shape[1] == 0:
        return np.zeros(len(rows))
    apart = np.nan_to_num(np.sort(rows, axis=1) - np.sort(-rows, axis=1))
    first = np.take_along_axis(apart, np.argmax(apart != 0, axis=1)[:, np.newaxis], axis=1)
    return np.sign(first[:, 0])
