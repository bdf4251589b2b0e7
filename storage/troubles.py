"""What SQLite's and the system's faults mean, in words for a person."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

from app.errors import DatabaseTrouble

LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})

_WORDS = {
    "locked": (
        "Another program keeps the database locked. Nothing was changed.",
        "Try again in a moment; if it stays so, close the other program that has the data folder open.",
    ),
    "damaged": (
        "The database file is damaged. Nothing was changed.",
        "Restore a backup (`python -m app restore FILE`); copies are also in the folder “copies”.",
    ),
    "read-only": (
        "The database cannot be written: the file or its folder is read-only. Nothing was changed.",
        "Give Assay the right to write in the data folder.",
    ),
    "full": (
        "The disk is full. Nothing was changed.",
        "Make room on the disk of the data folder, then try again.",
    ),
    "closed": (
        "The database file cannot be opened. Nothing was changed.",
        "Check that the data folder is there and that Assay may read and write in it.",
    ),
    "disk": (
        "The disk of the data folder does not work as it should. Nothing was changed.",
        "Check the disk; make a backup if you still can.",
    ),
}


def code(error: BaseException) -> int:
    """SQLite's primary result code of an error, 0 where it has none."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(original, "sqlite_errorcode", 0)) & 0xFF


def is_locked(error: BaseException) -> bool:
    """Whether another connection was in the way: the one fault that waiting mends."""
    return isinstance(error, DBAPIError | sqlite3.Error) and code(error) in LOCKED


def ends_writing(error: BaseException) -> bool:
    """Whether nothing can be saved until a person mends the cause (a lock goes by itself)."""
    return _kind(error) not in {"", "locked"}


def is_full(error: BaseException) -> bool:
    """Whether there is no room left on the disk."""
    return _kind(error) == "full"


def in_words(error: BaseException) -> DatabaseTrouble:
    """A database or file fault as DatabaseTrouble. The words hold no data."""
    kind = _kind(error)
    if kind:
        return DatabaseTrouble(*_WORDS[kind])
    original = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(original, "sqlite_errorname", type(original).__name__)
    return DatabaseTrouble(f"The database refused the change ({name}). Nothing was changed.")


def _kind(error: BaseException) -> str:
    if isinstance(error, OSError):
        return _KINDS_OF_FILE_FAULTS.get(error.errno or 0, "closed")
    return _KINDS.get(code(error), "")


_KINDS = {
    **dict.fromkeys(LOCKED, "locked"),
    **dict.fromkeys(DAMAGED, "damaged"),
    **dict.fromkeys(READ_ONLY, "read-only"),
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "closed",
    sqlite3.SQLITE_IOERR: "disk",
}

_KINDS_OF_FILE_FAULTS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.EROFS: "read-only",
    errno.EIO: "disk",
}
