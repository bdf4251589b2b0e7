"""Word documents: paragraphs and tables in order, nothing twice, nothing fetched."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from app.errors import UnreadableDocument
from app.settings import ReadLimits
from tests.documents.conftest import Reads
from tests.documents.samples import archive, with_part, word, word_of


def test_headings_lists_tables_headers_and_footers_in_order(reads: Reads) -> None:
    def build(document: Document) -> None:
        document.add_heading("Evacuation", 1)
        document.add_paragraph("Before the table.")
        table = document.add_table(2, 2)
        for cell, text in zip(table._cells, ("Step", "Who", "Stop the drive", "Operator"), strict=True):
            cell.text = text
        document.add_paragraph("Lower the rope", style="List Bullet")
        document.add_heading("After", 2)
        document.sections[0].header.paragraphs[0].text = "Corrin works"
        document.sections[0].footer.paragraphs[0].text = "Page footer"

    lines = [line for line in reads("a.docx", word(build)).text.split("\n") if line]
    assert lines == [
        "Corrin works",
        "# Evacuation",
        "Before the table.",
        "Step | Who",
        "Stop the drive | Operator",
        "- Lower the rope",
        "## After",
        "Page footer",
    ]


def test_merged_cells_stand_once(reads: Reads) -> None:
    def build(document: Document) -> None:
        table = document.add_table(3, 3)
        table.cell(0, 0).merge(table.cell(0, 2)).text = "Across"
        table.cell(1, 0).merge(table.cell(2, 0)).text = "Down"
        table.cell(1, 1).text, table.cell(2, 2).text = "x", "y"

    text = reads("a.docx", word(build)).text
    assert text.count("Across") == text.count("Down") == 1
    assert "Down | x |" in text


def test_what_python_docx_would_not_show(reads: Reads) -> None:
    inserted = (
        f"<w:p {nsdecls('w')}><w:r><w:t>Kept</w:t></w:r><w:ins><w:r><w:t> inserted</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText> deleted</w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:t> linked</w:t></w:r></w:hyperlink>"
        "<w:r><w:fldChar w:fldCharType='begin'/><w:instrText>PAGE</w:instrText>"
        "<w:tab/><w:t>7</w:t></w:r></w:p>"
    )
    inner = "<w:p><w:r><w:t>In a control</w:t></w:r></w:p>"
    control = f"<w:sdt {nsdecls('w')}><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    def build(document: Document) -> None:
        body = document.element.body
        body.insert(0, parse_xml(inserted))
        body.insert(1, parse_xml(control))

    assert reads("a.docx", word(build)).text == "Kept inserted linked\t7\nIn a control"


def test_external_parts_and_entities_are_not_followed(reads: Reads, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    bomb = (
        f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY a "aaaaaaaaaa">'
        '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        f"<w:document {nsdecls('w')}><w:body>"
        "<w:p><w:r><w:t>Text &s; &b;</w:t></w:r></w:p></w:body></w:document>"
    )
    read = reads("a.docx", with_part(word_of("x"), "word/document.xml", bomb.encode()))
    assert "Text" in read.text
    assert "secret" not in read.text
    assert "aaaa" not in read.text


def test_a_bomb_is_refused_before_it_is_unpacked(reads: Reads) -> None:
    bomb = with_part(word_of("x"), "word/media/big.xml", b"\x00" * 60_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(UnreadableDocument, match=r"“a.docx” was not read: .* would unpack to 5. MB"):
        reads("a.docx", bomb)
    with pytest.raises(UnreadableDocument, match="would unpack"):
        reads("a.docx", word_of("x"), ReadLimits(unpacked_mb=1).model_copy(update={"unpacked_mb": 0}))


def test_an_archive_that_lies_about_its_sizes(reads: Reads) -> None:
    content = bytearray(with_part(word_of("x"), "word/document.xml", b"<x>" + b"a" * 2_000_000 + b"</x>"))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as made:
        true = made.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    lying = bytes(content).replace(true, (500).to_bytes(4, "little"))
    with pytest.raises(UnreadableDocument, match="damaged"):
        reads("a.docx", lying)


@pytest.mark.parametrize("part", [b"", b"<not closed", b"<x/>"])
def test_a_damaged_document(reads: Reads, part: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"“a.docx”"):
        reads("a.docx", with_part(word_of("x"), "word/document.xml", part))


def test_pictures_only_and_embedded_files(reads: Reads) -> None:
    with pytest.raises(UnreadableDocument, match=r"“a.docx”: nothing could be read"):
        reads("a.docx", word_of(""))
    with pytest.raises(UnreadableDocument, match=r"“a.docx”"):
        reads("a.docx", archive([("word/document.xml", b"<x/>")]))


@pytest.mark.integration
def test_a_very_large_table_is_quick(reads: Reads) -> None:
    row = "<w:tr>" + "<w:tc><w:p><w:r><w:t>7</w:t></w:r></w:p></w:tc>" * 10 + "</w:tr>"
    body = f"<w:document {nsdecls('w')}><w:body><w:tbl>{row * 20_000}</w:tbl></w:body></w:document>"
    limits = ReadLimits(cpu_seconds=10, wall_seconds=20)
    read = reads("a.docx", with_part(word_of("x"), "word/document.xml", body.encode()), limits)
    assert read.text.count("7") == 200_000
