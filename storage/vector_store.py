"""LlamaIndex's Chroma store, mended (FACTS): upsert replaces, similarities are cosines, no texts.

Import it late: LlamaIndex and Chroma take over two seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from chromadb import Collection
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryResult
from llama_index.vector_stores.chroma import ChromaVectorStore
from numpy.typing import NDArray


class CosineStore(ChromaVectorStore):
    """Keeps ids and vectors only. Its collection must have been made for the space "cosine"."""

    stores_text: bool = False

    def __init__(self, chroma_collection: Collection, **_: Any) -> None:
        super().__init__(chroma_collection=chroma_collection)

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Insert or replace the nodes' vectors; returns their ids."""
        ids = [node.node_id for node in nodes]
        self.upsert(ids, np.array([node.get_embedding() for node in nodes], np.float32))
        return ids

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """The ids nearest to the query's vector, with their cosines."""
        found = self.nearest(np.array(query.query_embedding, np.float32), query.similarity_top_k)
        return VectorStoreQueryResult(ids=[one for one, _ in found], similarities=[one for _, one in found])

    def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Insert or replace vectors of shape (ids, dimensions); Chroma's ``add`` would keep the old."""
        self.client.upsert(ids=list(ids), embeddings=vectors)

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Up to ``k`` (id, cosine), the nearest first."""
        found = self.client.query(query_embeddings=vector.reshape(1, -1), n_results=k, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(str(one), float(np.clip(1.0 - distance, -1.0, 1.0))) for one, distance in pairs]
