"""Which answers are put to a vote, in which order, and who stands on the left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.domain import AnswerText, PlacedVote, Vote, stable_hash


@dataclass(frozen=True)
class AnswerPair:
    """Two candidates' answers to the same question in the same repeat; ``first`` has the smaller id."""

    first: AnswerText
    second: AnswerText

    @property
    def key(self) -> tuple[str, str]:
        """The ids of both."""
        return self.first.answer_id, self.second.answer_id

    @property
    def of(self) -> tuple[int, int]:
        """Whose they are: places of candidates, the smaller one first."""
        low, high = sorted((self.first.candidate, self.second.candidate))
        return low, high


@dataclass(frozen=True)
class Pairs:
    """All pairs of an experiment that can be voted on; ``alike`` more have the same words on both sides."""

    pairs: tuple[AnswerPair, ...]
    alike: int


@dataclass(frozen=True)
class Turn:
    """Where a voter stands: ``done`` of ``of`` pairs, and the ``pair`` to vote on next; None for none."""

    done: int
    of: int
    pair: AnswerPair | None


def pairs_of(texts: Iterable[AnswerText]) -> Pairs:
    """Every two answers to one question in one repeat whose words differ; white space does not count.

    In an order by chance that is the same for all voters, so that several vote on the same pairs and their
    agreement can be told.
    """
    asked: dict[tuple[int, int], list[AnswerText]] = defaultdict(list)
    for one in texts:
        asked[one.case, one.repeat].append(one)
    made, alike = [], 0
    for several in asked.values():
        words = {one.answer_id: " ".join(one.text.split()) for one in several}
        for one, other in combinations(sorted(several, key=lambda each: each.answer_id), 2):
            if words[one.answer_id] == words[other.answer_id]:
                alike += 1
            else:
                made.append(AnswerPair(one, other))
    return Pairs(tuple(sorted(made, key=lambda one: stable_hash("pair", *one.key))), alike)


def turn_of(pairs: Pairs, votes: Sequence[PlacedVote], is_mine: Callable[[Vote], bool]) -> Turn:
    """What this voter does next: the first pair not voted on, of the least compared candidates."""
    known = {one.key for one in pairs.pairs}
    mine = {(one.vote.first, one.vote.second) for one in votes if is_mine(one.vote)} & known
    compared = Counter((min(one.first, one.second), max(one.first, one.second)) for one in votes)
    left = (one for one in pairs.pairs if one.key not in mine)
    following = min(left, key=lambda one: compared[one.of], default=None)
    return Turn(len(mine), len(pairs.pairs), following)


def shown(pair: AnswerPair, voter: str) -> tuple[AnswerText, AnswerText]:
    """The answers as they stand on the screen, left and right: by chance, and the same after a reload."""
    turned = int(stable_hash("side", voter, *pair.key)[:8], 16) % 2
    return (pair.second, pair.first) if turned else (pair.first, pair.second)
