"""Markdown, kept as it is written: its marks are readable and tell models about structure."""

from __future__ import annotations

from app.documents.readers import text
from app.documents.readers.base import Caps, Source
from app.domain import ReadDocument


def read(source: Source, caps: Caps) -> ReadDocument:
    """The whole text as one page. Raises UnreadableDocument."""
    return text.read(source, caps, "markdown")
