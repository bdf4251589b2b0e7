"""`check` and `models`: what is wrong is said with what mends it, and is no success."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from app.errors import BackendDown
from storage.answers import Answers
from storage.database import DATABASE_FILE, Database
from tests.storage.examples import answer, question
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # the whole command, with the child process that looks at the index


def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, server: FakeServer | None = None
) -> Result:
    made = server or FakeServer()
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([made])))
    monkeypatch.setenv("ASSAY_DATA", str(folder))
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_no_rebuild_is_offered_where_the_database_is_another_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as other:
        other.execute("CREATE TABLE theirs (x)")
    result = run(tmp_path, monkeypatch, "check")
    assert result.exit_code == 1
    assert "another program" in result.output
    assert "python -m app rebuild" not in result.output


def test_an_empty_file_is_no_older_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / DATABASE_FILE).touch()
    result = run(tmp_path, monkeypatch, "check")
    assert result.exit_code == 1
    assert "is empty" in result.output
    assert "older Assay" not in result.output


def test_sums_that_are_not_those_of_the_answers_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(tmp_path)
    asked = question()
    Answers(database).begin(asked, [answer(asked)])
    database.close()
    assert run(tmp_path, monkeypatch, "check").exit_code == 0
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as other, other:
        other.execute("UPDATE asked_sums SET answers = answers + 1")
    told = run(tmp_path, monkeypatch, "check")
    assert told.exit_code == 1
    assert "is not what the answers say" in told.output
    assert "made anew" in told.output
    assert run(tmp_path, monkeypatch, "check").exit_code == 0


def test_a_server_that_was_set_up_and_does_not_answer_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(FakeServer):
        def models(self) -> list[object]:  # type: ignore[override]
            raise BackendDown("Nobody answers.", "Start it.")

    result = run(tmp_path, monkeypatch, "models", server=Dead())
    assert (result.exit_code, "Nobody answers. Start it." in result.output) == (1, True)
    assert run(tmp_path, monkeypatch, "models").exit_code == 0
