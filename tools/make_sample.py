# ruff: noqa: INP001
"""Make the PDF and Word files of the sample workspace from their texts in ``tools/sample``.

The texts are a little Markdown: ``#`` headings, paragraphs, ``-`` and ``1.`` lists, pipe tables.
Running it again gives the same bytes with the same versions of fpdf2 and python-docx::

    .venv/bin/python tools/make_sample.py
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from fpdf import FPDF

TEXTS = Path(__file__).parent / "sample"
DOCUMENTS = Path(__file__).parent.parent / "app" / "sample" / "documents"
MADE_AT = datetime(2025, 1, 2, tzinfo=UTC)
ITEM = re.compile(r"(?:-|\d+\.) ")


@dataclass(frozen=True)
class Block:
    """A heading (``level`` 1 or 2), a list, a table or a paragraph, as its lines."""

    kind: str
    lines: tuple[str, ...]
    level: int = 0


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text; blank lines part them."""
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = tuple(part.splitlines())
        first = lines[0]
        if first.startswith("#"):
            yield Block("heading", (first.lstrip("# "),), len(first) - len(first.lstrip("#")))
        elif first.startswith("|"):
            yield Block("table", lines)
        elif ITEM.match(first):
            yield Block("numbers" if first[0].isdigit() else "bullets", lines)
        else:
            yield Block("paragraph", (" ".join(lines),))


def rows(block: Block) -> list[list[str]]:
    """The cells of a pipe table, header first, without the line of dashes."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.lines]
    return [cells[0], *cells[2:]]


def pdf(text: str) -> bytes:
    """A plain A4 document. The core fonts know Latin-1 only."""
    page = FPDF()
    page.set_creation_date(MADE_AT)
    page.set_margin(22)
    page.add_page()
    for block in blocks(text):
        _pdf_block(page, block)
    return bytes(page.output())


def _pdf_block(page: FPDF, block: Block) -> None:
    page.set_font("Helvetica", size=11)
    if block.kind == "heading":
        page.set_font("Helvetica", style="B", size=20 - 3 * block.level)
    if block.kind == "table":
        with page.table(width=110, align="LEFT", line_height=7) as table:
            for cells in rows(block):
                table.row(cells)
    for line in block.lines if block.kind != "table" else ():
        page.multi_cell(0, 6, line, align="L", new_x="LMARGIN", new_y="NEXT")
    page.ln(3)


def docx(text: str) -> bytes:
    """A Word document with real headings, lists and tables."""
    document = Document()
    document.core_properties.created = document.core_properties.modified = MADE_AT
    document.core_properties.author = "Ostrell Ropeways"
    for block in blocks(text):
        if block.kind == "table":
            _docx_table(document, rows(block))
            continue
        style = {"bullets": "List Bullet", "numbers": "List Number", "paragraph": "Normal"}
        name = style.get(block.kind) or f"Heading {block.level}"
        for line in block.lines:
            document.add_paragraph(ITEM.sub("", line, count=1) if "List" in name else line, style=name)
    packed = io.BytesIO()
    document.save(packed)
    return _dated(packed.getvalue())


def _docx_table(document: WordDocument, cells: list[list[str]]) -> None:
    table = document.add_table(rows=0, cols=len(cells[0]), style="Table Grid")
    for line in cells:
        for place, text in zip(table.add_row().cells, line, strict=True):
            place.text = text


def _dated(packed: bytes) -> bytes:
    """The same archive with one fixed date: otherwise every run would give other bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, date_time=(2025, 1, 2, 0, 0, 0))
            new.writestr(info, old.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()


MADE: dict[str, Callable[[str], bytes]] = {
    "travel-policy-2024.docx": docx,
    "travel-policy-2025.docx": docx,
    "evacuation-plan-skarrow.docx": docx,
    "corrin-8-cabin-manual.pdf": pdf,
    "immel-service-agreement.pdf": pdf,
}


def main() -> None:
    """Write every file that is not plain text."""
    for name, make in MADE.items():
        text = (TEXTS / name).with_suffix(".md").read_text(encoding="utf-8")
        (DOCUMENTS / name).write_bytes(make(text))


if __name__ == "__main__":
    main()
