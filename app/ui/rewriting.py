"""Untrusted Markdown read by a parser and written anew from an allow-list (see ``app.ui.safe``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from app.domain import Citation
from app.ui.escaping import JOINER, as_typed, clean, escape

LONGEST_MARKDOWN = 30_000
"""Characters. A longer text is shown as typed, without reading its Markdown: that stays fast."""

DEEPEST = 40
"""Nesting of lists and quotes; the parser drops text below it, so deeper texts are shown as typed."""

# While the parser reads, a citation is a mark that no text can contain (non-characters are cleaned away), in
# brackets that are punctuation as [1] is, so that emphasis next to it is read alike.
_MARK = re.compile("\u2045\ufdd0(\\d+)\ufdd1\u2046")
_NUMBER = re.compile(r"\[\s*\d{1,4}\s*\]|\d{1,4}")
_TICKS = re.compile(r"`+")
_ALIGN = {"text-align:left": ":---", "text-align:center": ":---:", "text-align:right": "---:"}

Lines = list[str]
WriteLines = Callable[[SyntaxTreeNode], Lines]
WriteSpan = Callable[[SyntaxTreeNode], str]


def rewrite(text: str, citations: Sequence[Citation], anchor: Callable[[int], str] | None) -> str:
    """See ``app.ui.safe.answer_markdown``."""
    if len(text) > LONGEST_MARKDOWN:
        return as_typed(text)
    marked, used = _with_marks(text, citations)
    tokens = _parser().parse(marked)
    if any(token.level >= DEEPEST - 3 for token in tokens):
        return as_typed(text)
    return _Writer(text, used, anchor).write(SyntaxTreeNode(tokens))


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        """Addresses are shown as typed, so they are not encoded."""
        return url


@cache
def _parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "maxNesting": DEEPEST})
    unread = ["reference", "autolink", "entity", "html_block", "html_inline"]
    return parser.enable("table").disable(unread)


def _with_marks(text: str, citations: Sequence[Citation]) -> tuple[str, list[Citation]]:
    """The cleaned text with a mark in place of each citation's span, and the citations so marked."""
    pieces: list[str] = []
    used: list[Citation] = []
    at = 0
    for one in sorted(citations, key=lambda citation: citation.start):
        if at <= one.start < one.end <= len(text) and _NUMBER.fullmatch(text, one.start, one.end):
            pieces += [clean(text[at : one.start]), f"\u2045\ufdd0{len(used)}\ufdd1\u2046"]
            used.append(one)
            at = one.end
    return "".join([*pieces, clean(text[at:])]), used


class _Writer:
    """Writes the allowed nodes as Markdown and the rest as escaped text."""

    def __init__(self, text: str, citations: Sequence[Citation], anchor: Callable[[int], str] | None) -> None:
        self._text = text
        self._citations = citations
        self._anchor = anchor

    def write(self, root: SyntaxTreeNode) -> str:
        return "\n".join(self._blocks(root.children, tight=False))

    # ------------------------------------------------------------------ blocks

    def _blocks(self, nodes: Sequence[SyntaxTreeNode], *, tight: bool) -> Lines:
        lines: Lines = []
        for node in nodes:
            block = self._block(node)
            close = tight and node.type in {"bullet_list", "ordered_list", "fence"}
            if lines and block and not close:
                lines.append("")
            lines += block
        return lines

    def _block(self, node: SyntaxTreeNode) -> Lines:
        writers: dict[str, WriteLines] = {
            "paragraph": lambda one: self._inline_of(one).split("\n"),
            "heading": self._heading,
            "bullet_list": self._list,
            "ordered_list": self._list,
            "blockquote": self._quote,
            "fence": lambda one: _fence(self._restored(one.content)),
            "code_block": lambda one: _fence(self._restored(one.content)),
            "hr": lambda _: ["___"],
            "table": self._table,
        }
        if node.type in writers:
            return writers[node.type](node)
        return as_typed(self._restored(node.content)).split("\n")

    def _quote(self, node: SyntaxTreeNode) -> Lines:
        return [f"> {line}".rstrip() for line in self._blocks(node.children, tight=False)]

    def _heading(self, node: SyntaxTreeNode) -> Lines:
        words = self._inline_of(node, strong=False).strip().replace("\n", " ")
        return [f"**{words}**"] if words else []

    def _list(self, node: SyntaxTreeNode) -> Lines:
        lines: Lines = []
        for item in node.children:
            tight = any(one.hidden for one in item.children)
            inner = self._blocks(item.children, tight=tight)
            mark = item.info + item.markup if node.type == "ordered_list" else item.markup
            indent = " " * (len(mark) + 1)
            if lines and not tight:
                lines.append("")
            lines.append(f"{mark} {inner[0] if inner else ''}".rstrip())
            lines += [indent + line if line else "" for line in inner[1:]]
        return lines

    def _table(self, node: SyntaxTreeNode) -> Lines:
        rows = [row for part in node.children for row in part.children]
        head = rows[0].children
        rules = [_ALIGN.get(str(cell.attrs.get("style", "")), "---") for cell in head]
        lines = [self._row(row) for row in rows]
        return [lines[0], f"| {' | '.join(rules)} |", *lines[1:]]

    def _row(self, row: SyntaxTreeNode) -> str:
        cells = [self._inline_of(cell, code=False).replace("\n", " ") for cell in row.children]
        return f"| {' | '.join(cells)} |"

    # ------------------------------------------------------------------ within a line

    def _inline_of(self, node: SyntaxTreeNode, *, strong: bool = True, code: bool = True) -> str:
        spans = [span for inline in node.children for span in inline.children]
        return self._spans(spans, strong=strong, code=code)

    def _spans(self, nodes: Sequence[SyntaxTreeNode], *, strong: bool, code: bool) -> str:
        return "".join(self._span(node, strong=strong, code=code) for node in nodes)

    def _span(self, node: SyntaxTreeNode, *, strong: bool, code: bool) -> str:
        inner = self._spans(node.children, strong=strong, code=code)
        if node.type in {"em", "strong"}:
            mark = "" if node.type == "strong" and not strong else node.markup
            return f"{mark}{inner}{mark}"
        writers: dict[str, WriteSpan] = {
            "softbreak": lambda _: "\n",
            "hardbreak": lambda _: "\\\n",
            "code_inline": lambda one: self._code(one.content, allowed=code),
            "image": lambda one: escape(f"[picture: {self._restored(one.content)}]"),
            "link": lambda one: self._link(one, inner),
        }
        return writers[node.type](node) if node.type in writers else self._words(node.content)

    def _link(self, node: SyntaxTreeNode, label: str) -> str:
        address = self._restored(str(node.attrs.get("href", "")))
        title = self._restored(str(node.attrs.get("title", "")))
        told = " ".join(part for part in (address, f'"{title}"' if title else "") if part)
        words = escape(f"({told})" if told else "").replace("\n", " ")
        return f"{label} {words}" if label and words else label or words

    def _code(self, content: str, *, allowed: bool) -> str:
        # Within a table a pipe or a backslash in code would end the cell: there it is shown as text.
        content = self._restored(content)
        if not allowed and re.search(r"[|\\]", content):
            return escape(content)
        return _code_span(content)

    # ------------------------------------------------------------------ citations

    def _words(self, text: str) -> str:
        """Escaped text with its citations as links."""
        pieces = _MARK.split(text)
        for place in range(0, len(pieces), 2):
            pieces[place] = escape(pieces[place])
        for place in range(1, len(pieces), 2):
            pieces[place] = self._citation(self._citations[int(pieces[place])])
        return "".join(pieces)

    def _citation(self, one: Citation) -> str:
        typed = escape(clean(self._text[one.start : one.end]))
        if not one.valid:
            # The joiner keeps ":100:" from becoming a picture where 100 is a mark.
            return f"{JOINER}{typed}? " + escape("(no such passage)")
        if self._anchor is None:
            return JOINER + typed
        place = re.sub(r"[^A-Za-z0-9_-]", "-", self._anchor(one.number))
        return f"[{typed}](#{place})"

    def _restored(self, text: str) -> str:
        """Text in which citations are as typed again: code, addresses and pictures have no links."""
        return _MARK.sub(lambda mark: self._typed(self._citations[int(mark.group(1))]), text)

    def _typed(self, one: Citation) -> str:
        return clean(self._text[one.start : one.end])


def _fence(content: str) -> Lines:
    ticks = "`" * max(3, _longest_ticks(content) + 1)
    return [ticks, *_kept(content).removesuffix("\n").split("\n"), ticks]


def _code_span(content: str) -> str:
    ticks = "`" * (_longest_ticks(content) + 1)
    edges = content[:1] + content[-1:]
    pad = " " if "`" in edges or (edges == "  " and content.strip()) else ""
    return f"{ticks}{pad}{_kept(content)}{pad}{ticks}"


def _longest_ticks(content: str) -> int:
    return max((len(run) for run in _TICKS.findall(content)), default=0)


def _kept(code: str) -> str:
    # Streamlit rewrites ":material/" everywhere in the source, in code too.
    return code.replace(":material/", f":{JOINER}material/")
