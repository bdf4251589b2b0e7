"""A PDF's page as a picture, drawn in the same limited process that reads files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.documents.reading import job_for, never, run
from app.errors import NotAllowed, UnreadableDocument
from app.settings import ReadLimits

_PNG = b"\x89PNG\r\n\x1a\n"
MOST_WIDTH = 3000


def page_picture(
    path: Path,
    page: int,
    width: int = 900,
    *,
    name: str = "",
    limits: ReadLimits | None = None,
    stop: Callable[[], bool] = never,
) -> bytes:
    """PNG of page ``page`` (from 1), ``width`` pixels wide. Raises UnreadableDocument, NotAllowed."""
    if page < 1 or not 1 <= width <= MOST_WIDTH:
        raise NotAllowed(f"A picture shows a page from 1 on and is up to {MOST_WIDTH} pixels wide.")
    limits = limits or ReadLimits()
    job = replace(job_for(path, name or "This document", limits), page=page, width=width)
    answer = run(job, limits.wall_seconds, stop)
    if answer.startswith(_PNG):
        return answer
    told = json.loads(answer)
    raise UnreadableDocument(str(told["message"]), str(told["remedy"]))
