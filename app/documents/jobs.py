"""What is known of running and finished uploads: written by their thread, read by any screen."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from ulid import ULID

from app.domain import DocumentState, FileProgress, IngestOutcome, IngestView

KEPT_FINISHED = 20


@dataclass(frozen=True)
class Task:
    """One file of a job. ``content`` is None where its bytes are kept already (a retry)."""

    name: str
    document_id: str
    content: bytes | None


class Job:
    """One batch of files. Every method may be called from any thread; ``tasks`` are its thread's own."""

    def __init__(self, collection_id: str, tasks: Sequence[Task]) -> None:
        self.id = str(ULID())
        self.collection_id = collection_id
        self.tasks = list(tasks)
        self._files = [FileProgress(task.name, DocumentState.WAITING) for task in tasks]
        self._documents = [task.document_id for task in tasks]
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._busy = True
        self._queued: Future[None] | None = None

    def stop(self) -> None:
        """Ask the job to end."""
        self._stop.set()

    def stopping(self) -> bool:
        """Whether the end was asked."""
        return self._stop.is_set()

    def queued(self, turn: Future[None]) -> None:
        """It waits for its turn, or has it."""
        with self._lock:
            self._queued = turn

    def withdraw(self) -> bool:
        """Take it out of the queue; True for the one call that did, False where its turn has come."""
        with self._lock:
            turn, self._queued = self._queued, None
        return turn is not None and turn.cancel()

    def report(self, place: int, progress: FileProgress) -> None:
        """How far the file at ``place`` is."""
        with self._lock:
            self._files[place] = progress

    def finish(self, place: int, state: DocumentState, outcome: IngestOutcome) -> None:
        """The end of the file at ``place``."""
        with self._lock:
            self._files[place] = replace(self._files[place], state=state, outcome=outcome)

    def open_places(self) -> list[int]:
        """Places of the files that have not ended."""
        with self._lock:
            return [place for place, file in enumerate(self._files) if file.outcome is None]

    def works_on(self, document_id: str) -> bool:
        """Whether the job has the document and has not ended with it."""
        with self._lock:
            return self._busy and any(
                one == document_id and file.outcome is None
                for one, file in zip(self._documents, self._files, strict=True)
            )

    def end(self) -> None:
        """Nothing more will happen."""
        with self._lock:
            self._busy = False

    def view(self) -> IngestView:
        """The job as it stands."""
        with self._lock:
            return IngestView(
                id=self.id,
                collection_id=self.collection_id,
                files=tuple(self._files),
                busy=self._busy,
                stopping=self._busy and self._stop.is_set(),
            )


class Jobs:
    """All running jobs and the last finished ones of the process."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def add(self, job: Job) -> None:
        """Remember the job; the oldest finished ones are forgotten."""
        with self._lock:
            self._jobs[job.id] = job
            finished = [one.id for one in self._jobs.values() if not one.view().busy]
            for old in finished[:-KEPT_FINISHED]:
                del self._jobs[old]

    def forget(self, job_ids: Sequence[str]) -> None:
        """Remember these no longer; what still runs stays."""
        with self._lock:
            for one in job_ids:
                if one in self._jobs and not self._jobs[one].view().busy:
                    del self._jobs[one]

    def get(self, job_id: str) -> Job | None:
        """The job, or None."""
        with self._lock:
            return self._jobs.get(job_id)

    def of(self, collection_id: str) -> list[Job]:
        """A collection's jobs, newest first."""
        with self._lock:
            return [one for one in reversed(self._jobs.values()) if one.collection_id == collection_id]

    def all(self) -> list[Job]:
        """Every job."""
        with self._lock:
            return list(self._jobs.values())
