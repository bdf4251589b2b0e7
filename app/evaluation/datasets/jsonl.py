"""Datasets as JSON lines: one object a case, with the keys of ``rows.FIELDS``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from app.domain import Case
from app.errors import NotAllowed
from app.evaluation.datasets.rows import Row, row_of

Numbered = tuple[int, Row | str]
"""A row with its number, or with the words that say why it is none."""


def rows_of(text: str) -> Iterator[Numbered]:
    """The objects, each with the number of its line; empty lines are passed over."""
    # Only these end a line: a text may hold any of the other signs that ``splitlines`` knows.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line.strip():
            yield number, _row(line)


def columns_of(rows: Iterable[Numbered]) -> tuple[str, ...]:
    """Every key that any object has, in the order of appearance."""
    return tuple(dict.fromkeys(key for _, row in rows if not isinstance(row, str) for key in row))


def written(cases: Sequence[Case]) -> bytes:
    """The cases as a file that reads back to the same; every key has one type throughout."""
    lines = (json.dumps(_object(one), ensure_ascii=False) for one in cases)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _object(case: Case) -> Row:
    """Gold as lists also where there is one or none: what reads a column of JSON wants one type in it."""
    gold = {
        "gold_document": [one.document for one in case.gold],
        "gold_text": [one.text for one in case.gold],
    }
    return row_of(case) | gold


def _row(line: str) -> Row | str:
    try:
        found = json.loads(line, parse_constant=_refused)
    except (ValueError, RecursionError, NotAllowed):
        return "This line is no JSON."
    return found if isinstance(found, dict) else "This line is JSON, but no object with keys."


def _refused(_constant: str) -> object:
    raise NotAllowed("NaN and Infinity are no JSON.")
