"""The end: the data folder is given back only when nothing writes in it any more."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import services as module
from app.domain import AnswerState, Candidate, Collection, DocumentState, ReadDocument, ReadPage, Upload
from app.errors import AppError, DatabaseTrouble, IndexDamaged, NotAllowed
from app.services import Services
from storage import index
from storage.lock import DataLock, holder
from tests.fakes import Gate
from tests.storage.examples import passages_of
from tests.ui.opened import EMBEDDER, FakeServer, opened

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[1]
TAKES = """
import sys
from pathlib import Path
from storage.lock import DataLock
DataLock.acquire(Path(sys.argv[1]), "x")
"""
BATCHES = 6


class Writes:
    """Chroma's batches: the second one waits at a gate; ``written`` are those that were let through."""

    def __init__(self, really: Callable[..., None], folder: Path) -> None:
        self.gate, self.reached = threading.Event(), threading.Event()
        self.written = 0
        self.without_lock = 0
        self._really, self._folder = really, folder

    def __call__(self, *arguments: object) -> None:
        if self.written == 1:
            self.reached.set()
            assert self.gate.wait(30)
        self.without_lock += holder(self._folder) is None
        self._really(*arguments)
        self.written += 1


@pytest.fixture
def fake() -> FakeServer:
    return FakeServer()


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeServer) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, fake) as (made, _):
        yield made


@pytest.fixture
def collection(services: Services, fake: FakeServer) -> Collection:
    """One searchable document of several passages, made past the reader."""
    made = services.new_collection("Mill", EMBEDDER)
    texts = [f"The mill has {number} stones." for number in range(BATCHES)]
    services.documents.begin(made.id, "d", "a.txt", 100)
    services.documents.keep_vectors(made.embedder, texts, fake.words.embed(texts))
    services.documents.store_passages(made.id, "d", passages_of(made.id, "d", texts))
    services.documents.publish(made.id, "d")
    return made


@pytest.fixture
def writes(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writes]:
    made = Writes(index._upsert, services.folder)
    monkeypatch.setattr(index, "BATCH", 1)
    monkeypatch.setattr(index, "_upsert", made)
    yield made
    made.gate.set()


def on_a_thread(work: Callable[[], object]) -> threading.Thread:
    def quietly() -> None:
        try:
            work()
        except AppError:
            return

    thread = threading.Thread(target=quietly)
    thread.start()
    return thread


def close_beside(services: Services, gate: threading.Event) -> None:
    """Close while something waits at the gate: the folder must stay locked until it has ended."""
    closing = threading.Thread(target=services.close)
    closing.start()
    closing.join(0.7)
    assert closing.is_alive(), "it did not wait"
    assert holder(services.folder) is not None
    gate.set()
    closing.join(30)
    assert not closing.is_alive()
    assert holder(services.folder) is None


@pytest.mark.parametrize("work", ["rebuild", "mend", "worker"])
def test_a_rebuild_is_stopped_between_two_batches_and_waited_for(
    services: Services, collection: Collection, writes: Writes, work: str
) -> None:
    def rebuild() -> None:
        services.ingesting.rebuild(collection.id)

    begin = {"rebuild": rebuild, "mend": services.mend_index, "worker": rebuild}[work]
    if work == "worker":
        services.executor.submit(begin)
    else:
        on_a_thread(begin)
    assert writes.reached.wait(20)
    close_beside(services, writes.gate)
    assert writes.written < BATCHES, "it was not stopped"
    assert writes.without_lock == 0
    # The next owner makes it again.
    DataLock.acquire(services.folder, "the next").release()


def test_another_embedder_is_stopped_and_waited_for(
    services: Services, collection: Collection, fake: FakeServer
) -> None:
    second = FakeServer("second")
    services.backends._backends["second"] = second
    gate = second.words.gate = Gate()
    services.documents.save_reading("d", _reading())
    thread = on_a_thread(lambda: services.ingesting.reembed(collection.id, "second/words"))
    assert gate.reached.wait(20)
    close_beside(services, gate._open)
    thread.join(20)
    assert not thread.is_alive()


def _reading() -> ReadDocument:
    return ReadDocument((ReadPage(1, "The mill has stones."),), "text")


def test_an_upload_is_stopped_and_waited_for(services: Services, fake: FakeServer) -> None:
    gate = fake.words.gate = Gate()
    collection = services.new_collection("Mill", EMBEDDER)
    uploads = [Upload(f"{number}.txt", f"The mill {number}.".encode()) for number in range(4)]
    services.ingesting.start(collection.id, uploads)
    assert gate.reached.wait(20)
    close_beside(services, gate._open)


def test_what_waited_is_kept_for_the_next_start(
    services: Services, fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = fake.words.gate = Gate()
    collection = services.new_collection("Mill", EMBEDDER)
    uploads = [Upload(f"{number}.txt", f"The mill {number}.".encode()) for number in range(4)]
    services.ingesting.start(collection.id, uploads)
    assert gate.reached.wait(20)
    close_beside(services, gate._open)
    fake.words.gate = None
    with opened(tmp_path, monkeypatch, fake) as (again, _):
        entries = again.documents.entries(collection.id)
        assert {one.name for one in entries} == {upload.name for upload in uploads}
        assert {one.state for one in entries} == {DocumentState.NOT_FINISHED}
        assert all(again.files.path(one.document_id).is_file() for one in entries)


def test_an_answer_under_way_is_kept_with_what_came(
    services: Services, fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = fake.hold("Half of ", then="it.")
    question = services.comparing.ask("Q?", [Candidate("fake", "tiny")], "", "me")
    assert gate.reached.wait(20)
    services.close()
    with opened(tmp_path, monkeypatch, fake) as (again, _):
        (answer,) = again.answers.answers(question)
        assert (answer.state, answer.text) == (AnswerState.STOPPED, "Half of")


def test_what_does_not_end_keeps_the_folder_until_the_process_ends(
    services: Services, collection: Collection, writes: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENDS_WITHIN", 0.2, raising=False)
    on_a_thread(lambda: services.ingesting.rebuild(collection.id))
    assert writes.reached.wait(20)
    services.close()
    services.close()
    folder = services.folder
    services.lock = DataLock.__new__(DataLock)  # forgotten, as at the end of `serve`
    gc.collect()
    assert holder(folder) is not None
    other = subprocess.run(
        [sys.executable, "-c", TAKES, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "DataFolderBusy" in other.stderr


def test_nothing_can_be_begun_or_written_afterwards(
    services: Services, collection: Collection, fake: FakeServer
) -> None:
    services.close()
    with pytest.raises(DatabaseTrouble, match="closed"):
        services.ingesting.start(collection.id, [Upload("a.txt", b"x")])
    with pytest.raises(NotAllowed, match="closing"):
        services.ingesting.rebuild(collection.id)
    with pytest.raises(NotAllowed, match="closing"):
        services.ingesting.delete(collection.id, "d")
    with pytest.raises(DatabaseTrouble, match="closed"):
        services.collections.rename(collection.id, "New")
    with pytest.raises(IndexDamaged, match="closed"):
        services.index.upsert(collection.id, collection.embedder, ["x"], fake.words.embed(["x"]))
    assert holder(services.folder) is None


def test_a_write_under_way_is_waited_for(services: Services) -> None:
    gate, inside = threading.Event(), threading.Event()

    def write() -> None:
        with services.database.write():
            inside.set()
            assert gate.wait(30)

    thread = threading.Thread(target=write)
    thread.start()
    assert inside.wait(20)
    close_beside(services, gate)
    thread.join(20)


def test_a_look_at_the_index_is_ended(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe's process could take a minute; nothing of it may lie in the folder afterwards."""
    monkeypatch.setattr(index, "PROBE", ["-c", "import time; time.sleep(60)"], raising=False)
    began = threading.Event()
    really = index._copy

    def copy(*arguments: Path) -> None:
        really(*arguments)
        began.set()

    monkeypatch.setattr(index, "_copy", copy)
    services.probe_index()
    assert began.wait(20)
    services.close()
    assert holder(services.folder) is None
    assert not list(services.folder.glob(".probe-*"))
