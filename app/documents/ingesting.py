"""From uploaded bytes to passages that can be found, in an order in which nothing is ever half visible.

One file goes: keep its bytes and note it (waiting) -> read it in its own process -> keep the reading ->
split -> make and keep vectors batch by batch -> store passages, still invisible -> index -> publish, the
one transaction that makes it searchable and takes the older version of its name away -> take the older
version's passages out of the index. Whatever ends this early leaves a document that says why, and a
retry that goes on with what was kept. The steps are in ``adding``, who starts and stops them in ``running``.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence

from app.backends.base import Embedder
from app.documents import names, reindexing
from app.documents.adding import UPLOAD_AGAIN, Adding, Report, keep
from app.documents.auditing import audit
from app.documents.jobs import Task
from app.documents.reading import never
from app.documents.renaming import Batch, There
from app.documents.rooms import Rooms, Stop, index_is_a_cache, nothing
from app.documents.running import Running
from app.documents.upkeep import Upkeep
from app.domain import (
    DocumentEntry,
    DocumentState,
    IndexAudit,
    IngestOutcome,
    IngestView,
    UpkeepKind,
    Upload,
)
from app.errors import DatabaseTrouble, NotAllowed, NotFound
from app.settings import ReadLimits
from storage.collections import Collections
from storage.documents import Documents
from storage.files import Files
from storage.index import Index

log = logging.getLogger(__name__)


class Ingesting:
    """Adds, retries, deletes and re-indexes documents; jobs run on threads of its own.

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
        *,
        at_step: Callable[[str], None] = nothing,
    ) -> None:
        self._rooms = Rooms(documents, collections, files, index, embedder_of, limits, at_step)
        self._running = Running(self._rooms)
        self.upkeep = Upkeep(self._running.in_line)

    # ----------------------------------------------------------------- jobs

    def start(self, collection_id: str, uploads: Sequence[Upload], *, there: There | None = None) -> str:
        """Begin with the files; returns the job's id for ``view``.

        ``there`` is for who knows every name that exists where they come from: a document whose name is
        gone, and whose bytes come under another, is renamed.
        Raises NotFound for the collection, NotAllowed where there is no file or where the collection
        may not use its embedder.
        """
        if not uploads:
            raise NotAllowed("There is no file to add.", "Choose one or more files.")
        self._rooms.refuse_elsewhere(self._rooms.collections.get(collection_id))
        return self._running.start(collection_id, [_task(one) for one in uploads], there)

    def retry(self, collection_id: str, *document_ids: str) -> str:
        """Begin again with documents that are not searchable; returns the job's id.

        Raises NotFound for one of them or its bytes, NotAllowed where one is searchable or in work; then none
        is begun.
        """
        return self._running.start(collection_id, [self._again(collection_id, one) for one in document_ids])

    def _again(self, collection_id: str, document_id: str) -> Task:
        entry = self._rooms.documents.entry(collection_id, document_id)
        if entry is None:
            raise NotFound("That document is no longer in the collection.", UPLOAD_AGAIN)
        if entry.state is DocumentState.SEARCHABLE:
            raise NotAllowed(f"“{entry.name}” is searchable already.")
        self._refuse_in_work(collection_id, document_id, entry.name)
        self._rooms.files.path(document_id)
        return Task(entry.name, document_id, None)

    def view(self, job_id: str) -> IngestView | None:
        """The job as it stands; None where it is not known (any more)."""
        return self._running.view(job_id)

    def recent(self, collection_id: str) -> list[IngestView]:
        """The collection's jobs of this process, newest first, running and finished ones."""
        return [job.view() for job in self._running.of(collection_id)]

    def dismiss(self, job_ids: Sequence[str]) -> None:
        """The results of these jobs were seen: they are told no more. What still runs stays."""
        self._running.forget(job_ids)

    def stop(self, job_id: str) -> None:
        """Ask a job to end; what it has not finished says "Stopped." and can be retried."""
        self._running.stop(job_id)

    def end(self) -> None:
        """Ask everything to end, begin nothing more; ``ended`` waits for it."""
        self._running.end()
        self.upkeep.end()

    def ended(self, seconds: float) -> bool:
        """Wait for the end of everything; False where something still runs after ``seconds``."""
        return self._running.ended(seconds)

    # ----------------------------------------------------------------- one file

    def ingest(
        self, collection_id: str, upload: Upload, on_progress: Report = nothing, stop: Stop = never
    ) -> IngestOutcome:
        """Add one file on this thread. Never raises for the file's sake: the outcome says how it ended.

        Raises NotFound for the collection and NotAllowed where it may not use its embedder.
        """
        self._rooms.refuse_elsewhere(self._rooms.collections.get(collection_id))
        task = _task(upload)

        stopping = self._or_closing(stop)
        with self._running.here():
            kept = keep(self._rooms, collection_id, task, stopping)
            if not isinstance(kept, Task):
                return kept
            return Adding(self._rooms, collection_id, kept, Batch.of([task]), on_progress, stopping).done()

    # ----------------------------------------------------------------- whole documents

    def delete(self, collection_id: str, document_id: str, *, from_past_answers: bool = False) -> None:
        """Remove a document with its passages and, where no other collection has it, its bytes.

        Past answers keep what they quote unless it is to go ``from_past_answers`` too. Raises NotFound,
        and NotAllowed while it is worked on.
        """
        rooms = self._rooms
        with self._running.here():
            entry = rooms.documents.entry(collection_id, document_id)
            self._refuse_in_work(collection_id, document_id, entry.name if entry else "")
            with rooms.leaving([document_id] if entry else []):
                gone = rooms.documents.delete(collection_id, document_id, from_past_answers=from_past_answers)
                rooms.forget(collection_id, gone)

    def delete_collection(self, collection_id: str, *, from_past_answers: bool = False) -> None:
        """Remove a collection with its documents, files and index. Raises NotFound, NotAllowed (in work)."""
        rooms = self._rooms
        self.upkeep.refuse(collection_id, rooms.collections.get(collection_id).name)
        if any(job.view().busy for job in self._running.of(collection_id)):
            raise NotAllowed("Documents of this collection are being worked on.", "Stop that first.")
        with self._running.here():
            with rooms.turn_at_once(collection_id):
                entries = rooms.documents.entries(collection_id)
                with rooms.leaving([one.document_id for one in entries]):
                    rooms.collections.delete(collection_id, from_past_answers=from_past_answers)
            with index_is_a_cache():
                rooms.index.drop(collection_id)

    def missing(self, collection_id: str, there: There, sent: Sequence[Upload]) -> list[DocumentEntry]:
        """The collection's documents whose names are gone, and whose bytes were not ``sent`` either."""
        same = {_task(one).document_id for one in sent}
        entries = self._rooms.documents.entries(collection_id)
        return [one for one in entries if one.document_id not in same and not there(one.name)]

    def clashes(self, uploads: Sequence[Upload]) -> list[tuple[str, ...]]:
        """The names (as uploaded) of each document that comes twice with other bytes: ask which is meant."""
        return names.clashes(uploads)

    def tidy(self, *, new: bool = False) -> None:
        """Complete the deletions that a kill interrupted. For the start, before any work.

        A ``new`` database knows of no deletion, and takes the place of one that may come back.
        """
        files = self._rooms.files
        try:
            files.tidy()
            for one in files.leaving():
                (files.stay if new else self._rooms.settle)(one)
        except DatabaseTrouble as trouble:
            log.warning("leftovers could not be removed: %s", trouble.message)

    def _refuse_in_work(self, collection_id: str, document_id: str, name: str) -> None:
        if any(job.works_on(document_id) for job in self._running.of(collection_id)):
            raise NotAllowed(f"“{name}” is being worked on.", "Wait for it or stop it first.")

    # ----------------------------------------------------------------- the index and the embedder

    def begin_rebuild(self, collection_id: str) -> str:
        """``rebuild`` as work that ``upkeep`` shows and stops, once earlier work is done; returns its id.

        As the other three it raises NotAllowed where such work is under way in the collection.
        """
        return self.upkeep.begin(
            UpkeepKind.REBUILD, collection_id, lambda told, stop: self.rebuild(collection_id, told, stop)
        )

    def begin_reembed(self, collection_id: str, embedder_name: str) -> str:
        """``reembed`` likewise."""
        return self.upkeep.begin(
            UpkeepKind.EMBED,
            collection_id,
            lambda told, stop: self.reembed(collection_id, embedder_name, told, stop),
            embedder_name,
        )

    def begin_check(self, collection_id: str) -> str:
        """``check`` likewise."""
        return self.upkeep.begin(
            UpkeepKind.CHECK, collection_id, lambda told, stop: self.check(collection_id, told, stop)
        )

    def begin_mend(self, look: Callable[[], None]) -> str:
        """``mend_index`` likewise, for all collections; ``look`` is called when it has ended, however."""

        def work(told: Callable[[int, int], None], stop: Stop) -> None:
            try:
                self.mend_index(told, stop)
            finally:
                look()

        return self.upkeep.begin(UpkeepKind.MEND, "", work)

    def rebuild(
        self, collection_id: str, on_progress: Callable[[int, int], None] = nothing, stop: Stop = never
    ) -> None:
        """Make the collection's index again from SQL; ``on_progress(done, total)`` counts passages.

        Nothing is embedded, but for what an interrupted change of the embedder left without vectors.
        Raises NotFound, IndexDamaged, EmbedderMismatch (no search would use it), BackendError where
        something has to be embedded, and Stopped: the index from before then still answers.
        """
        with self._running.here():
            self.refuse_other_embedder(collection_id)
            reindexing.rebuild(self._rooms, collection_id, on_progress, self._or_closing(stop))

    def check(
        self, collection_id: str, on_progress: Callable[[int, int], None] = nothing, stop: Stop = never
    ) -> IndexAudit:
        """How much of an exact search the index returns. Raises NotFound and what ``audit`` raises."""
        rooms = self._rooms
        with self._running.here():
            return audit(
                rooms.documents,
                rooms.index,
                rooms.collections.get(collection_id),
                on_progress=on_progress,
                stop=self._or_closing(stop),
            )

    def refuse_other_embedder(self, collection_id: str) -> None:
        """Raise EmbedderMismatch where the collection was made with another version of its embedder."""
        self._rooms.refuse_other_embedder(self._rooms.collections.get(collection_id))

    def mend_index(self, on_progress: Callable[[int, int], None] = nothing, stop: Stop = never) -> None:
        """Set a damaged index aside and make that of every collection again. Raises as ``rebuild``."""
        rooms = self._rooms
        with self._running.here():
            rooms.index.replace_folder()
            ids = [one.id for one in rooms.collections.list()]
            sizes = [sum(one.passages for one in rooms.documents.entries(each)) for each in ids]
            for place, one in enumerate(ids):

                def told(done: int, _: int, before: int = sum(sizes[:place])) -> None:
                    on_progress(min(before + done, sum(sizes)), sum(sizes))

                reindexing.rebuild(rooms, one, told, self._or_closing(stop))

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
        passages as they are now. Raises NotFound, NotAllowed, BackendError, UnreadableDocument (the new
        embedder does not know a document's language) and Stopped.
        """
        with self._running.here():
            reindexing.reembed(
                self._rooms,
                collection_id,
                embedder_name,
                on_progress,
                stop=self._or_closing(stop),
                closing=self._running.closing,
            )

    def _or_closing(self, stop: Stop) -> Stop:
        return lambda: stop() or self._running.closing()


def _task(upload: Upload) -> Task:
    document_id = hashlib.sha256(upload.content).hexdigest()
    return Task(names.clean_name(upload.name), document_id, upload.content)
