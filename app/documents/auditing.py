"""How much of an exact search the index returns (METRICS: index recall@k)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.documents.reading import Stopped, never
from app.documents.rooms import Stop, nothing
from app.domain import Collection, IndexAudit
from storage.documents import Documents, Vectors
from storage.index import Index

# How far a query lies from the passage that it is made of: at 0.5 its cosine to it is about 0.9.
_DISTANCE = 0.5
_TIE = 1e-5
_ROUNDS = 3


def audit(  # noqa: PLR0917 - the last three are plain numbers with defaults
    documents: Documents,
    index: Index,
    collection: Collection,
    k: int = 10,
    queries: int = 100,
    seed: int = 1,
    *,
    on_progress: Callable[[int, int], None] = nothing,
    stop: Stop = never,
) -> IndexAudit:
    """Compare the index with NumPy over all vectors in SQL, for queries near random passages.

    Without passages there is nothing to miss: recall 1 over 0 queries. Equal cosines are equally right.
    Deterministic for a seed; ``on_progress(done, total)`` counts searches. Raises EmbedderMismatch,
    IndexDamaged and Stopped.
    """
    ids, matrix = documents.matrix(collection.id)
    if not ids:
        return IndexAudit(collection.id, 0, 0, 0, recall=1.0, too_few=0)
    places = {one: place for place, one in enumerate(ids)}
    wanted = min(k, len(ids))
    right = too_few = 0
    made = _queries(matrix, min(queries, len(ids)), seed)
    for done, query in enumerate(made):
        if stop():
            raise Stopped
        on_progress(done, len(made))
        cosines = matrix @ query
        least = np.partition(cosines, -wanted)[-wanted] - _TIE
        found = _found(index, collection, query, wanted, places)
        right += sum(cosines[place] >= least for place in found)
        too_few += len(found) < wanted
    recall = right / (len(made) * wanted)
    return IndexAudit(collection.id, len(ids), len(made), wanted, recall=float(recall), too_few=too_few)


def _queries(matrix: Vectors, count: int, seed: int) -> Vectors:
    """Vectors of random passages, each moved a little, of length 1."""
    random = np.random.default_rng(seed)
    chosen = matrix[random.choice(len(matrix), count, replace=False)]
    noise = random.standard_normal(chosen.shape).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    moved = chosen + np.float32(_DISTANCE) * noise
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _found(
    index: Index, collection: Collection, query: Vectors, wanted: int, places: dict[str, int]
) -> list[int]:
    """Places of the first ``wanted`` searchable passages that the index returns, as a search does it."""
    asked = wanted
    found: list[int] = []
    for _ in range(_ROUNDS):
        hits = index.query(collection.id, collection.embedder, query, asked)
        found = [places[one] for one, _ in hits if one in places]
        if len(found) >= wanted or len(hits) < asked:
            break
        asked *= 4
    return found[:wanted]
