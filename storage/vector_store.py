"""LlamaIndex's Chroma store, mended (FACTS): upsert replaces, similarities are cosines, no texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from chromadb import Collection
    from llama_index.core.schema import BaseNode
    from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryResult


AT_ONCE = 5_000


class CosineStore(Protocol):
    """What the index uses of the store; ``client`` is Chroma's collection."""

    @property
    def client(self) -> Any:
        """Chroma's collection itself."""

    def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Insert or replace vectors of shape (ids, dimensions)."""

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Up to ``k`` (id, cosine), the nearest first."""

    def everything(self) -> tuple[list[str], NDArray[np.float32]]:
        """All ids, in their order, and their vectors at unit length, shape (ids, dimensions)."""


def cosine_store(collection: Collection) -> CosineStore:
    """The store over a Chroma collection that was made for the space "cosine"."""
    store: CosineStore = _store_class()(collection)
    return store


@cache
def _store_class() -> type[Any]:
    # In a function, since LlamaIndex and Chroma take over two seconds to import.
    from llama_index.core.vector_stores.types import VectorStoreQueryResult
    from llama_index.vector_stores.chroma import ChromaVectorStore

    class Store(ChromaVectorStore):
        """Keeps ids and vectors only."""

        stores_text: bool = False

        def __init__(self, chroma_collection: Collection) -> None:
            super().__init__(chroma_collection=chroma_collection)

        def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
            """Insert or replace the nodes' vectors; returns their ids."""
            ids = [node.node_id for node in nodes]
            self.upsert(ids, np.array([node.get_embedding() for node in nodes], np.float32))
            return ids

        def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
            """The ids nearest to the query's vector, with their cosines."""
            found = self.nearest(np.array(query.query_embedding, np.float32), query.similarity_top_k)
            return VectorStoreQueryResult(
                ids=[one for one, _ in found], similarities=[one for _, one in found]
            )

        def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
            """Insert or replace; Chroma's ``add`` would keep the old."""
            self.client.upsert(ids=list(ids), embeddings=vectors)

        def nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
            """Chroma tells 1 - cosine."""
            found = self.client.query(
                query_embeddings=vector.reshape(1, -1), n_results=k, include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return [(str(one), float(np.clip(1.0 - distance, -1.0, 1.0))) for one, distance in pairs]

        def everything(self) -> tuple[list[str], NDArray[np.float32]]:
            """In parts: the server's SQLite takes only so many ids at once."""
            ids: list[str] = []
            rows: list[NDArray[np.float32]] = []
            for start in range(0, self.client.count(), AT_ONCE):
                part = self.client.get(limit=AT_ONCE, offset=start, include=["embeddings"])
                ids += part["ids"]
                rows.append(np.asarray(part["embeddings"], np.float32))
            if not ids:
                return [], np.zeros((0, 0), np.float32)
            order = np.argsort(ids)
            matrix = np.concatenate(rows)[order]
            lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
            unit = matrix / np.where(lengths == 0.0, 1.0, lengths)
            return [ids[place] for place in order], unit.astype(np.float32)

    return Store
