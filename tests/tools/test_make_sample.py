"""The maker of the sample's PDF and Word files."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType

import docx
import pypdfium2
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", ROOT / "tools" / "make_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sample"] = module
    spec.loader.exec_module(module)
    return module


def text_of(name: str, content: bytes) -> str:
    if name.endswith(".pdf"):
        pages = pypdfium2.PdfDocument(content)
        return "\n".join(page.get_textpage().get_text_range() for page in pages)
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


NAMES = [
    "corrin-8-cabin-manual.pdf",
    "evacuation-plan-skarrow.docx",
    "immel-service-agreement.pdf",
    "travel-policy-2024.docx",
    "travel-policy-2025.docx",
]


@pytest.mark.parametrize("name", NAMES)
def test_making_again_gives_the_shipped_text_and_the_same_bytes_each_time(
    name: str, maker: ModuleType
) -> None:
    source = (ROOT / "tools" / "sample" / name).with_suffix(".md").read_text(encoding="utf-8")
    shipped = (ROOT / "app" / "sample" / "documents" / name).read_bytes()
    made = maker.MADE[name](source)

    assert made == maker.MADE[name](source)
    assert text_of(name, made) == text_of(name, shipped)


def test_every_binary_document_has_a_maker(maker: ModuleType) -> None:
    assert sorted(maker.MADE) == NAMES
