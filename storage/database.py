"""Opens the one SQLite file of a data folder (signatures first; the code follows)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

DATABASE_FILE = "assay.sqlite3"


class Database:
    """The database of a data folder; many threads use one at once."""

    read_only: bool
    journal_mode: str

    @classmethod
    def open(cls, folder: Path, *, upgrade: bool = True) -> Database:
        """Open ``folder/assay.sqlite3``; ``folder`` is the data folder, as everywhere in storage."""
        raise NotImplementedError

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view."""
        raise NotImplementedError
        yield

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction, all or nothing."""
        raise NotImplementedError
        yield

    def check(self) -> list[str]:
        """What is wrong, in words; empty where all is well."""
        raise NotImplementedError

    def close(self) -> None:
        """Close every connection."""
        raise NotImplementedError
