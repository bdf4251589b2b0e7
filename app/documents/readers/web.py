"""HTML: the words that a browser would show, block by block, without links' addresses.

lxml reports tags as it meets them, so that neither deep nesting nor broken markup loses text. Nothing
is fetched, scripts and styles are dropped, and menus (``nav``) too, since they are on every page of a
site and answer nothing.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping

from app.documents.readers.base import Caps, Collected, Source, clean, no_text, tidy
from app.documents.readers.encodings import decode
from app.domain import ReadDocument, ReadPage

_DROPPED = frozenset(
    {
        *("script", "style", "template", "noscript", "head", "nav", "select", "datalist"),
        *(
            "svg",
            "math",
            "canvas",
            "iframe",
            "frameset",
            "object",
            "embed",
            "applet",
            "audio",
            "video",
            "map",
        ),
    }
)
_VOID = frozenset(
    {
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input"),
        *("link", "meta", "param", "source", "track", "wbr"),
    }
)
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "center",
            "details",
            "dialog",
            "div",
            "fieldset",
        ),
        *(
            "figcaption",
            "figure",
            "footer",
            "form",
            "header",
            "hgroup",
            "hr",
            "html",
            "legend",
            "main",
            "p",
            "pre",
        ),
        *("search", "section", "summary", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("dd", "dir", "dl", "dt", "li", "menu", "ol", "ul"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
    }
)
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_WIDE_ROW = 1500
_FEED = 64 * 1024


def read(source: Source, caps: Caps) -> ReadDocument:
    """The page's title and text as one page. Raises UnreadableDocument."""
    content = source.content()
    declared = _CHARSET.search(content[:4096])
    decoded = decode(content, declared.group(1).decode("ascii") if declared else "")
    collected = Collected(source, caps)
    collected.extend(_lines(clean(decoded.text)))
    text = tidy("\n".join(collected.lines))
    if not text.strip():
        raise no_text(source.name, "the page has no text of its own; it may be filled in by a script")
    return ReadDocument((ReadPage(1, text),), "web", decoded.warning)


def _lines(markup: str) -> list[str]:
    from lxml import etree

    page = _Page()
    parser = etree.HTMLParser(target=page, recover=True, huge_tree=False, no_network=True)
    # A page without any tag or text is "no element found" to lxml: then there are no lines.
    with contextlib.suppress(etree.XMLSyntaxError):
        for start in range(0, len(markup), _FEED):
            parser.feed(markup[start : start + _FEED])
        parser.close()
    return page.finished()


class _Cell:
    """A table cell's lines, or (at the bottom of the stack) the page's."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.layout = False

    def end_line(self, prefix: str = "", *, as_typed: bool = False) -> bool:
        """Close the line; False if there was no text in it. ``as_typed`` keeps its white space."""
        line = "".join(self.pieces)
        if not as_typed:
            line = "\n".join(" ".join(part.split()) for part in line.split("\n"))
        line = line.strip("\n") if line.strip() else ""
        self.pieces = []
        if line:
            self.lines.append(prefix + line)
        return bool(line)


class _Table:
    """An open table: the cells of the row that is being read."""

    def __init__(self) -> None:
        self.cells: list[_Cell] = []


class _Page:
    """Receives tags and text from lxml and makes lines of them."""

    def __init__(self) -> None:
        self._title: list[str] = []
        self._in_title = False
        self._dropped: list[str] = []
        self._cells = [_Cell()]
        self._tables: list[_Table] = []
        self._lists: list[int] = []
        self._prefix = ""
        self._preformatted = 0

    # -- what lxml calls

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens (void ones are followed by their end at once)."""
        if self._dropped:
            if tag == self._dropped[-1]:
                self._dropped.append(tag)
            self._in_title = tag == "title" and self._dropped == ["head"] and not self._title
            return
        if tag == "title":
            self._in_title = True
            return
        if tag not in _VOID and (tag in _DROPPED or _hidden(attributes)):
            self._break()
            self._dropped.append(tag)
            return
        self._open(tag)

    def end(self, tag: str) -> None:
        """A tag closes, or the parser closes it."""
        if tag == "title":
            self._in_title = False
        if self._dropped:
            if tag == self._dropped[-1]:
                self._dropped.pop()
            return
        self._close(tag)

    def data(self, text: str) -> None:
        """Text between tags."""
        if self._in_title:
            self._title.append(text)
        elif not self._dropped:
            if not self._preformatted:
                text = text.replace("\n", " ")
            self._cells[-1].pieces.append(text)

    def comment(self, text: str) -> None:
        """Comments are not shown by a browser."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Nor are processing instructions."""

    def close(self) -> None:
        """The end of the page; ``finished`` has the lines."""

    def finished(self) -> list[str]:
        """The title, then every line of the page."""
        self._break()
        while self._tables:
            self._end_table()
        self._break()
        lines = self._cells[0].lines
        title = " ".join("".join(self._title).split())
        if title and title not in (line.lstrip("# ") for line in lines[:3]):
            return [f"# {title}", "", *lines]
        return lines

    # -- blocks

    def _open(self, tag: str) -> None:
        if tag == "br":
            self._cells[-1].pieces.append("\n")
        elif tag in {"td", "th"}:
            self._start_cell()
        elif tag in _BLOCKS:
            self._break()
            self._open_block(tag)

    def _open_block(self, tag: str) -> None:
        if tag == "table":
            self._cells[-1].layout = True
            self._tables.append(_Table())
        elif tag == "tr":
            self._end_row()
        elif tag in {"ul", "ol", "menu", "dir"}:
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._prefix = self._item()
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._blank()
            self._prefix = "#" * int(tag[1]) + " "
        elif tag == "p":
            self._blank()
        elif tag == "pre":
            self._blank()
            self._preformatted += 1

    def _close(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._break()
        if tag == "tr":
            self._end_row()
        elif tag == "table" and self._tables:
            self._end_table()
        elif tag in {"ul", "ol", "menu", "dir"} and self._lists:
            self._lists.pop()
        elif tag == "pre" and self._preformatted:
            self._preformatted -= 1
        elif tag in {"p", "pre"} or (len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()):
            self._blank()
        if tag not in {"td", "th"}:
            self._prefix = ""

    def _break(self) -> None:
        """End the line; a prefix ("- ", "# ") goes before the first line that has text."""
        if self._cells[-1].end_line(self._prefix, as_typed=self._preformatted > 0):
            self._prefix = ""

    def _blank(self) -> None:
        lines = self._cells[-1].lines
        if lines and lines[-1]:
            lines.append("")

    def _item(self) -> str:
        depth = max(0, min(len(self._lists), 6) - 1)
        if self._lists and self._lists[-1] >= 0:
            self._lists[-1] += 1
            return f"{'  ' * depth}{self._lists[-1]}. "
        return f"{'  ' * depth}- "

    # -- tables

    def _start_cell(self) -> None:
        if not self._tables:
            self._break()
            return
        self._end_cell()
        cell = _Cell()
        self._tables[-1].cells.append(cell)
        self._cells.append(cell)
        self._prefix = ""

    def _end_cell(self) -> None:
        """Go back to what is around the open table's last cell."""
        self._break()
        cells = self._tables[-1].cells
        if cells and self._cells[-1] is cells[-1]:
            self._cells.pop()

    def _end_row(self) -> None:
        if not self._tables:
            return
        self._end_cell()
        cells, self._tables[-1].cells = self._tables[-1].cells, []
        self._cells[-1].lines.extend(_row(cells))

    def _end_table(self) -> None:
        self._end_row()
        self._tables.pop()
        self._prefix = ""


def _hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN_STYLE.search(attributes.get("style", "")))


def _row(cells: list[_Cell]) -> list[str]:
    """A row as one line; where a table only makes the layout, its cells' lines as they are."""
    texts = [" ".join(" ".join(cell.lines).split()) for cell in cells]
    if any(cell.layout for cell in cells) or sum(map(len, texts)) > _WIDE_ROW:
        return [line for cell in cells for line in cell.lines]
    return [" | ".join(texts)] if any(texts) else []
