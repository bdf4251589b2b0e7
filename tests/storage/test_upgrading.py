"""Migrations: from nothing, from every earlier schema with rows in it, and from the future."""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select

from app.domain import Timing, Usage
from app.errors import DatabaseTooNew, DatabaseTrouble
from storage import upgrading
from storage.database import DATABASE_FILE, Database
from storage.tables import Base
from storage.upgrading import COPIES, COPIES_KEPT, known_revisions, migrate, revision_of
from tests.storage.examples import answer, dump, question

REVISIONS = known_revisions()
NEXT = f"{int(REVISIONS[-1]) + 1:04}"
COLUMN = f"""
import sqlalchemy as sa
from alembic import op
revision = "{NEXT}"
down_revision = "{REVISIONS[-1]}"

def upgrade():
    with op.batch_alter_table("collections") as batch:
        batch.add_column(sa.Column("note", sa.Text(), nullable=False, server_default="none"))
"""
FAILS = f"{COLUMN}    op.execute('CREATE TABLE half (x)')\n    op.execute('DROP TABLE nowhere')\n"
STRAYS = f"{COLUMN}    op.execute('UPDATE documents SET collection_id = 7')\n"  # noqa: S608


def write_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """As if this Assay were the next one, with one more migration."""
    folder = tmp_path / "100% later" / "migrations"
    shutil.copytree(upgrading.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"{NEXT}_invented.py").write_text(source)
    monkeypatch.setattr(upgrading, "MIGRATIONS", folder)


def sample(column: Column[object], row: int) -> object:
    kind = column.type.python_type
    if kind is bytes:
        return bytes([row] * 32)
    if kind is bool:
        return row % 2 == 0
    return row if kind in {int, float} else f"{column.name} {row}"


def fill(path: Path, rows: int = 3) -> dict[str, int]:
    """Rows in every table that there is, whatever the schema; returns how many each has."""
    engine = create_engine(f"sqlite:///{path}")
    metadata = MetaData()
    metadata.reflect(engine)
    counts = {}
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name == "alembic_version":
                continue
            for row in range(1, rows + 1):
                connection.execute(insert(table).values(_row(table, row)))
            counts[table.name] = rows
    engine.dispose()
    return counts


def _row(table: Table, row: int) -> dict[str, object]:
    return {one.name: sample(_origin(one), row) for one in table.columns}


def _origin(column: Column[object]) -> Column[object]:
    """The column that a reference leads to in the end, so that the rows fit together."""
    for key in column.foreign_keys:
        return _origin(key.column)
    return column


def counts(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in names
        }


def schema(path: Path) -> dict[str, list[str]]:
    """Everything made by a statement: its parts, whose order and white space do not matter."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: _parts(sql) for name, sql in rows if name != "alembic_version"}


def _parts(sql: str) -> list[str]:
    folded = re.sub(r"\s+", " ", sql).removesuffix(" )")
    return sorted(re.split(r", (?=CONSTRAINT)", folded))


# ----------------------------------------------------------------- the models


def test_models_and_migrations_agree(folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / DATABASE_FILE}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_models_and_migrations_make_the_same_statements(folder: Path, tmp_path: Path) -> None:
    """Also what Alembic does not compare: conditions of indexes, cascades, names."""
    engine = create_engine(f"sqlite:///{tmp_path / 'models.sqlite3'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    assert schema(folder / DATABASE_FILE) == schema(tmp_path / "models.sqlite3")


def test_the_files_number_a_single_line_of_revisions() -> None:
    config = Config()
    config.set_main_option("script_location", str(upgrading.MIGRATIONS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [one.revision for one in reversed(scripts)] == REVISIONS
    assert [one.down_revision for one in reversed(scripts)] == [None, *REVISIONS[:-1]]
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_forward_only() -> None:
    for one in (upgrading.MIGRATIONS / "versions").glob("*.py"):
        assert "def downgrade" not in one.read_text()


# ----------------------------------------------------------------- upgrades


def test_from_nothing(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    assert revision_of(tmp_path / DATABASE_FILE) == REVISIONS[-1]
    assert not (tmp_path / COPIES).exists()


@pytest.mark.parametrize("revision", REVISIONS)
def test_from_a_filled_database_of_every_revision(tmp_path: Path, revision: str) -> None:
    path = tmp_path / DATABASE_FILE
    migrate(path, revision)
    filled = fill(path)
    opened = Database.open(tmp_path)
    assert opened.check() == []
    opened.close()
    assert revision_of(path) == REVISIONS[-1]
    now = counts(path)
    assert {name: now[name] for name in filled if name in now} == {
        name: rows for name, rows in filled.items() if name in now
    }
    kept = list((tmp_path / COPIES).glob("*")) if (tmp_path / COPIES).exists() else []
    assert len(kept) == (revision != REVISIONS[-1])


SPEEDS: dict[tuple[int, int | None, str], Timing] = {
    (2, None, ""): Timing(first_token=3.0, wall=3.00006),
    (1, None, ""): Timing(first_token=3.0, wall=3.0, generation=0.000001),
    (50, None, ""): Timing(first_token=2.0, wall=12.0),
    (51, None, ""): Timing(first_token=2.0, wall=2.0, generation=0.05),
    (1050, 1000, ""): Timing(first_token=2.0, wall=12.0),
    (1051, 1000, "Let me see."): Timing(first_token=2.0, wall=12.0),
    (1001, 1000, ""): Timing(first_token=2.0, wall=2.5),
    (3, 0, ""): Timing(first_token=2.0, wall=2.05),
}


def test_speeds_become_what_is_told_now(tmp_path: Path) -> None:
    """2 tokens that came together were once told as 35,000 tokens/s."""
    path = tmp_path / DATABASE_FILE
    migrate(path, "0011")
    fill(path, rows=len(SPEEDS))
    now = []
    with closing(sqlite3.connect(path)) as connection:
        for row, ((tokens, hidden, thinking), spans) in enumerate(SPEEDS.items(), start=1):
            connection.execute(
                "UPDATE answers SET completion_tokens = ?, thinking_tokens = ?, generation_seconds = ?,"
                " first_token_seconds = ?, wall_seconds = ?, speed = ? WHERE sequence = ?",
                (tokens, hidden, spans.generation, spans.first_token, spans.wall, _once(tokens, spans), row),
            )
            connection.execute(
                "UPDATE answer_contents SET thinking = ? WHERE answer_id ="
                " (SELECT id FROM answers WHERE sequence = ?)",
                (thinking, row),
            )
            usage = Usage(1, tokens, hidden)
            now.append(
                replace(answer(question()), usage=usage, timing=spans, thinking=thinking).tokens_per_second
            )
        connection.commit()
    Database.open(tmp_path).close()
    with closing(sqlite3.connect(path)) as connection:
        told = connection.execute("SELECT speed FROM answers ORDER BY sequence").fetchall()
    assert [one for (one,) in told] == [one if one is None else pytest.approx(one) for one in now]
    assert [one is None for one in now] == [True, True, False, False, False, False, True, True]


def _once(tokens: int, spans: Timing) -> float:
    """A speed, as there was one: which, does not matter where it is told by other figures."""
    return tokens / (spans.generation or 0.001)


def test_a_later_migration_keeps_every_row_and_a_copy(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebuilding a table that others refer to must not empty these: foreign keys are off meanwhile."""
    path = folder / DATABASE_FILE
    filled = fill(path)
    before = dump(folder)
    write_next(tmp_path, monkeypatch, COLUMN)
    opened = Database.open(folder)
    assert opened.check() == []
    opened.close()
    now = counts(path)
    assert {name: now[name] for name in filled} == filled
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT DISTINCT note FROM collections").fetchall() == [("none",)]
    (copy,) = (folder / COPIES).iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    shutil.copy(copy, tmp_path / DATABASE_FILE)
    assert dump(tmp_path) == before


def test_the_last_copies_stay(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [upgrading.keep_copy(folder / DATABASE_FILE, "0001") for _ in range(COPIES_KEPT + 2)]
    assert sorted((folder / COPIES).iterdir()) == made[-COPIES_KEPT:]


@pytest.mark.parametrize("source", [FAILS, STRAYS])
def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    fill(folder / DATABASE_FILE)
    before = dump(folder)
    with monkeypatch.context() as patch:
        write_next(tmp_path, patch, source)
        with pytest.raises(DatabaseTrouble):
            Database.open(folder)
    assert dump(folder) == before
    Database.open(folder).close()


def test_beside_the_owner_nothing_is_migrated(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(folder)
    write_next(tmp_path, monkeypatch, COLUMN)
    with pytest.raises(DatabaseTrouble, match="older Assay"):
        Database.open(folder, upgrade=False)
    assert dump(folder) == before


@pytest.mark.parametrize("upgrade", [True, False])
def test_a_database_of_a_newer_assay_is_refused(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, upgrade: bool
) -> None:
    with monkeypatch.context() as patch:
        write_next(tmp_path, patch, COLUMN)
        Database.open(folder).close()
    before = dump(folder)
    with pytest.raises(DatabaseTooNew, match=f"schema {NEXT}") as caught:
        Database.open(folder, upgrade=upgrade)
    assert "newer Assay" in caught.value.message
    assert caught.value.remedy
    assert dump(folder) == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(DatabaseTrouble, match="another program"):
        Database.open(tmp_path)
    assert counts(tmp_path / DATABASE_FILE) == {"recipes": 0}


def test_alembic_leaves_the_logging_alone(tmp_path: Path) -> None:
    before = (logging.getLogger().handlers[:], logging.getLogger().level)
    migrate(tmp_path / "new.sqlite3")
    assert (logging.getLogger().handlers, logging.getLogger().level) == before


def test_reading_a_column_of_every_table(folder: Path) -> None:
    """The filler itself fills: a test that fills nothing would prove nothing."""
    filled = fill(folder / DATABASE_FILE)
    assert set(filled) == set(Base.metadata.tables)
    engine = create_engine(f"sqlite:///{folder / DATABASE_FILE}")
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert len(connection.execute(select(next(iter(table.columns)))).all()) == 3
    engine.dispose()
