"""Who works on documents when: uploads in a queue for each collection, and the end of it all.

A job's files are first kept, all of them and at once, so that a kill leaves none that has to be uploaded
again. Then the job waits until the collection's earlier work is done; waiting takes no thread.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar

from app.documents.adding import BROKEN, FAULTS, RETRY, STATES, Adding, keep, outcome
from app.documents.jobs import Job, Jobs, Task
from app.documents.reading import Stopped
from app.documents.renaming import Batch, There, settled
from app.documents.rooms import Rooms
from app.domain import FileProgress, IngestOutcome, IngestView, OutcomeKind
from app.errors import AppError, NotAllowed
from app.workers import Closed, Workers

T = TypeVar("T")

CLOSING = "Assay is closing."
AT_ONCE = 4
"""So many collections are worked on side by side."""


class Running:
    """Runs jobs and other long work on documents, and ends them."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._keeping = Workers(AT_ONCE, "keep")
        self._working = Workers(AT_ONCE, "ingest")
        self._jobs = Jobs()
        self._closing = threading.Event()

    def closing(self) -> bool:
        """Whether the end was asked."""
        return self._closing.is_set()

    def start(self, collection_id: str, tasks: Sequence[Task], there: There | None = None) -> str:
        """Begin with the files; returns the job's id. Raises NotAllowed while Assay closes."""
        job, batch = Job(collection_id, tasks), Batch.of(tasks, there)
        self._jobs.add(job)
        try:
            self._keeping.in_line(collection_id, lambda: self._keep(job, batch))
        except Closed:
            job.end()
            raise _is_closing() from None
        return job.id

    def in_line(self, collection_id: str, work: Callable[[], T]) -> Future[T]:
        """Do it when the collection's earlier work is done. Raises NotAllowed while Assay closes."""
        try:
            return self._working.in_line(collection_id, work)
        except Closed:
            raise _is_closing() from None

    @contextlib.contextmanager
    def here(self) -> Iterator[None]:
        """Work on the caller's own thread: the end waits for it too.

        Raises NotAllowed while Assay closes, also where what is done inside was stopped for that.
        """
        with contextlib.ExitStack() as inside:
            try:
                inside.enter_context(self._working.here())
            except Closed:
                raise _is_closing() from None
            try:
                yield
            except Stopped:
                if self.closing():
                    raise _is_closing() from None
                raise

    def view(self, job_id: str) -> IngestView | None:
        """The job as it stands; None where it is not known (any more)."""
        job = self._jobs.get(job_id)
        return job.view() if job else None

    def of(self, collection_id: str) -> list[Job]:
        """The collection's jobs of this process, newest first."""
        return self._jobs.of(collection_id)

    def forget(self, job_ids: Sequence[str]) -> None:
        """Tell no more of these; what still runs stays."""
        self._jobs.forget(job_ids)

    def stop(self, job_id: str) -> None:
        """Ask a job to end; one that waits for its turn ends at once."""
        job = self._jobs.get(job_id)
        if job is None:
            return
        job.stop()
        if job.withdraw():
            with contextlib.suppress(Closed):
                self._keeping.submit(self._run, job, Batch({}))

    def end(self) -> None:
        """Ask everything to end and begin nothing more; ``ended`` waits for it."""
        self._closing.set()
        for workers in (self._keeping, self._working):
            workers.shutdown(wait=False, cancel_futures=True)
        for job in self._jobs.all():
            job.stop()

    def ended(self, seconds: float) -> bool:
        """Wait up to so long; False where something still runs."""
        until = time.monotonic() + seconds
        kept = self._keeping.close(seconds)
        return self._working.close(max(0.0, until - time.monotonic())) and kept

    # ----------------------------------------------------------------- one job

    def _keep(self, job: Job, batch: Batch) -> None:
        """Keep every file, then queue."""
        try:
            self._keep_all(job)
            job.queued(self._working.in_line(job.collection_id, lambda: self._run(job, batch)))
        except BaseException:
            self._give_up(job)
            raise
        # The stop may have been asked when there was nothing to withdraw yet.
        if job.stopping() and job.withdraw():
            self._run(job, batch)

    def _keep_all(self, job: Job) -> None:
        """Keep every file but the later ones of two with equal bytes or of one name.

        Equal bytes will be found done; of one name the first must be done before the second is noted.
        """
        seen: set[str] = set()
        for place, task in enumerate(job.tasks):
            if seen.isdisjoint({task.document_id, task.name}):
                kept = keep(self._rooms, job.collection_id, task, job.stopping)
                if isinstance(kept, Task):
                    job.tasks[place] = kept
                else:
                    _finish(job, place, kept)
            seen |= {task.document_id, task.name}

    def _run(self, job: Job, batch: Batch) -> None:
        """Do every file. At the end of Assay the rest is left: the next start says so, and Retry does it."""
        try:
            self._settle(job, batch)
            for place in job.open_places():
                if self.closing():
                    return
                _finish(job, place, self._ended(job, place, batch))
        finally:
            self._give_up(job)

    def _settle(self, job: Job, batch: Batch) -> None:
        """First what is searchable already: a new version under its old name would take it away."""
        places = {job.tasks[place].name: place for place in job.open_places()}
        tasks = [job.tasks[place] for place in places.values()]
        with contextlib.suppress(Stopped, AppError, *FAULTS):  # then each is told in its own turn
            with self._rooms.turn(job.collection_id, job.stopping):
                ended = settled(self._rooms, job.collection_id, tasks, batch)
            for name, one in ended.items():
                _finish(job, places[name], one)

    def _ended(self, job: Job, place: int, batch: Batch) -> IngestOutcome:
        def report(progress: FileProgress) -> None:
            job.report(place, progress)

        task = job.tasks[place]
        kept = keep(self._rooms, job.collection_id, task, job.stopping) if task.content is not None else task
        if not isinstance(kept, Task):
            return kept
        return Adding(self._rooms, job.collection_id, kept, batch, report, job.stopping).done()

    def _give_up(self, job: Job) -> None:
        """Nothing more will happen; what has no end yet gets one in words."""
        for place in job.open_places():
            words = CLOSING if self.closing() else BROKEN
            _finish(job, place, outcome(job.tasks[place], OutcomeKind.FAILED, words, RETRY))
        job.end()


def _is_closing() -> NotAllowed:
    return NotAllowed(CLOSING, "Start it again and do it then.")


def _finish(job: Job, place: int, ended: IngestOutcome) -> None:
    job.finish(place, STATES[ended.kind], ended)
