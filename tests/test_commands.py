"""What the command line and the export say of an answer."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands import answer_row, export_answers, export_into, restore_from
from app.domain import Score, ScoredPart
from app.errors import DatabaseTrouble, DataFolderBusy, NotAllowed, NotFound
from app.services import open_services
from app.settings import Settings
from storage.answers import Answers
from storage.backup import backup
from storage.database import Database
from storage.files import Files
from storage.lock import DataLock
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


def test_no_cell_of_the_exported_table_is_a_formula(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    asked = replace(question(), text="=1+1")
    said = replace(answer(asked), text="@SUM(A1)", error="-1", remedy="")
    Answers(database).begin(asked, [said])
    table = io.StringIO()
    export_answers(database, "csv", table)
    database.close()
    cells = [cell for row in csv.reader(io.StringIO(table.getvalue())) for cell in row]
    assert {"'=1+1", "'@SUM(A1)"} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_scores_are_exported(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    asked = question()
    Answers(database).begin(asked, [replace(answer(asked), scores=SCORES)])
    lines, table = io.StringIO(), io.StringIO()
    export_answers(database, "jsonl", lines)
    export_answers(database, "csv", table)
    database.close()
    row = json.loads(lines.getvalue())
    assert (row["scores"], row["origin"]) == (ROWS, "ask")
    (row,) = csv.DictReader(io.StringIO(table.getvalue()))
    assert (json.loads(row["scores"]), row["origin"]) == (ROWS, "ask")


def test_an_export_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    kept = tmp_path / "answers.jsonl"
    kept.write_text("of yesterday")
    database = Database.open(tmp_path / "data")
    asked = question()
    Answers(database).begin(asked, [answer(asked)])
    database.close()
    database.path.write_bytes(b"no database at all")
    with pytest.raises(DatabaseTrouble):
        export_into(database, "jsonl", kept)
    assert kept.read_text() == "of yesterday"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [kept.name]


def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "data")
    with pytest.raises(NotAllowed, match="cannot be written"):
        export_into(database, "csv", tmp_path / "nowhere" / "answers.csv")
    export_into(database, "csv", tmp_path / "answers.csv")
    database.close()
    assert (tmp_path / "answers.csv").is_file()


def test_a_backup_into_no_folder_names_the_folder(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "data")
    with pytest.raises(NotFound, match="nowhere"):
        backup(database, Files(tmp_path / "data"), tmp_path / "nowhere" / "b.zip")
    database.close()


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = Settings(data=tmp_path / "file" / "data")
    with pytest.raises(DatabaseTrouble), open_services(settings, "test"):
        pass
    with pytest.raises(DatabaseTrouble):
        list(restore_from(settings, tmp_path / "b.zip"))


def test_a_restored_folder_is_held_until_its_index_is_made(tmp_path: Path) -> None:
    """Else another Assay could begin to work with what has no index yet."""
    database = Database.open(tmp_path / "old")
    backup(database, Files(tmp_path / "old"), tmp_path / "b.zip")
    database.close()
    folder = tmp_path / "data"
    steps = restore_from(Settings(data=folder), tmp_path / "b.zip")
    assert "Restored" in next(steps)
    with pytest.raises(DataFolderBusy, match="restore"):
        DataLock.acquire(folder, "another")
    assert list(steps) == []
    DataLock.acquire(folder, "another").release()
