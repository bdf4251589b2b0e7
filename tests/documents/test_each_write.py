"""A full disk at every write of the work on documents, once and for good, until a clean pass.

It is said in words, nothing passes for saved that is not, what was searchable stays so, and trying again
does it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlalchemy import Connection

from app.documents.reading import Stopped
from app.domain import DocumentState, OutcomeKind
from app.errors import AppError
from storage.database import Database
from tests.documents.conftest import Archive
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.integration  # each file is read by a process of its own

FULL = "disk is full"
KEPT = "The funicular has a gradient of 48 percent."


class Disk:
    """Is full at the write number ``at`` from the last ``arm`` on, and, ``for_good``, at all after it."""

    def __init__(self, *, for_good: bool) -> None:
        self.for_good = for_good
        self.seen = self.at = 0

    def arm(self, at: int) -> None:
        self.seen, self.at = 0, at

    @property
    def hit(self) -> bool:
        return 0 < self.at <= self.seen

    def write(self) -> None:
        self.seen += 1
        if self.at and (self.seen == self.at or (self.for_good and self.seen > self.at)):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error


@pytest.fixture(params=[False, True], ids=["once", "for good"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    made, real = Disk(for_good=request.param), Database._commit

    def commit(database: Database, connection: Connection) -> None:
        made.write()
        real(database, connection)

    monkeypatch.setattr(Database, "_commit", commit)
    yield made
    made.arm(0)


@pytest.fixture
def filled(archive: Archive) -> Archive:
    archive.add("kept.txt", KEPT)
    new = FakeEmbedder("new/words", digest="sha256:new", dimensions=32, max_tokens=100)
    archive.embedders[new.name] = new
    return archive


def until_clean(disk: Disk, act: Callable[[int], object], after: Callable[[int], object]) -> int:
    """``act`` with the disk full at its first write, its second, …; ``after`` once there is room again."""
    for step in count(1):
        disk.arm(step)
        try:
            act(step)
        finally:
            hit = disk.hit
            disk.arm(0)
        after(step)
        if not hit:
            return step - 1
    raise AssertionError


def still_found(archive: Archive) -> None:
    archive.consistent()
    assert "kept.txt" in archive.found("funicular gradient")


def test_adding_and_replacing(filled: Archive, disk: Disk, trials: Callable[[str, int], None]) -> None:
    versions = {0: KEPT}

    def add(step: int) -> None:
        versions[step] = f"{KEPT} Measured {step} times."
        ended = filled.add("kept.txt", versions[step])
        entry = filled.documents.entry(filled.collection.id, ended.document_id)
        searchable = entry is not None and entry.state is DocumentState.SEARCHABLE
        assert (ended.kind is OutcomeKind.REPLACED) == searchable, step
        if disk.hit and not searchable:
            assert "“kept.txt”" in ended.words
            assert FULL in ended.words

    def again(step: int) -> None:
        still_found(filled)
        filled.documents.mark_interrupted()  # as the next start does
        filled.ingesting.tidy()
        assert filled.add("kept.txt", versions[step]).kind in {OutcomeKind.REPLACED, OutcomeKind.UNCHANGED}
        still_found(filled)
        assert filled.texts("kept.txt") == [versions[step]]

    done = until_clean(disk, add, again)
    assert done >= 8
    trials(f"full disks while a version is replaced ({'for good' if disk.for_good else 'once'})", done)


def test_deleting(filled: Archive, disk: Disk, trials: Callable[[str, int], None]) -> None:
    filled.add("gone.txt", "The rope is red.")
    document_id = filled.entry("gone.txt").document_id

    def delete(_: int) -> None:
        try:
            filled.ingesting.delete(filled.collection.id, document_id, from_past_answers=True)
        except AppError as error:
            assert FULL in error.message
            assert filled.entry("gone.txt").state is DocumentState.SEARCHABLE

    def after(_: int) -> None:
        filled.ingesting.tidy()
        still_found(filled)

    done = until_clean(disk, delete, after)
    assert [one.name for one in filled.documents.entries(filled.collection.id)] == ["kept.txt"]
    assert not list(filled.files.folder.rglob(f"{document_id}*"))
    assert done >= 1
    trials(f"full disks while a document is deleted ({'for good' if disk.for_good else 'once'})", done)


def test_another_embedder(filled: Archive, disk: Disk, trials: Callable[[str, int], None]) -> None:
    old, here = filled.embedder, filled.collection.id

    def change(_: int) -> None:
        try:
            filled.ingesting.reembed(here, "new/words")
        except (AppError, Stopped) as error:
            assert FULL in str(error)

    def after(_: int) -> None:
        filled.collection = filled.collections.get(here)
        switched = filled.collection.embedder.name != old.name
        if switched:
            filled.embedder = filled.embedders["new/words"]  # type: ignore[assignment]
            filled.ingesting.rebuild(here)  # completes it, as its words say
        still_found(filled)
        if switched:
            filled.ingesting.reembed(here, old.name)
            filled.collection, filled.embedder = filled.collections.get(here), old

    done = until_clean(disk, change, after)
    assert done >= 2
    trials(f"full disks while the embedder changes ({'for good' if disk.for_good else 'once'})", done)
