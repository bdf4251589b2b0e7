"""Escaping text so that Streamlit's Markdown shows exactly its characters (used through ``app.ui.safe``)."""

from __future__ import annotations

import re

# Streamlit turns some patterns into pictures, links or signs *after* Markdown has been read, when escapes are
# gone already. An invisible word joiner within the pattern keeps it as typed.
JOINER = "\u2060"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
_SHORTCODE = re.compile(r":(?=(?!\d{1,2}:)[\w+-]+:)", re.ASCII)
_SIGN = re.compile(r"(?<![^\s\ufeff])(<|>|-|~)(->|-|>|=)(?![^\s\ufeff])")
_ADDRESS = re.compile(r"(https?://|www\.)", re.IGNORECASE)
_MAIL = re.compile(r"(?<=[-.\w+])@(?=[-\w])")
_SPACES = re.compile(r"\t| (?= )|(?<=\n) ")
_BLANK_LINES = re.compile(r"\n(?:[ \u00a0]*\n)+")


def escape(text: str) -> str:
    """``text`` so that Markdown shows exactly its characters; new lines are left as they are."""
    text = _SHORTCODE.sub(":" + JOINER, text)
    text = _SIGN.sub(rf"\1{JOINER}\2", text)
    text = _ADDRESS.sub(rf"{JOINER}\1", text)
    text = _MAIL.sub(JOINER + "@", text)
    return _SPECIAL.sub(r"\\\1", text)


def clean(text: str) -> str:
    """``text`` without what no browser can show: controls and halves of characters become "\ufffd"."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))


def typed(text: str) -> str:
    """``text`` escaped, its indentation and runs of spaces kept; new lines are left as they are."""
    return escape(_SPACES.sub(lambda one: "\u00a0" * (4 if one.group() == "\t" else 1), clean(text)))


def paragraphs(escaped: str) -> str:
    """Escaped text as Markdown that keeps its line breaks and paragraphs."""
    parts = (part.strip("\n") for part in _BLANK_LINES.split(escaped.strip("\n")))
    return "\n\n".join(part.replace("\n", "\\\n") for part in parts if part.strip())


def as_typed(text: str) -> str:
    """The whole of ``text`` as Markdown that shows it as typed, with its line breaks."""
    return paragraphs(typed("\n" + text))
