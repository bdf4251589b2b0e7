"""Files that were renamed, swapped, or got bytes that are there under another name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from app.domain import DocumentState, IngestView, OutcomeKind, Upload
from app.errors import DatabaseTrouble
from tests.documents.conftest import Archive
from tests.documents.samples import PNG
from tests.fakes import Gate

pytestmark = pytest.mark.integration  # each file is read by a process of its own

MILL, INN, TOWER = "The mill has seven stones.", "The inn has nine beds.", "The tower has a clock."


def send(archive: Archive, files: dict[str, str | bytes], *, everything: bool = False) -> IngestView:
    """Send the files as one batch; ``everything``: there are no others where they come from."""
    uploads = [
        Upload(name, text if isinstance(text, bytes) else text.encode()) for name, text in files.items()
    ]
    there = files.__contains__ if everything else None
    return archive.ended(archive.ingesting.start(archive.collection.id, uploads, there=there))


def kinds(view: IngestView) -> dict[str, OutcomeKind]:
    return {one.name: one.outcome.kind for one in view.files if one.outcome}


def words(view: IngestView) -> str:
    return " ".join(one.outcome.words for one in view.files if one.outcome)


def holds(archive: Archive, files: dict[str, str], *, unfinished: Iterable[str] = ()) -> None:
    """The collection has exactly these documents; index, SQL and files agree; each is found."""
    entries = archive.documents.entries(archive.collection.id)
    assert sorted(one.name for one in entries) == sorted([*files, *unfinished])
    for name, text in files.items():
        assert archive.entry(name).state is DocumentState.SEARCHABLE
        assert archive.texts(name) == [text]
        assert archive.found(text, 1) == [name]
    archive.consistent()
    assert archive.files.ids() == {one.document_id for one in entries}
    assert len(archive.index.ids(archive.collection.id)) == len(files)


def test_a_renamed_file_is_renamed(archive: Archive) -> None:
    send(archive, {"a.txt": MILL, "c.txt": INN})
    calls, before = len(archive.embedder.calls), archive.collections.get(archive.collection.id).revision
    view = send(archive, {"b.txt": MILL, "c.txt": INN}, everything=True)
    assert "“a.txt” is now called “b.txt”" in words(view)
    assert len(archive.embedder.calls) == calls
    assert archive.collections.get(archive.collection.id).revision > before
    holds(archive, {"b.txt": MILL, "c.txt": INN})
    assert archive.ingesting.missing(archive.collection.id, {"b.txt", "c.txt"}.__contains__, []) == []


def test_without_knowing_that_the_old_name_is_gone_it_stays(archive: Archive) -> None:
    send(archive, {"a.txt": MILL})
    view = send(archive, {"b.txt": MILL})
    assert kinds(view) == {"b.txt": OutcomeKind.UNCHANGED}
    assert "has the same content as “a.txt”" in words(view)
    holds(archive, {"a.txt": MILL})


def test_what_is_missing_is_never_what_was_just_sent(archive: Archive) -> None:
    send(archive, {"a.txt": MILL, "c.txt": INN})
    sent = [Upload("b.txt", MILL.encode())]
    gone = archive.ingesting.missing(archive.collection.id, {"b.txt"}.__contains__, sent)
    assert [one.name for one in gone] == ["c.txt"]


def test_a_version_whose_bytes_are_there_under_another_name(archive: Archive) -> None:
    """The new version of a.txt is complete: it is what b.txt says. So the old one must not be found."""
    send(archive, {"a.txt": MILL, "b.txt": INN})
    view = send(archive, {"a.txt": INN})
    assert kinds(view) == {"a.txt": OutcomeKind.REPLACED}
    assert "has the same content as “b.txt”" in words(view)
    assert "older version of “a.txt”" in words(view)
    holds(archive, {"b.txt": INN})


def test_a_file_moved_over_another(archive: Archive) -> None:
    send(archive, {"a.txt": MILL, "b.txt": INN})
    view = send(archive, {"b.txt": MILL}, everything=True)
    assert kinds(view) == {"b.txt": OutcomeKind.REPLACED}
    holds(archive, {"b.txt": MILL})


@pytest.mark.parametrize("everything", [False, True])
def test_two_files_that_changed_places(archive: Archive, *, everything: bool) -> None:
    send(archive, {"a.txt": MILL, "b.txt": INN})
    send(archive, {"a.txt": INN, "b.txt": MILL}, everything=everything)
    holds(archive, {"a.txt": INN, "b.txt": MILL})


@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("b.txt", "a.txt")])
def test_a_renamed_file_and_a_new_one_under_its_old_name(archive: Archive, names: tuple[str, str]) -> None:
    """Whatever is sent first: the renamed one must not go with the old name's new version."""
    old, new = names
    send(archive, {old: MILL})
    send(archive, dict(sorted({old: TOWER, new: MILL}.items())))
    holds(archive, {old: TOWER, new: MILL})


def test_three_files_in_a_ring(archive: Archive) -> None:
    send(archive, {"a.txt": MILL, "b.txt": INN, "c.txt": TOWER})
    send(archive, {"a.txt": TOWER, "b.txt": MILL, "c.txt": INN}, everything=True)
    holds(archive, {"a.txt": TOWER, "b.txt": MILL, "c.txt": INN})


def test_equal_bytes_under_two_names_and_then_not_any_more(archive: Archive) -> None:
    send(archive, {"a.txt": MILL, "b.txt": MILL}, everything=True)
    holds(archive, {"a.txt": MILL})
    send(archive, {"a.txt": INN, "b.txt": MILL}, everything=True)
    holds(archive, {"a.txt": INN, "b.txt": MILL})


def test_a_name_that_comes_twice_and_bytes_that_do(archive: Archive) -> None:
    uploads = [Upload("a.txt", MILL.encode()), Upload("b.txt", MILL.encode()), Upload("a.txt", INN.encode())]
    archive.ended(archive.ingesting.start(archive.collection.id, uploads))
    holds(archive, {"a.txt": INN, "b.txt": MILL})


def test_a_renamed_file_beside_a_bad_version_of_its_old_name(archive: Archive) -> None:
    send(archive, {"a.txt": MILL})
    view = send(archive, {"a.txt": PNG, "b.txt": MILL})
    assert kinds(view)["a.txt"] is OutcomeKind.REFUSED
    holds(archive, {"b.txt": MILL}, unfinished=["a.txt"])


def test_one_file_alone(archive: Archive) -> None:
    archive.add("a.txt", MILL)
    archive.add("b.txt", INN)
    assert archive.add("a.txt", INN).kind is OutcomeKind.REPLACED
    holds(archive, {"b.txt": INN})


def test_the_bytes_of_a_name_that_another_drop_replaces(archive: Archive) -> None:
    """The first drop takes INN away while the second, which has it under another name, waits."""
    send(archive, {"b.txt": INN})
    gate = archive.embedder.gate = Gate()
    first = archive.ingesting.start(archive.collection.id, [Upload("b.txt", TOWER.encode())])
    assert gate.reached.wait(20)
    second = archive.ingesting.start(archive.collection.id, [Upload("a.txt", INN.encode())])
    gate.open()
    archive.ended(first)
    archive.ended(second)
    holds(archive, {"a.txt": INN, "b.txt": TOWER})


def test_the_bytes_in_another_collection_stay(archive: Archive) -> None:
    other = archive.new("Other")
    archive.add("a.txt", MILL, other.id)
    send(archive, {"a.txt": MILL, "b.txt": INN})
    archive.add("a.txt", INN)
    assert archive.files.ids() == {
        one.document_id
        for collection in (archive.collection, other)
        for one in archive.documents.entries(collection.id)
    }
    assert len(archive.documents.passages(other.id, archive.documents.entries(other.id)[0].document_id)) == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (DatabaseTrouble("The disk is full.", "Make room."), "disk is full"),
        (KeyError("secret"), "went wrong"),
    ],
)
def test_a_rename_that_cannot_be_noted_is_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, fault: Exception, told: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise fault

    send(archive, {"a.txt": MILL})
    monkeypatch.setattr(archive.documents, "rename", full, raising=False)
    view = send(archive, {"b.txt": MILL, "c.txt": INN}, everything=True)
    assert kinds(view) == {"b.txt": OutcomeKind.FAILED, "c.txt": OutcomeKind.ADDED}
    assert told in words(view)
    monkeypatch.undo()
    holds(archive, {"a.txt": MILL, "c.txt": INN})
    sent = [Upload("b.txt", MILL.encode())]
    assert archive.ingesting.missing(archive.collection.id, {"b.txt", "c.txt"}.__contains__, sent) == []


def test_a_folder_that_changes_at_random_is_followed(
    archive: Archive, soak: bool, trials: Callable[[str, int], None]
) -> None:
    """After each round every content of the folder is there once, under one of its names; nothing else."""
    chance, rounds = random.Random(7), 400 if soak else 25
    texts = [f"Text {number} of the folder." for number in range(6)]
    shelf = archive.new("Shelf")  # keeps the readings, so that no round waits for a reader
    for number, text in enumerate(texts):
        archive.add(f"{number}.txt", text, shelf.id)
    for _ in range(rounds):
        names = chance.sample("abcde", chance.randint(1, 5))
        folder = {f"{name}.txt": chance.choice(texts) for name in names}
        sent = [Upload(name, text.encode()) for name, text in folder.items()]
        chance.shuffle(sent)
        archive.ended(archive.ingesting.start(archive.collection.id, sent, there=folder.__contains__))
        for gone in archive.ingesting.missing(archive.collection.id, folder.__contains__, sent):
            archive.ingesting.delete(archive.collection.id, gone.document_id)
        entries = archive.documents.entries(archive.collection.id)
        assert sorted(archive.texts(one.name)[0] for one in entries) == sorted(set(folder.values()))
        assert all(archive.texts(one.name) == [folder[one.name]] for one in entries)
        archive.consistent()
    trials("random changes of a folder that is ingested again", rounds)
