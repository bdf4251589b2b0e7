"""What the command line and the export say of an answer."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

from app.commands import answer_row, export_answers
from app.domain import Score, ScoredPart
from storage.answers import Answers
from storage.database import Database
from tests.storage.examples import answer, question

SCORES = (
    Score("grounded share", "1", 0.25, "words", (ScoredPart(0, 7, 0.25, "why"),)),
    Score("x", "1", None, "no"),
)
ROWS = [
    {
        "scorer": "grounded share",
        "version": "1",
        "value": 0.25,
        "words": "words",
        "parts": [{"start": 0, "end": 7, "value": 0.25, "words": "why"}],
    },
    {"scorer": "x", "version": "1", "value": None, "words": "no", "parts": []},
]


def test_scores_are_told_with_the_answer() -> None:
    asked = question()
    row = json.loads(json.dumps(answer_row(asked, replace(answer(asked), scores=SCORES))))
    assert row["scores"] == ROWS
    assert answer_row(asked, answer(asked))["scores"] == []


def test_scores_are_exported(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    asked = question()
    Answers(database).begin(asked, [replace(answer(asked), scores=SCORES)])
    lines, table = io.StringIO(), io.StringIO()
    export_answers(database, "jsonl", lines)
    export_answers(database, "csv", table)
    database.close()
    assert json.loads(lines.getvalue())["scores"] == ROWS
    (row,) = csv.DictReader(io.StringIO(table.getvalue()))
    assert json.loads(row["scores"]) == ROWS
