"""Which stretch of the passages could support a sentence, and how much of the sentence stands there.

A stretch is up to WINDOW neighbouring sentences of one passage; what a sentence joins from two places
is met by the best stretch together with the one that adds most to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain, islice
from math import log, log1p

from app.evaluation.scorers.grounded_sentences import sentences
from app.evaluation.scorers.grounded_words import (
    ORDINALS,
    TELLING,
    Kind,
    Word,
    likeness,
    tells_something,
    words,
)

WINDOW = 3
TRIED = 3
ALIKE = 0.65
"""Likeness from which two stems count as one word; results are flat from 0.5 to 0.8."""


@dataclass(frozen=True)
class Features:
    """What is measured of a sentence against a stretch.

    ``covered`` share (0 to 1) of its words that the stretch has, ``missing`` log(1 + distinct content
    words and numbers that it has not), ``speaker`` 1 if the sentence speaks of its writer and the
    stretch does not, ``question`` 1 if it asks.
    """

    covered: float
    missing: float
    speaker: float
    question: float


@dataclass(frozen=True)
class Stretch:
    """Neighbouring sentences, each as its words, of the passage with that number."""

    passage: int
    sentences: tuple[tuple[Word, ...], ...]
    stems: frozenset[str]

    @classmethod
    def of(cls, passage: int, found: Sequence[tuple[Word, ...]]) -> Stretch:
        """Collect the stems once."""
        stems = {one.stem for sentence in found for one in sentence}
        numbers = {ORDINALS[one.text] for sentence in found for one in sentence if one.text in ORDINALS}
        return cls(passage, tuple(found), frozenset(stems | numbers))

    def joined(self, other: Stretch) -> Stretch:
        """Both as one; it keeps the passage of the first."""
        return Stretch.of(self.passage, (*self.sentences, *other.sentences))

    def has(self, word: Word) -> bool:
        """Whether it has the word: the number, the stem, or a stem spelt much alike."""
        return _has(self.stems, word)

    def nearest(self, sentence: Sequence[Word]) -> list[tuple[Word, ...]]:
        """Its sentences that share most with the given one: several where they share as much."""
        wanted = {one.stem for one in sentence if one.kind in TELLING}
        shared = [len(wanted & {one.stem for one in own}) for own in self.sentences]
        return [own for own, count in zip(self.sentences, shared, strict=True) if count == max(shared)]


class Passages:
    """The passages of an answer by their numbers, cut into stretches once."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self.stretches = [one for number, text in texts.items() for one in _stretches(number, text)]
        self._places: dict[str, list[int]] = {}
        for place, stretch in enumerate(self.stretches):
            for stem in stretch.stems:
                self._places.setdefault(stem, []).append(place)
        self._initials = [_initials(one) for one in self.stretches]

    @property
    def empty(self) -> bool:
        """Whether they hold nothing that could support a sentence."""
        return not any(tells_something(own) for one in self.stretches for own in one.sentences)

    def has(self, word: Word) -> bool:
        """Whether any passage has the word; three capitals or more may stand for what they abbreviate."""
        if _has(self._places.keys(), word):
            return True
        short = word.shown.replace(".", "")
        return short.isupper() and len(short) >= 3 and any(short.lower() in one for one in self._initials)

    def candidates(self, sentence: Sequence[Word]) -> list[Stretch]:
        """The stretches that share most with the sentence, rare words first, and the best one joined.

        None only where there is no stretch at all.
        """
        wanted = frozenset(one.stem for one in sentence if one.kind in TELLING)
        every = frozenset(one.stem for one in sentence)
        ranked = self._best(wanted, every, TRIED)
        if not ranked:
            return []
        more = self._best(wanted - ranked[0].stems, every, 1)[0]
        adds = (wanted - ranked[0].stems) & more.stems
        return [*ranked, ranked[0].joined(more)] if adds else ranked

    def _best(self, telling: Collection[str], every: frozenset[str], count: int) -> list[Stretch]:
        """The stretches that have most of the telling stems, then most of all; filled up with the first."""
        worths = self._worths(telling)
        least = min(nlargest(count, worths.values()), default=0.0)
        best = [place for place, worth in worths.items() if worth >= least]
        best.sort(key=lambda place: (-worths[place], -len(self.stretches[place].stems & every), place))
        others = (place for place in range(len(self.stretches)) if place not in worths)
        return [self.stretches[place] for place in islice(chain(best, others), count)]

    def _worths(self, stems: Collection[str]) -> dict[int, float]:
        """How much each stretch has of the stems, the rare ones counting more, by its place."""
        worths: dict[int, float] = {}
        for stem in sorted(stems):
            places = self._places.get(stem, [])
            rarity = log(1 + len(self.stretches) / max(1, len(places)))
            for place in places:
                worths[place] = worths.get(place, 0.0) + rarity
        return worths


def missing(sentence: Sequence[Word], stretch: Stretch) -> list[Word]:
    """The distinct content words and numbers that the stretch has not, in order."""
    told = {one.stem: one for one in sentence if one.kind in TELLING}
    return [one for one in told.values() if not stretch.has(one)]


def features(sentence: Sequence[Word], stretch: Stretch, *, asks: bool) -> Features:
    """Measure one sentence against one stretch."""
    present = sum(one.stem in stretch.stems for one in sentence)
    return Features(
        covered=present / max(1, len(sentence)),
        missing=log1p(len(missing(sentence, stretch))),
        speaker=float(speaks_of_writer(sentence, stretch)),
        question=float(asks),
    )


def speaks_of_writer(sentence: Sequence[Word], stretch: Stretch) -> bool:
    """Whether there is an "I" or "our" that the stretch has not."""
    return any(one.kind is Kind.SPEAKER and one.stem not in stretch.stems for one in sentence)


def _has(stems: Collection[str], word: Word) -> bool:
    if word.stem in stems or ORDINALS.get(word.text) in stems:
        return True
    if word.kind is Kind.NUMBER:
        return False
    return any(likeness(word.stem, other) >= ALIKE for other in stems if other[:1] == word.stem[:1])


def _initials(stretch: Stretch) -> str:
    return "".join(word.text[0] for own in stretch.sentences for word in own if word.kind in TELLING)


def _stretches(passage: int, text: str) -> list[Stretch]:
    read = [words(one.text) for one in sentences(text)]
    last = max(1, len(read) - WINDOW + 1)
    return [Stretch.of(passage, read[start : start + WINDOW]) for start in range(last)] if read else []
