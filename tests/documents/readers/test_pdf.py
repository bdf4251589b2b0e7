"""PDF: page by page, with words for what has no text."""

from __future__ import annotations

import re
import zlib

import pytest

from app.errors import NeedsPassword, UnreadableDocument
from app.settings import ReadLimits
from tests.documents.conftest import Reads
from tests.documents.samples import PROSE, pdf


def test_pages_are_kept_apart(reads: Reads) -> None:
    read = reads("a.pdf", pdf(PROSE, "Second page about the summit station."))
    assert [page.number for page in read.pages] == [1, 2]
    assert "612 metres" in read.pages[0].text
    assert "\r" not in read.text
    assert read.pages[1].text == "Second page about the summit station."
    assert (read.reader, read.warning) == ("pdf", "")


def test_a_scan_says_so(reads: Reads) -> None:
    with pytest.raises(
        UnreadableDocument, match=r"“a.pdf”: nothing could be read: 3 pages without text; .*scan"
    ):
        reads("a.pdf", pdf("", "", ""))


def test_pages_without_text_are_named(reads: Reads) -> None:
    read = reads("a.pdf", pdf(PROSE, "", PROSE, "", ""))
    assert "Pages 2 and 4-5 have no text" in read.warning
    assert len(read.pages) == 5


def test_a_password_is_asked_for(reads: Reads) -> None:
    with pytest.raises(NeedsPassword, match=r"“a.pdf” is protected by a password"):
        reads("a.pdf", pdf(PROSE, password="secret"))


def test_page_limit(reads: Reads) -> None:
    read = reads("a.pdf", pdf(*[PROSE] * 5), ReadLimits(pages=3))
    assert len(read.pages) == 3
    assert "Only the first 3 of 5 pages" in read.warning


def test_attachments_are_mentioned(reads: Reads) -> None:
    assert "1 attached file was not read" in reads("a.pdf", pdf(PROSE, attached=b"more")).warning


def test_damage_is_said(reads: Reads) -> None:
    whole = pdf(*[f"Page {number}. {PROSE}" for number in range(4)])
    with pytest.raises(UnreadableDocument, match=r"“a.pdf” could not be read: it is damaged"):
        reads("a.pdf", b"%PDF-1.7\n" + b"nothing " * 50)
    packed = next(iter(re.finditer(rb"stream\r?\n(x.{60})", whole, re.DOTALL)))
    assert zlib.decompressobj().decompress(whole[packed.start(1) :])
    hurt = whole[: packed.start(1) + 20] + b"\xff" * 30 + whole[packed.start(1) + 50 :]
    read = reads("a.pdf", hurt)
    assert "The file is damaged" in read.warning
    assert "Page 3" in read.text


def test_hyphens_at_line_ends_are_joined_as_pdfium_finds_them() -> None:
    from app.documents.readers.pdf import _JOINED

    assert _JOINED.sub("", "adip\ufffeiscing über\ufffeall Schwarz\ufffeWeiß") == (
        "adipiscing überall Schwarz\ufffeWeiß"
    )
