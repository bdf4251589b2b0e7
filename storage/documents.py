"""Documents (signatures first; the code follows)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain import DocumentEntry, DocumentState, EmbedderRef, Passage, ReadDocument
from storage.database import Database

Vectors = NDArray[np.float32]


class Documents:
    """Documents as they stand in collections, their passages and vectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, collection_id: str) -> list[DocumentEntry]:
        """All of a collection, by name."""
        raise NotImplementedError

    def entry(self, collection_id: str, document_id: str) -> DocumentEntry | None:
        """One, or None."""
        raise NotImplementedError

    def named(self, collection_id: str, name: str) -> DocumentEntry | None:
        """The searchable one of that name, else the last one, else None."""
        raise NotImplementedError

    def begin(self, collection_id: str, document_id: str, name: str, size: int) -> None:
        """WAITING. Raises NotFound (collection), NotAllowed where it is searchable already."""
        raise NotImplementedError

    def set_state(
        self,
        collection_id: str,
        document_id: str,
        state: DocumentState,
        error: str = "",
        warning: str = "",
    ) -> None:
        """The state and its words (not SEARCHABLE: that is ``publish``). Raises NotFound."""
        raise NotImplementedError

    def save_reading(self, document_id: str, reading: ReadDocument) -> None:
        """Keep what was read."""
        raise NotImplementedError

    def reading(self, document_id: str) -> ReadDocument | None:
        """What was read, or None."""
        raise NotImplementedError

    def known_vectors(self, embedder_digest: str, texts: Sequence[str]) -> dict[int, Vectors]:
        """Index into ``texts`` -> vector of shape (dimensions,), for those that are known."""
        raise NotImplementedError

    def keep_vectors(self, embedder: EmbedderRef, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors of shape (texts, dimensions)."""
        raise NotImplementedError

    def store_passages(self, collection_id: str, document_id: str, passages: Sequence[Passage]) -> list[str]:
        """Replace the document's passages; returns the passage ids that are gone."""
        raise NotImplementedError

    def publish(self, collection_id: str, document_id: str) -> list[str]:
        """SEARCHABLE, the older ones of the name removed, revision + 1; returns passage ids gone."""
        raise NotImplementedError

    def passages(self, collection_id: str, document_id: str) -> list[Passage]:
        """In the order of the text."""
        raise NotImplementedError

    def searchable(self, collection_id: str, ids: Sequence[str]) -> dict[str, Passage]:
        """Those of the ids that belong to searchable documents."""
        raise NotImplementedError

    def matrix(self, collection_id: str, only_documents: Sequence[str] = ()) -> tuple[list[str], Vectors]:
        """Ids and vectors (n, dimensions) of searchable passages."""
        raise NotImplementedError

    def unembedded(self, collection_id: str) -> list[Passage]:
        """Searchable passages that have no vector of the collection's embedder."""
        raise NotImplementedError

    def count_searchable(self, collection_id: str) -> int:
        """How many passages can be found."""
        raise NotImplementedError

    def delete(self, collection_id: str, document_id: str, *, from_past_answers: bool) -> list[str]:
        """Returns the passage ids that are gone."""
        raise NotImplementedError

    def used_anywhere(self, document_id: str) -> bool:
        """Whether any collection has it."""
        raise NotImplementedError

    def mark_interrupted(self) -> int:
        """Those that a kill left in work become NOT_FINISHED; returns how many."""
        raise NotImplementedError
