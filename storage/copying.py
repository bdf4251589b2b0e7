"""A consistent copy of a database by SQLite's backup API, while others read and write it."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

PATIENCE = 30.0
FOLDERS_CAN_BE_OPENED = os.name != "nt"
"""So that the names in them outlive a power cut; Windows does that by itself."""


def copy_database(source: Path, target: Path, patience: float = PATIENCE) -> None:
    """Copy ``source`` to ``target``; it appears whole or not at all.

    Raises sqlite3.Error and OSError; a source that stays locked for ``patience`` seconds is SQLITE_BUSY.
    """
    deadline = time.monotonic() + patience
    half = target.with_name(f".{target.name}.part")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)

    def give_up(status: int, _remaining: int, _total: int) -> None:
        if status != sqlite3.SQLITE_DONE and time.monotonic() > deadline:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error

    try:
        # All pages in one step: in smaller ones every write of others would start it over.
        with closing(sqlite3.connect(source, timeout=1.0)) as old, closing(sqlite3.connect(half)) as new:
            old.backup(new, pages=-1, progress=give_up, sleep=0.05)
            new.execute("PRAGMA journal_mode = DELETE").close()  # one file, wherever it is taken
        _to_disk(half)
        half.replace(target)
        _to_disk(target.parent)
    finally:
        half.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    folder = path.is_dir()
    if folder and not FOLDERS_CAN_BE_OPENED:
        return
    # Windows writes out only what was opened for writing.
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
