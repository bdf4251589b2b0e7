"""Brings a database file to the newest schema: Alembic, run from here, after an automatic copy."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.errors import DatabaseTooNew, DatabaseTrouble
from storage import asked
from storage.copying import copy_database

MIGRATIONS = Path(__file__).parent / "migrations"
COPIES = "copies"
COPIES_KEPT = 3
_REVISION_FILE = re.compile(r"(\d{4})_\w+\.py")


def known_revisions(migrations: Path | None = None) -> list[str]:
    """The revisions this Assay knows, oldest first: the numbers its migration files begin with."""
    names = (
        _REVISION_FILE.fullmatch(one.name) for one in ((migrations or MIGRATIONS) / "versions").iterdir()
    )
    return sorted(name.group(1) for name in names if name)


def at_rest(path: Path) -> bool:
    """Whether SQLite must be told that nobody changes the file (``immutable``), since it cannot look.

    A file with a write-ahead log has two more beside it while it is open; to open it SQLite makes them, which
    it cannot in a folder that is not to be written. Where they are not there, nobody has the file open.
    """
    effective = os.access in os.supports_effective_ids
    if os.access(path.parent, os.W_OK, effective_ids=effective) or Path(f"{path}-wal").exists():
        return False
    with path.open("rb") as file:
        return file.read(20)[18:] == b"\x02\x02"


def revision_of(path: Path) -> str:
    """The schema of a database file, "" for none at all.

    Raises sqlite3.Error, and DatabaseTrouble for a database that is not Assay's.
    """
    mode = "immutable=1" if at_rest(path) else "mode=rw"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, timeout=5.0)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not names:
            return ""
        if "alembic_version" not in names:
            raise DatabaseTrouble(f"{path} is a database of another program.", "Choose another data folder.")
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


def refuse_newer(revision: str, path: Path) -> None:
    """Raise DatabaseTooNew for a schema that this Assay does not know."""
    if revision and revision not in (known := known_revisions()):
        raise DatabaseTooNew(
            f"{path} was written by a newer Assay (schema {revision}; this one knows up to {known[-1]}).",
            "Start the newer Assay, or choose another data folder.",
        )


def tables_missing(path: Path) -> str:
    """Why the file cannot be used as it is, in words; "" where it can. Raises DatabaseTooNew."""
    if not path.exists():
        return f"There is no database in {path.parent} yet."
    revision = revision_of(path)
    refuse_newer(revision, path)
    if not revision:
        return (
            f"The database in {path.parent} is empty. If there was something in it, restore a backup of it."
        )
    if revision != known_revisions()[-1]:
        return f"The database in {path.parent} is of an older Assay and has to be brought up to date first."
    return ""


def prepare(path: Path) -> bool:
    """Make the file, or migrate it to the newest schema after a copy; nothing where it is newest.

    Returns whether it was made.

    Raises DatabaseTooNew, DatabaseTrouble, sqlite3.Error, OSError and SQLAlchemy's errors. A failed
    migration changes nothing: all steps are one transaction.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)
    revision = revision_of(path)
    refuse_newer(revision, path)
    if revision == known_revisions()[-1]:
        return False
    if revision:
        keep_copy(path, revision)
    migrate(path)
    return not revision


def keep_copy(path: Path, revision: str) -> Path:
    """Copy the database into ``copies``, where the last COPIES_KEPT stay."""
    folder = path.parent / COPIES
    folder.mkdir(exist_ok=True, mode=0o700)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    target = folder / f"before-upgrade-{stamp}-from-{revision}.sqlite3"
    copy_database(path, target)
    for old in sorted(folder.glob("before-upgrade-*.sqlite3"))[:-COPIES_KEPT]:
        old.unlink()
    return target


def migrate(path: Path, revision: str = "head", migrations: Path | None = None) -> None:
    """Run the migrations up to ``revision`` in one transaction."""
    # Late: the import takes 0.2 s, and most starts have nothing to migrate.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import URL, NullPool, create_engine, event

    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": 30.0})
    config = Config()
    config.set_main_option("script_location", str(migrations or MIGRATIONS).replace("%", "%%"))

    # Foreign keys stay off here: rebuilding a table would otherwise empty those that refer to it.
    @event.listens_for(engine, "connect")
    def by_hand(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if revision == "head":
            _fill_sums(connection)
        if connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone():
            raise DatabaseTrouble(
                "The database could not be brought up to date: its rows do not fit together.",
                "Nothing was changed. Restore a backup, or keep using the Assay that wrote it.",
            )


def _fill_sums(connection: Connection) -> None:
    """The sums of what was asked, where the answers are older than these."""
    with Session(connection, autoflush=False) as session:
        if asked.missing(session):
            asked.fill(session)
        session.flush()
