"""Adding documents: what is told, what is kept, and what stays as it was."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from app.documents.adding import BROKEN, STOPPED
from app.domain import DocumentState, FileProgress, OutcomeKind, Upload
from app.errors import BackendDown, DatabaseTrouble, IndexDamaged, NotAllowed, NotFound
from tests.documents.conftest import Archive
from tests.documents.samples import PNG, PROSE, pdf, word_of
from tests.fakes import FakeEmbedder, Gate

pytestmark = pytest.mark.integration  # each file is read by a process of its own

LONG = "\n\n".join(f"Paragraph {number}. {PROSE}" for number in range(60))


def test_every_format_is_found_again(archive: Archive) -> None:
    files = {
        "a.txt": b"The funicular has a gradient of 48 percent.",
        "b.md": b"# Tickets\n\nA ticket costs seven euros.",
        "c.html": b"<p>The restaurant opens at noon.</p>",
        "d.pdf": pdf("The engine was made in Corrin."),
        "e.docx": word_of("The night watchman is called Immel."),
        "f.csv": b"part,stock\nbogie,14\n",
    }
    for name, content in files.items():
        assert archive.add(name, content).kind is OutcomeKind.ADDED
    archive.consistent()
    for query, name in {"gradient": "a.txt", "watchman": "e.docx", "bogie stock": "f.csv"}.items():
        assert archive.found(query, 1) == [name]


def test_same_bytes_again(archive: Archive) -> None:
    archive.add("a.txt", PROSE)
    embedded = len(archive.embedder.calls)
    again = archive.add("a.txt", PROSE)
    assert (again.kind, again.words) == (OutcomeKind.UNCHANGED, "“a.txt” is already there, unchanged.")
    other = archive.add("b.txt", PROSE)
    assert other.kind is OutcomeKind.UNCHANGED
    assert "same content as “a.txt”" in other.words
    assert len(archive.embedder.calls) == embedded
    assert len(archive.documents.entries(archive.collection.id)) == 1


def test_a_new_version_replaces_the_old_when_it_is_complete(archive: Archive) -> None:
    old = archive.add("a.txt", LONG)
    before = len(archive.index.ids(archive.collection.id))
    new = archive.add("a.txt", LONG.replace("Paragraph 7.", "Paragraph seven, rewritten."))
    assert new.kind is OutcomeKind.REPLACED
    archive.consistent()
    assert [one.name for one in archive.documents.entries(archive.collection.id)] == ["a.txt"]
    assert archive.files.ids() == {new.document_id} != {old.document_id}
    assert len(archive.index.ids(archive.collection.id)) == archive.documents.count_searchable(
        archive.collection.id
    )
    assert before > 0
    # Only what is new was embedded.
    sent = [text for batch in archive.embedder.calls for text in batch]
    assert len(sent) == len(set(sent))


@pytest.mark.parametrize("failing", ["embedder", "unreadable", "index", "unexpected", "database"])
def test_a_version_that_fails_leaves_the_old_one_searchable(
    archive: Archive, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add("a.pdf", pdf(PROSE))
    content = pdf("", "") if failing == "unreadable" else pdf(f"{PROSE} Rewritten.")
    if failing == "embedder":
        archive.embedder.failures.append(BackendDown("Nobody answers.", "Start it."))
    if failing == "index":
        monkeypatch.setattr(
            archive.index, "upsert", _raises(IndexDamaged("The index is damaged.", "Rebuild."))
        )
    if failing == "unexpected":
        monkeypatch.setattr(archive.index, "upsert", _raises(KeyError("secret text")))
    if failing == "database":
        monkeypatch.setattr(archive.documents, "publish", _raises(DatabaseTrouble("The disk is full.")))
    ended = archive.add("a.pdf", content)
    assert ended.kind is (OutcomeKind.REFUSED if failing == "unreadable" else OutcomeKind.FAILED)
    assert "“a.pdf”" in ended.words
    assert "stays searchable" in ended.words
    assert "secret" not in ended.words
    assert archive.entry("a.pdf").state is DocumentState.SEARCHABLE
    assert archive.found("ropeway") == ["a.pdf"]
    archive.consistent()
    entry = archive.documents.entry(archive.collection.id, ended.document_id)
    assert entry is not None
    assert entry.state in {DocumentState.UNREADABLE, DocumentState.NOT_FINISHED}
    assert entry.error
    if failing == "unreadable":
        return
    monkeypatch.undo()
    view = archive.ended(archive.ingesting.retry(archive.collection.id, ended.document_id))
    assert view.files[0].outcome is not None
    assert view.files[0].outcome.kind is OutcomeKind.REPLACED
    archive.consistent()
    assert len(archive.documents.entries(archive.collection.id)) == 1


def _raises(error: Exception) -> object:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_batch_goes_on_after_every_kind_of_bad_file(archive: Archive) -> None:
    uploads = [
        Upload("good.txt", b"The first good one."),
        Upload("empty.txt", b""),
        Upload("scan.pdf", pdf("")),
        Upload("locked.pdf", pdf(PROSE, password="x")),
        Upload("picture.png", PNG),
        Upload("lying.docx", b"only words"),
        Upload("thai.txt", "โรงเรียน แห่งนี้ เปิดสอน".encode()),
        Upload("../also good.txt", b"The last good one."),
    ]
    view = archive.ended(archive.ingesting.start(archive.collection.id, uploads))
    assert not view.stopping
    kinds = {file.name: file.outcome.kind for file in view.files if file.outcome}
    assert kinds.pop("good.txt") is kinds.pop("also good.txt") is OutcomeKind.ADDED
    assert set(kinds.values()) == {OutcomeKind.REFUSED}
    assert len(kinds) == 6
    for file in view.files:
        assert file.outcome is not None
        assert f"“{file.name}”" in file.outcome.words
    assert archive.entry("thai.txt").state is DocumentState.UNREADABLE
    assert "cannot read this document's language" in archive.entry("thai.txt").error
    archive.consistent()


def test_what_the_reader_warns_of_is_told_and_kept(archive: Archive) -> None:
    ended = archive.add("a.pdf", pdf(PROSE, ""))
    assert ended.kind is OutcomeKind.ADDED
    assert "Page 2 has no text" in ended.words
    assert "Page 2 has no text" in archive.entry("a.pdf").warning


def test_progress_by_step(archive: Archive) -> None:
    told: list[FileProgress] = []
    archive.ingesting.ingest(archive.collection.id, Upload("x/../a.txt", LONG.encode()), told.append)
    states = list(dict.fromkeys(one.state for one in told))
    assert states == [DocumentState.READING, DocumentState.SPLITTING, DocumentState.INDEXING]
    assert {one.name for one in told} == {"x/a.txt"}
    assert told[-1].done == told[-1].total == len(archive.texts("x/a.txt"))


def test_stop_ends_within_a_second_and_can_be_retried(archive: Archive) -> None:
    archive.embedder.gate = Gate()
    uploads = [Upload(f"{number}.txt", f"{number} {LONG}".encode()) for number in range(5)]
    job = archive.ingesting.start(archive.collection.id, uploads)
    assert archive.embedder.gate.reached.wait(20)
    view = archive.ingesting.view(job)
    assert view is not None
    assert view.busy
    assert view.files[0].state is DocumentState.INDEXING
    with pytest.raises(NotAllowed, match=r"“0.txt” is being worked on"):
        archive.ingesting.delete(archive.collection.id, archive.entry("0.txt").document_id)
    with pytest.raises(NotAllowed, match="Stop that first"):
        archive.ingesting.delete_collection(archive.collection.id)
    began = time.monotonic()
    archive.ingesting.stop(job)
    archive.embedder.gate.open()
    view = archive.ended(job)
    assert time.monotonic() - began < 1
    assert {file.outcome.kind for file in view.files if file.outcome} == {OutcomeKind.STOPPED}
    entries = archive.documents.entries(archive.collection.id)
    assert {(one.state, one.error) for one in entries} == {(DocumentState.NOT_FINISHED, STOPPED)}
    assert len(entries) == 5
    assert archive.found("ropeway") == []
    view = archive.ended(archive.ingesting.retry(archive.collection.id, entries[0].document_id))
    assert view.files[0].outcome is not None
    assert view.files[0].outcome.kind is OutcomeKind.ADDED
    archive.consistent()
    archive.ingesting.stop("no such job")


def test_stop_before_the_start(archive: Archive) -> None:
    ended = archive.ingesting.ingest(archive.collection.id, Upload("a.txt", b"x"), stop=lambda: True)
    assert ended.kind is OutcomeKind.STOPPED
    assert archive.documents.entries(archive.collection.id) == []


def test_equal_bytes_under_two_names_in_one_batch(archive: Archive) -> None:
    uploads = [
        Upload("a.txt", PROSE.encode()),
        Upload("b.txt", PROSE.encode()),
        Upload("a.txt", b"Other words."),
    ]
    view = archive.ended(archive.ingesting.start(archive.collection.id, uploads))
    kinds = [file.outcome.kind for file in view.files if file.outcome]
    assert kinds == [OutcomeKind.ADDED, OutcomeKind.UNCHANGED, OutcomeKind.ADDED]
    archive.consistent()
    assert archive.ingesting.clashes(uploads) == [("a.txt",)]


def test_batches_at_the_same_time(archive: Archive) -> None:
    other = archive.new("Other")
    jobs = [
        archive.ingesting.start(
            collection, [Upload(f"{number}.txt", f"File {number}. {PROSE}".encode()) for number in range(4)]
        )
        for collection in (archive.collection.id, other.id, archive.collection.id)
    ]
    for job in jobs:
        assert all(file.outcome for file in archive.ended(job).files)
    archive.consistent()
    assert archive.documents.count_searchable(archive.collection.id) == 4
    assert archive.documents.count_searchable(other.id) == 4
    assert [view.id for view in archive.ingesting.recent(archive.collection.id)] == [jobs[2], jobs[0]]


def test_a_document_deleted_while_it_is_worked_on(archive: Archive) -> None:
    gate = archive.embedder.gate = Gate()
    done: list[OutcomeKind] = []

    def work() -> None:
        done.append(archive.add("a.txt", PROSE).kind)

    thread = threading.Thread(target=work)
    thread.start()
    assert gate.reached.wait(20)
    archive.documents.delete(
        archive.collection.id, archive.entry("a.txt").document_id, from_past_answers=False
    )
    gate.open()
    thread.join(20)
    assert done == [OutcomeKind.FAILED]
    assert archive.documents.entries(archive.collection.id) == []


def test_delete_removes_rows_vectors_and_file(archive: Archive) -> None:
    ended = archive.add("a.txt", PROSE)
    other = archive.new("Other")
    archive.add("a.txt", PROSE, other.id)
    archive.ingesting.delete(archive.collection.id, ended.document_id)
    assert archive.index.ids(archive.collection.id) == set()
    assert archive.files.ids() == {ended.document_id}
    archive.ingesting.delete(other.id, ended.document_id, from_past_answers=True)
    assert archive.files.ids() == set()
    assert archive.documents.known_vectors(archive.embedder.digest, [PROSE]) == {}
    with pytest.raises(NotFound):
        archive.ingesting.delete(other.id, ended.document_id)


def test_delete_a_collection(archive: Archive) -> None:
    archive.add("a.txt", PROSE)
    other = archive.new("Other")
    shared = archive.add("b.txt", "Shared words.")
    archive.add("b.txt", "Shared words.", other.id)
    archive.ingesting.delete_collection(archive.collection.id)
    assert archive.files.ids() == {shared.document_id}
    assert archive.index.count(archive.collection.id) == 0
    with pytest.raises(NotFound):
        archive.collections.get(archive.collection.id)


def test_local_models_only(archive: Archive) -> None:
    far = FakeEmbedder("far/words", local=False, host="models.example")
    archive.embedders[far.name] = far
    collection = archive.new("Secret", local_only=True, embedder=far)
    for begin in (
        lambda: archive.ingesting.start(collection.id, [Upload("a.txt", b"x")]),
        lambda: archive.ingesting.ingest(collection.id, Upload("a.txt", b"x")),
        lambda: archive.ingesting.reembed(
            archive.collections.set_local_only(archive.collection.id, True).id, far.name
        ),
    ):
        with pytest.raises(NotAllowed, match=r"models\.example"):
            begin()
    assert far.calls == []
    archive.collections.set_local_only(collection.id, False)
    assert archive.add("a.txt", PROSE, collection.id).kind is OutcomeKind.ADDED


def test_another_embedder_under_the_same_name(archive: Archive) -> None:
    archive.embedders[archive.embedder.name] = FakeEmbedder(digest="sha256:words-2")
    ended = archive.add("a.txt", PROSE)
    assert ended.kind is OutcomeKind.FAILED
    assert "another version" in ended.words
    assert archive.entry("a.txt").state is DocumentState.NOT_FINISHED


def test_an_embedder_that_is_gone_fails_each_file_in_words(archive: Archive) -> None:
    del archive.embedders[archive.embedder.name]
    view = archive.ended(
        archive.ingesting.start(archive.collection.id, [Upload("a.txt", b"one"), Upload("b.txt", b"two")])
    )
    assert [file.state for file in view.files] == [DocumentState.NOT_FINISHED] * 2
    assert "no embedder called" in archive.entry("a.txt").error


def test_refusals_of_start_and_retry(archive: Archive) -> None:
    with pytest.raises(NotAllowed, match="no file"):
        archive.ingesting.start(archive.collection.id, [])
    with pytest.raises(NotFound):
        archive.ingesting.start("none", [Upload("a.txt", b"x")])
    with pytest.raises(NotFound):
        archive.ingesting.retry(archive.collection.id, "0" * 64)
    ended = archive.add("a.txt", PROSE)
    with pytest.raises(NotAllowed, match="searchable already"):
        archive.ingesting.retry(archive.collection.id, ended.document_id)
    refused = archive.add("b.png", PNG)
    archive.files.delete(refused.document_id)
    with pytest.raises(NotFound, match="no longer there"):
        archive.ingesting.retry(archive.collection.id, refused.document_id)
    broken = archive.add("c.png", PNG + b"another")
    with pytest.raises(NotFound, match="no longer there"):
        archive.ingesting.retry(archive.collection.id, broken.document_id, refused.document_id)
    assert archive.ingesting.recent(archive.collection.id) == [], "of several all are begun, or none"
    archive.ingesting.end()
    with pytest.raises(NotAllowed, match="closing"):
        archive.ingesting.start(archive.collection.id, [Upload("a.txt", b"x")])


def test_a_database_that_cannot_be_written(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    full = _raises(DatabaseTrouble("The disk is full.", "Make room."))
    monkeypatch.setattr(archive.documents, "begin", full)
    view = archive.ended(archive.ingesting.start(archive.collection.id, [Upload("a.txt", PROSE.encode())]))
    assert view.files[0].outcome is not None
    assert view.files[0].outcome.kind is OutcomeKind.FAILED
    assert "disk is full" in view.files[0].outcome.words
    monkeypatch.undo()
    monkeypatch.setattr(archive.documents, "save_reading", full)
    monkeypatch.setattr(archive.documents, "set_state", full)
    assert archive.add("a.txt", PROSE).kind is OutcomeKind.FAILED
    monkeypatch.undo()
    assert archive.documents.mark_interrupted() == 1
    assert archive.entry("a.txt").state is DocumentState.NOT_FINISHED


def test_a_fault_of_our_own_ends_every_file_of_the_job(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Odd(BaseException):
        pass

    monkeypatch.setattr(archive.documents, "entry", _raises_odd(Odd()))
    view = archive.ended(archive.ingesting.start(archive.collection.id, [Upload("a.txt", b"x")]))
    assert view.files[0].outcome is not None
    assert view.files[0].outcome.words == BROKEN


def _raises_odd(error: BaseException) -> object:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_missing(archive: Archive) -> None:
    archive.add("a.txt", "one")
    archive.add("x/b.txt", "two")
    there = {"x/b.txt"}.__contains__
    assert [one.name for one in archive.ingesting.missing(archive.collection.id, there, [])] == ["a.txt"]


def test_a_reading_is_shared_by_collections(archive: Archive) -> None:
    archive.add("a.txt", PROSE)
    archive.steps.clear()
    other = archive.new("Other")
    assert archive.add("other name.txt", PROSE, other.id).kind is OutcomeKind.ADDED
    assert "read" not in archive.steps
    assert np.array_equal(
        archive.documents.matrix(other.id)[1], archive.documents.matrix(archive.collection.id)[1]
    )
