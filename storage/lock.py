"""One owner of a data folder: a lock that the system frees when its holder ends, however it ends.

The lock itself is ``assay.lock``; who holds it stands in ``assay.holder.json``, which is only read
while the lock is held: after a kill it may lie there for nothing.
"""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from app.errors import DataFolderBusy
from storage import troubles

try:
    import fcntl
except ImportError:  # Windows, where a folder that cannot be written is not locked, either
    fcntl = None  # type: ignore[assignment]

LOCK_FILE = "assay.lock"
HOLDER_FILE = "assay.holder.json"
UNWRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
PATIENCE = 0.5  # a ``holder`` of another process may hold the lock for a moment, to ask


@dataclass(frozen=True)
class Holder:
    """Who holds a data folder; ``pid`` 0 and ``since`` None where that cannot be told."""

    pid: int
    purpose: str
    since: datetime | None

    @property
    def words(self) -> str:
        """The holder in one line for a person."""
        if not self.pid:
            return "in use by another process"
        began = f" since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else ""
        return f"in use by process {self.pid} ({self.purpose}){began}"


class _Lock(FileLock):
    """Given back by ``release`` or by the end of the process, but not for being forgotten.

    Where a task could not be ended, the folder must stay locked for as long as it may write.
    """

    def __del__(self, *_: object) -> None:
        return


class _ReadLock:
    """The lock on a folder that cannot be written: whoever may write there finds it held, as ever.

    Where the file of the lock is not there, and cannot be made, nothing is locked: who only reads damages
    nothing, and SQLite itself sees to it that what is read is whole.
    """

    def __init__(self, folder: Path) -> None:
        """Raises Timeout where somebody has the folder, and OSError."""
        self._file: int | None = None
        if fcntl is None or not (folder / LOCK_FILE).exists():
            return
        self._file = os.open(folder / LOCK_FILE, os.O_RDONLY)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise Timeout(str(folder / LOCK_FILE)) from None

    @property
    def is_locked(self) -> bool:
        return self._file is not None

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class DataLock:
    """The lock on a data folder, held until ``release`` or the end of the process.

    ``read_only``: the folder cannot be written, and nothing at all may be, even where it can be later.
    """

    def __init__(self, lock: FileLock | _ReadLock, folder: Path) -> None:
        self._lock = lock
        self._folder = folder
        self.read_only = isinstance(lock, _ReadLock)

    @classmethod
    def acquire(cls, folder: Path, purpose: str, *, or_read: bool = False) -> Self:
        """Take the lock. ``purpose`` tells others what this process does with the folder.

        ``or_read``: a folder that cannot be written is taken, too, to be read. Raises DataFolderBusy, which
        names the holder, and DatabaseTrouble where the folder cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = _file_lock(folder)
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise busy(folder, _told(folder)) from None
        except OSError as error:
            if or_read and error.errno in UNWRITABLE and folder.is_dir():
                return cls._to_read(folder)
            raise troubles.in_words(error) from error
        _tell(folder, Holder(os.getpid(), purpose, datetime.now(UTC)))
        return cls(lock, folder)

    @classmethod
    def _to_read(cls, folder: Path) -> Self:
        try:
            return cls(_ReadLock(folder), folder)
        except Timeout:
            raise busy(folder, _told(folder)) from None
        except OSError as error:
            raise troubles.in_words(error) from error

    def release(self) -> None:
        """Give the folder back; nothing happens the second time."""
        if self._lock.is_locked:
            if not self.read_only:
                (self._folder / HOLDER_FILE).unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def busy(folder: Path, held: Holder) -> DataFolderBusy:
    """The refusal of a folder that somebody holds, which says who."""
    return DataFolderBusy(
        f"The data folder {folder} is {held.words}.", "Use that one, or end it and try again."
    )


def holder(folder: Path) -> Holder | None:
    """Who holds the folder now, None for nobody. Changes nothing."""
    if not (folder / LOCK_FILE).exists():
        return None
    lock = _file_lock(folder)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return _told(folder)
    lock.release()
    return None


def _file_lock(folder: Path) -> FileLock:
    # Not bound to a thread: the app takes it in one and gives it back in another.
    return _Lock(folder / LOCK_FILE, thread_local=False, mode=0o600)


def _tell(folder: Path, held: Holder) -> None:
    """Write who holds the lock; a full disk is no reason to refuse (the database will say it)."""
    since = held.since.isoformat() if held.since else ""
    half = folder / f".{HOLDER_FILE}.part"
    try:
        half.write_text(json.dumps({"pid": held.pid, "purpose": held.purpose, "since": since}), "utf-8")
        half.replace(folder / HOLDER_FILE)
    except OSError:
        return


def _told(folder: Path) -> Holder:
    try:
        told = json.loads((folder / HOLDER_FILE).read_text("utf-8"))
        return Holder(int(told["pid"]), str(told["purpose"]), datetime.fromisoformat(told["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(0, "", None)


__all__ = ["DataLock", "Holder", "busy", "holder"]
