"""A data folder with a database made by the real migrations (once, then copied), and its repositories."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from app.domain import Collection
from storage.answers import Answers
from storage.collections import Collections
from storage.database import Database, Patience
from storage.documents import Documents
from storage.reports import Reports
from tests.migrated import migrated
from tests.storage.examples import EMBEDDER, SPLITTING

PATIENT = Patience(busy=5.0, tries=4)
SHORT = Patience(busy=0.05, tries=2, turn=0.1)


class Opener(Protocol):
    """Opens the database of the test's folder."""

    def __call__(self, patience: Patience = PATIENT) -> Database: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return migrated(tmp_path / "data")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A data folder that everybody may look into, unlike pytest's own."""
    place = Path(tempfile.mkdtemp(prefix="assay-test-"))
    place.chmod(0o755)
    yield migrated(place / "data")
    for one in (place, *place.rglob("*")):
        one.chmod(0o755)
    shutil.rmtree(place)


@pytest.fixture
def opener(folder: Path) -> Iterator[Opener]:
    """Opens the folder's database, as often as wanted; closes all at the end."""
    opened: list[Database] = []

    def open_one(patience: Patience = PATIENT) -> Database:
        opened.append(Database.open(folder, patience=patience))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def database(opener: Opener) -> Database:
    return opener()


@pytest.fixture
def collections(database: Database) -> Collections:
    return Collections(database)


@pytest.fixture
def documents(database: Database) -> Documents:
    return Documents(database)


@pytest.fixture
def answers(database: Database) -> Answers:
    return Answers(database)


@pytest.fixture
def reports(database: Database) -> Reports:
    return Reports(database)


@pytest.fixture
def collection(collections: Collections) -> Collection:
    return collections.create("Handbooks", EMBEDDER, SPLITTING)
