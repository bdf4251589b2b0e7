"""What an uploaded table would bring: its cases and its bad rows, before anything is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

from app.documents.readers.encodings import decode
from app.domain import BadRow, Case, Columns, ImportPreview, Upload
from app.errors import NotAllowed
from app.evaluation.datasets import jsonl, table
from app.evaluation.datasets.jsonl import Numbered
from app.evaluation.datasets.rows import FIELDS, Row, case_of

MOST_CASES = 20_000
MOST_MEGABYTES = 50
MOST_NAMED = 8
_JSON = (".jsonl", ".ndjson", ".json")
_USUAL = {
    "question": ("question", "query", "prompt", "input", "user_input"),
    "answers": ("answers", "answer", "reference", "references", "expected", "expected_answer",
                "ground_truth", "reference_answer", "target", "output"),
    "gold_document": ("gold_document", "document", "doc", "source", "file", "gold_doc"),
    "gold_text": ("gold_text", "gold_passage", "passage", "context", "evidence", "reference_contexts"),
    "unanswerable": ("unanswerable", "is_impossible", "not_in_the_documents", "answerable",
                     "is_answerable", "has_answer"),
    "tags": ("tags", "tag", "labels", "category", "kind", "tier"),
}  # fmt: skip
"""Names that other tools give to what a case has, the likeliest first."""


def preview(upload: Upload, chosen: Columns | None = None) -> ImportPreview:
    """The cases of a CSV or JSON-lines file, by the columns ``chosen`` or else by their usual names.

    Raises NotAllowed for what is no such file or is too large.
    """
    _refuse_more("megabytes", len(upload.content) // 1_000_000, MOST_MEGABYTES, upload.name)
    decoded = decode(upload.content)
    columns, rows, opened, doubts = _read(decoded.text, upload.name)
    if not rows:
        raise NotAllowed(f"“{upload.name}” has no rows.", "It needs one question a row.")
    _refuse_more("rows", len(rows), MOST_CASES, upload.name)
    chosen = chosen or usual(columns)
    if columns and (lacking := _lacking(columns, chosen)):
        broken = [BadRow(number, row) for number, row in rows if isinstance(row, str)]
        return ImportPreview(columns, chosen, (), (BadRow(1, lacking), *broken), decoded.warning)
    found, bad = _sorted_out(rows, lambda row: case_of(opened(row, chosen), chosen))
    doubtful = [BadRow(number, words) for number, words in (*doubts, *_asked_twice(found))]
    good = {number for number, _ in found}
    named = tuple(sorted((one for one in doubtful if one.number in good), key=lambda one: one.number))
    return ImportPreview(
        columns, chosen, tuple(case for _, case in found), bad, decoded.warning, doubtful=named
    )


def usual(columns: Sequence[str]) -> Columns:
    """Which column is what, by the names that such columns usually have."""
    by_name = {one.strip().lower().replace(" ", "_"): one for one in reversed(columns)}
    found: dict[str, str] = {}
    for field in fields(Columns):
        known = (by_name[name] for name in _USUAL[field.name] if name in by_name)
        found[field.name] = next((one for one in known if one not in found.values()), "")
    return Columns(**found)


def cases_of(
    rows: Sequence[Numbered], made: Callable[[Row], Case]
) -> tuple[tuple[Case, ...], tuple[BadRow, ...]]:
    """The good rows as cases and the others with their reasons; the same case twice is bad."""
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
    return list(cases.values()), tuple(bad)


def _asked_twice(found: Sequence[tuple[int, Case]]) -> Iterator[tuple[int, str]]:
    """Questions that stand there before, with other right answers; case and spaces do not matter."""
    known: dict[str, int] = {}
    for number, case in found:
        before = known.setdefault(" ".join(case.question.casefold().split()), number)
        if before != number:
            yield number, f"It asks what row {before} asks, with other right answers. Both are kept."


def _lacking(columns: Sequence[str], chosen: Columns) -> str:
    """What no column is taken for, though each row needs it; "" for nothing."""
    if chosen.question and (chosen.answers or chosen.unanswerable):
        return ""
    what = "right answers" if chosen.question else "question"
    there = ", ".join(f"“{one[:40]}”" for one in columns[:MOST_NAMED])
    return (
        f"No column is known as the {what}. Columns are known by these names: {', '.join(FIELDS)} (and some "
        f"usual others); here there are {there}{' …' if len(columns) > MOST_NAMED else ''}."
    )


def _refuse_more(what: str, there: int, allowed: int, name: str) -> None:
    if there > allowed:
        raise NotAllowed(f"“{name}” has {there:,} {what}; {allowed:,} are allowed.", "Import it in parts.")


def _read(
    text: str, name: str
) -> tuple[tuple[str, ...], Sequence[Numbered], Callable[[Row, Columns], Row], Sequence[tuple[int, str]]]:
    """The columns, the rows, how the cells of a row are opened, and which rows may not be what was meant."""
    if name.lower().endswith(_JSON) or (not name.lower().endswith((".csv", ".tsv")) and text.startswith("{")):
        lines = list(jsonl.rows_of(text))
        return jsonl.columns_of(lines), lines, lambda row, _columns: row, ()
    columns, cells = table.rows_of(text, name)
    return columns, cells, table.row_of_cells, list(table.doubts(text, name, cells))


__all__ = ["FIELDS", "MOST_CASES", "cases_of", "preview", "usual"]
