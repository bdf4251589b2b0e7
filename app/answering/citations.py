"""Checking an answer's marks [n] and its quotes against the passages that were given."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.domain import Citation, GivenPassage, Quote

_MARK = re.compile(r"\[\s*(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\s*\]")
_NUMBER = re.compile(r"\d+")
_QUOTES = re.compile(r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|\"([^\"\n]+)\"")
_SPACE = re.compile(r"\s+")
SHORTEST_QUOTE = 12
"""Characters; shorter ones are names and scare quotes, which prove nothing."""


def find_citations(text: str, given: Sequence[GivenPassage]) -> tuple[Citation, ...]:
    """Every mark [n], also of lists such as [1, 3], in order.

    The span of a lone mark covers its brackets, that of a number in a list the number alone.
    """
    numbers = {one.number for one in given if one.fitted}
    found: list[Citation] = []
    for mark in _MARK.finditer(text):
        inner = list(_NUMBER.finditer(text, mark.start(1), mark.end(1)))
        for number in inner:
            start, end = mark.span() if len(inner) == 1 else number.span()
            value = int(number.group())
            found.append(Citation(value, start, end, valid=value in numbers))
    return tuple(found)


def check_quotes(text: str, given: Sequence[GivenPassage]) -> tuple[Quote, ...]:
    """Quoted spans of at least SHORTEST_QUOTE characters, each with the passage it stands in.

    Verbatim after white space is folded (METRICS, "Quote check"); typographic quotation marks within
    a span are not changed. ``number`` is 0 where no passage given holds it.
    """
    passages = [(one.number, _folded(one.passage.text)) for one in given if one.fitted]
    quotes: list[Quote] = []
    for match in _QUOTES.finditer(text):
        quoted = next(group for group in match.groups() if group is not None)
        span = _folded(quoted).rstrip(".,;")
        if len(span) >= SHORTEST_QUOTE:
            place = next((number for number, passage in passages if span in passage), 0)
            quotes.append(Quote(quoted, place))
    return tuple(quotes)


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
