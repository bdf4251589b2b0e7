"""Datasets as CSV, and as the cells of a table that a person edits.

A cell holds several texts as "one | other"; where a text has such a sign itself, as a JSON list.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence

from app.documents.readers.table import delimiter_of
from app.domain import Case, Columns
from app.errors import NotAllowed
from app.evaluation.datasets.jsonl import Numbered
from app.evaluation.datasets.rows import FIELDS, Row, row_of

BETWEEN = " | "
_SPLIT = re.compile(r"[|\n]")
_SPLIT_TAGS = re.compile(r"[|\n,;]")
_UNSAFE = re.compile(r"'*[=+\-@\t\r]")
"""How a text begins that a spreadsheet takes for a formula, or that has our apostrophe before it."""
_LONGEST_CELL = 1_000_000


def rows_of(text: str, name: str) -> tuple[tuple[str, ...], list[Numbered]]:
    """The columns' names, and the rows below them with their numbers in the table. Raises NotAllowed."""
    delimiter = delimiter_of(text, name)
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise NotAllowed(
            f"“{name}” could not be read as a table.",
            "Open it in a spreadsheet program and save it as CSV (UTF-8) again.",
        ) from None
    finally:
        csv.field_size_limit(limit)
    if not rows:
        return (), []
    columns = _columns(rows[0])
    return columns, list(_numbered(columns, rows[1:]))


def cells_of(case: Case) -> dict[str, str]:
    """A case as cells, which ``row_of_cells`` reads back."""
    row = row_of(case)
    cells = {"answers": _cell(case.answers, _SPLIT), "tags": _cell(case.tags, _SPLIT_TAGS)}
    cells |= {field: _whole(row[field]) for field in ("gold_document", "gold_text")}
    flag = "yes" if case.unanswerable else "no"
    return {"question": case.question, "unanswerable": flag} | cells


def row_of_cells(cells: Row, columns: Columns) -> Row:
    """The cells with those opened that hold several texts."""
    opened = dict(cells)
    for column, split in ((columns.answers, _SPLIT), (columns.tags, _SPLIT_TAGS)):
        opened[column] = _opened(cells.get(column), split)
    for column in (columns.gold_document, columns.gold_text):
        opened[column] = _opened(cells.get(column), None)
    return opened


def written(cases: Sequence[Case]) -> bytes:
    """The cases as CSV that reads back to the same, safe to open in a spreadsheet program."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for case in cases:
        cells = cells_of(case)
        writer.writerow([_protected(cells[field]) for field in FIELDS])
    return text.getvalue().encode("utf-8-sig", "replace")


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    """The names in the first row; one without a name, or whose name was there before, gets its place."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def _numbered(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Numbered]:
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(columns) :]):
            yield number, f"This row has {len(row)} cells, and there are {len(columns)} columns."
        else:
            yield number, {name: _bare(cell) for name, cell in zip(columns, row, strict=False)}


def _opened(cell: object, split: re.Pattern[str] | None) -> object:
    if not isinstance(cell, str):
        return cell
    if cell.lstrip().startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
    return split.split(cell) if split else cell


def _cell(texts: Sequence[str], split: re.Pattern[str]) -> str:
    """Several texts in one cell; as JSON where a sign in them would part them elsewhere."""
    if any(split.search(one) or one.startswith("[") for one in texts):
        return json.dumps(texts, ensure_ascii=False)
    return BETWEEN.join(texts)


def _whole(texts: object) -> str:
    """One text as it is; several, and one that looks like a list, as JSON."""
    if isinstance(texts, list):
        return json.dumps(texts, ensure_ascii=False) if texts else ""
    text = str(texts)
    return json.dumps([text], ensure_ascii=False) if text.startswith("[") else text


def _protected(cell: str) -> str:
    return f"'{cell}" if _UNSAFE.match(cell) else cell


def _bare(cell: str) -> str:
    """Without the apostrophe that was put before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and _UNSAFE.match(cell[1:]) else cell
