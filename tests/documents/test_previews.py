"""Pictures of PDF pages."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from app.documents.previews import page_picture
from app.errors import NotAllowed, UnreadableDocument
from tests.documents.conftest import LIMITS
from tests.documents.samples import PROSE, pdf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "file"
    made.write_bytes(pdf(PROSE, ""))
    return made


@pytest.mark.parametrize(("page", "width"), [(1, 300), (2, 900)])
def test_a_page_as_png(path: Path, page: int, width: int) -> None:
    with Image.open(io.BytesIO(page_picture(path, page, width, limits=LIMITS))) as picture:
        assert picture.format == "PNG"
        assert abs(picture.width - width) <= 1
        assert picture.height > picture.width


def test_pages_and_files_that_are_not_there(path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="has 2 pages; there is no page 3"):
        page_picture(path, 3, limits=LIMITS)
    path.write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(UnreadableDocument, match="damaged"):
        page_picture(path, 1, name="a.pdf", limits=LIMITS)


@pytest.mark.parametrize(("page", "width"), [(0, 300), (1, 0), (1, 10_000), (-1, 100)])
def test_sizes_that_make_no_sense(path: Path, page: int, width: int) -> None:
    with pytest.raises(NotAllowed):
        page_picture(path, page, width, limits=LIMITS)
