"""Rows of an uploaded CSV or JSON-lines file, and which of its columns is what: for all that is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.documents.readers.encodings import decode
from app.domain import Upload
from app.errors import NotAllowed
from app.evaluation.datasets import jsonl, table
from app.evaluation.datasets.jsonl import Numbered

MOST_ROWS = 20_000
MOST_MEGABYTES = 50
MOST_NAMED = 8
_JSON = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True)
class FileRows:
    """The columns of a file and its rows with their numbers.

    ``doubts`` are rows that may not be what was meant, ``warning`` what was wrong with the file as a whole.
    ``cells``: its values are cells of a table, which hold several texts in a way of their own.
    """

    columns: tuple[str, ...]
    rows: Sequence[Numbered]
    doubts: Sequence[tuple[int, str]]
    warning: str
    cells: bool


def read(upload: Upload, needs: str) -> FileRows:
    """The rows of a file; ``needs`` says what one should have. Raises NotAllowed for none, or too many."""
    refuse_more("megabytes", len(upload.content) // 1_000_000, MOST_MEGABYTES, upload.name)
    decoded = decode(upload.content)
    found = rows_in(decoded.text, upload.name, decoded.warning)
    if not found.rows:
        raise NotAllowed(f"“{upload.name}” has no rows.", needs)
    refuse_more("rows", len(found.rows), MOST_ROWS, upload.name)
    return found


def refuse_more(what: str, there: int, allowed: int, name: str) -> None:
    """Raise NotAllowed where a file has more than is allowed."""
    if there > allowed:
        raise NotAllowed(f"“{name}” has {there:,} {what}; {allowed:,} are allowed.", "Import it in parts.")


def guessed(columns: Sequence[str], usual: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Which column is which field, by the names ``usual`` for it, the likeliest first; "" for none."""
    by_name = {one.strip().lower().replace(" ", "_"): one for one in reversed(columns)}
    found: dict[str, str] = {}
    for field, names in usual.items():
        known = (by_name[name] for name in names if name in by_name)
        found[field] = next((one for one in known if one not in found.values()), "")
    return found


def lacking(what: str, columns: Sequence[str], names: Sequence[str]) -> str:
    """That no column is taken for something, and which there are; ``names`` are those that are known."""
    there = ", ".join(f"“{one[:40]}”" for one in columns[:MOST_NAMED])
    return (
        f"No column is known as the {what}. Columns are known by these names: {', '.join(names)} (and some "
        f"usual others); here there are {there}{' …' if len(columns) > MOST_NAMED else ''}."
    )


def rows_in(text: str, name: str, warning: str) -> FileRows:
    """The rows of a text, by the name of its file; where that tells nothing, by how it begins."""
    ending = name.lower()
    if ending.endswith(_JSON) or (not ending.endswith((".csv", ".tsv")) and text.lstrip().startswith("{")):
        lines = list(jsonl.rows_of(text))
        return FileRows(jsonl.columns_of(lines), lines, (), warning, cells=False)
    columns, cells = table.rows_of(text, name)
    return FileRows(columns, cells, list(table.doubts(text, name, cells)), warning, cells=True)
