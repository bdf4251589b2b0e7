"""A data folder's database as the migrations make it: they run once a process, then their file is copied."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.database import DATABASE_FILE, Database


@cache
def _made() -> bytes:
    """The file that a first start leaves, by the real migrations."""
    with TemporaryDirectory() as place:
        Database.open(Path(place)).close()
        return (Path(place) / DATABASE_FILE).read_bytes()


def migrated(folder: Path) -> Path:
    """The folder with an empty database of the newest schema in it; one that has a database is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / DATABASE_FILE
    if not path.exists():
        path.write_bytes(_made())
    return folder
