"""Plain text and Markdown."""

from __future__ import annotations

import pytest

from app.domain import ReadPage
from app.errors import UnreadableDocument
from app.settings import ReadLimits
from tests.documents.conftest import Reads


def test_line_ends_and_control_characters(reads: Reads) -> None:
    read = reads("a.txt", b"one  \r\ntwo\rthr\x00ee\x07\x0cfour\xe2\x80\xa8five\n\n")
    assert read.pages == (ReadPage(1, "one\ntwo\nthree\nfour\nfive"),)
    assert (read.reader, read.warning) == ("text", "")


def test_markdown_is_kept_as_written(reads: Reads) -> None:
    written = "# Title\n\n* [link](https://example.invalid) `code`\n\n| a | b |"
    read = reads("a.MD", written)
    assert read.text == written
    assert read.reader == "markdown"


def test_white_space_only(reads: Reads) -> None:
    with pytest.raises(UnreadableDocument, match=r"“a.log”: nothing could be read"):
        reads("a.log", "\u3000\u00a0\n\t\u2003")


def test_more_text_than_allowed(reads: Reads) -> None:
    with pytest.raises(UnreadableDocument, match="more than 1,000 characters"):
        reads("a.txt", "word " * 300, ReadLimits(characters=1000))
