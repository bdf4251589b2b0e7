"""Plain text."""

from __future__ import annotations

from app.documents.readers.base import Caps, Source, no_text, tidy, too_long
from app.documents.readers.encodings import decode
from app.domain import ReadDocument, ReadPage


def read(source: Source, caps: Caps, reader: str = "text") -> ReadDocument:
    """The whole text as one page. Raises UnreadableDocument."""
    decoded = decode(source.content())
    text = tidy(decoded.text)
    if not text.strip():
        raise no_text(source.name)
    if len(text) > caps.characters:
        raise too_long(source.name, caps.characters)
    return ReadDocument((ReadPage(1, text),), reader, decoded.warning)
