"""A copy of the database appears whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.copying import copy_database
from storage.database import DATABASE_FILE, Database
from tests.storage.examples import dump


def test_a_copy(folder: Path, database: Database, tmp_path: Path) -> None:
    database.copy_to(tmp_path / DATABASE_FILE)
    assert dump(tmp_path) == dump(folder)
    assert (tmp_path / DATABASE_FILE).stat().st_mode & 0o077 == 0


def test_of_a_database_in_wal_mode_it_is_one_file(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "wal.sqlite3"
    shutil.copy(folder / DATABASE_FILE, source)
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO assumptions VALUES (1, 'x', '{}', 0)")
        connection.commit()
        assert source.with_name("wal.sqlite3-wal").stat().st_size > 0
        copy_database(source, tmp_path / DATABASE_FILE)
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("SELECT kind FROM assumptions").fetchall() == [("x",)]


def test_a_source_that_stays_locked(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite3"
    target.write_bytes(b"the last copy")
    with closing(sqlite3.connect(folder / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            copy_database(folder / DATABASE_FILE, target, patience=0.1)
    assert target.read_bytes() == b"the last copy"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_source_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "garbage").write_bytes(b"garbage" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        copy_database(tmp_path / "garbage", tmp_path / "copy.sqlite3")
    assert [one.name for one in tmp_path.iterdir()] == ["garbage"]
