"""What the judge's share comes to once its mistakes are taken out (METRICS, "Judge").

A judge that calls a share p of answers right, finds a share se of the right ones (its sensitivity) and sees
through a share sp of the wrong ones (its specificity) has looked at (p + sp - 1) / (se + sp - 1) right ones:
W. J. Rogan and B. Gladen (1978), "Estimating prevalence from the results of a screening test", American
Journal of Epidemiology 107 (1), 71-76; clipped to 0 to 1. se and sp are counted on the answers that the
person marked, so they are uncertain themselves.

The interval is that of Z. Lang and J. Reiczigel (2014), "Confidence limits for prevalence of disease adjusted
for estimated sensitivity and specificity", Preventive Veterinary Medicine 113 (1), 13-22: the delta method on
shares drawn towards the middle (z^2/2 in z^2 imagined answers for p, 1 in 2 for se and for sp), and moved
by 2 z^2 (P se (1 - se) / n_se - (1 - P) sp (1 - sp) / n_sp). It takes the marked answers for others than
those that p is of. Here they are some of these, which makes it rather too wide: simulated with 60 and
200 answers, 20 marks each, true shares of 0.3 to 0.8, se and sp of 0.7 to 0.98, it holds the truth in
97.1% where the marked answers are others (lowest 94.8), in 99.0% where they are some (lowest 97.0).

What it takes for granted: that the judge makes its mistakes on the marked answers as often as on the others.
Marks on the hardest answers only tell nothing of the easy ones.

Repeats: a question counts once, with the share of its answers, as in every share here (``shares.py``).
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from app.domain import JudgeCheck, Share
from app.evaluation.shares import Z, share_of

Floats = NDArray[np.float64]
LEAST = 20
"""So many questions with a mark "right", and as many with "wrong", it takes to tell a judge's mistakes."""
LEAST_BETTER = 0.2
"""se + sp of a coin is 1. Nearer to it than this the correction divides by next to nothing."""


def corrected(said: Floats, marked: Floats) -> JudgeCheck:
    """The judge's share of one candidate, held against the marks.

    Both are questions x repeats: 1 for right, 0 for wrong, NaN where nothing was said. Marks count where the
    judge said something, too. Raises ValueError for other shapes.
    """
    if said.ndim != 2 or said.shape != marked.shape:
        raise ValueError(f"judgements of shape {said.shape} with marks of shape {marked.shape}")
    p = _share(said)
    se = _share(np.where(marked == 1, said, np.nan))
    sp = _share(np.where(marked == 0, 1 - said, np.nan))
    if words := _too_little(p, se, sp):
        return JudgeCheck(p, se, sp, words=words)
    low, high = interval(p, se, sp)
    value = min(max(rate(p.value, se.value, sp.value), 0.0), 1.0)
    # Both ends and the value are clipped, and the interval's middle is not the value.
    return JudgeCheck(p, se, sp, value, min(low, value), max(high, value))


def rate(p: float, se: float, sp: float) -> float:
    """Rogan and Gladen's, not clipped. Raises ZeroDivisionError for se + sp = 1."""
    return (p + sp - 1) / (se + sp - 1)


def interval(p: Share, se: Share, sp: Share) -> tuple[float, float]:
    """Lang and Reiczigel's 95% interval, clipped to 0 to 1.

    All of that where the judge, with its shares drawn to the middle, is no better than a coin.
    """
    n, n_se, n_sp = p.of + Z * Z, se.of + 2, sp.of + 2
    p_, se_, sp_ = (p.hits + Z * Z / 2) / n, (se.hits + 1) / n_se, (sp.hits + 1) / n_sp
    if se_ + sp_ <= 1:
        return 0.0, 1.0
    middle = rate(p_, se_, sp_)
    of_se, of_sp = se_ * (1 - se_) / n_se, sp_ * (1 - sp_) / n_sp
    shift = 2 * Z * Z * (middle * of_se - (1 - middle) * of_sp)
    variance = p_ * (1 - p_) / n + middle**2 * of_se + (1 - middle) ** 2 * of_sp
    half = Z * sqrt(variance) / (se_ + sp_ - 1)
    low, high = middle + shift - half, middle + shift + half
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)


def _share(values: Floats) -> Share:
    counts = (~np.isnan(values)).sum(axis=1)
    means = np.nansum(values, axis=1) / np.maximum(counts, 1)
    return share_of(means, counts)


def _too_little(p: Share, se: Share, sp: Share) -> str:
    """Why nothing can be corrected, in words; "" where it can."""
    if p.of == 0:
        return "The judge has said nothing yet."
    if se.of < LEAST or sp.of < LEAST:
        return (
            f"To take its mistakes out takes your marks on {LEAST} right and {LEAST} wrong questions that it "
            f"judged; so far there are {se.of} and {sp.of}."
        )
    if se.value + sp.value - 1 < LEAST_BETTER:
        return (
            f"It found {se.value:.0%} of the right answers and saw through {sp.value:.0%} of the wrong ones, "
            "which is little better than a coin: what it says cannot be corrected."
        )
    return ""
