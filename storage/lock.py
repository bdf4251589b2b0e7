"""One owner of a data folder (signatures first; the code follows)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Holder:
    """Who holds a data folder."""

    pid: int
    purpose: str
    since: datetime

    @property
    def words(self) -> str:
        """The holder in one line for a person."""
        raise NotImplementedError


class DataLock:
    """The lock on a data folder, held until ``release`` or the end of the process."""

    @classmethod
    def acquire(cls, folder: Path, purpose: str) -> DataLock:
        """Take the lock. Raises DataFolderBusy."""
        raise NotImplementedError

    def release(self) -> None:
        """Give it back."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder(folder: Path) -> Holder | None:
    """Who holds the folder now, or None."""
    raise NotImplementedError
