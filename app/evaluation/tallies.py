"""How often each cause was found, and which of them are worth mending first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from app.domain import Candidate, Cause, CauseTally, Trial, twins


def tallies_of(candidates: int, trials: Iterable[Trial]) -> tuple[CauseTally, ...]:
    """The causes of each candidate's answers that are not right, one tally for each of ``candidates``."""
    found = [Counter[str]() for _ in range(candidates)]
    for one in trials:
        if one.right is False:
            found[one.slot.candidate][one.cause] += 1
    return tuple(_tally(place, counts) for place, counts in enumerate(found))


def _tally(place: int, counts: Counter[str]) -> CauseTally:
    told = {cause: counts[cause.value] for cause in Cause if counts[cause.value]}
    wrong = counts.total()
    return CauseTally(place, wrong, wrong - sum(told.values()), told)


def largest(
    tallies: Sequence[CauseTally], candidates: Sequence[Candidate], most: int = 3
) -> list[tuple[Cause, int]]:
    """The causes with the most answers, the largest first; equal ones in the order of the causes.

    That no documents were given mends itself where the same candidate was asked with them, too: then it is
    not among these.
    """
    mended = {bare.hash for _, bare in twins(candidates)}
    found: Counter[Cause] = Counter()
    for tally in tallies:
        twin = candidates[tally.candidate].hash in mended
        for cause, count in tally.counts.items():
            if not (twin and cause is Cause.NO_DOCUMENTS):
                found[cause] += count
    order = {cause: place for place, cause in enumerate(Cause)}
    return sorted(found.items(), key=lambda one: (-one[1], order[one[0]]))[:most]
