"""What every reader shares: caps, cleaning of text, and the words for what could not be read.

Readers run in a process of their own (``app.documents.reader``), which should start quickly: this
package imports the standard library only, and each reader imports its parser by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.domain import ReadDocument
from app.errors import UnreadableDocument

MEGABYTE = 1024 * 1024

# NUL, other control characters, lone surrogates and the two non-characters that parsers use as marks.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Source:
    """A file to read: where its bytes lie, and the name that the person knows it by."""

    path: Path
    name: str

    def content(self) -> bytes:
        """All bytes of it."""
        return self.path.read_bytes()


@dataclass(frozen=True)
class Caps:
    """What a reader may make of one file: bytes after unpacking, pages, characters of text."""

    unpacked: int
    pages: int
    characters: int


class Reader(Protocol):
    """A format's module. Raises UnreadableDocument with words that name the file."""

    def read(self, source: Source, caps: Caps) -> ReadDocument:
        """Everything that can be read of the file."""


class Collected:
    """Lines of text as they are read; raises UnreadableDocument as soon as there are too many."""

    def __init__(self, source: Source, caps: Caps) -> None:
        self._name = source.name
        self._limit = caps.characters
        self._lines: list[str] = []
        self._size = 0

    def add(self, line: str) -> None:
        """One more line or paragraph."""
        self._size += len(line) + 1
        if self._size > self._limit:
            raise too_long(self._name, self._limit)
        self._lines.append(line)

    def extend(self, lines: Iterable[str]) -> None:
        """More lines."""
        for line in lines:
            self.add(line)

    @property
    def lines(self) -> Sequence[str]:
        """What was added so far."""
        return self._lines


def clean(text: str) -> str:
    r"""Line ends as ``\n``; control characters (tabs and line ends apart) and lone surrogates removed."""
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def tidy(text: str) -> str:
    """``clean``, without white space at line ends and at both ends of the text."""
    return "\n".join(line.rstrip() for line in clean(text).split("\n")).strip("\n")


def too_long(name: str, limit: int) -> UnreadableDocument:
    """The refusal of a file with more text than is allowed."""
    return UnreadableDocument(
        f"“{name}” holds more than {limit:,} characters of text, which is the limit.",
        "Split it into smaller files and upload those.",
    )


def no_text(name: str, why: str = "there is no text in it") -> UnreadableDocument:
    """The refusal of a file in which no text was found."""
    return UnreadableDocument(
        f"“{name}”: nothing could be read: {why}.", "Upload a version of it that has text."
    )


def damaged(name: str, what: str) -> UnreadableDocument:
    """The refusal of a file that its parser cannot open; ``what`` names the format with its article."""
    return UnreadableDocument(
        f"“{name}” could not be read: it is damaged or incomplete, or not {what} at all.",
        "Open it in the program that it comes from, save it again and upload that.",
    )


def numbers(values: Sequence[int], most: int = 12) -> str:
    """Page numbers in words: "3", "3 and 5", "3-7, 9 and 12", "1, 3, … (40 in all)"."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1][1:] = [value]
        else:
            runs.append([value])
    parts = ["-".join(str(one) for one in run) for run in runs]
    if len(parts) > most:
        return f"{', '.join(parts[:most])}, … ({len(values)} in all)"
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
