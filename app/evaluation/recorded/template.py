"""The questions of an experiment as a table to be filled in elsewhere; filled in, it is read back."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import Case
from app.evaluation.datasets import table

COLUMNS = (
    *("id", "question", "answer", "model", "provider", "documents", "date"),
    *("prompt_tokens", "completion_tokens", "cached_tokens", "thinking_tokens"),
)


def template(cases: Sequence[Case]) -> bytes:
    """A CSV file with a row for each question, and nothing in the other columns."""
    empty = [""] * (len(COLUMNS) - 2)
    return table.bytes_of(COLUMNS, ([one.id, one.question, *empty] for one in cases))
