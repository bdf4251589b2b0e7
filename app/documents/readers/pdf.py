"""PDF: the text of each page, by PDFium. Nothing in it is run or fetched."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.documents.readers.base import Caps, Source, damaged, no_text, numbers, tidy, too_long
from app.domain import ReadDocument, ReadPage
from app.errors import NeedsPassword, UnreadableDocument

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# PDFium joins a word that was hyphenated at a line's end and leaves this mark where it did.
_JOINED = re.compile("(?<=[^\\W\\d_A-Z])\ufffe(?=[^\\W\\d_A-Z])")
_NO_MEANING = re.compile("[\ufffd\ue000-\uf8ff]")
_STREAM = re.compile(rb"stream\r?\n")
_SPARSE = 20
_MOST_PIXELS = 16_000_000


def read(source: Source, caps: Caps) -> ReadDocument:
    """Every page's text; ``warning`` names the pages without. Raises UnreadableDocument, NeedsPassword."""
    content = source.content()
    document = _open(content, source.name)
    try:
        pages = _pages(document, source, caps)
        warning = " ".join(filter(None, _warnings(document, pages, content, caps)))
        if not any(page.text for page in pages):
            raise no_text(source.name, _scan(len(document)))
    finally:
        document.close()
    return ReadDocument(pages, "pdf", warning)


def picture(source: Source, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) as PNG, ``width`` pixels wide (fewer for a very long page)."""
    import io

    import pypdfium2

    document = _open(source.content(), source.name)
    try:
        if not 1 <= page <= len(document):
            raise UnreadableDocument(f"“{source.name}” has {len(document)} pages; there is no page {page}.")
        loaded = document[page - 1]
        wide, high = loaded.get_size()
        scale = min(width / max(wide, 1.0), (_MOST_PIXELS / max(wide * high, 1.0)) ** 0.5)
        buffer = io.BytesIO()
        loaded.render(scale=scale).to_pil().save(buffer, "PNG")
        return buffer.getvalue()
    except pypdfium2.PdfiumError:
        raise UnreadableDocument(f"Page {page} of “{source.name}” cannot be drawn: it is damaged.") from None
    finally:
        document.close()


def _open(content: bytes, name: str) -> PdfDocument:
    import pypdfium2
    import pypdfium2.raw

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        code = error.err_code
    if code == pypdfium2.raw.FPDF_ERR_PASSWORD:
        raise NeedsPassword(
            f"“{name}” is protected by a password.",
            "Remove the password (save or print it to a new PDF) and upload that.",
        )
    if code == pypdfium2.raw.FPDF_ERR_SECURITY:
        raise NeedsPassword(f"“{name}” is encrypted in a way that Assay cannot open.")
    raise damaged(name, "a PDF")


def _pages(document: PdfDocument, source: Source, caps: Caps) -> tuple[ReadPage, ...]:
    pages, size = [], 0
    for number in range(1, min(len(document), caps.pages) + 1):
        text = _text(document, number)
        size += len(text)
        if size > caps.characters:
            raise too_long(source.name, caps.characters)
        pages.append(ReadPage(number, text))
    return tuple(pages)


def _text(document: PdfDocument, number: int) -> str:
    """A page's text; "" where the page is damaged."""
    import pypdfium2

    try:
        page = document[number - 1]
        try:
            raw = page.get_textpage().get_text_range()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return ""
    joined = _JOINED.sub("", raw).replace("\ufffe", "-")
    text = tidy(joined)
    return text if text.strip() else ""


def _warnings(document: PdfDocument, pages: Sequence[ReadPage], content: bytes, caps: Caps) -> list[str]:
    empty = [page.number for page in pages if not page.text]
    characters = sum(len(page.text) for page in pages)
    strange = sum(len(_NO_MEANING.findall(page.text)) for page in pages)
    said = []
    if len(document) > len(pages):
        said.append(f"Only the first {len(pages):,} of {len(document):,} pages were read: that is the limit.")
    if empty:
        word, verb = ("Page", "has") if len(empty) == 1 else ("Pages", "have")
        said.append(
            f"{word} {numbers(empty)} {verb} no text that can be read: "
            "empty, pictures of text (a scan), or damaged."
        )
    if characters < _SPARSE * len(pages) and len(pages) > 1:
        said.append(f"There is almost no text: {characters} characters on {len(pages)} pages.")
    if strange > 0.1 * max(characters, 1):
        said.append(
            "Much of its text is in signs without meaning: its fonts do not say which letters they are."
        )
    said.append(_attachments(document))
    said.append(_broken_parts(content, caps.unpacked))
    return said


def _attachments(document: PdfDocument) -> str:
    count = document.count_attachments()
    if not count:
        return ""
    files = "1 attached file was" if count == 1 else f"{count} attached files were"
    return f"{files} not read: save what is attached and upload it by itself."


def _scan(pages: int) -> str:
    count = "1 page" if pages == 1 else f"{pages} pages"
    return f"{count} without text; it may be a scan, which text recognition (OCR) can turn into text"


def _broken_parts(content: bytes, budget: int) -> str:
    """Words if packed parts of the file are damaged: PDFium then shows less text and says nothing."""
    if b"/Encrypt" in content:
        return ""  # encrypted parts can only be checked by who has the key
    broken = 0
    for mark in _STREAM.finditer(content):
        start = content.rfind(b" obj", max(0, mark.start() - 400), mark.start())
        head = content[max(start, 0) : mark.start()]
        if start < 0 or not _plainly_packed(head):
            continue
        size = _unpacks(content, mark.end(), budget)
        broken += size is None
        budget -= size or 0
        if budget <= 0:
            break
    if not broken:
        return ""
    return f"The file is damaged ({broken} of its parts): some text may be missing."


def _plainly_packed(head: bytes) -> bool:
    squeezed = head.replace(b" ", b"")
    single = b"Filter/FlateDecode" in squeezed or b"Filter[/FlateDecode]" in squeezed
    return single and b"/Image" not in squeezed and not head.endswith(b"end")


def _unpacks(content: bytes, start: int, budget: int) -> int | None:
    """The size of a packed part once unpacked; None if it is damaged."""
    unpacker = zlib.decompressobj()
    size = 0
    # The words "endstream" may stand in packed bytes by chance: then the next one ends the part.
    for _ in range(2):
        end = content.find(b"endstream", start)
        if end < 0:
            return None
        try:
            size += len(unpacker.decompress(content[start:end], max(budget - size, 1)))
        except zlib.error:
            return None
        if unpacker.eof or size >= budget:
            return size
        start = end
    return None
