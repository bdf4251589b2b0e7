"""Medians of the times of answers, by candidate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from app.domain import AnswerPoint
from app.ui.shown import Spread, Times

SPECKS = 400
"""How many answers are drawn: no browser need draw thousands."""


Median = Callable[[Sequence[float]], Spread | None]


def times(points: Sequence[AnswerPoint], median: Median) -> Times:
    """Medians of these answers by candidate.

    Where the server still had the prompt, the seconds tell nothing of the time to read it: they are left
    out. The speed of writing is not touched by that.
    """
    read = [one for one in points if not one.remembered]
    return Times(
        firsts=_spreads(((one.candidate_hash, one.first_token) for one in read), median),
        walls=_spreads(((one.candidate_hash, one.wall) for one in read), median),
        speeds=_spreads(((one.candidate_hash, one.tokens_per_second) for one in points), median),
        points=points[:SPECKS],
        remembered=len(points) - len(read),
    )


def _spreads(values: Iterable[tuple[str, float | None]], median: Median) -> dict[str, Spread]:
    """The median with its interval of each candidate's known values."""
    known = defaultdict[str, list[float]](list)
    for candidate, value in values:
        known[candidate] += [] if value is None else [value]
    found = {who: median(one) for who, one in known.items()}
    return {who: one for who, one in found.items() if one}
