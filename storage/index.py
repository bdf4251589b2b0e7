"""The nearest-neighbour index: Chroma, holding ids and vectors only. The truth is in SQL.

It can be thrown away at any time and made again with ``rebuild``. All of Assay's calls of Chroma are
in this module, ``vector_store`` and ``probing``.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.domain import EmbedderRef
from app.errors import AppError, EmbedderMismatch, IndexDamaged, IndexUnwritable
from storage.vector_store import CosineStore, cosine_store

if TYPE_CHECKING:
    from chromadb.api.client import Client

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
FOLDER = "chroma"
ASIDE = "chroma-damaged-"
PREFIX = "passages-"
NEW = ".new"
BATCH = 500
"""Vectors at once: below Chroma's own limit, and a query waits for one batch at most."""
EF_CONSTRUCTION = EF_SEARCH = 200
"""How hard Chroma looks for neighbours; its default of 100 finds a little less."""
COMPARED = 20_000
"""Up to so many vectors a query is compared with each: 5 ms, no slower than Chroma's graph."""
LOOKED_AT, CROWD, ALIKE = 64, 8, 0.002
"""Beyond that: so many of so many neighbours within so much of a cosine are a crowd (see ``query``)."""
KEPT = 2
"""Collections whose vectors are kept in memory; 30 MB for 20,000 passages each."""
PROBE = ("-m", "storage.probing")
PROBE_POLL = 0.1
REMEDY = "Rebuild the index: nothing is lost, and nothing has to be embedded again."
MAKE_ROOM = "Make room on the disk of the data folder, then try again."
FULL = ("disk is full", "no space left", "quota exceeded", "file too large")
LOCKED = ("readonly", "read-only", "permission denied")
UNSEEN = 3
"""What the probe's process ends with where it could not look; what it printed says why."""


def _never() -> bool:
    return False


class Index:
    """Chroma below ``folder/chroma``; ``folder`` is the data folder. Opens it at the first use.

    Any thread may call it. Every method raises IndexDamaged where Chroma fails. ``read_only``: the folder
    cannot be written, and Chroma opens no such; it gets a copy elsewhere, which goes with the Index.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._data = folder
        self.folder = folder / FOLDER
        self._read_only = read_only
        self._copied: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.RLock()
        self._opened: Client | None = None
        self.compared = COMPARED
        self._every: dict[str, tuple[list[str], Vectors]] = {}
        self._ended = False

    # ----------------------------------------------------------------- writing

    def upsert(self, collection_id: str, embedder: EmbedderRef, ids: Sequence[str], vectors: Vectors) -> None:
        """Insert or replace vectors of shape (ids, dimensions).

        Raises EmbedderMismatch where the collection was indexed with another embedder.
        """
        with self._changing(collection_id) as client:
            store = _store(client, collection_id, embedder) or _make(client, _name(collection_id), embedder)
            if len(ids):
                _upsert(client, store, ids, _checked(embedder, ids, vectors))

    def delete(self, collection_id: str, ids: Sequence[str]) -> None:
        """Take ids out; unknown ones are ignored."""
        with self._changing(collection_id) as client:
            store = _store(client, collection_id)
            if store is not None:
                for start in range(0, len(ids), BATCH):
                    store.client.delete(ids=list(ids[start : start + BATCH]))

    def drop(self, collection_id: str) -> None:
        """Remove a collection; nothing happens where there is none."""
        with self._changing(collection_id) as client:
            for name in (_name(collection_id), _name(collection_id) + NEW):
                _drop(client, name)
            remove_strays(self.folder)

    def rebuild(
        self,
        collection_id: str,
        embedder: EmbedderRef,
        ids: Sequence[str],
        matrix: Vectors,
        on_progress: Callable[[int, int], None] | None = None,
        *,
        replace_folder: bool = False,
    ) -> None:
        """Make the collection anew from SQL's vectors; ``on_progress(done, total)``.

        The old one answers until the new one is complete. With ``replace_folder`` the whole folder is
        set aside first: the other collections must then be rebuilt too.
        """
        vectors = _checked(embedder, ids, matrix)
        if replace_folder:
            self.replace_folder()
        name = _name(collection_id)
        with self._using() as client:
            _drop(client, name + NEW)
            store = _make(client, name + NEW, embedder)
        for start in range(0, len(ids), BATCH):
            with self._using() as client:  # given back between the batches, for queries
                _upsert(client, store, ids[start : start + BATCH], vectors[start : start + BATCH])
            if on_progress:
                on_progress(min(start + BATCH, len(ids)), len(ids))
        with self._changing(collection_id) as client:
            _drop(client, name)
            store.client.modify(name=name)
            remove_strays(self.folder)

    def replace_folder(self) -> None:
        """Set a damaged folder aside (the last such stays) and begin an empty one."""
        with self._lock, in_words():
            self.close()
            for old in self._data.glob(f"{ASIDE}*"):
                shutil.rmtree(old, ignore_errors=True)
            if self.folder.exists():
                stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
                self.folder.rename(self.folder.with_name(f"{ASIDE}{stamp}"))
                log.warning("the index was set aside as %s%s", ASIDE, stamp)

    # ----------------------------------------------------------------- reading

    def query(
        self, collection_id: str, embedder: EmbedderRef, vector: Vectors, k: int
    ) -> list[tuple[str, float]]:
        """Up to ``k`` (passage id, cosine), the nearest first.

        The query is compared with every vector that the index holds, for as long as they are few. Chroma's
        graph loses passages where some hundred others are equal or nearly so (logs, forms): these have only
        each other as neighbours, and a search that comes upon them sees nothing else. With more vectors the
        graph is asked, and where its answer looks like such a crowd, all are compared after all.

        Raises EmbedderMismatch, and IndexDamaged where the collection is not there or far fewer
        passages come back than are in it.
        """
        with self._using() as client:
            store = _store(client, collection_id, embedder)
            if store is None:
                raise IndexDamaged("The index of this collection is missing.", REMEDY)
            if k < 1:
                return []
            query = np.asarray(vector, np.float32)
            if collection_id in self._every:
                return nearest_of_all(*self._every[collection_id], query, k)
            total = int(store.client.count())
            found = [] if total <= self.compared else store.nearest(query, max(k, LOOKED_AT))
            if total <= self.compared or is_crowd([cosine for _, cosine in found]):
                found = nearest_of_all(*self._all(collection_id, store, total), query, k)
            # Chroma whose neighbour files are gone still counts everything, and returns next to nothing.
            if 2 * len(found) < min(k, total):
                raise IndexDamaged("The index does not find what is in it.", REMEDY)
            return found[:k]

    def _all(self, collection_id: str, store: CosineStore, total: int) -> tuple[list[str], Vectors]:
        while len(self._every) >= KEPT:
            self._every.pop(next(iter(self._every)))
        self._every[collection_id] = every_vector(store, total)
        return self._every[collection_id]

    def count(self, collection_id: str) -> int:
        """How many ids are in it as Chroma says (0 for an unknown collection)."""
        with self._using() as client:
            store = _store(client, collection_id)
            return int(store.client.count()) if store else 0

    def ids(self, collection_id: str) -> set[str]:
        """The ids in it; none for an unknown collection."""
        with self._using() as client:
            store = _store(client, collection_id)
            return set(store.client.get(include=[])["ids"]) if store else set()

    def probe(self, timeout: float = 60.0, stop: Callable[[], bool] = _never) -> str:
        """As the function ``probe``, while other threads use this index; "" soon after ``stop()`` is true."""
        with _looking(), _place(self._data) as copy:
            with self._lock:
                _copy(self._data, copy)
            return _look(self._data, copy, timeout, stop)

    def close(self) -> None:
        """Let go of the folder; the next use opens it again."""
        with self._lock:
            self._every.clear()
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def end(self, seconds: float) -> bool:
        """Let go of the folder for good: every later use raises IndexDamaged.

        Waits for the use under way; False where it does not end within ``seconds``.
        """
        self._ended = True
        if not self._lock.acquire(timeout=max(0.0, seconds)):
            return False
        try:
            self.close()
            if self._copied is not None:
                self._copied.cleanup()
        finally:
            self._lock.release()
        return True

    # ----------------------------------------------------------------- inside

    @contextmanager
    def _using(self) -> Iterator[Client]:
        with self._lock, in_words():
            if self._ended:
                raise IndexDamaged("The index is closed.", "Start Assay again.")
            if self._opened is None:
                if self._read_only and self._copied is None:
                    self._copied = tempfile.TemporaryDirectory(prefix="assay-index-")
                    self.folder = Path(self._copied.name) / FOLDER
                    _copy(self._data, self.folder)
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                remove_strays(self.folder)
                self._opened = open_client(self.folder)
            yield self._opened

    @contextmanager
    def _changing(self, collection_id: str) -> Iterator[Client]:
        """As ``_using``, for what changes a collection: its vectors in memory are no longer right."""
        with self._using() as client:
            self._every.pop(collection_id, None)
            yield client


def probe(folder: Path, timeout: float = 60.0) -> str:
    """Words on what is wrong with the index of the data folder, "" if it is well.

    Looks at a copy, in a process of its own: a damaged folder can end the process that opens it. For
    the owner of the folder; beside an Index in use call its method. Raises IndexUnwritable where there is
    no room to look.
    """
    with _looking(), _place(folder) as copy:
        _copy(folder, copy)
        return _look(folder, copy, timeout, _never)


@contextmanager
def _looking() -> Iterator[None]:
    """A look that cannot be had says nothing of the index: raises IndexUnwritable."""
    try:
        yield
    except OSError as error:  # copytree tells of a full disk in an error of its own, without a number
        told = str(error).lower()
        why = "the disk is full" if any(one in told for one in FULL) else error.strerror or "see the log"
        log.warning("the index could not be looked at: %s", error)
        raise IndexUnwritable(f"The index could not be looked at: {why}.", MAKE_ROOM) from error


@contextmanager
def _place(folder: Path) -> Iterator[Path]:
    """Where a copy of the Chroma folder can lie for a while."""
    for old in folder.glob(".probe-*"):
        shutil.rmtree(old, ignore_errors=True)
    there = folder if os.access(folder, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=".probe-", dir=there) as place:
        yield Path(place) / FOLDER


def _copy(folder: Path, copy: Path) -> None:
    """A copy that Chroma can open: it can be written, whatever it is a copy of."""
    if (folder / FOLDER).is_dir():
        shutil.copytree(folder / FOLDER, copy, copy_function=shutil.copyfile)
        for one in (copy, *copy.rglob("*")):
            if one.is_dir():
                one.chmod(0o700)


def _look(folder: Path, copy: Path, timeout: float, stop: Callable[[], bool]) -> str:
    until = time.monotonic() + timeout
    with _probing(folder, copy) as process:
        while True:
            try:
                told, errors = process.communicate(timeout=PROBE_POLL)
                break
            except subprocess.TimeoutExpired:
                late = time.monotonic() > until
            if late or stop():
                process.kill()
                return f"The index did not answer within {timeout:.0f} seconds." if late else ""
    if process.returncode == 0:
        return told.strip()
    if process.returncode == UNSEEN:
        raise IndexUnwritable(told.strip(), MAKE_ROOM)
    log.error("the probe of the index ended with %d: %s", process.returncode, errors[-500:])
    return "The index is damaged: it cannot even be opened."


def _probing(folder: Path, copy: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, *PROBE, str(folder), str(copy)],
        cwd=Path(__file__).resolve().parents[1],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


# --------------------------------------------------------------------------- Chroma


def open_client(folder: Path) -> Client:
    """Chroma on a folder, without telemetry."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        opened = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
    except BaseException:
        # It remembers what it could not open, and would give that out at the next try.
        SharedSystemClient.clear_system_cache()
        raise
    return cast("Client", opened)


def existing(client: Client, name: str) -> CosineStore | None:
    """The store of that name, or None."""
    from chromadb.errors import NotFoundError

    try:
        return cosine_store(client.get_collection(name, embedding_function=None))
    except NotFoundError:
        return None


def every_vector(store: CosineStore, total: int) -> tuple[list[str], Vectors]:
    """All ids and vectors of a store that counts ``total``. Raises IndexDamaged where it has not all."""
    try:
        with in_words():
            ids, matrix = store.everything()
    except IndexUnwritable:
        raise
    except IndexDamaged as error:  # it counts them, and cannot hand them out
        raise IndexDamaged("The index does not find what is in it.", REMEDY) from error
    if len(ids) < total:
        raise IndexDamaged("The index does not find what is in it.", REMEDY)
    return ids, matrix


def is_crowd(cosines: Sequence[float]) -> bool:
    """Whether so many of a search's hits are equal or nearly so that it may have seen nothing else."""
    ordered = np.sort(np.asarray(cosines, np.float32))
    return bool(np.any(ordered[CROWD - 1 :] - ordered[: len(ordered) - CROWD + 1] <= ALIKE))


def nearest_of_all(ids: Sequence[str], matrix: Vectors, query: Vectors, k: int) -> list[tuple[str, float]]:
    """Up to ``k`` (id, cosine), the nearest first; the rows of ``matrix`` have unit length."""
    if not ids:
        return []
    length = float(np.linalg.norm(query)) or 1.0
    cosines = np.clip(matrix @ query / length, -1.0, 1.0)
    return [(ids[place], float(cosines[place])) for place in np.argsort(-cosines, kind="stable")[:k]]


def _make(client: Client, name: str, embedder: EmbedderRef) -> CosineStore:
    from chromadb.api.collection_configuration import (
        CreateCollectionConfiguration,
        CreateHNSWConfiguration,
    )

    neighbours = CreateHNSWConfiguration(space="cosine", ef_construction=EF_CONSTRUCTION, ef_search=EF_SEARCH)
    made = client.create_collection(
        name,
        metadata={
            "embedder": embedder.name,
            "digest": embedder.digest,
            "dimensions": embedder.dimensions,
        },
        configuration=CreateCollectionConfiguration(hnsw=neighbours),
        embedding_function=None,
    )
    return cosine_store(made)


def _store(client: Client, collection_id: str, embedder: EmbedderRef | None = None) -> CosineStore | None:
    """The store of a collection, or None. Raises EmbedderMismatch."""
    store = existing(client, _name(collection_id))
    if store is not None and embedder is not None:
        made = store.client.metadata or {}
        if (made.get("digest"), made.get("dimensions")) != (embedder.digest, embedder.dimensions):
            raise EmbedderMismatch(
                f"The index of this collection was made with {made.get('embedder', 'another embedder')}, "
                f"not with {embedder.name} as it is now.",
                REMEDY,
            )
    return store


def _upsert(client: Client, store: CosineStore, ids: Sequence[str], vectors: Vectors) -> None:
    size = min(BATCH, client.get_max_batch_size())
    for start in range(0, len(ids), size):
        store.upsert(ids[start : start + size], vectors[start : start + size])


def _drop(client: Client, name: str) -> None:
    from chromadb.errors import NotFoundError

    try:
        client.delete_collection(name)
    except NotFoundError:
        return


def _name(collection_id: str) -> str:
    return PREFIX + collection_id


def _checked(embedder: EmbedderRef, ids: Sequence[str], vectors: Vectors) -> Vectors:
    matrix = np.ascontiguousarray(vectors, np.float32)
    if matrix.shape != (len(ids), embedder.dimensions):
        raise ValueError(f"{len(ids)} ids of {embedder} do not go with vectors of {matrix.shape}")
    return matrix


def remove_strays(folder: Path) -> None:
    """Remove the vector files of dropped collections, which Chroma leaves behind."""
    try:
        address = f"{(folder / 'chroma.sqlite3').resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            known = {row[0] for row in connection.execute("SELECT id FROM segments")}
    except sqlite3.Error:
        return  # a damaged folder stays as it is
    for place in folder.iterdir():
        if place.is_dir() and _is_uuid(place.name) and place.name not in known:
            shutil.rmtree(place, ignore_errors=True)


def _is_uuid(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


@contextmanager
def in_words() -> Iterator[None]:
    """Turn whatever Chroma raises into IndexDamaged, or into IndexUnwritable where no rebuild helps."""
    try:
        yield
    except BaseException as error:
        if not _is_fault(error):
            raise
        raise _told(error) from error


def _is_fault(error: BaseException) -> bool:
    from chromadb.errors import ChromaError

    if isinstance(error, AppError):
        return False
    # A panic of its Rust core comes as a BaseException of a module that cannot be imported.
    panic = type(error).__name__ == "PanicException"
    return panic or isinstance(error, ChromaError | sqlite3.Error | OSError | RuntimeError | AttributeError)


def _told(error: BaseException) -> IndexDamaged:
    told = str(error).lower()
    if any(one in told for one in FULL):
        return IndexUnwritable("The index cannot be written: the disk is full.", MAKE_ROOM)
    if any(one in told for one in LOCKED):
        remedy = "Let Assay write to the data folder, then try again."
        return IndexUnwritable("The index cannot be written: its folder is read-only.", remedy)
    return IndexDamaged("The index is damaged.", REMEDY)
