"""Candidates compared two by two, on the questions that both were scored on (METRICS, "Comparing")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.domain import ALPHA, Candidate, Comparison, twins
from app.evaluation.bootstrap import Scale, difference_intervals
from app.evaluation.needed import questions_needed
from app.evaluation.outcomes import Outcomes
from app.evaluation.signflip import RESAMPLES, sign_flip

Floats = NDArray[np.float64]
FINENESS = 200
"""Resamples for each pair tested: a corrected p-value must be able to fall well below 0.05."""


def compare(outcomes: Outcomes, pairs: Iterable[tuple[str, str]] | None = None) -> tuple[Comparison, ...]:
    """Each of the ``pairs`` (all there are, if none are named), tested and corrected together.

    Whatever stands on one page belongs into one call. A pair with fewer than two questions in common is
    told as such and does not count in the correction. Raises ValueError for an unknown candidate.
    """
    chosen = list(combinations(outcomes.candidates, 2) if pairs is None else pairs)
    first = [outcomes.place(one) for one, _ in chosen]
    second = [outcomes.place(other) for _, other in chosen]
    rows = outcomes.means[first] - outcomes.means[second]
    both = (~np.isnan(rows)).sum(axis=1)
    made = [Comparison(*pair, count) for pair, count in zip(chosen, both.tolist(), strict=True)]
    tested = iter(_tested([one for one in made if one.questions > 1], rows[both > 1], outcomes.scale))
    return tuple(next(tested) if one.questions > 1 else one for one in made)


def _tested(pairs: list[Comparison], rows: Floats, scale: Scale | None) -> list[Comparison]:
    if not pairs:
        return []
    chances = sign_flip(rows, max(RESAMPLES, FINENESS * len(pairs)))
    figures = np.column_stack(
        [np.nanmean(rows, axis=1), difference_intervals(rows, scale), chances, holm(chances)]
    )
    # At this level a pair is decided whatever the others come to; Holm's correction may ask for less.
    needed = [questions_needed(row, ALPHA / len(pairs)) for row in rows]
    return [
        replace(
            one, difference=mean, low=low, high=high, p=p, adjusted=adjusted, pairs=len(pairs), needed=more
        )
        for one, (mean, low, high, p, adjusted), more in zip(pairs, figures.tolist(), needed, strict=True)
    ]


def holm(chances: Floats) -> Floats:
    """Holm's adjusted p-values: at or below alpha where the step-down procedure rejects at alpha.

    The smallest of m p-values is multiplied by m, the next by m - 1 and so on; none is smaller than one
    before it, nor above 1. Holds however the tests depend on one another. S. Holm (1979), "A simple
    sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 65-70.
    """
    order = np.argsort(chances, kind="stable")
    raised = np.maximum.accumulate(chances[order] * np.arange(len(chances), 0, -1))
    adjusted = np.empty_like(chances)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


def uplifts(comparisons: Iterable[Comparison], candidates: Sequence[Candidate]) -> tuple[Comparison, ...]:
    """The RAG uplift: of the ``comparisons`` those of a candidate with documents and the same one without.

    The one with documents comes first, so that a difference above 0 is what the documents bring. Each keeps
    its correction for all pairs on the page.
    """
    pairs = {(given.hash, bare.hash) for given, bare in twins(candidates)}
    either = (one if (one.first, one.second) in pairs else one.swapped() for one in comparisons)
    return tuple(one for one in either if (one.first, one.second) in pairs)
