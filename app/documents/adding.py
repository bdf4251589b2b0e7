"""Adding one file: the steps, and how each way of ending is written down."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.backends.base import Embedder, Vectors
from app.documents.embedding import reference, vectors_of
from app.documents.jobs import Task
from app.documents.reading import Stopped, read
from app.documents.renaming import Batch, searchable, settled, unchanged
from app.documents.rooms import Rooms, Stop
from app.documents.splitting import passages_of
from app.domain import (
    Collection,
    DocumentState,
    FileProgress,
    IngestOutcome,
    OutcomeKind,
    Passage,
    ReadDocument,
)
from app.errors import AppError, NotFound, UnreadableDocument

log = logging.getLogger(__name__)

STOPPED = "Stopped."
STOPPED_WORDS = "was stopped before it was finished."
BROKEN = "Something went wrong inside Assay while this document was worked on."
RETRY = "Retry it."
UPLOAD_AGAIN = "Upload it again if you need it."

STATES = {
    OutcomeKind.ADDED: DocumentState.SEARCHABLE,
    OutcomeKind.REPLACED: DocumentState.SEARCHABLE,
    OutcomeKind.UNCHANGED: DocumentState.SEARCHABLE,
    OutcomeKind.REFUSED: DocumentState.UNREADABLE,
    OutcomeKind.STOPPED: DocumentState.NOT_FINISHED,
    OutcomeKind.FAILED: DocumentState.NOT_FINISHED,
}
# Faults of our own or of a library: they end one file's work, never the batch.
FAULTS = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    MemoryError,
)

Report = Callable[[FileProgress], None]


def outcome(
    task: Task, kind: OutcomeKind, words: str, remedy: str = "", *, passages: int = 0
) -> IngestOutcome:
    """How the task ended."""
    return IngestOutcome(task.name, task.document_id, kind, words, remedy, passages)


def keep(rooms: Rooms, collection_id: str, task: Task, stop: Stop) -> Task | IngestOutcome:
    """Keep the bytes and note the document as waiting; an outcome where that is already the end.

    The bytes come first, so that every document that is noted can be retried. Bytes that are searchable
    under another name stay with the task until its turn: they may be gone by then.
    """
    if stop():
        words = f"“{task.name}” was not started: the upload was stopped."
        return outcome(task, OutcomeKind.STOPPED, words, "Upload it again.")
    try:
        known = searchable(rooms, collection_id, task.document_id)
        if known is not None and known.name == task.name:
            return unchanged(known)
        if known is not None:
            return task
        with rooms.files_lock:
            size = _bytes_kept(rooms, task)
            rooms.at_step("bytes kept")
            rooms.documents.begin(collection_id, task.document_id, task.name, size)
        rooms.at_step("begun")
    except AppError as error:
        return outcome(task, OutcomeKind.FAILED, f"“{task.name}”: {error.message}", error.remedy)
    return replace(task, content=None)


def _bytes_kept(rooms: Rooms, task: Task) -> int:
    if task.content is None:
        return rooms.files.path(task.document_id).stat().st_size
    rooms.files.put(task.content)
    return len(task.content)


def _searchable_version(rooms: Rooms, collection_id: str, name: str) -> bool:
    found = rooms.documents.named(collection_id, name)
    return found is not None and found.state is DocumentState.SEARCHABLE


@dataclass(frozen=True)
class Adding:
    """The work on one file whose bytes are kept; ``done`` does it all."""

    rooms: Rooms
    collection_id: str
    task: Task
    batch: Batch
    report: Report
    stop: Stop

    def done(self) -> IngestOutcome:
        """Do every step; how it ended is in SQL and in the outcome."""
        try:
            with self.rooms.turn(self.collection_id, self.stop):
                return self._in_turn()
        except Stopped:
            words = f"“{self.task.name}” {STOPPED_WORDS}"
            return self._not_begun(OutcomeKind.STOPPED, STOPPED, words, RETRY)

    def _in_turn(self) -> IngestOutcome:
        try:
            known = settled(self.rooms, self.collection_id, [self.task], self.batch)
        except AppError as error:
            words = f"“{self.task.name}”: {error.message}"
            return self._not_begun(OutcomeKind.FAILED, str(error), words, error.remedy)
        except FAULTS as fault:
            return self._not_begun(OutcomeKind.FAILED, BROKEN, self._broken(fault), RETRY)
        return known.get(self.task.name) or self._worked()

    def _worked(self) -> IngestOutcome:
        name = self.task.name
        try:
            return self._steps()
        except Stopped:
            return self._ended(OutcomeKind.STOPPED, STOPPED, f"“{name}” {STOPPED_WORDS}", RETRY)
        except UnreadableDocument as error:
            return self._ended(OutcomeKind.REFUSED, str(error), error.message, error.remedy)
        except AppError as error:
            remedy = f"{error.remedy} Then retry it." if error.remedy else RETRY
            return self._ended(OutcomeKind.FAILED, str(error), f"“{name}”: {error.message}", remedy)
        except FAULTS as fault:
            return self._ended(OutcomeKind.FAILED, BROKEN, self._broken(fault), RETRY)

    def _broken(self, fault: BaseException) -> str:
        # The log is for the operator and holds no text of documents: the kind of fault only.
        log.error("adding a document failed: %s", type(fault).__name__)
        return f"“{self.task.name}”: {BROKEN}"

    def _not_begun(self, kind: OutcomeKind, error: str, words: str, remedy: str) -> IngestOutcome:
        """Note the end of what only waited: the document may be searchable, or another's work."""
        try:
            self.rooms.documents.stop_waiting(self.collection_id, self.task.document_id, error)
        except AppError as trouble:
            log.error("the end of an upload could not be noted: %s", trouble.message)  # noqa: TRY400
        return outcome(self.task, kind, words, remedy)

    def _ended(self, kind: OutcomeKind, error: str, words: str, remedy: str) -> IngestOutcome:
        """Note in SQL why the document is not searchable, as far as SQL can be written."""
        documents, name = self.rooms.documents, self.task.name
        try:
            documents.set_state(self.collection_id, self.task.document_id, STATES[kind], error=error)
        except NotFound:
            gone = f"“{name}” was deleted while it was worked on."
            return outcome(self.task, OutcomeKind.FAILED, gone, UPLOAD_AGAIN)
        except AppError as trouble:
            log.error("the end of an upload could not be noted: %s", trouble.message)  # noqa: TRY400
        with contextlib.suppress(AppError):
            if _searchable_version(self.rooms, self.collection_id, name):
                words += " The version from before stays searchable."
        return outcome(self.task, kind, words, remedy)

    def _steps(self) -> IngestOutcome:
        collection = self.rooms.collections.get(self.collection_id)
        embedder = self.rooms.embedder(collection)
        reading = self._reading()
        passages = self._passages(collection, embedder, reading)
        vectors = self._vectors(embedder, [one.text for one in passages])
        replaced = self._publish(embedder, passages, vectors)
        count = "1 passage" if len(passages) == 1 else f"{len(passages):,} passages"
        if replaced:
            kind, words = OutcomeKind.REPLACED, f"“{self.task.name}” replaced its older version: {count}."
        else:
            kind, words = OutcomeKind.ADDED, f"“{self.task.name}” was added: {count}."
        return outcome(self.task, kind, f"{words} {reading.warning}".strip(), passages=len(passages))

    def _reading(self) -> ReadDocument:
        """What was read of these bytes before, for any collection, else what the reader makes of them.

        A reading is never made twice: passages of other collections are spans of it.
        """
        self._enter(DocumentState.READING)
        known = self.rooms.documents.reading(self.task.document_id)
        if known is not None:
            return known
        path = self.rooms.files.path(self.task.document_id)
        reading = read(path, self.task.name, self.rooms.limits, self.stop)
        self.rooms.at_step("read")
        self.rooms.documents.save_reading(self.task.document_id, reading)
        self.rooms.at_step("reading kept")
        return reading

    def _passages(self, collection: Collection, embedder: Embedder, reading: ReadDocument) -> list[Passage]:
        self._enter(DocumentState.SPLITTING)
        named = (self.task.document_id, self.task.name)
        passages = passages_of(collection, named, reading, embedder, self._look)
        self.rooms.at_step("split")
        return passages

    def _vectors(self, embedder: Embedder, texts: Sequence[str]) -> Vectors:
        self._enter(DocumentState.INDEXING, len(texts))

        def progress(done: int, total: int) -> None:
            self.report(FileProgress(self.task.name, DocumentState.INDEXING, done, total))
            self.rooms.at_step("vectors kept")

        return vectors_of(self.rooms.documents, embedder, texts, progress, self.stop)

    def _publish(self, embedder: Embedder, passages: Sequence[Passage], vectors: Vectors) -> bool:
        """Store, index, make searchable, tidy up; True where an older version was replaced."""
        rooms, collection_id, document_id = self.rooms, self.collection_id, self.task.document_id
        self._look()
        older = rooms.documents.versions(collection_id, self.task.name, but=document_id)
        gone = rooms.documents.store_passages(collection_id, document_id, passages)
        rooms.at_step("passages stored")
        rooms.index.upsert(collection_id, reference(embedder), [one.id for one in passages], vectors)
        rooms.at_step("indexed")
        with rooms.leaving(list(older)):
            gone += rooms.documents.publish(collection_id, document_id)
            rooms.at_step("published")
            rooms.forget(collection_id, gone)
        rooms.at_step("tidied")
        return DocumentState.SEARCHABLE in older.values()

    def _enter(self, state: DocumentState, total: int = 0) -> None:
        """Tell and note how far it is. Raises Stopped where the end was asked."""
        self.report(FileProgress(self.task.name, state, 0, total))
        self._look()
        self.rooms.documents.set_state(self.collection_id, self.task.document_id, state)
        self.rooms.at_step(f"state {state}")

    def _look(self) -> None:
        if self.stop():
            raise Stopped
