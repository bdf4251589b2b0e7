"""The marks [n] in an answer, which say where a statement stands and are no part of it."""

from __future__ import annotations

import re

_NUMBERS = r"\d{1,4}(?:\s*(?:[,;\-–]|and)\s*\d{1,4})*"
_MARK = re.compile(
    rf"\[\s*(?:passages?\s+)?{_NUMBERS}\s*\]|\((?:see )?passages?\s+{_NUMBERS}\)|(?<=\bpassage )\d{{1,4}}\b",
    re.IGNORECASE,
)

_BEFORE = re.compile(rf"[ \t]*(?:{_MARK.pattern})", re.IGNORECASE)
_BEGUN = re.compile(r"[ \t]*\[\s*(?:passages?\s*)?[\d,;\s\-–]*$", re.IGNORECASE)


def unmarked(text: str) -> str:
    """The text as if nobody had marked it, to be read: no gap is left, nor the mark that is being written."""
    return _BEFORE.sub("", _BEGUN.sub("", text))


def without_marks(text: str) -> str:
    """The text with each mark blanked: all places stay the same.

    A passage's number must not be met by a right answer that is the same number, and a mark must not keep
    an answer from being exact.
    """
    return _MARK.sub(lambda mark: " " * len(mark.group()), text)
