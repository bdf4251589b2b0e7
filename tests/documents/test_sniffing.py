"""What bytes seem to be, and the words for a file that is not what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.readers import FORMATS, SUFFIXES, format_of
from app.documents.sniffing import check, seems
from app.errors import NeedsPassword, UnreadableDocument
from tests.documents.samples import PNG, archive, locked_office, pdf, word_of

XLSX = archive(
    [("[Content_Types].xml", b"application/vnd.openxmlformats-officedocument.spreadsheetml.main+xml")]
)
DOCM = archive([("[Content_Types].xml", b"application/vnd.ms-word.document.macroEnabled.main+xml")])
ODT = archive([("mimetype", b"application/vnd.oasis.opendocument.text")])
LOCKED_ODT = archive(
    [
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("META-INF/manifest.xml", b"<encryption-data/>"),
    ]
)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + "WordDocument".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (pdf("x"), "pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4", "pdf"),
        (word_of("x"), "docx"),
        (archive([("word/document.xml", b"<x/>")]), "docx"),
        (XLSX, "xlsx"),
        (DOCM, "docm"),
        (ODT, "odt"),
        (archive([("mimetype", b"application/epub+zip")]), "epub"),
        (archive([("a.txt", b"x")]), "zip"),
        (b"PK\x03\x04 and then nothing", "zip-damaged"),
        (word_of("x")[:300], "zip-damaged"),
        (OLD_WORD, "doc"),
        (locked_office(), "ole-encrypted"),
        (b"{\\rtf1 text}", "rtf"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (PNG, "image"),
        (b"BM" + bytes(100), "image"),
        (b"BM is a unit of measure.", "text"),
        (bytes(range(256)) * 4, "binary"),
        ("Grüße aus Köln".encode(), "text"),
        ("Grüße aus Köln".encode("utf-16"), "text"),
        ("Grüße aus Köln".encode("utf-16-le"), "text"),
        (b"The mark %PDF-1.7 begins a PDF.", "text"),
    ],
)
def test_seems(content: bytes, key: str) -> None:
    assert seems(content).key == key


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\x00\x00", "is empty"),
        ("a.txt", pdf("x"), "named .txt but seems to be a PDF"),
        ("a.pdf", word_of("x"), "seems to be a Word document"),
        ("a.pdf", b"plain words", "named .pdf but is not a PDF"),
        ("a.docx", b"plain words", "it seems to be text"),
        ("a.docx", b"<!DOCTYPE html><p>x", "it seems to be a web page"),
        ("a.docx", word_of("x")[:400], "damaged or incomplete"),
        ("a.docx", DOCM, "with macros"),
        ("a.csv", XLSX, "seems to be an Excel workbook"),
        ("a.md", PNG, "a picture (PNG)"),
        ("a.html", bytes(range(256)), "binary data"),
        ("a.doc", OLD_WORD, "an old Word document"),
        ("a.rtf", b"{\\rtf1 x}", "does not read files named .rtf"),
        ("README", b"plain words", "files without a suffix"),
        ("a.txt.gz", b"\x1f\x8b\x08", "a gzip archive"),
    ],
)
def test_refused_by_name_and_with_what_to_do(name: str, content: bytes, words: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        check(name, content)
    assert f"“{name}”" in refused.value.message
    assert words in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.docx", locked_office()), ("a.xlsx", locked_office()), ("a.odt", LOCKED_ODT)],
)
def test_encrypted_files_need_a_password(name: str, content: bytes) -> None:
    with pytest.raises(NeedsPassword, match="password"):
        check(name, content)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_suffix_has_its_format(suffix: str) -> None:
    found = format_of(f"folder/NAME{suffix.upper()}")
    assert found in FORMATS


@given(st.binary(max_size=3000), st.sampled_from([".txt", ".pdf", ".docx", ".csv", ".html", ".bin", ""]))
def test_any_bytes_are_taken_or_refused_in_words(content: bytes, suffix: str) -> None:
    try:
        assert suffix in check(f"x{suffix}", content).suffixes
    except UnreadableDocument as refused:
        assert f"“x{suffix}”" in refused.message
