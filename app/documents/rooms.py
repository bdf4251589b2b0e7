"""What the work on documents needs of the other rooms, and who may do what at the same time."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.backends.base import Embedder
from app.documents.embedding import reference
from app.documents.reading import Stopped
from app.domain import Collection
from app.errors import AppError, BackendError, EmbedderMismatch, NotAllowed, NotFound
from app.settings import ReadLimits
from storage.collections import Collections
from storage.documents import Documents
from storage.files import Files
from storage.index import Index

log = logging.getLogger(__name__)

_WAIT = 0.05
Stop = Callable[[], bool]


def nothing(_: object = None, __: object = None) -> None:
    """The callback of who need not be told."""


@dataclass(frozen=True)
class Rooms:
    """Storage, embedders and limits. ``at_step`` is told each step that is done (tests end there)."""

    documents: Documents
    collections: Collections
    files: Files
    index: Index
    embedder_of: Callable[[str], Embedder]
    limits: ReadLimits
    at_step: Callable[[str], None] = nothing
    # A file is kept for all collections at once: keeping one and removing one must not cross.
    files_lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: dict[str, threading.Lock] = field(default_factory=dict)
    _turns_lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def turn(self, collection_id: str, stop: Stop) -> Iterator[None]:
        """One piece of work at a time in a collection. Raises Stopped where the end is asked meanwhile."""
        with self._turns_lock:
            turn = self._turns.setdefault(collection_id, threading.Lock())
        if stop():
            raise Stopped
        while not turn.acquire(timeout=_WAIT):
            if stop():
                raise Stopped
        try:
            yield
        finally:
            turn.release()

    @contextlib.contextmanager
    def turn_at_once(self, collection_id: str) -> Iterator[None]:
        """As ``turn``, for who waits for nobody. Raises NotAllowed where the collection is worked on."""
        with self._turns_lock:
            turn = self._turns.setdefault(collection_id, threading.Lock())
        if not turn.acquire(blocking=False):
            raise NotAllowed(
                "This collection is being worked on.", "Wait until that is done, or stop it first."
            )
        try:
            yield
        finally:
            turn.release()

    def refuse_elsewhere(self, collection: Collection, embedder_name: str = "") -> None:
        """Raise NotAllowed where documents would leave this machine though the collection forbids it."""
        if not collection.local_only:
            return
        try:
            embedder = self.embedder_of(embedder_name or collection.embedder.name)
        except (BackendError, NotFound):
            return  # nothing can be sent to what is not there; the work itself will say so
        if not embedder.local:
            raise NotAllowed(
                f"“{collection.name}” uses local models only, but {embedder.name} runs at {embedder.host}.",
                "Choose an embedder on this machine, or allow other models for this collection.",
            )

    def embedder(self, collection: Collection) -> Embedder:
        """The collection's own embedder. Raises EmbedderMismatch where another one has its name now."""
        self.refuse_elsewhere(collection)
        return _same(self.embedder_of(collection.embedder.name), collection)

    def refuse_other_embedder(self, collection: Collection) -> None:
        """Raise EmbedderMismatch as ``embedder`` does; one that is not there is no other."""
        with contextlib.suppress(BackendError, NotFound):
            _same(self.embedder_of(collection.embedder.name), collection)

    def forget(self, collection_id: str, gone: Sequence[str]) -> None:
        """Take passages out of the index. What stays there for a fault is never shown: SQL decides."""
        if gone:
            with index_is_a_cache():
                self.index.delete(collection_id, gone)
        self.at_step("forgotten")

    @contextlib.contextmanager
    def leaving(self, document_ids: Sequence[str]) -> Iterator[None]:
        """What is done inside may take these documents out of their last collection: then their bytes go.

        Where it fails or is killed, the next start decides (``Ingesting.tidy``).
        """
        for one in document_ids:
            self.files.leave(one)
        yield
        for one in document_ids:
            self.settle(one)

    def settle(self, document_id: str) -> None:
        """Remove the bytes of a document that no collection has any more."""
        with self.files_lock:
            if self.documents.used_anywhere(document_id):
                self.files.stay(document_id)
            else:
                self.files.delete(document_id)


def _same(embedder: Embedder, collection: Collection) -> Embedder:
    if reference(embedder) != collection.embedder:
        raise EmbedderMismatch(
            f"“{collection.name}” was made with another version of {collection.embedder.name}.",
            "Open Documents, Manage, “Change the embedder”, and choose the one that is there now.",
        )
    return embedder


@contextlib.contextmanager
def index_is_a_cache() -> Iterator[None]:
    """Go on after a fault of the index: what it still holds too much is filtered by SQL."""
    try:
        yield
    except AppError as error:
        log.warning("the index could not be tidied: %s", error.message)
