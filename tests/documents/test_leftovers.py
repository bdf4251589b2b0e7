"""A start deletes nothing of a person's: only what they deleted or replaced themselves, after a kill."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain import DocumentState, OutcomeKind
from storage.database import DATABASE_FILE, Database
from tests.documents.conftest import Archive
from tests.documents.samples import PNG
from tests.migrated import migrated

pytestmark = pytest.mark.integration  # each file is read by a process of its own


class Killed(BaseException):
    """Ends the work where it is, as a kill would."""


def start(folder: Path) -> Archive:
    """As Assay starts."""
    archive = Archive(folder, Database.open(folder))
    archive.documents.mark_interrupted()
    archive.ingesting.tidy(new=archive.database.new)
    return archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = start(migrated(tmp_path))
    made.add("a.txt", "The mill.")
    made.add("b.txt", "The inn.")
    yield made
    made.close()


def again(archive: Archive) -> Archive:
    """Close it, as far as it is not closed, and start anew."""
    archive.close()
    return start(archive.folder)


def aside(folder: Path, place: Path, *, empty: bool = False) -> None:
    """Take the database away, as one does with a damaged one; or leave a file of no bytes."""
    place.mkdir(exist_ok=True)
    for one in folder.glob(f"{DATABASE_FILE}*"):
        shutil.move(one, place / one.name)
    if empty:
        (folder / DATABASE_FILE).touch()


def killed_at(archive: Archive, step: str) -> None:
    def die(at: str) -> None:
        if at == step:
            raise Killed

    object.__setattr__(archive.ingesting._rooms, "at_step", die)


@pytest.mark.parametrize("empty", [False, True])
def test_a_lost_database_costs_no_file(archive: Archive, tmp_path: Path, *, empty: bool) -> None:
    files = archive.files.ids()
    assert len(files) == 2
    archive.close()
    aside(tmp_path, tmp_path / "kept", empty=empty)
    fresh = start(tmp_path)
    assert fresh.files.ids() == files
    fresh.add("c.txt", "The bridge.")
    second = again(fresh)
    assert second.files.ids() > files
    second.close()
    # Somebody mended the old database: everything is as it was.
    aside(tmp_path, tmp_path / "new")
    for one in (tmp_path / "kept").iterdir():
        shutil.move(one, tmp_path / one.name)
    mended = start(tmp_path)
    mended.consistent()
    assert {one.name for one in mended.documents.entries(mended.collection.id)} == {"a.txt", "b.txt"}
    assert mended.files.ids() > files
    mended.close()


def test_bytes_that_no_document_has_stay(archive: Archive) -> None:
    mine = archive.files.put(b"put here by somebody")
    later = again(archive)
    assert mine in later.files.ids()
    later.close()


def test_what_was_half_written_goes(archive: Archive) -> None:
    half = archive.files.folder / "ab" / ".1234.part"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    again(archive).close()
    assert not half.exists()


def test_a_deletion_that_a_kill_interrupted_is_completed(archive: Archive) -> None:
    entry = archive.entry("a.txt")
    killed_at(archive, "forgotten")
    with pytest.raises(Killed):
        archive.ingesting.delete(archive.collection.id, entry.document_id)
    assert entry.document_id in archive.files.ids(), "the kill came before"
    later = again(archive)
    assert later.files.ids() == {later.entry("b.txt").document_id}
    assert not list(later.files.folder.rglob("*.*"))
    later.close()


def test_a_deletion_that_did_not_happen_costs_no_file(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    entry, files = archive.entry("a.txt"), archive.files.ids()
    monkeypatch.setattr(archive.documents, "delete", die)
    monkeypatch.setattr(archive.documents, "used_anywhere", die)
    with pytest.raises(Killed):
        archive.ingesting.delete(archive.collection.id, entry.document_id)
    later = again(archive)
    assert later.files.ids() == files
    later.consistent()
    assert not list(later.files.folder.rglob("*.*"))
    later.close()


@pytest.mark.parametrize("step", ["published", "forgotten"])
def test_a_replacement_that_a_kill_interrupted(archive: Archive, step: str) -> None:
    killed_at(archive, step)
    with pytest.raises(Killed):
        archive.add("a.txt", "The mill was sold.")
    later = again(archive)
    assert later.files.ids() == {one.document_id for one in later.documents.entries(later.collection.id)}
    assert later.texts("a.txt") == ["The mill was sold."]
    later.close()


def test_every_older_version_goes_with_its_bytes(archive: Archive) -> None:
    """Also one that was never finished."""
    refused = archive.add("a.txt", PNG)
    assert refused.kind is OutcomeKind.REFUSED
    assert archive.add("a.txt", "The mill was sold.").kind is OutcomeKind.REPLACED
    entries = archive.documents.entries(archive.collection.id)
    assert archive.files.ids() == {one.document_id for one in entries}
    assert {one.state for one in entries} == {DocumentState.SEARCHABLE}


def test_a_document_that_another_collection_has_keeps_its_bytes(archive: Archive) -> None:
    other = archive.new("Other")
    archive.add("a.txt", "The mill.", other.id)
    document_id = hashlib.sha256(b"The mill.").hexdigest()
    killed_at(archive, "forgotten")
    with pytest.raises(Killed):
        archive.ingesting.delete(archive.collection.id, document_id)
    later = again(archive)
    assert document_id in later.files.ids()
    assert not list(later.files.folder.rglob("*.*"))
    later.ingesting.delete_collection(other.id)
    assert document_id not in later.files.ids()
    later.close()


def test_an_interrupted_deletion_is_not_completed_by_another_database(
    archive: Archive, tmp_path: Path
) -> None:
    files = archive.files.ids()
    killed_at(archive, "forgotten")
    with pytest.raises(Killed):
        archive.ingesting.delete(archive.collection.id, archive.entry("a.txt").document_id)
    archive.close()
    aside(tmp_path, tmp_path / "kept")
    second = again(start(tmp_path))
    assert second.files.ids() == files
    second.close()


def test_nothing_that_is_not_in_the_collection_is_deleted(archive: Archive) -> None:
    mine = archive.files.put(b"put here by somebody")
    with pytest.raises(Exception, match="no longer in the collection"):
        archive.ingesting.delete(archive.collection.id, mine)
    assert mine in archive.files.ids()


def test_leftovers_that_cannot_be_removed_stop_no_start(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    archive.files.leave(archive.entry("a.txt").document_id)
    monkeypatch.setattr(Path, "unlink", refused)
    archive.ingesting.tidy()
    monkeypatch.undo()
    archive.consistent()
