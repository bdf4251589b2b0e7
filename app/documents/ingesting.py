"""From uploaded bytes to passages that can be found, in an order in which nothing is ever half visible.

One file goes: keep its bytes and note it (waiting) -> read it in its own process -> keep the reading ->
split -> make and keep vectors batch by batch -> store passages, still invisible -> index -> publish, the
one transaction that makes it searchable and takes the older version of its name away -> take the older
version's passages out of the index. Whatever ends this early leaves a document that says why, and a
retry that goes on with what was kept. The steps are in ``adding``; here is who starts and stops them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from app.backends.base import Embedder
from app.documents import names, reindexing
from app.documents.adding import BROKEN, RETRY, STATES, UPLOAD_AGAIN, Adding, Report, keep, outcome
from app.documents.jobs import Job, Jobs, Task
from app.documents.reading import never
from app.documents.rooms import Rooms, Stop, index_is_a_cache, nothing
from app.domain import (
    DocumentEntry,
    DocumentState,
    FileProgress,
    IngestOutcome,
    IngestView,
    OutcomeKind,
    Upload,
)
from app.errors import NotAllowed, NotFound
from app.settings import ReadLimits
from storage.collections import Collections
from storage.documents import Documents
from storage.files import Files
from storage.index import Index


class Ingesting:
    """Adds, retries, deletes and re-indexes documents; jobs run on the executor.

    ``embedder_of`` gives the embedder of a name ("backend/model") or raises NotFound or BackendError.
    ``at_step`` is called with a step's name after each step: tests end the process there.
    """

    def __init__(  # noqa: PLR0917 - the rooms it works with, in the order of its callers
        self,
        documents: Documents,
        collections: Collections,
        files: Files,
        index: Index,
        embedder_of: Callable[[str], Embedder],
        limits: ReadLimits,
        executor: Executor,
        *,
        at_step: Callable[[str], None] = nothing,
    ) -> None:
        self._rooms = Rooms(documents, collections, files, index, embedder_of, limits, at_step)
        self._executor = executor
        self._jobs = Jobs()

    # ----------------------------------------------------------------- jobs

    def start(self, collection_id: str, uploads: Sequence[Upload]) -> str:
        """Begin with the files on the executor; returns the job's id for ``view``.

        Raises NotFound for the collection, NotAllowed where there is no file or where the collection
        may not use its embedder.
        """
        if not uploads:
            raise NotAllowed("There is no file to add.", "Choose one or more files.")
        self._rooms.refuse_elsewhere(self._rooms.collections.get(collection_id))
        return self._begin(collection_id, [_task(one) for one in uploads])

    def retry(self, collection_id: str, document_id: str) -> str:
        """Begin again with a document that is not searchable; returns the job's id.

        Raises NotFound for the document or its bytes, NotAllowed where it is searchable or in work.
        """
        entry = self._rooms.documents.entry(collection_id, document_id)
        if entry is None:
            raise NotFound("That document is no longer in the collection.", UPLOAD_AGAIN)
        if entry.state is DocumentState.SEARCHABLE:
            raise NotAllowed(f"“{entry.name}” is searchable already.")
        self._refuse_in_work(collection_id, document_id, entry.name)
        self._rooms.files.path(document_id)
        return self._begin(collection_id, [Task(entry.name, document_id, None)])

    def view(self, job_id: str) -> IngestView | None:
        """The job as it stands; None where it is not known (any more)."""
        job = self._jobs.get(job_id)
        return job.view() if job else None

    def recent(self, collection_id: str) -> list[IngestView]:
        """The collection's jobs of this process, newest first, running and finished ones."""
        return [job.view() for job in self._jobs.of(collection_id)]

    def stop(self, job_id: str) -> None:
        """Ask a job to end; what it has not finished says "Stopped." and can be retried."""
        if job := self._jobs.get(job_id):
            job.stop()

    def close(self) -> None:
        """Ask every job to end."""
        for job in self._jobs.all():
            job.stop()

    def _begin(self, collection_id: str, tasks: list[Task]) -> str:
        job = Job(collection_id, tasks)
        self._jobs.add(job)
        try:
            self._executor.submit(self._run, job, tasks)
        except RuntimeError:
            job.end()
            raise NotAllowed("Assay is closing.", "Start it again and upload the files then.") from None
        return job.id

    def _run(self, job: Job, tasks: list[Task]) -> None:
        """Keep every file first, so that a kill or a stop leaves none that has to be uploaded again."""
        try:
            self._keep_all(job, tasks)
            for place in job.open_places():
                _finish(job, place, self._ended(job, place, tasks[place]))
        finally:
            for place in job.open_places():
                _finish(job, place, outcome(tasks[place], OutcomeKind.FAILED, BROKEN, RETRY))
            job.end()

    def _keep_all(self, job: Job, tasks: list[Task]) -> None:
        """Keep every file but the later ones of two with equal bytes or of one name.

        Equal bytes will be found done; of one name the first must be done before the second is noted.
        """
        seen: set[str] = set()
        for place, task in enumerate(tasks):
            if seen.isdisjoint({task.document_id, task.name}):
                ended = keep(self._rooms, job.collection_id, task, job.stopping)
                tasks[place] = Task(task.name, task.document_id, None)
                if ended is not None:
                    _finish(job, place, ended)
            seen |= {task.document_id, task.name}

    def _ended(self, job: Job, place: int, task: Task) -> IngestOutcome:
        def report(progress: FileProgress) -> None:
            job.report(place, progress)

        ended = keep(self._rooms, job.collection_id, task, job.stopping) if task.content is not None else None
        return ended or Adding(self._rooms, job.collection_id, task, report, job.stopping).done()

    # ----------------------------------------------------------------- one file

    def ingest(
        self, collection_id: str, upload: Upload, on_progress: Report = nothing, stop: Stop = never
    ) -> IngestOutcome:
        """Add one file on this thread. Never raises for the file's sake: the outcome says how it ended.

        Raises NotFound for the collection and NotAllowed where it may not use its embedder.
        """
        self._rooms.refuse_elsewhere(self._rooms.collections.get(collection_id))
        task = _task(upload)
        ended = keep(self._rooms, collection_id, task, stop)
        return ended or Adding(self._rooms, collection_id, task, on_progress, stop).done()

    # ----------------------------------------------------------------- whole documents

    def delete(self, collection_id: str, document_id: str, *, from_past_answers: bool = False) -> None:
        """Remove a document with its passages and, where no other collection has it, its bytes.

        Past answers keep what they quote unless it is to go ``from_past_answers`` too. Raises NotFound,
        and NotAllowed while it is worked on.
        """
        entry = self._rooms.documents.entry(collection_id, document_id)
        self._refuse_in_work(collection_id, document_id, entry.name if entry else "")
        gone = self._rooms.documents.delete(collection_id, document_id, from_past_answers=from_past_answers)
        self._rooms.forget(collection_id, gone)
        self._rooms.remove_unused(document_id)

    def delete_collection(self, collection_id: str, *, from_past_answers: bool = False) -> None:
        """Remove a collection with its documents, files and index. Raises NotFound, NotAllowed (in work)."""
        rooms = self._rooms
        if any(job.view().busy for job in self._jobs.of(collection_id)):
            raise NotAllowed("Documents of this collection are being worked on.", "Stop that first.")
        with rooms.turn(collection_id, never), rooms.files_lock:
            for unused in rooms.collections.delete(collection_id, from_past_answers=from_past_answers):
                rooms.files.delete(unused)
        with index_is_a_cache():
            rooms.index.drop(collection_id)

    def missing(self, collection_id: str, uploaded: Sequence[str]) -> list[DocumentEntry]:
        """The collection's documents whose names are not among the uploaded ones."""
        there = {names.clean_name(one) for one in uploaded}
        return [one for one in self._rooms.documents.entries(collection_id) if one.name not in there]

    def clashes(self, uploads: Sequence[Upload]) -> list[str]:
        """The names (as uploaded) that come twice with different bytes: ask which one is meant."""
        return names.clashes(uploads)

    def tidy(self) -> int:
        """Remove the bytes that no collection has, which a kill can leave. For the start, before any work."""
        rooms = self._rooms
        with rooms.files_lock:
            unused = [one for one in rooms.files.ids() if not rooms.documents.used_anywhere(one)]
            for one in unused:
                rooms.files.delete(one)
        return len(unused)

    def _refuse_in_work(self, collection_id: str, document_id: str, name: str) -> None:
        if any(job.works_on(document_id) for job in self._jobs.of(collection_id)):
            raise NotAllowed(f"“{name}” is being worked on.", "Wait for it or stop it first.")

    # ----------------------------------------------------------------- the index and the embedder

    def rebuild(self, collection_id: str, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Make the collection's index again from SQL; ``on_progress(done, total)`` counts passages.

        Nothing is embedded, but for what an interrupted change of the embedder left without vectors.
        Raises NotFound, IndexDamaged, and BackendError where something has to be embedded.
        """
        reindexing.rebuild(self._rooms, collection_id, on_progress)

    def reembed(
        self,
        collection_id: str,
        embedder_name: str,
        on_progress: Callable[[int, int], None] = nothing,
        stop: Stop = never,
    ) -> None:
        """Give the collection another embedder: split and embed every document again, then switch.

        Until the switch everything stays searchable by the old embedder, also after a stop or a failure.
        The switch itself takes seconds, in which a search may say that the index must be rebuilt; were
        the process killed within them, ``rebuild`` completes it. ``on_progress(done, total)`` counts
        documents. Raises NotFound, NotAllowed, BackendError, UnreadableDocument (the new embedder does
        not know a document's language) and Stopped.
        """
        reindexing.reembed(self._rooms, collection_id, embedder_name, on_progress, stop)


def _task(upload: Upload) -> Task:
    document_id = hashlib.sha256(upload.content).hexdigest()
    return Task(names.clean_name(upload.name), document_id, upload.content)


def _finish(job: Job, place: int, ended: IngestOutcome) -> None:
    job.finish(place, STATES[ended.kind], ended)
