"""The display filter for all untrusted text: answers, passages, questions and names.

Streamlit draws Markdown in almost every place that takes a string, and its Markdown fetches pictures, draws
formulas, colours, icons, emoji and links. So untrusted text never reaches it directly: it is parsed here,
what is on the allow-list is written anew, and every special character of the rest is escaped, so that it
reads as typed. It works on any prefix of a text, so streamed pieces are as safe as whole answers.

Use ``answer_markdown`` for answers, ``excerpt`` for passages, and ``plain`` for names inside labels, captions
and headings. Places that draw no Markdown (``st.text``, ``st.code``, cells of ``st.dataframe``, options of
``st.selectbox``, values of inputs) take the raw text; escaping it there would show the backslashes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from app.domain import Citation
from app.ui.escaping import JOINER, as_typed, clean, escape, paragraphs, typed
from app.ui.rewriting import rewrite

LONGEST_CALLED = 120
"""Characters of a candidate's name in a sentence."""
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def answer_markdown(
    text: str, citations: Sequence[Citation] = (), anchor: Callable[[int], str] | None = None
) -> str:
    """An answer, or any prefix of one, as Markdown that is safe to give to ``st.markdown``.

    Kept: paragraphs, emphasis, lists, block quotes, code and tables; headings become bold. Pictures become
    "[picture: alt]", links become "label (address)", everything else reads as typed.
    ``citations`` are spans of ``text``: a valid one becomes a link to ``#anchor(number)`` (plain text without
    ``anchor``), an invalid one "[9]? (no such passage)".
    """
    return rewrite(text, citations, anchor)


def plain(text: str, limit: int = 300) -> str:
    """An untrusted name on one line, safe inside a label, toast, heading or any other Markdown.

    White space is folded, controls that turn the reading direction are dropped, and more than ``limit``
    characters end in "…".
    """
    return escape(folded(text, limit))


def folded(text: str, limit: int = 300) -> str:
    """The same as plain characters, for what reads no Markdown and escapes by rules of its own."""
    line = " ".join(_BIDI.sub("", clean(text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def whole_ends(name: str, limit: int = LONGEST_CALLED) -> str:
    """A candidate's name as plain characters; too long a one loses its middle.

    Its beginning tells which model it is, its end what it was given or that it was imported.
    """
    return without_middle(folded(name, len(name)), limit, limit // 3)


def without_middle(line: str, limit: int, end: int) -> str:
    """The line where it has at most ``limit`` characters, else its beginning and the last ``end`` of them."""
    return line if len(line) <= limit else f"{line[: limit - end - 1].rstrip()}…{line[-end:].lstrip()}"


def unbroken(markdown: str) -> str:
    """An interval such as "(61-80)" stays on one line: a word joiner stands behind its hyphen."""
    return re.sub(r"(?<=\d)(\\?-)(?=\d)", rf"\1{JOINER}", markdown)


def excerpt(text: str, *marks: tuple[int, int] | None) -> str:
    """A passage as typed, with its line breaks and indentation.

    ``text[mark[0]:mark[1]]`` of each mark is highlighted; they may overlap and stand in any order.
    """
    bounds = _apart(_bounds(text, one) for one in marks if one is not None)
    if not bounds:
        return as_typed(text)
    made, done = "", 0
    for start, end in bounds:
        made += typed(text[done:start] if done else "\n" + text[:start])
        # A highlight begins with a colon, which must not stand behind another.
        made += (JOINER if made.endswith(":") else "") + _highlighted(text[start:end])
        done = end
    return paragraphs(made + typed(text[done:]))


def _bounds(text: str, mark: tuple[int, int]) -> tuple[int, int]:
    start = min(max(mark[0], 0), len(text))
    return start, min(max(mark[1], start), len(text))


def _apart(bounds: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, without empty ones; what overlaps or touches is one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(bounds):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def _highlighted(text: str) -> str:
    """Line by line, since a highlight ends with its paragraph. Brackets inside are escaped, so it holds."""
    return "\n".join(_highlighted_line(line) for line in typed(text).split("\n"))


def _highlighted_line(line: str) -> str:
    words = line.strip(" \u00a0")
    if not words:
        return line
    before, _, after = line.partition(words)
    return f"{before}:yellow-background[{words}]{after}"
