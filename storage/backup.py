"""Backup and restore (signatures first; the code follows)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.database import Database
from storage.files import Files


@dataclass(frozen=True)
class BackupSummary:
    """What an archive holds."""

    created_at: datetime
    schema: str
    files: int
    size: int


def backup(database: Database, files: Files, target: Path) -> BackupSummary:
    """Write everything but the index into one archive; fine while Assay runs."""
    raise NotImplementedError


def verify(archive: Path) -> BackupSummary:
    """Check an archive. Raises NotAllowed, DatabaseTooNew."""
    raise NotImplementedError


def restore(archive: Path, folder: Path) -> Path:
    """Put a verified archive in place of what is in the data folder; returns where that is kept.

    The caller holds the lock, no Database of the folder is open, and the index must be rebuilt.
    """
    raise NotImplementedError
