"""Finding where gold text stands in the documents of a collection.

Verbatim first; else with spaces, case and typographic signs made alike; else by the likest stretch, if it
is very like and holds the same figures (``rapidfuzz.fuzz.partial_ratio``); else, since a table may be read
in another order than it was copied, by the shortest stretch that has its words and all its figures.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import PurePosixPath

from rapidfuzz import fuzz

from app.domain import Case, DocumentEntry, DocumentState, Gold, GoldSpan, Passage, PosedCase
from storage.documents import Documents

LIKE_ENOUGH = 88.0
"""Of 100. Chosen on dev_cut: real PDF tables come out at 90 and above, other places of a text below 80."""
SHORTEST_LIKE = 24
"""Characters; a shorter text is found by its own words or not at all: "12 km" is very like "13 km"."""
FEWEST_WORDS = 8
MOST_WIDER = 6
"""A stretch found by its words may be so many times as long as the gold text: a reader repeats headers."""
WORDS_COVERED = 0.9
HALF = 0.5
_WORD = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*|[^\W\d_]+")
_FIGURES = re.compile(r"\d+")
_ALIKE = str.maketrans(
    dict.fromkeys("‘’‚", "'") | dict.fromkeys("“”„«»", '"') | dict.fromkeys("–—‐‑−", "-")
    | dict.fromkeys("\u00ad\u200b", None)
)  # fmt: skip


@dataclass(frozen=True)
class Folded:
    """A text with what varies made alike; ``places[i]`` is where its character i stands in the original."""

    text: str
    places: Sequence[int]


@dataclass
class _Read:
    """A document of the collection, read and folded when it is first needed."""

    entry: DocumentEntry
    documents: Documents

    @cached_property
    def text(self) -> str:
        reading = self.documents.reading(self.entry.document_id)
        return reading.text if reading else ""

    @cached_property
    def folded(self) -> Folded:
        return fold(self.text)

    @cached_property
    def passages(self) -> list[Passage]:
        return self.documents.passages(self.entry.collection_id, self.entry.document_id)


class Locating:
    """Finds gold text in one collection; reads each document once. For one thread."""

    def __init__(self, documents: Documents, collection_id: str) -> None:
        """Raises DatabaseTrouble."""
        entries = documents.entries(collection_id)
        self._reads = [_Read(one, documents) for one in entries if one.state is DocumentState.SEARCHABLE]
        self._unreadable = [one.name for one in entries if one.state is DocumentState.UNREADABLE]

    def posed(self, case: Case) -> PosedCase:
        """The case with the places of its gold text. Raises DatabaseTrouble."""
        named = [self._named(one.document) for one in case.gold]
        spans = tuple(self._span(one, reads) for one, reads in zip(case.gold, named, strict=True))
        there = tuple(
            bool(one.document) and (bool(reads) or self._refused(one.document))
            for one, reads in zip(case.gold, named, strict=True)
        )
        return PosedCase(case, spans, there)

    def _refused(self, name: str) -> bool:
        """Whether it was uploaded and nothing could be read of it, as of a scan."""
        return any(name == one or _same_file(one, name) for one in self._unreadable)

    def _named(self, name: str) -> list[_Read]:
        """The documents that a name may mean: of that name, else below another folder; all for ""."""
        exact = [one for one in self._reads if name in {"", one.entry.name}]
        return exact or [one for one in self._reads if _same_file(one.entry.name, name)]

    def _span(self, gold: Gold, reads: Sequence[_Read]) -> GoldSpan | None:
        wanted = gold.text.strip()
        if not wanted:
            return None
        found = (
            span
            for way in (_verbatim, _folded, _like, _by_words)
            for one in reads
            if (span := way(wanted, one))
        )
        return next(found, None)


def posed(locating: Locating, cases: Sequence[Case]) -> Iterator[PosedCase]:
    """The cases with the places of their gold text, in their order, one after the other.

    Raises DatabaseTrouble.
    """
    return map(locating.posed, cases)


def none_there(cases: Sequence[Case], entries: Sequence[DocumentEntry]) -> bool:
    """Whether the cases name documents, and a collection (its ``entries``) has none of these."""
    wanted = {gold.document for case in cases for gold in case.gold if gold.document}
    ends = {PurePosixPath(one.replace("\\", "/")).name for one in wanted}
    # Few share an end, and only these need to be looked at one by one.
    near = [one.name for one in entries if PurePosixPath(one.name).name in ends]
    return bool(wanted) and not any(name == one or _same_file(one, name) for one in near for name in wanted)


def fold(text: str) -> Folded:
    """The text with runs of space as one, in lower case, and typographic signs as plain ones."""
    pieces: list[str] = []
    places: list[int] = []
    space = True
    for place, sign in enumerate(text):
        piece = " " if sign.isspace() else _plain(sign)
        if piece == " ":
            if space:
                continue
            space = True
        elif piece:
            space = False
        pieces.append(piece)
        places.extend([place] * len(piece))
    return Folded("".join(pieces).rstrip(" "), places)


def _plain(sign: str) -> str:
    if sign.isascii():
        return sign.lower()
    return unicodedata.normalize("NFKC", sign.translate(_ALIKE)).translate(_ALIKE).lower()


def _verbatim(wanted: str, read: _Read) -> GoldSpan | None:
    start = read.text.find(wanted)
    return _made(read, start, start + len(wanted), 1.0) if start >= 0 else None


def _folded(wanted: str, read: _Read) -> GoldSpan | None:
    needle = fold(wanted).text
    start = read.folded.text.find(needle) if needle else -1
    return _stretch(read, start, start + len(needle), 1.0) if start >= 0 else None


def _like(wanted: str, read: _Read) -> GoldSpan | None:
    needle, folded = fold(wanted).text, read.folded.text
    if len(needle) < SHORTEST_LIKE or len(needle) > len(folded):
        return None
    found = fuzz.partial_ratio_alignment(needle, folded, score_cutoff=LIKE_ENOUGH)
    if found is None or found.dest_start >= found.dest_end:
        return None
    start, end = _whole_words(folded, found.dest_start, found.dest_end)
    if set(_FIGURES.findall(needle)) - set(_FIGURES.findall(folded[start:end])):
        return None
    return _stretch(read, start, end, found.score / 100)


def _by_words(wanted: str, read: _Read) -> GoldSpan | None:
    folded = fold(wanted).text
    needed = set(_WORD.findall(folded))
    if len(needed) < FEWEST_WORDS:
        return None
    figures = {one for one in needed if _FIGURES.search(one)}
    words = [one for one in _WORD.finditer(read.folded.text) if one.group() in needed]
    best = _shortest(words, figures, ceil(WORDS_COVERED * len(needed)), MOST_WIDER * len(folded))
    if best is None:
        return None
    first, last = best
    covered = {one.group() for one in words[first : last + 1]}
    return _stretch(read, words[first].start(), words[last].end(), len(covered) / len(needed))


def _shortest(
    words: Sequence[re.Match[str]], figures: set[str], enough: int, longest: int
) -> tuple[int, int] | None:
    """The first and last place of the shortest run with all the figures and ``enough`` different words."""
    counts: Counter[str] = Counter()
    best: tuple[int, int] | None = None
    length, first, missing = longest + 1, 0, len(figures)
    for last, word in enumerate(words):
        counts[word.group()] += 1
        missing -= word.group() in figures and counts[word.group()] == 1
        while not missing and len(counts) >= enough:
            if word.end() - words[first].start() < length:
                length, best = word.end() - words[first].start(), (first, last)
            gone = words[first].group()
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
                missing += gone in figures
            first += 1
    return best


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the rest of the words that it begins and ends within."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _stretch(read: _Read, start: int, end: int, likeness: float) -> GoldSpan:
    places = read.folded.places
    return _made(read, places[start], places[end - 1] + 1, likeness)


def _made(read: _Read, start: int, end: int, likeness: float) -> GoldSpan:
    entry = read.entry
    holding = tuple(one.id for one in _holding(read.passages, start, end))
    return GoldSpan(entry.document_id, entry.name, start, end, likeness, holding)


def _holding(passages: Sequence[Passage], start: int, end: int) -> Iterator[Passage]:
    """The passages that hold at least half of the span (METRICS, "Retrieval")."""
    for one in passages:
        if min(end, one.end) - max(start, one.start) >= HALF * (end - start):
            yield one


def _same_file(one: str, other: str) -> bool:
    """Whether one path is the end of the other, by whole parts: "docs/a.txt" and "a.txt"."""
    ours, theirs = PurePosixPath(one).parts, PurePosixPath(other.replace("\\", "/")).parts
    shared = min(len(ours), len(theirs))
    return shared > 0 and ours[-shared:] == theirs[-shared:]
