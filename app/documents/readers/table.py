"""CSV and its relatives: every row as one line that carries the headers.

So a passage that holds a row says what its figures are.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.documents.readers.base import Caps, Collected, Source, clean, no_text, tidy
from app.documents.readers.encodings import decode
from app.domain import ReadDocument, ReadPage
from app.errors import UnreadableDocument

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 60
_SAMPLE = 64 * 1024
_MOST_HEADER_ROWS = 4
_FIELD = 10_000_000
_NUMBER = re.compile(r"^[($€£¥+\-−\s]*\d[\d.,'\s]*\s*%?\)?$")
_YEAR = re.compile(r"^(?:1[89]|20)\d\d$")

Row = list[str]


def read(source: Source, caps: Caps) -> ReadDocument:
    """The table as one page: a line of the headers, then "Header: value; Header: value" a row.

    A table whose first row is data like the others has no headers: its rows are "value; value".
    Raises UnreadableDocument.
    """
    decoded = decode(source.content())
    text = clean(decoded.text)
    collected = Collected(source, caps)
    try:
        collected.extend(_lines(text, source.name))
    except csv.Error:
        raise UnreadableDocument(
            f"“{source.name}” could not be read as a table.",
            "Open it in a spreadsheet program, save it as CSV again and upload that.",
        ) from None
    joined = tidy("\n".join(collected.lines))
    if not joined.strip():
        raise no_text(source.name, "there is no cell with text in it")
    return ReadDocument((ReadPage(1, joined),), "table", decoded.warning)


def _lines(text: str, name: str) -> Iterator[str]:
    rows = _rows(text, delimiter_of(text, name), quoted=_quoted(text))
    first = [row for _, row in zip(range(_SAMPLE_ROWS), rows, strict=False)]
    titles, first = _titles(first)
    yield from titles
    headers: Row = []
    if first and has_header(first):
        count = _header_rows(first)
        headers, first = _merged(first[:count]), first[count:]
        yield "; ".join(filter(None, headers))
    for row in first:
        yield _line(row, headers)
    for row in rows:
        yield _line(row, headers)


def _titles(rows: list[Row]) -> tuple[list[str], list[Row]]:
    """Lines above the table: rows with text in the first cell only, where the table is wider."""
    count = 0
    if max(map(len, rows), default=0) > 1:
        while count < len(rows) and rows[count][0] and not any(rows[count][1:]):
            count += 1
    if count == len(rows):
        return [], rows
    return ["".join(row) for row in rows[:count]], rows[count:]


def _header_rows(rows: Sequence[Row]) -> int:
    """How many rows make the header: more than one where the corner is empty and figures come below."""
    count = 1
    while (
        count < min(_MOST_HEADER_ROWS, len(rows) - 1)
        and not rows[count - 1][0]
        and sum(map(bool, rows[count])) > 1
        and not _has_figures(rows[count])
        and any(_has_figures(row) for row in rows[count + 1 : count + 4])
    ):
        count += 1
    return count


def _merged(rows: Sequence[Row]) -> Row:
    """Several header rows as one: each column's words from top to bottom.

    An empty cell of an upper row belongs to the header at its left, which spans it.
    """
    width = max(map(len, rows))
    columns: list[list[str]] = [[] for _ in range(width)]
    for depth, row in enumerate(rows):
        spanning = ""
        for place in range(width):
            cell = row[place] if place < len(row) else ""
            spanning = cell or (spanning if depth < len(rows) - 1 else "")
            if spanning:
                columns[place].append(spanning)
    return [" ".join(words).rstrip(":") for words in columns]


def _has_figures(row: Row) -> bool:
    return any(_NUMBER.match(cell) and not _YEAR.match(cell) for cell in row)


def _quoted(text: str) -> bool:
    """Whether quotation marks enclose cells: one that is never closed would swallow the rest of the file.

    Of the whole text: a sample may end within a cell.
    """
    return text.count('"') % 2 == 0


def _rows(text: str, delimiter: str, *, quoted: bool) -> Iterator[Row]:
    """Rows that have any text, each cell on one line."""
    csv.field_size_limit(_FIELD)
    lines = (f"{line}\n" for line in text.split("\n"))
    for cells in csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=True,
    ):
        row = [" ".join(cell.split()) for cell in cells]
        if any(row):
            yield row


def _line(row: Row, headers: Sequence[str]) -> str:
    """Every cell that has text, with its header where there is one; cells beyond them are kept."""
    parts = []
    for place, cell in enumerate(row):
        header = headers[place] if place < len(headers) else ""
        if cell:
            parts.append(f"{header}: {cell}" if header else cell)
    return "; ".join(parts)


def delimiter_of(text: str, name: str) -> str:
    """The delimiter that gives the most even table of at least two columns (for one column: a comma)."""
    sample, quoted = text[:_SAMPLE], _quoted(text)
    preferred = "\t" if name.lower().endswith(".tsv") else ","
    best, best_score = preferred, 0.0
    for delimiter in sorted(_DELIMITERS, key=lambda one: one != preferred):
        score = _evenness(sample, delimiter, quoted=quoted)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _evenness(sample: str, delimiter: str, *, quoted: bool) -> float:
    """The share of rows with the commonest width, and a little for width; 0 for a single column."""
    try:
        rows = zip(range(_SAMPLE_ROWS), _rows(sample, delimiter, quoted=quoted), strict=False)
        widths = [len(row) for _, row in rows]
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, even = Counter(widths).most_common(1)[0]
    return 0.0 if width < 2 else even / len(widths) + min(width, 20) / 1000


def has_header(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: not if it has figures where the rows below have them.

    Years do not count as figures: "2018, 2019" often are headers.
    """
    first, below = rows[0], rows[1:]
    if not below:
        return True
    for place, cell in enumerate(first):
        if _NUMBER.match(cell) and not _YEAR.match(cell):
            others = [row[place] for row in below if place < len(row) and row[place]]
            if others and sum(bool(_NUMBER.match(one)) for one in others) > len(others) / 2:
                return False
    return True
