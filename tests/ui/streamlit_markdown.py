"""How Streamlit 1.67 reads Markdown, near enough to find what must never reach it.

CommonMark with tables, strikethrough and raw HTML (markdown-it), and what Streamlit adds: formulas and
directives while reading, and signs, icons, emoji and addresses in what was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from streamlit.testing.v1 import AppTest

from tests.ui.opened import shown

DIRECTIVE = re.compile(r":([a-zA-Z][\w-]*)")
MARK = "yellow-background"
AFTERWARDS = {
    "emoji": re.compile(r":\+1:|:-1:|:(?!\d{1,2}:)[A-Za-z0-9_-]+:"),
    "icon": re.compile(r":material_(\w+):"),
    "sign": re.compile(r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)"),
    "address": re.compile(r"(?:^|[^\w\u2060])(https?://|www\.)\w", re.IGNORECASE),
    "mail": re.compile(r"[-.\w+]@[-\w]+(\.[-\w]+)+"),
}


@dataclass(frozen=True)
class Read:
    """What a browser would show: its text, and everything in it that is more than text."""

    text: str
    found: tuple[str, ...]
    links: tuple[str, ...]


def read(markdown: str) -> Read:
    """What becomes of a Markdown text; the marks of passages (a directive of our own) are let through."""
    found: list[str] = []
    links: list[str] = []
    words: list[str] = []
    for token in _flat(_parser().parse(markdown)):
        if token.type in {"image", "html_inline", "html_block", "math", "directive", "s_open"}:
            found.append(f"{token.type}: {token.content}")
        elif token.type == "link_open":
            links.append(str(token.attrs["href"]))
        elif token.type == "text":
            found += [
                f"{name}: {token.content}" for name, one in AFTERWARDS.items() if one.search(token.content)
            ]
        if token.type == "fence" and token.info:
            found.append(f"fence {token.info}")
        words.append(_shown(token))
    if ":material/" in markdown:
        found.append("icon in the source")
    return Read("".join(words), tuple(found), tuple(links))


def folded(text: str) -> str:
    """White space folded and the invisible joiner taken out: what can be seen."""
    return " ".join(text.replace("\u2060", "").split())


def bare(test: AppTest) -> str:
    """All words of a page as they read: without the escapes."""
    return shown(test).replace("\\", "")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("emphasis", "math", _math)
    parser.inline.ruler.before("emphasis", "directive", _directive)
    return parser


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.children:
            yield from _flat(token.children)
        if token.type != "inline":
            yield token


def _shown(token: Token) -> str:
    if token.type in {"text", "code_inline", "fence", "code_block", "html_inline", "html_block"}:
        return token.content
    ends = token.type in {"softbreak", "hardbreak"} or (token.block and token.type.endswith("_close"))
    return "\n" if ends else ""


def _math(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$" or state.src.find("$", state.pos + 1) < 0:
        return False
    if not silent:
        state.push("math", "", 0).content = state.src[state.pos :]
    state.pos += 1
    return True


def _directive(state: StateInline, silent: bool) -> bool:
    match = DIRECTIVE.match(state.src, state.pos)
    if match is None or state.src[state.pos - 1 : state.pos] == ":":
        return False
    mark = match.group(1) == MARK
    if not silent:
        # Either way the texts before and after it are two, as they are in Streamlit.
        state.push("mark" if mark else "directive", "", 0).content = match.group()
    state.pos = match.end() + (1 if mark else 0)
    return True
