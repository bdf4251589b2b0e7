"""Small files of every format, made in code: no foreign data."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

import docx
from docx.document import Document
from fpdf import FPDF

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x01" * 40


def pdf(*pages: str, password: str = "", attached: bytes = b"") -> bytes:
    """A PDF with these pages; "" makes a page that only has a drawing, like a scan."""
    made = FPDF()
    made.set_font("helvetica", size=12)
    if password:
        made.set_encryption(owner_password=f"{password}-owner", user_password=password)
    for text in pages:
        made.add_page()
        if text:
            made.multi_cell(0, text=text)
        else:
            made.rect(20, 20, 100, 100, style="F")
    if attached:
        made.embed_file(bytes=attached, basename="inside.txt")
    return bytes(made.output())


def word(build: Callable[[Document], None]) -> bytes:
    """A Word document that ``build`` fills."""
    document = docx.Document()
    build(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def word_of(*paragraphs: str) -> bytes:
    """A Word document with these paragraphs."""

    def build(document: Document) -> None:
        for text in paragraphs:
            document.add_paragraph(text)

    return word(build)


def archive(entries: Sequence[tuple[str, bytes]]) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return buffer.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """An archive with one part replaced or added."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        entries = [(one.filename, old.read(one)) for one in old.infolist() if one.filename != name]
    return archive([*entries, (name, part)])


def locked_office() -> bytes:
    """What begins like an encrypted Word document."""
    return OLE + b"\x00" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 512


PROSE = (
    "The ropeway at Skarrow opened in 1931. It climbs 612 metres in nine minutes. "
    "Its cabins were built by the Corrin works. Each of them holds eight people."
)
