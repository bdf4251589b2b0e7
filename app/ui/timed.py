"""Medians of the times of answers, by candidate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.domain import AnswerPoint
from app.evaluation.medians import median
from app.ui.shown import Spread, Times

SPECKS = 400
"""How many answers are drawn: no browser need draw thousands."""


def times(points: Sequence[AnswerPoint]) -> Times:
    """Medians of these answers by candidate."""
    return Times(
        firsts=_spreads((one.candidate_hash, one.first_token) for one in points),
        walls=_spreads((one.candidate_hash, one.wall) for one in points),
        speeds=_spreads((one.candidate_hash, one.tokens_per_second) for one in points),
        points=points[:SPECKS],
    )


def _spreads(values: Iterable[tuple[str, float | None]]) -> dict[str, Spread]:
    """The median with its interval of each candidate's known values."""
    known = defaultdict[str, list[float]](list)
    for candidate, value in values:
        known[candidate] += [] if value is None else [value]
    found = {who: median(one) for who, one in known.items()}
    return {who: Spread(one.value, one.of, one.low, one.high) for who, one in found.items() if one}
