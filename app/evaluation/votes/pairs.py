"""Which answers are put to a vote, in which order, and who stands on the left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from app.domain import AnswerText, stable_hash
from app.evaluation.scorers.marks import unmarked

Key = tuple[str, str]
"""The ids of two answers, the smaller one first."""
Couple = tuple[int, int]
"""The places of two candidates, the smaller one first."""


@dataclass(frozen=True)
class AnswerPair:
    """Two candidates' answers to the same question in the same repeat; ``first`` has the smaller id."""

    first: AnswerText
    second: AnswerText

    @property
    def key(self) -> Key:
        """The ids of both."""
        return self.first.answer_id, self.second.answer_id

    @property
    def of(self) -> Couple:
        """Whose they are: places of candidates, the smaller one first."""
        low, high = sorted((self.first.candidate, self.second.candidate))
        return low, high


@dataclass(frozen=True)
class Pairs:
    """All pairs of an experiment that can be voted on; ``alike`` more have the same words on both sides."""

    pairs: tuple[AnswerPair, ...]
    alike: int

    @cached_property
    def keys(self) -> frozenset[Key]:
        """The ids of each."""
        return frozenset(one.key for one in self.pairs)

    @cached_property
    def by_candidates(self) -> Mapping[Couple, Sequence[tuple[int, AnswerPair]]]:
        """Those of each two candidates, with their places in the order of all."""
        found: dict[Couple, list[tuple[int, AnswerPair]]] = defaultdict(list)
        for place, one in enumerate(self.pairs):
            found[one.of].append((place, one))
        return found


@dataclass(frozen=True)
class Turn:
    """Where a voter stands: ``done`` of ``of`` pairs, and the ``pair`` to vote on next; None for none."""

    done: int
    of: int
    pair: AnswerPair | None


def pairs_of(texts: Iterable[AnswerText]) -> Pairs:
    """Every two answers to one question in one repeat whose words differ; white space does not count.

    They are without their marks [n], as before a judge of pairs: only who was given documents writes such.
    In an order by chance that is the same for all voters, so that several vote on the same pairs and their
    agreement can be told.
    """
    asked: dict[tuple[int, int], list[AnswerText]] = defaultdict(list)
    for one in texts:
        if (text := unmarked(one.text)).strip():
            asked[one.case, one.repeat].append(replace(one, text=text))
    made, alike = [], 0
    for several in asked.values():
        words = {one.answer_id: " ".join(one.text.split()) for one in several}
        for one, other in combinations(sorted(several, key=lambda each: each.answer_id), 2):
            if words[one.answer_id] == words[other.answer_id]:
                alike += 1
            else:
                made.append(AnswerPair(one, other))
    return Pairs(tuple(sorted(made, key=lambda one: stable_hash("pair", *one.key))), alike)


def turn_of(pairs: Pairs, mine: Collection[Key], compared: Mapping[Couple, int]) -> Turn:
    """What a voter does next: the first pair not voted on, of the least compared candidates.

    ``mine`` are the pairs that the voter has voted on, ``compared`` how many votes two candidates have.
    """
    left = (
        (compared.get(of, 0), *first)
        for of, several in pairs.by_candidates.items()
        if (first := next((one for one in several if one[1].key not in mine), None)) is not None
    )
    following = min(left, key=lambda one: one[:2], default=None)
    done = sum(one in pairs.keys for one in mine)
    return Turn(done, len(pairs.pairs), following[2] if following else None)


def shown(pair: AnswerPair, voter: str) -> tuple[AnswerText, AnswerText]:
    """The answers as they stand on the screen, left and right: by chance, and the same after a reload."""
    turned = int(stable_hash("side", voter, *pair.key)[:8], 16) % 2
    return (pair.second, pair.first) if turned else (pair.first, pair.second)
