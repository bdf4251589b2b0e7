"""What an uploaded table would bring: its cases and its bad rows, before anything is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.domain import Asks, BadRow, Case, Columns, ImportPreview, Upload
from app.errors import NotAllowed
from app.evaluation.datasets import files, table
from app.evaluation.datasets.jsonl import Numbered
from app.evaluation.datasets.rows import FIELDS, Row, case_of, no_language

MOST_CASES = files.MOST_ROWS
_USUAL = {
    "question": ("question", "query", "prompt", "input", "user_input"),
    "answers": ("answers", "answer", "reference", "references", "expected", "expected_answer",
                "ground_truth", "reference_answer", "target", "output"),
    "gold_document": ("gold_document", "document", "doc", "source", "file", "gold_doc"),
    "gold_text": ("gold_text", "gold_passage", "passage", "context", "evidence", "reference_contexts"),
    "unanswerable": ("unanswerable", "is_impossible", "not_in_the_documents", "answerable",
                     "is_answerable", "has_answer"),
    "tags": ("tags", "tag", "labels", "category", "kind", "tier"),
    "language": ("language", "lang"),
}  # fmt: skip
"""Names that other tools give to what a case has, the likeliest first."""


def preview(upload: Upload, chosen: Columns | None = None) -> ImportPreview:
    """The cases of a CSV or JSON-lines file, by the columns ``chosen`` or else by their usual names.

    Raises NotAllowed for what is no such file or is too large.
    """
    file = files.read(upload, "It needs one question a row.")
    chosen = chosen or usual(file.columns)
    if file.columns and (lacking := _lacking(file.columns, chosen)):
        broken = [BadRow(number, row) for number, row in file.rows if isinstance(row, str)]
        return ImportPreview(file.columns, chosen, (), (BadRow(1, lacking), *broken), file.warning)

    def made(row: Row) -> Case:
        return case_of(table.row_of_cells(row, chosen) if file.cells else row, chosen)

    found, bad = _sorted_out(file.rows, made)
    doubts = (*file.doubts, *_asked_twice(found), *_languages(file.rows, chosen))
    doubtful = [BadRow(number, words) for number, words in doubts]
    good = {number for number, _ in found}
    named = tuple(sorted((one for one in doubtful if one.number in good), key=lambda one: one.number))
    return ImportPreview(
        file.columns, chosen, tuple(case for _, case in found), bad, file.warning, doubtful=named
    )


def usual(columns: Sequence[str]) -> Columns:
    """Which column is what, by the names that such columns usually have."""
    return Columns(**files.guessed(columns, _USUAL))


def cases_of(
    rows: Sequence[Numbered], made: Callable[[Row], Case]
) -> tuple[tuple[Case, ...], tuple[BadRow, ...]]:
    """The good rows as cases and the others with their reasons.

    The same case twice is bad, also where one of the two lacks the gold text: then the other one is kept.
    """
    found, bad = _sorted_out(rows, made)
    return tuple(case for _, case in found), bad


def _sorted_out(
    rows: Sequence[Numbered], made: Callable[[Row], Case]
) -> tuple[list[tuple[int, Case]], tuple[BadRow, ...]]:
    """The same with the numbers of the good rows."""
    cases: dict[str, tuple[int, Case]] = {}
    bad: list[BadRow] = []
    for number, row in rows:
        if isinstance(row, str):
            bad.append(BadRow(number, row))
            continue
        try:
            case = made(row)
        except NotAllowed as error:
            bad.append(BadRow(number, error.message))
            continue
        before = cases.setdefault(case.id, (number, case))[0]
        if before != number:
            bad.append(BadRow(number, f"It is the same as row {before}."))
    found = list(cases.values())
    lacking = dict(_lacking_gold(found))
    bad += [BadRow(number, words) for number, words in lacking.items()]
    kept = [(number, case) for number, case in found if number not in lacking]
    return kept, tuple(sorted(bad, key=lambda one: one.number))


def _lacking_gold(found: Sequence[tuple[int, Case]]) -> Iterator[tuple[int, str]]:
    """Cases that stand there with gold text, too."""
    told: dict[Asks, int] = {}
    for number, case in found:
        if case.has_gold_text:
            told.setdefault(case.asks, number)
    for number, case in found:
        if not case.has_gold_text and case.asks in told:
            yield number, f"It is the same as row {told[case.asks]}, which has the gold text."


def _asked_twice(found: Sequence[tuple[int, Case]]) -> Iterator[tuple[int, str]]:
    """Questions that stand there before, with what differs; case and spaces do not matter."""
    known: dict[str, tuple[int, Case]] = {}
    for number, case in found:
        before, there = known.setdefault(" ".join(case.question.casefold().split()), (number, case))
        if before != number:
            yield number, f"It asks what row {before} asks, with {_other(there, case)}. Both are kept."


def _other(there: Case, case: Case) -> str:
    same = (frozenset(case.answers), case.unanswerable) == (frozenset(there.answers), there.unanswerable)
    if not same:
        return "other right answers"
    return "another gold text or document" if case.gold != there.gold else "other capitals or spaces"


def _languages(rows: Sequence[Numbered], chosen: Columns) -> Iterator[tuple[int, str]]:
    """Rows that tell their language by what is no code."""
    for number, row in rows:
        words = "" if isinstance(row, str) else no_language(row, chosen)
        if words:
            yield number, words


def _lacking(columns: Sequence[str], chosen: Columns) -> str:
    """What no column is taken for, though each row needs it; "" for nothing."""
    if chosen.question and (chosen.answers or chosen.unanswerable):
        return ""
    return files.lacking("right answers" if chosen.question else "question", columns, FIELDS)


__all__ = ["FIELDS", "MOST_CASES", "cases_of", "preview", "usual"]
