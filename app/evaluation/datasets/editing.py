"""A dataset while a person edits it: cells of a table, and what keeps its rows from being saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from app.domain import BadRow, Case, Columns, Gold, TypedCase
from app.evaluation.datasets import table
from app.evaluation.datasets.importing import cases_of
from app.evaluation.datasets.rows import FIELDS, case_of, row_of, texts_of

_COLUMNS = Columns(*FIELDS)
_YES = "yes"


def cells_of(case: Case) -> dict[str, str]:
    """The case as the cells of a table, by the names of ``Columns``; ``typed`` reads them back."""
    return table.cells_of(case)


def typed(cells: Mapping[str, str]) -> Case:
    """What the cells say, checked by nobody: nothing of what was typed is refused or lost.

    One document stands for all texts, as in a file; else the first belongs to the first, and so on.
    """
    opened = table.row_of_cells(cells, _COLUMNS)
    documents, texts = texts_of(opened.get("gold_document")), texts_of(opened.get("gold_text"))
    if len(documents) == 1:
        documents *= max(1, len(texts))
    pairs = [Gold(*pair) for pair in zip_longest(documents, texts, fillvalue="")]
    return Case(
        question=cells.get("question", "").strip(),
        answers=_each(texts_of(opened.get("answers"))),
        gold=tuple(one for one in pairs if one != Gold("", "")),
        unanswerable=cells.get("unanswerable") == _YES,
        tags=_each(texts_of(opened.get("tags"))),
    )


def sorted_out(rows: Sequence[TypedCase]) -> tuple[tuple[Case, ...], tuple[BadRow, ...]]:
    """The good rows as cases, and the others with their numbers and reasons; empty rows are passed over."""
    written = [(one.number, row_of(one.case)) for one in rows if one.case != Case("")]
    return cases_of(written, lambda row: case_of(row, _COLUMNS))


def _each(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
