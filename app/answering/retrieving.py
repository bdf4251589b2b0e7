"""Finding the passages for a question: through the index, or exactly where the search is narrowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from app.backends.base import Embedder
from app.domain import Collection, FoundPassage
from app.errors import EmbedderMismatch, NotAllowed
from storage.collections import Collections
from storage.documents import Documents
from storage.index import Index

MAX_ROUNDS = 3


class Searching:
    """Searches collections. ``embedder_of`` gives the embedder of a name ("backend/model")."""

    def __init__(
        self,
        collections: Collections,
        documents: Documents,
        index: Index,
        embedder_of: Callable[[str], Embedder],
    ) -> None:
        self._collections = collections
        self._documents = documents
        self._index = index
        self._embedder_of = embedder_of

    def search(
        self, collection_id: str, query: str, k: int, only_documents: Sequence[str] = ()
    ) -> list[FoundPassage]:
        """The ``k`` nearest searchable passages, best first.

        ``only_documents`` (document ids) narrows the search; that one is exact. Raises NotFound,
        EmbedderMismatch, NotAllowed, IndexDamaged and BackendError.
        """
        collection = self._collections.get(collection_id)
        if self._documents.count_searchable(collection_id) == 0:
            return []
        vector = self.embed(collection, [query])[0]
        if only_documents:
            return self._exact(collection, vector, k, only_documents)
        return self._through_index(collection, vector, k)

    def exact(self, collection_id: str, query: str, k: int) -> list[FoundPassage]:
        """As ``search``, but by comparing with every vector in SQL."""
        collection = self._collections.get(collection_id)
        return self._exact(collection, self.embed(collection, [query])[0], k, ())

    def embed(self, collection: Collection, queries: Sequence[str]) -> np.ndarray:
        """The vectors of the queries as they are searched for, shape (queries, dimensions), in one go.

        Raises EmbedderMismatch, BackendError, and NotAllowed where a question would leave this machine though
        the collection forbids it.
        """
        embedder = self._embedder_of(collection.embedder.name)
        if collection.local_only and not embedder.local:
            raise NotAllowed(
                f"“{collection.name}” uses local models only, but questions are searched for by "
                f"{embedder.name}, which runs at {embedder.host}. Nothing was sent there.",
                "Open Documents, Manage, “Change the embedder”, and choose one on this machine.",
            )
        if embedder.digest != collection.embedder.digest:
            raise EmbedderMismatch(
                f"“{collection.name}” was made with another version of {collection.embedder.name}.",
                "Open Documents, Manage, “Change the embedder”, and choose the one that is there now.",
            )
        vectors: np.ndarray = embedder.embed([_within(embedder, one) for one in queries])
        return vectors

    def read(self, collection_id: str, query: str) -> int:
        """How many characters of a query are searched for: the first ones, as many as the embedder reads.

        Raises NotFound and BackendError.
        """
        collection = self._collections.get(collection_id)
        return len(_within(self._embedder_of(collection.embedder.name), query))

    def _through_index(self, collection: Collection, vector: np.ndarray, k: int) -> list[FoundPassage]:
        # The index may still hold passages that were replaced or deleted: ask for more until
        # enough searchable ones came, or until it has no more.
        wanted = k
        for _ in range(MAX_ROUNDS):
            hits = self._index.query(collection.id, collection.embedder, vector, wanted)
            known = self._documents.searchable(collection.id, [one for one, _ in hits])
            kept = [(known[one], cosine) for one, cosine in hits if one in known]
            if len(kept) >= k or len(hits) < wanted:
                break
            wanted *= 4
        return [
            FoundPassage(passage, cosine, rank) for rank, (passage, cosine) in enumerate(kept[:k], start=1)
        ]

    def _exact(
        self, collection: Collection, vector: np.ndarray, k: int, only_documents: Sequence[str]
    ) -> list[FoundPassage]:
        ids, matrix = self._documents.matrix(collection.id, tuple(only_documents))
        if not ids:
            return []
        cosines = matrix @ vector
        best = np.argsort(-cosines, kind="stable")[:k]
        passages = self._documents.searchable(collection.id, [ids[i] for i in best])
        return [
            FoundPassage(passages[ids[i]], float(cosines[i]), rank)
            for rank, i in enumerate(best, start=1)
            if ids[i] in passages
        ]


def _within(embedder: Embedder, query: str) -> str:
    """The query cut to what the embedder reads: a pasted page must not fail the search."""
    limit = embedder.max_tokens - 2
    while embedder.count(query) > limit:
        query = query[: max(1, int(len(query) * 0.8))]
    return query
