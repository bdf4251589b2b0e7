"""Fetching models in the background: a thread per pull, owned by the process and not by a page."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ulid import ULID

from app.backends.base import Backend, Cancel, ModelManager
from app.backends.ollama_models import full_name
from app.domain import PullProgress, PullView
from app.errors import AppError, NotAllowed

SPEED_SECONDS = 5.0
"""The speed shown is that of the last so many seconds."""
SPEED_AFTER = 1.0
"""Seconds after which it is shown at all."""
KEPT = 20
BROKEN = "Something went wrong inside Assay while the model was fetched."


class BackendsByName(Protocol):
    """What gives the backend of a name (the registry); raises NotFound in words."""

    def get(self, name: str) -> Backend:
        """The backend of that name."""


@dataclass
class _Pull:
    view: PullView
    cancel: Cancel = field(default_factory=Cancel)
    seen: deque[tuple[float, int]] = field(default_factory=deque)
    before: int = 0


class Pulls:
    """Starts, watches and cancels pulls; what a server fetched of a cancelled one it may keep and resume."""

    def __init__(self, backends: BackendsByName, clock: Callable[[], float] = time.monotonic) -> None:
        self._backends = backends
        self._clock = clock
        self._lock = threading.Lock()
        self._pulls: dict[str, _Pull] = {}

    def start(self, backend: str, model: str) -> str:
        """Begin to fetch ``model`` and return the pull's id at once.

        The same model is not fetched twice at a time: the running pull's id is returned. Raises NotAllowed
        for a backend that cannot fetch models or an empty name, NotFound for an unknown backend.
        """
        model = model.strip()
        if not model:
            raise NotAllowed("No model was named.", "Type its name, such as llama3.2:1b.")
        manager = self._manager(backend)
        with self._lock:
            running = self._running(backend, model)
            if running is not None:
                return running.view.id
            pull = _Pull(PullView(str(ULID()), backend, model, "starting"))
            self._pulls[pull.view.id] = pull
            self._forget_old()
        name = f"pull-{pull.view.id}"
        threading.Thread(target=self._run, args=(pull, manager), name=name, daemon=True).start()
        return pull.view.id

    def can(self, backend: str) -> bool:
        """Whether models of that backend can be fetched and deleted from here. Raises NotFound."""
        return isinstance(self._backends.get(backend), ModelManager)

    def delete(self, backend: str, model: str) -> None:
        """Delete a model from its server. Raises NotAllowed while it is fetched, NotFound, BackendError."""
        with self._lock:
            if self._running(backend, model) is not None:
                raise NotAllowed(f"{model} is being fetched.", "Cancel that first.")
        self._manager(backend).delete(model)
        with self._lock:
            # "It can be asked now" is no longer so. One that somebody began meanwhile goes on.
            for one, pull in list(self._pulls.items()):
                if _is_of(pull, backend, model) and not pull.view.busy:
                    del self._pulls[one]

    def view(self, pull_id: str) -> PullView | None:
        """The pull as it stands, or None where there is none (Assay was restarted since)."""
        with self._lock:
            pull = self._pulls.get(pull_id)
            return pull.view if pull else None

    def recent(self, backend: str) -> list[PullView]:
        """The pulls of a backend since Assay was started, newest first."""
        with self._lock:
            views = [pull.view for pull in self._pulls.values() if pull.view.backend == backend]
        return sorted(views, key=lambda view: view.id, reverse=True)

    def cancel(self, pull_id: str) -> None:
        """Ask a pull to stop; nothing happens if it has ended."""
        with self._lock:
            pull = self._pulls.get(pull_id)
        if pull is not None:
            pull.cancel.cancel()

    def dismiss(self, pull_id: str) -> None:
        """Forget a pull that has ended."""
        with self._lock:
            pull = self._pulls.get(pull_id)
            if pull is not None and not pull.view.busy:
                del self._pulls[pull_id]

    def close(self) -> None:
        """Ask every pull to stop."""
        with self._lock:
            pulls = list(self._pulls.values())
        for pull in pulls:
            pull.cancel.cancel()

    def _manager(self, name: str) -> ModelManager:
        backend = self._backends.get(name)
        if not isinstance(backend, ModelManager):
            raise NotAllowed(
                f"{name} cannot fetch models for Assay.",
                "Fetch it with that server's own tools, then reload.",
            )
        return backend

    def _running(self, backend: str, model: str) -> _Pull | None:
        for pull in self._pulls.values():
            if _is_of(pull, backend, model) and pull.view.busy:
                return pull
        return None

    def _forget_old(self) -> None:
        ended = [one for one, pull in self._pulls.items() if not pull.view.busy]
        for one in ended[: max(0, len(self._pulls) - KEPT)]:
            del self._pulls[one]

    def _run(self, pull: _Pull, manager: ModelManager) -> None:
        """The body of a pull's thread. Whatever happens, the pull ends and the person is told."""
        error, remedy = BROKEN, "Try again."
        try:
            for progress in manager.pull(pull.view.model, pull.cancel):
                self._note(pull, progress)
            error, remedy = "", ""
        except AppError as known:
            error, remedy = known.message, known.remedy
        finally:
            self._end(pull, error, remedy)

    def _note(self, pull: _Pull, progress: PullProgress) -> None:
        now = self._clock()
        with self._lock:
            if progress.status != pull.view.status:
                # Another layer of the model begins, with what is there of all before it.
                pull.seen.clear()
                pull.before = progress.done
            if progress.done != pull.before:
                # Of a layer that goes on where it stopped, its first count has what was there already.
                pull.seen.append((now, progress.done))
            while len(pull.seen) > 2 and _old(pull.seen, now):
                pull.seen.popleft()
            pull.view = replace(
                pull.view,
                status=progress.status,
                done=progress.done,
                total=progress.total,
                speed=_speed(pull.seen),
            )

    def _end(self, pull: _Pull, error: str, remedy: str) -> None:
        cancelled = pull.cancel.cancelled
        with self._lock:
            pull.view = replace(
                pull.view,
                busy=False,
                speed=None,
                cancelled=cancelled,
                error="" if cancelled else error,
                remedy="" if cancelled else remedy,
            )


def _old(seen: Sequence[tuple[float, int]], now: float) -> bool:
    """Whether the first count is of no more use: it is old, and those after it can tell a speed."""
    return now - seen[0][0] > SPEED_SECONDS and now - seen[1][0] >= SPEED_AFTER


def _is_of(pull: _Pull, backend: str, model: str) -> bool:
    """Whether it fetches that model, which may be called with its tag or without."""
    return (pull.view.backend, full_name(pull.view.model)) == (backend, full_name(model))


def _speed(seen: Sequence[tuple[float, int]]) -> float | None:
    """Bytes a second over what was seen, as times with the bytes there were; None where it is too short."""
    if not seen or seen[-1][0] - seen[0][0] < SPEED_AFTER:
        return None
    (first, before), (last, after) = seen[0], seen[-1]
    return (after - before) / (last - first)
