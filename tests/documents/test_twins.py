"""One article in every format: the same words, whichever file is uploaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.documents.reading import read
from app.settings import ReadLimits

TWINS = [f"twins/1973_oil_crisis.{suffix}" for suffix in ("txt", "md", "html", "pdf")]
WORDS = re.compile(r"\w+|[^\w\s#]")


@pytest.mark.parametrize("twin", [*TWINS[1:], "standard/1973_oil_crisis.docx"])
def test_twins_have_the_same_words(shared_data: Path, twin: str) -> None:
    docs = shared_data / "dev_cut" / "docs"
    texts = [read(docs / name, Path(name).name, ReadLimits()).text for name in (TWINS[0], twin)]
    assert WORDS.findall(texts[0]) == WORDS.findall(texts[1])


def test_real_filings_are_read_page_by_page(shared_data: Path) -> None:
    path = next((shared_data / "dev_cut" / "docs" / "pdf").glob("2022_Q3_AAPL.pdf"))
    found = read(path, path.name, ReadLimits())
    assert len(found.pages) == 28
    assert all(page.text for page in found.pages)
    assert found.warning == ""
