"""The nearest-neighbour index (signatures first; the code follows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain import EmbedderRef

Vectors = NDArray[np.float32]


class Index:
    """Chroma below ``folder/chroma``; ``folder`` is the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def upsert(self, collection_id: str, embedder: EmbedderRef, ids: Sequence[str], vectors: Vectors) -> None:
        """Insert or replace. Raises EmbedderMismatch, IndexDamaged."""
        raise NotImplementedError

    def delete(self, collection_id: str, ids: Sequence[str]) -> None:
        """Remove ids; unknown ones are ignored."""
        raise NotImplementedError

    def drop(self, collection_id: str) -> None:
        """Remove a collection; nothing happens where there is none."""
        raise NotImplementedError

    def query(
        self, collection_id: str, embedder: EmbedderRef, vector: Vectors, k: int
    ) -> list[tuple[str, float]]:
        """Up to k (id, cosine), the nearest first. Raises EmbedderMismatch, IndexDamaged."""
        raise NotImplementedError

    def count(self, collection_id: str) -> int:
        """How many ids are in it (0 for an unknown collection)."""
        raise NotImplementedError

    def ids(self, collection_id: str) -> set[str]:
        """The ids in it."""
        raise NotImplementedError

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
        """Make the collection anew; ``on_progress(done, total)``."""
        raise NotImplementedError

    def replace_folder(self) -> None:
        """Set a damaged folder aside and begin an empty one; every collection must be rebuilt."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the folder."""
        raise NotImplementedError


def probe(folder: Path, timeout: float = 60.0) -> str:
    """Words on what is wrong with the index of the data folder, "" if it is well."""
    raise NotImplementedError
