"""Cutting an answer or a passage into sentences, with their places in the text.

A small rule-based splitter, because a trained one would have to be downloaded and the answers of
small models are short: sentence signs, line ends, list marks, and a list of abbreviations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.evaluation.scorers.grounded_words import vocabulary

LONGEST_SENTENCE = 1000
"""Characters; what goes on beyond them without an end is no prose, and is cut at a space."""

_NUMBERS = r"\d{1,4}(?:\s*(?:[,;\-–]|and)\s*\d{1,4})*"
_REFERENCE = re.compile(
    rf"\[\s*(?:passages?\s+)?{_NUMBERS}\s*\]|"
    r"\((?:see )?(?:passages?|page)\s\d[^()\n]{0,40}\)|"
    rf"(?:(?<=\bpassage )|(?<=\bpassages )){_NUMBERS}\b|(?<=\bpage )\d{{1,4}}\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)"  # a sign before a space
    r"|\n[ \t\r]*(?=\n|[-*•–#>|]\s|\d{1,3}[.)]\s|[^\sa-zà-ÿ])"  # a line end, but not one within a sentence
)
_ABBREVIATIONS = vocabulary(
    "mr mrs ms dr prof st jr sr vs e.g i.e eg ie no nos fig inc ltd co corp approx ca vol pp p al est gen "
    "gov sen rep rev jan feb mar apr jun jul aug sept sep oct nov dec mt dept art sec cf"
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“”‘’]+$")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_NEW_SENTENCE = re.compile(
    r"\s+(?:The|It|This|That|These|He|She|They|In|At|On|A|An|We|I|Its|His|Her|If|As|But)\b"
)


class Span(NamedTuple):
    """A sentence: ``text == source[start:end]``, without white space at its ends."""

    text: str
    start: int
    end: int


def without_references(text: str) -> str:
    """The text with marks [n] and the numbers of passages and pages blanked: all places stay the same.

    They say where something stands, which the prompt told the model; no passage has them in its text.
    """
    return _REFERENCE.sub(lambda mark: " " * len(mark.group()), text)


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text in order; pieces without a letter or a digit are left out."""
    return tuple(
        _trimmed(text, start, end) for start, end in _pieces(text) if _says_something(text[start:end])
    )


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in _ends(text):
        while end - start > LONGEST_SENTENCE:
            space = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
            cut = space if space > 0 else start + LONGEST_SENTENCE
            yield start, cut
            start = cut
        yield start, end
        start = end


def _ends(text: str) -> Iterator[int]:
    yield from (end.end() for end in _END.finditer(text) if not _within(text, end))
    yield len(text)


def _within(text: str, end: re.Match[str]) -> bool:
    """Whether the sign stands within a sentence: behind an abbreviation, an initial or a list's number."""
    if end.group() != ".":
        return False
    before = _LAST_WORD.search(text, max(0, end.start() - 24), end.start())
    word = before.group() if before else ""
    if word.isdecimal():
        return len(word) <= 3 and _starts_line(text, end.start() - len(word))
    if _INITIAL.fullmatch(word):
        return word.lower() != "i" and _NEW_SENTENCE.match(text, end.end()) is None
    return word.lower() in _ABBREVIATIONS


def _starts_line(text: str, place: int) -> bool:
    return not text[text.rfind("\n", 0, place) + 1 : place].strip()


def _says_something(piece: str) -> bool:
    return any(char.isalnum() for char in piece)


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return Span(piece, start, start + len(piece))
