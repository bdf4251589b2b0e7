"""Uploads wait in a queue for each collection: nobody else waits with them, and nothing of them is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents.adding import STOPPED
from app.domain import DocumentState, OutcomeKind, Upload
from app.services import Services
from storage.database import Database
from tests.documents.conftest import Archive
from tests.fakes import FakeEmbedder, Gate
from tests.ui.opened import EMBEDDER, FakeServer, opened

pytestmark = pytest.mark.integration


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open()


@pytest.fixture
def held(archive: Archive, gate: Gate) -> Archive:
    """An archive in which the embedder of the collection waits at the gate, and another one does not."""
    archive.embedder.gate = gate
    free = FakeEmbedder("free/words", digest="sha256:free")
    archive.embedders[free.name] = free
    return archive


def drop(archive: Archive, *names: str, collection: str = "") -> str:
    uploads = [Upload(name, f"What {name} says.".encode()) for name in names]
    return archive.ingesting.start(collection or archive.collection.id, uploads)


def kept(archive: Archive, names: set[str]) -> bool:
    """Whether files of all these names are noted before a deadline that only a fault reaches."""
    pause = threading.Event()
    for _ in range(400):
        if names <= {one.name for one in archive.documents.entries(archive.collection.id)}:
            return True
        pause.wait(0.05)
    return False


def test_what_a_person_waits_for_is_not_behind_uploads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    fake = FakeServer()
    fake.words.gate = gate
    with opened(tmp_path, monkeypatch, fake) as (services, _):
        _many_drops(services)
        assert gate.reached.wait(20)
        assert services.executor.submit(lambda: "at once").result(5) == "at once"
        gate.open()


def _many_drops(services: Services) -> None:
    for number in range(6):
        collection = services.new_collection(f"Mill {number}", EMBEDDER)
        for turn in range(3):
            services.ingesting.start(collection.id, [Upload(f"{turn}.txt", f"{number} {turn}".encode())])


def test_one_collections_uploads_hold_up_no_other(held: Archive, gate: Gate) -> None:
    waiting = [drop(held, f"{number}.txt") for number in range(8)]
    assert gate.reached.wait(20)
    other = held.new("Other", embedder=held.embedders["free/words"])  # type: ignore[arg-type]
    view = held.ended(drop(held, "b.txt", collection=other.id))
    assert view.files[0].state is DocumentState.SEARCHABLE
    gate.open()
    for job in waiting:
        assert held.ended(job).files[0].state is DocumentState.SEARCHABLE
    held.consistent()


def test_what_waits_is_kept_already(held: Archive, gate: Gate, tmp_path: Path) -> None:
    """As after a kill: everything that was dropped is there at the next start, and can be retried."""
    jobs = [drop(held, f"{number}-a.txt", f"{number}-b.txt") for number in range(6)]
    names = {f"{number}-{letter}.txt" for number in range(6) for letter in "ab"}
    assert kept(held, names)
    beside = Archive(tmp_path, Database.open(tmp_path, upgrade=False))
    beside.documents.mark_interrupted()
    for one in beside.documents.entries(held.collection.id):
        assert one.state is DocumentState.NOT_FINISHED
        assert beside.files.path(one.document_id).is_file()
    beside.close()
    gate.open()
    for job in jobs:
        held.ended(job)
    held.consistent()


def test_the_order_of_the_drops_is_the_order_of_the_versions(held: Archive, gate: Gate) -> None:
    jobs = [
        held.ingesting.start(held.collection.id, [Upload("a.txt", f"Version {number}.".encode())])
        for number in range(5)
    ]
    gate.open()
    for job in jobs:
        held.ended(job)
    assert held.texts("a.txt") == ["Version 4."]
    assert [one.name for one in held.documents.entries(held.collection.id)] == ["a.txt"]
    held.consistent()


def test_a_waiting_upload_is_stopped_at_once(held: Archive, gate: Gate) -> None:
    first, second, third = drop(held, "a.txt"), drop(held, "b.txt", "c.txt"), drop(held, "d.txt")
    assert gate.reached.wait(20)
    assert kept(held, {"a.txt", "b.txt", "c.txt", "d.txt"})
    held.ingesting.stop(second)
    view = held.ended(second)
    assert {file.outcome.kind for file in view.files if file.outcome} == {OutcomeKind.STOPPED}
    for name in ("b.txt", "c.txt"):
        assert (held.entry(name).state, held.entry(name).error) == (DocumentState.NOT_FINISHED, STOPPED)
    gate.open()
    assert held.ended(first).files[0].state is DocumentState.SEARCHABLE
    assert held.ended(third).files[0].state is DocumentState.SEARCHABLE
    retried = held.ended(held.ingesting.retry(held.collection.id, held.entry("b.txt").document_id))
    assert retried.files[0].state is DocumentState.SEARCHABLE
    held.ingesting.stop(first)


def test_stopping_one_of_two_with_the_same_bytes_leaves_the_other(held: Archive, gate: Gate) -> None:
    first = drop(held, "a.txt")
    assert gate.reached.wait(20)
    second = drop(held, "a.txt")
    held.ingesting.stop(second)
    view = held.ended(second)
    assert view.files[0].outcome is not None
    assert view.files[0].outcome.kind is OutcomeKind.STOPPED
    gate.open()
    assert held.ended(first).files[0].state is DocumentState.SEARCHABLE
    assert held.entry("a.txt").state is DocumentState.SEARCHABLE
    assert held.found("says") == ["a.txt"]


def test_long_work_waits_for_its_turn_and_takes_no_thread(held: Archive, gate: Gate) -> None:
    job = drop(held, "a.txt")
    assert gate.reached.wait(20)
    collection = held.collection.id
    line = held.ingesting._running.in_line
    rebuilds = [line(collection, lambda: held.ingesting.rebuild(collection)) for _ in range(10)]
    other = held.new("Other", embedder=held.embedders["free/words"])  # type: ignore[arg-type]
    assert held.ended(drop(held, "b.txt", collection=other.id)).files[0].state is DocumentState.SEARCHABLE
    gate.open()
    held.ended(job)
    for one in rebuilds:
        one.result(30)
    held.consistent()
