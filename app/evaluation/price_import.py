"""Own price lists as files: what an uploaded one would bring, and the same written again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.costs.price_lists import FIELDS, MOST_ROWS, Row, previewed, row_of, sorted_out
from app.documents.readers.encodings import decode
from app.domain import OwnPrice, PricePreview, Upload
from app.errors import NotAllowed
from app.evaluation.datasets import table
from app.evaluation.datasets.files import guessed, refuse_more, rows_in

MOST_MEGABYTES = 5
_USUAL: Mapping[str, tuple[str, ...]] = {
    "provider": ("provider", "backend", "vendor", "service"),
    "model": ("model", "model_name", "model_id", "name"),
    "currency": ("currency", "unit"),
    "input": ("input", "in", "prompt", "input_price", "price_in", "input_per_million", "input_mtok"),
    "output": (
        *("output", "out", "completion", "output_price", "price_out", "output_per_million"),
        "output_mtok",
    ),
    "cached": ("cached", "cached_input", "cache_read", "cached_price", "cache_read_mtok"),
    "thinking": ("thinking", "reasoning", "thinking_price", "output_reasoning_mtok"),
    "since": ("since", "valid_since", "in_force_since", "valid_from", "from", "start_date", "date"),
    "source": ("source", "note", "where_from", "reference"),
}
"""Names that columns of price lists usually have, the likeliest first."""
NEEDED = ("provider", "model", "currency", "input", "output", "since")


def preview(upload: Upload, there: Iterable[OwnPrice]) -> PricePreview:
    """What a CSV or JSON-lines file would bring to the prices that are ``there``; nothing is saved.

    Raises NotAllowed for what is no such file, lacks a column or is too large.
    """
    if len(upload.content) > MOST_MEGABYTES * 1_000_000:
        raise NotAllowed(f"“{upload.name}” has more than {MOST_MEGABYTES} megabytes.", "Import it in parts.")
    decoded = decode(upload.content)
    read = rows_in(decoded.text, upload.name, decoded.warning)
    columns, rows, doubts = read.columns, read.rows, dict(read.doubts)
    if not rows:
        raise NotAllowed(f"“{upload.name}” has no rows.", f"It needs one price a row: {', '.join(FIELDS)}.")
    refuse_more("rows", len(rows), MOST_ROWS, upload.name)
    chosen = {field: column for field, column in guessed(columns, _USUAL).items() if column}
    _refuse_lacking(columns, chosen)
    found, bad = sorted_out((number, doubts.get(number) or _cells(row, chosen)) for number, row in rows)
    unused = tuple(one for one in columns if one not in chosen.values())
    return replace(previewed(found, bad, there), unused=unused, warning=read.warning)


def written_csv(prices: Sequence[OwnPrice]) -> bytes:
    """The prices as CSV that reads back to the same, safe to open in a spreadsheet program."""
    return table.bytes_of(FIELDS, ([*row_of(one).values()] for one in prices))


def written_jsonl(prices: Sequence[OwnPrice]) -> bytes:
    """The prices as JSON lines, prices as texts, so that none is rounded on the way."""
    lines = (json.dumps(row_of(one), ensure_ascii=False) for one in prices)
    return "".join(f"{line}\n" for line in lines).encode()


def _refuse_lacking(columns: Sequence[str], chosen: Mapping[str, str]) -> None:
    lacking = [one for one in NEEDED if one not in chosen]
    if columns and lacking:
        there = ", ".join(f"“{one[:40]}”" for one in columns[:8])
        raise NotAllowed(
            f"No column is known as {', '.join(lacking)}; there are {there}.",
            f"Name the columns {', '.join(FIELDS)}; prices are per million tokens.",
        )


def _cells(row: Row | str, chosen: Mapping[str, str]) -> Row | str:
    return row if isinstance(row, str) else {field: row.get(column) for field, column in chosen.items()}
