"""How far people agree with each other, with a judge of pairs, and with what is right.

Told as a plain share with what chance alone would give, since that is what a layman takes from it: Cohen's
and Fleiss' kappas are the same two figures made into one that needs a table to be read (J. L. Fleiss (1971),
"Measuring nominal scale agreement among many raters", Psychological Bulletin 76 (5), 378-382). Three choices
are told apart: the one answer, the other, or neither.

A pair counts once, with the share of its couples of voters that chose the same; the interval is Wilson's over
pairs (``shares.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.domain import Concord, PlacedVote, Vote, WithRight
from app.evaluation.shares import share_of
from app.evaluation.votes.pairs import Key


def among_voters(votes: Iterable[Vote]) -> Concord:
    """How often two people who voted on the same pair chose the same.

    By chance: as if each drew from what all of them chose, told apart by the side on which it stood.
    """
    by_pair: dict[Key, list[str]] = defaultdict(list)
    for one in votes:
        by_pair[one.first, one.second].append(one.preferred)
    several = [chosen for chosen in by_pair.values() if len(chosen) > 1]
    shares = [_same(chosen) for chosen in several]
    neither = [one for chosen in several for one in chosen]
    share = share_of(np.array(shares, float), np.array([len(one) for one in several], np.int64))
    return Concord(share, _by_chance(sum(not one for one in neither), len(neither)))


def with_judge(votes: Iterable[Vote], said: Mapping[Key, str]) -> Concord:
    """How often a person's choice was the judge's (``said``: answer id, "" for neither), by pair."""
    by_pair: dict[Key, list[float]] = defaultdict(list)
    ours: list[str] = []
    theirs: list[str] = []
    for one in votes:
        key = one.first, one.second
        if key in said:
            by_pair[key].append(float(one.preferred == said[key]))
            ours.append(one.preferred)
            theirs.append(said[key])
    means = np.array([np.mean(one) for one in by_pair.values()], float)
    share = share_of(means, np.array([len(one) for one in by_pair.values()], np.int64))
    return Concord(share, _chance_between(ours, theirs))


def with_right(votes: Sequence[PlacedVote], right: Mapping[str, bool | None]) -> WithRight:
    """Votes on pairs of which just one answer is right (by id; None: not told), by question.

    A question counts once, with the shares of its votes that preferred the right answer, the wrong one, and
    neither: so the three come to 100%.
    """
    by_case: dict[int, list[str]] = defaultdict(list)
    for one in votes:
        first, second = right.get(one.vote.first), right.get(one.vote.second)
        if first is None or second is None or first is second:
            continue
        better = one.vote.first if first else one.vote.second
        kind = "right" if one.vote.preferred == better else "wrong" if one.vote.preferred else "neither"
        by_case[one.case].append(kind)
    sizes = np.array([len(one) for one in by_case.values()], np.int64)

    def of(kind: str) -> NDArray[np.float64]:
        return np.array([each.count(kind) / len(each) for each in by_case.values()], np.float64)

    wrong, neither = (float(of(kind).mean()) if by_case else 0.0 for kind in ("wrong", "neither"))
    return WithRight(share_of(of("right"), sizes), int(sizes.sum()), wrong, neither)


def _same(chosen: Sequence[str]) -> float:
    couples = list(combinations(chosen, 2))
    return sum(one == other for one, other in couples) / len(couples)


def _by_chance(neither: int, total: int) -> float | None:
    """That two who draw by chance come to the same: neither is preferred, or the same of two."""
    if not total:
        return None
    none = neither / total
    return none * none + (1 - none) ** 2 / 2


def _chance_between(ours: Sequence[str], theirs: Sequence[str]) -> float | None:
    if not ours:
        return None
    one, other = (sum(not each for each in side) / len(side) for side in (ours, theirs))
    return one * other + (1 - one) * (1 - other) / 2
