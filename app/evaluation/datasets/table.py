"""Datasets as CSV, and as the cells of a table that a person edits.

A cell holds several texts as "one | other"; where a text has such a sign itself, as a JSON list.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence

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
_NO_LIMIT = 2**31 - 1
UNCLOSED = (
    "A quote in this row is not closed, or text follows where it ends; the next row begins in the next line."
)


def rows_of(text: str, name: str) -> tuple[tuple[str, ...], list[Numbered]]:
    """The columns' names, and the rows below them with their numbers in the table. Raises NotAllowed."""
    delimiter = delimiter_of(text, name)
    # How long a text may be is said of its row.
    limit = csv.field_size_limit(_NO_LIMIT)
    try:
        rows = list(_records(text, delimiter))
    finally:
        csv.field_size_limit(limit)
    if not rows:
        return (), []
    if isinstance(rows[0], str):
        raise NotAllowed(
            f"“{name}” could not be read as a table: its first row has a quote that is not closed.",
            "Open it in a spreadsheet program and save it as CSV (UTF-8) again.",
        )
    columns = _columns(rows[0])
    return columns, list(_numbered(columns, rows[1:]))


def doubts(text: str, name: str, rows: Sequence[Numbered]) -> Iterator[tuple[int, str]]:
    """Rows with a cell that looks like several rows, as one does whose quote is not closed."""
    delimiter = delimiter_of(text, name)
    for number, row in rows:
        cells = [] if isinstance(row, str) else [str(one) for one in row.values()]
        for place, cell in enumerate(cells):
            if took_in := _rows_within(cell, place, len(cells), delimiter):
                words = (
                    f"holds what looks like {took_in} further rows" if took_in > 1 else "looks like two rows"
                )
                yield number, f"A cell of this row {words}: is a quote in it not closed?"
                break


def _rows_within(cell: str, place: int, width: int, delimiter: str) -> int:
    """How many rows a cell took in, if every line of it has the cells of a row; else 0."""
    lines = [one for one in cell.splitlines() if one.strip()]
    if len(lines) < 2 or width < 2:
        return 0
    counts = [len(one) for one in csv.reader(lines, delimiter=delimiter)]
    # The first line ends the row that the cell is in, and the last one begins the row that closes the quote.
    whole = counts == [width - place, *[width] * (len(lines) - 2), place + 1]
    return len(lines) - 1 if whole else 0


def _records(text: str, delimiter: str) -> Iterator[list[str] | str]:
    """The rows, or why one is none: then the line below it begins the next one."""
    lines, start = list(io.StringIO(text, newline="")), 0
    while start < len(lines):
        rest = (lines[at] for at in range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        done = 0
        try:
            for row in reader:
                done = reader.line_num
                yield row
        except csv.Error:
            yield UNCLOSED
            done += 1
        start += done


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
    cells = map(cells_of, cases)
    return bytes_of(FIELDS, ([one[field] for field in FIELDS] for one in cells))


def bytes_of(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as CSV, its cells safe to open in a spreadsheet program; ``rows_of`` reads them back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([protected(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    """The names in the first row; one without a name, or whose name was there before, gets its place."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def _numbered(columns: Sequence[str], rows: Sequence[Sequence[str] | str]) -> Iterator[Numbered]:
    for number, row in enumerate(rows, start=2):
        if isinstance(row, str):
            yield number, row
            continue
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


def protected(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, and that ``rows_of`` reads back to what it was."""
    return f"'{cell}" if _UNSAFE.match(cell) else cell


def _bare(cell: str) -> str:
    """Without the apostrophe that was put before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and _UNSAFE.match(cell[1:]) else cell
