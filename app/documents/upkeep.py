"""Long work on whole collections that a person asked for: a rebuild, another embedder, a check of the index.

It belongs to the process, not to a page: it goes on without the tab, and every screen can watch and stop it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from ulid import ULID

from app.documents.adding import FAULTS
from app.documents.reading import Stopped
from app.documents.rooms import Stop
from app.domain import IndexAudit, UpkeepKind, UpkeepState, UpkeepView
from app.errors import AppError, NotAllowed

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Work = Callable[[Progress, Stop], IndexAudit | None]
"""Does it: tells how far it is, looks whether it is to stop. May raise Stopped and AppError."""
InLine = Callable[[str, Callable[[], None]], Future[None]]

BROKEN = "Something went wrong inside Assay while it worked on this."
SOONEST = 1.0
"""Seconds before the speed tells anything about the time left."""
STOP_FIRST = "Wait for it, or stop it first."

DOING = {
    UpkeepKind.REBUILD: "is being rebuilt",
    UpkeepKind.EMBED: "is being made searchable anew",
    UpkeepKind.CHECK: "is being checked",
    UpkeepKind.MEND: "is being rebuilt with all others",
}


class Upkeep:
    """What is done to collections, one thing at a time in each.

    ``in_line`` does it when the collection's earlier work is done. Of what has ended, the last of each
    collection is remembered until it is dismissed.
    """

    def __init__(self, in_line: InLine) -> None:
        self._in_line = in_line
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()

    def begin(self, kind: UpkeepKind, collection_id: str, work: Work, about: str = "") -> str:
        """Put it in line; returns its id. ``collection_id`` "" is for all collections.

        Raises NotAllowed where something of the kind is under way there, and while Assay closes.
        """
        job = _Job(UpkeepView(str(ULID()), collection_id, kind, UpkeepState.WAITING, about=about))
        with self._lock:
            self._refuse(collection_id)
            ended = [one.id for one in self._jobs.values() if one.of(collection_id) and not one.view().busy]
            for old in ended:
                del self._jobs[old]
            self._jobs[job.id] = job
        try:
            job.turn = self._in_line(collection_id, lambda: job.do(work))
        except NotAllowed:
            self.dismiss([job.id], even_busy=True)
            raise
        return job.id

    def refuse(self, collection_id: str, name: str = "") -> None:
        """Raise NotAllowed while something is under way there; ``name`` is what the collection is called."""
        with self._lock:
            self._refuse(collection_id, name)

    def view(self, job_id: str) -> UpkeepView | None:
        """The job as it stands; None where it is not known (any more)."""
        with self._lock:
            job = self._jobs.get(job_id)
        return job.view() if job else None

    def recent(self, collection_id: str) -> list[UpkeepView]:
        """What is done, and what was done last, to the collection ("": to all of them), newest first."""
        with self._lock:
            return [one.view() for one in reversed(self._jobs.values()) if one.of(collection_id)]

    def stop(self, job_id: str) -> None:
        """Ask it to end; one that waits for its turn ends at once."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is not None:
            job.stop()

    def dismiss(self, job_ids: Sequence[str], *, even_busy: bool = False) -> None:
        """What these came to was seen; what still runs stays."""
        with self._lock:
            for one in job_ids:
                if one in self._jobs and (even_busy or not self._jobs[one].view().busy):
                    del self._jobs[one]

    def end(self) -> None:
        """Ask everything to end."""
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.stop()

    def _refuse(self, collection_id: str, name: str = "") -> None:
        for one in self._jobs.values():
            # What is done to all is done to each, and nobody works on all while one is worked on.
            concerned = not collection_id or not one.view().collection_id or one.of(collection_id)
            if concerned and one.view().busy:
                what = f"“{name}”" if name else "The collection"
                raise NotAllowed(f"{what} {DOING[one.view().kind]}.", STOP_FIRST)


class _Job:
    """One piece of work. Every method may be called from any thread."""

    def __init__(self, view: UpkeepView) -> None:
        self.id = view.id
        self.turn: Future[None] | None = None
        self._view = view
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._since: tuple[float, int] | None = None

    def of(self, collection_id: str) -> bool:
        return self._view.collection_id == collection_id

    def do(self, work: Work) -> None:
        """The work, on a thread of the process; however it ends is told by the view."""
        self._put(state=UpkeepState.RUNNING)
        try:
            audit = work(self._told, self._stop.is_set)
        except Stopped:
            self._put(state=UpkeepState.STOPPED)
        except AppError as error:
            self._put(state=UpkeepState.FAILED, words=error.message, remedy=error.remedy)
        except FAULTS as fault:
            # As for uploads: the log holds no text of documents, the kind of fault only.
            log.error("work on a collection failed: %s", type(fault).__name__)  # noqa: TRY400
            self._put(state=UpkeepState.FAILED, words=BROKEN, remedy="Try again.")
        else:
            self._put(state=UpkeepState.DONE, audit=audit)

    def stop(self) -> None:
        self._stop.set()
        if self.turn is not None and self.turn.cancel():
            self._put(state=UpkeepState.STOPPED)

    def view(self) -> UpkeepView:
        with self._lock:
            stopping = self._view.busy and self._stop.is_set()
            return replace(self._view, stopping=stopping, seconds_left=self._seconds_left())

    def _told(self, done: int, total: int) -> None:
        with self._lock:
            self._since = self._since or (time.monotonic(), done)
            self._view = replace(self._view, done=done, total=total)

    def _put(self, **changes: Any) -> None:
        with self._lock:
            self._view = replace(self._view, **changes)

    def _seconds_left(self) -> float | None:
        """From the speed since its beginning; None while that tells nothing."""
        if self._since is None or not self._view.busy:
            return None
        began, first = self._since
        seconds, made = time.monotonic() - began, self._view.done - first
        if seconds < SOONEST or made <= 0:
            return None
        return (self._view.total - self._view.done) * seconds / made
