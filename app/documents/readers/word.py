"""Word documents: paragraphs and tables in their order, by python-docx for the package.

The body is walked as XML, which is linear in its size (python-docx builds a grid for every row of a
table) and meets merged cells once. Nothing outside the file is fetched and no macro is run.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.documents.readers.base import (
    MEGABYTE,
    Caps,
    Collected,
    Source,
    clean,
    damaged,
    no_text,
    tidy,
)
from app.domain import ReadDocument, ReadPage
from app.errors import UnreadableDocument

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element as Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = {
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
    f"{_W}ptab": "\t",
}
# Deleted text, field codes, properties, and the second copy of what newer versions of Word show.
_SKIPPED = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}rPr", f"{_W}pPr", _FALLBACK})
_MOST_ENTRIES = 10_000
_MOST_RATIO = 400
_HARMLESS = 20 * MEGABYTE
_DEEPEST_BASE = 20


def read(source: Source, caps: Caps) -> ReadDocument:
    """The document as one page: headers, body, notes, footers. Raises UnreadableDocument."""
    content = source.content()
    _check_size(content, source.name, caps)
    document = _open(content, source.name)
    body = document.element.find(f"{_W}body")
    if body is None:
        raise damaged(source.name, "a Word document")
    styles = _styles(document)
    collected = Collected(source, caps)
    collected.extend(_repeated(document, "/header", styles))
    collected.extend(_blocks(body, styles))
    for kind in ("/footnotes", "/endnotes"):
        collected.extend(_repeated(document, kind, styles))
    collected.extend(_repeated(document, "/footer", styles))
    text = tidy("\n".join(clean(line) for line in collected.lines))
    if not text.strip():
        raise no_text(source.name, "the document has no text; it may hold pictures only")
    return ReadDocument((ReadPage(1, text),), "word", _embedded(document))


def _embedded(document: Document) -> str:
    """Words for files inside the document, which are not read."""
    kinds = ("/package", "/oleObject", "/aFChunk")
    count = sum(one.reltype.endswith(kinds) and not one.is_external for one in document.part.rels.values())
    if not count:
        return ""
    files = "1 embedded file was" if count == 1 else f"{count} embedded files were"
    return f"{files} not read: save what is embedded and upload it by itself."


def _check_size(content: bytes, name: str, caps: Caps) -> None:
    """Refuse what would unpack to too much, by what the archive says of itself.

    The archive cannot lie: a part is never unpacked beyond the size that is declared for it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise damaged(name, "a Word document") from None
    unpacked = sum(one.file_size for one in entries)
    inflated = unpacked > max(len(content) * _MOST_RATIO, _HARMLESS)
    if inflated or unpacked > caps.unpacked or len(entries) > _MOST_ENTRIES:
        raise UnreadableDocument(
            f"“{name}” was not read: {len(content) / MEGABYTE:.1f} MB would unpack to "
            f"{unpacked / MEGABYTE:,.0f} MB in {len(entries)} parts, more than a document of its size "
            f"can be expected to hold (the limit is {caps.unpacked / MEGABYTE:,.0f} MB).",
            "If you trust it, split it into smaller documents and upload those.",
        )


def _open(content: bytes, name: str) -> Document:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        return docx.Document(io.BytesIO(content))
    except (OpcError, LxmlError, zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError):
        raise damaged(name, "a Word document") from None


# --------------------------------------------------------------------------- styles


@dataclass(frozen=True)
class _Style:
    """What a paragraph's style says: heading level (0: none) and list level (-1: none)."""

    heading: int = 0
    listed: int = -1


_PLAIN = _Style()


def _styles(document: Document) -> dict[str, _Style]:
    """Style id -> what it says, with what it inherits."""
    found: dict[str, Element] = {}
    try:
        root: Element = document.styles.element
    except (KeyError, ValueError):
        return {}
    for style in root.iterchildren(f"{_W}style"):
        found[style.get(f"{_W}styleId", "")] = style
    return {key: _style(key, found) for key in found}


def _style(key: str, found: dict[str, Element]) -> _Style:
    heading, listed = 0, -1
    for _ in range(_DEEPEST_BASE):
        style = found.get(key)
        if style is None:
            break
        name = _value(style.find(f"{_W}name")).lower()
        properties = style.find(f"{_W}pPr")
        heading = heading or _heading_by_name(name) or _outline(properties)
        listed = listed if listed >= 0 else _list_level(properties)
        if listed < 0 and name.startswith(("list bullet", "list number")):
            listed = 0
        key = _value(style.find(f"{_W}basedOn"))
    return _Style(heading, -1 if heading else listed)


def _value(element: Element | None) -> str:
    return "" if element is None else str(element.get(f"{_W}val", ""))


def _heading_by_name(name: str) -> int:
    if name == "title":
        return 1
    level = name.removeprefix("heading ")
    return int(level) if level != name and level.isdigit() and 1 <= int(level) <= 9 else 0


def _outline(properties: Element | None) -> int:
    level = _value(properties.find(f"{_W}outlineLvl")) if properties is not None else ""
    return int(level) + 1 if level.isdigit() and int(level) < 9 else 0


def _list_level(properties: Element | None) -> int:
    numbering = properties.find(f"{_W}numPr") if properties is not None else None
    if numbering is None or _value(numbering.find(f"{_W}numId")) == "0":
        return -1
    level = _value(numbering.find(f"{_W}ilvl"))
    return int(level) if level.isdigit() else 0


# --------------------------------------------------------------------------- blocks


def _repeated(document: Document, kind: str, styles: dict[str, _Style]) -> list[str]:
    """Lines of the parts of one kind (headers, footers, notes), equal ones once."""
    lines: dict[str, None] = {}
    for relation in document.part.rels.values():
        if relation.is_external or not relation.reltype.endswith(kind):
            continue
        for block in _part_blocks(relation.target_part.blob):
            lines.update(dict.fromkeys(line for line in _blocks(block, styles) if line.strip()))
    return list(lines)


def _part_blocks(blob: bytes) -> list[Element]:
    """What holds paragraphs in such a part: itself, or each of its notes."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(blob, parser)
    except etree.XMLSyntaxError:
        return []
    notes = [*root.iterchildren(f"{_W}footnote"), *root.iterchildren(f"{_W}endnote")]
    return notes or [root]


def _blocks(parent: Element, styles: dict[str, _Style]) -> Iterator[str]:
    """Paragraphs and tables in their order, also those inside content controls and insertions."""
    for child in parent.iterchildren():
        if child.tag == f"{_W}p":
            yield from _paragraph(child, styles)
        elif child.tag == f"{_W}tbl":
            yield from _table(child, styles)
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _blocks(child, styles)


def _paragraph(paragraph: Element, styles: dict[str, _Style]) -> Iterator[str]:
    properties = paragraph.find(f"{_W}pPr")
    named = _value(properties.find(f"{_W}pStyle")) if properties is not None else ""
    style = styles.get(named, _PLAIN)
    heading = style.heading or _outline(properties)
    own = _list_level(properties)
    boxes: list[Element] = []
    text = "".join(_runs(paragraph, boxes)).strip("\n")
    if heading and text.strip():
        yield ""
        yield f"{'#' * min(heading, 6)} {' '.join(text.split())}"
    elif max(own, style.listed) >= 0 and text.strip():
        yield f"{'  ' * max(own, style.listed, 0)}- {text}"
    else:
        yield text
    for box in boxes:
        yield from _blocks(box, styles)


def _runs(element: Element, boxes: list[Element]) -> Iterator[str]:
    """The text of a paragraph's runs; text boxes in it are put aside."""
    for child in element.iterchildren():
        tag = child.tag
        if tag in {f"{_W}t", _MATH_TEXT}:
            yield child.text or ""
        elif tag in _TEXT:
            yield _TEXT[tag]
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif isinstance(tag, str) and tag not in _SKIPPED:
            yield from _runs(child, boxes)


def _table(table: Element, styles: dict[str, _Style]) -> Iterator[str]:
    """One line a row, cells joined by " | "; a cell that goes on from the row above is left out."""
    yield ""
    for row in _rows(table):
        cells = [" ".join(" ".join(_blocks(cell, styles)).split()) for cell in _cells(row)]
        if any(cells):
            yield " | ".join(cells)
    yield ""


def _rows(element: Element) -> Iterator[Element]:
    return _wrapped(element, f"{_W}tr")


def _cells(row: Element) -> Iterable[Element]:
    return (cell for cell in _wrapped(row, f"{_W}tc") if not _goes_on(cell))


def _wrapped(element: Element, tag: str) -> Iterator[Element]:
    """Children of a tag, also inside content controls, but not inside other tables."""
    for child in element.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"}:
            yield from _wrapped(child, tag)


def _goes_on(cell: Element) -> bool:
    properties = cell.find(f"{_W}tcPr")
    merge = properties.find(f"{_W}vMerge") if properties is not None else None
    return merge is not None and _value(merge) != "restart"
