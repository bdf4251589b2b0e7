"""Eighty awkward real files: each comes out as its manifest expects, by name, without a hang."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.documents.readers import format_of
from app.documents.reading import read
from app.errors import NeedsPassword, UnreadableDocument
from app.settings import ReadLimits

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("messy")]  # all files are read once

SECONDS = 60
# A phrase of each file that must be found again in what was read.
PHRASES = {
    "csv-inconsistent-header.csv": "1: a; 2: b; 3: c; d",
    "test_mskanji.csv": "名前: 佐藤太郎; 年齢: 30; 住所: 東京",
    "docx_external_image.docx": "Test Document with External Image",
    "test_recursive_embedded.docx": "embed_0",
    "big-preamble.html": "Аренда квартир",
    "testArabicMisleadingCharset.html": "رجل حكيم",
    "testBrokenHTMLContainingRFC822.html": "A whole bunch of text",
    "testHTML_charset_utf16le.html": "This is a sample text",
    "testHTML_embedded_data_uri_js.html": "some content",
    "test_wikipedia.html": "Albuquerque, New Mexico",
    "GeoTopo-komprimiert.pdf": "Einführung in die\nGeometrie und Topologie",
    "REPAIR-2022-INV-001_multipage.pdf": "Gabriel Diaz",
    "google-doc-document.pdf": "Beautiful is better than ugly",
    "habibi.pdf": "habibi",
    "habibi-rotated.pdf": "habibi",
    "multicolumn.pdf": "adipiscing elit",
    "pdflatex-4-pages.pdf": "some text without a meaning",
    "pdflatex-forms.pdf": "Submit",
    "right_to_left_01.pdf": "Python",
    "right_to_left_03.pdf": "شرکت بورس",
    "testOptionalHyphen.pdf": "optionalhyphen",
    "testPDFPackage.pdf": "Multiple files are bound together",
    "testPDF_bad_page_303226.pdf": "Drug Enforcement Administration",
    "with-attachment.pdf": "Lorem ipsum dolor",
    "blns.txt": "田中さんにあげて下さい",
    "moby_dick.txt": "Call me Ishmael",
    "russian.cp866.txt": "Лошадка, везущая хворосту воз",
    "testTXT_win-1252.txt": "“windows”",
}
NOT_INDEXED = ("alert(", "function addToList", "javascript:")


@dataclass(frozen=True)
class Result:
    """What became of one file."""

    name: str
    expect: str
    text: str
    warning: str
    refusal: UnreadableDocument | None


def _read(folder: Path, row: dict[str, str]) -> Result:
    path = folder / row["file"]
    try:
        found = read(path, path.name, ReadLimits())
    except UnreadableDocument as refusal:
        return Result(path.name, row["expect"], "", "", refusal)
    return Result(path.name, row["expect"], found.text, found.warning, None)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    from tests.conftest import SHARED_DATA
    from tests.parts import require

    folder = SHARED_DATA / "messy_dev"
    if not folder.is_dir():
        require("shared", "the folder ../shared/data/messy_dev is not there")
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda row: _read(folder, row), rows))
    assert time.monotonic() - began < SECONDS
    assert len(made) == 80
    return made


def _as_expected(one: Result) -> bool:
    """Whether a file came out as expected; formats that Assay does not take are refused with the reason."""
    if one.refusal is None:
        return {
            "index": True,
            "index-partly": bool(one.warning),
            "warn-empty": "no text" in one.warning,
            "index-or-refuse-with-reason": True,
        }.get(one.expect, False)
    told = f"“{one.name}”" in one.refusal.message and bool(one.refusal.remedy)
    if one.expect in {"index", "index-partly"}:
        return told and format_of(one.name) is None
    if one.expect == "warn-empty":
        return told and "nothing could be read" in one.refusal.message
    if one.expect == "refuse-or-ask":
        return told and isinstance(one.refusal, NeedsPassword)
    return told


def _kinds(results: list[Result]) -> Counter[tuple[str, str]]:
    return Counter((one.expect, "refused" if one.refusal else "read") for one in results)


def test_every_file_comes_out_as_expected(results: list[Result], trials: Callable[[str, int], None]) -> None:
    wrong = [
        (one.name, one.expect, one.warning, str(one.refusal)) for one in results if not _as_expected(one)
    ]
    trials("awkward real files", len(results))
    for (expect, came), count in sorted(_kinds(results).items()):
        trials(f"of them expected to {expect}: {came}", count)
    assert wrong == []


def test_what_was_read_holds_its_phrase(results: list[Result]) -> None:
    texts = {one.name: one.text for one in results if one.refusal is None}
    lost = {name for name, phrase in PHRASES.items() if phrase not in texts.get(name, "")}
    assert lost == set()
    # What has a phrase here and what was read may differ only by files that may be either.
    assert set(texts) - set(PHRASES) <= {"imagemagick-images.pdf", "english.cp500.txt"}


def test_nothing_that_runs_is_read_as_text(results: list[Result]) -> None:
    for one in results:
        if one.name.endswith((".html", ".htm")):
            assert not [sign for sign in NOT_INDEXED if sign in one.text]


def test_no_refusal_blames_the_reader(results: list[Result]) -> None:
    """A file that makes its reader fail is a hole in a reader, even where a refusal is expected."""
    assert [
        one.name for one in results if one.refusal and "makes its reader fail" in one.refusal.message
    ] == []
