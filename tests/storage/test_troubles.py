"""Every fault of SQLite and the system has its words."""

from __future__ import annotations

import errno
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from storage.troubles import ends_writing, in_words, is_locked


def fault(code: int, name: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("secret text")
    error.sqlite_errorcode = code
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "words", "locked", "ends"),
    [
        (fault(sqlite3.SQLITE_BUSY), "locked", True, False),
        (fault(sqlite3.SQLITE_BUSY | (2 << 8)), "locked", True, False),
        (fault(sqlite3.SQLITE_LOCKED), "locked", True, False),
        (fault(sqlite3.SQLITE_FULL), "disk is full", False, True),
        (fault(sqlite3.SQLITE_READONLY | (6 << 8)), "read-only", False, True),
        (fault(sqlite3.SQLITE_CORRUPT), "damaged", False, True),
        (fault(sqlite3.SQLITE_NOTADB), "damaged", False, True),
        (fault(sqlite3.SQLITE_CANTOPEN), "cannot be opened", False, True),
        (fault(sqlite3.SQLITE_IOERR | (3 << 8)), "disk of the data folder", False, True),
        (fault(sqlite3.SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"), "SQLITE_CONSTRAINT", False, False),
        (sqlite3.ProgrammingError("secret text"), "ProgrammingError", False, False),
        (OSError(errno.ENOSPC, "secret text"), "disk is full", False, True),
        (OSError(errno.EROFS, "secret text"), "read-only", False, True),
        (PermissionError(errno.EACCES, "secret text"), "read-only", False, True),
        (OSError(errno.EIO, "secret text"), "disk of the data folder", False, True),
        (FileNotFoundError(errno.ENOENT, "secret text"), "cannot be opened", False, True),
    ],
)
def test_words(error: Exception, words: str, locked: bool, ends: bool) -> None:
    wrapped = (
        OperationalError("SELECT 'secret text'", {}, error) if isinstance(error, sqlite3.Error) else error
    )
    for one in (error, wrapped):
        trouble = in_words(one)
        assert words in trouble.message
        assert "Nothing was changed" in trouble.message
        assert "secret" not in str(trouble)
        assert is_locked(one) is locked
        assert ends_writing(one) is ends
