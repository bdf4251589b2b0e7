"""Collections (signatures first; the code follows)."""

from __future__ import annotations

import builtins

from app.domain import Collection, EmbedderRef, Splitting
from storage.database import Database


class Collections:
    """Collections of documents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[Collection]:
        """All, by name."""
        raise NotImplementedError

    def get(self, collection_id: str) -> Collection:
        """Raises NotFound."""
        raise NotImplementedError

    def by_name(self, name: str) -> Collection | None:
        """The one of that name (case does not matter), or None."""
        raise NotImplementedError

    def create(
        self, name: str, embedder: EmbedderRef, splitting: Splitting, *, local_only: bool = False
    ) -> Collection:
        """Raises NotAllowed: name taken, empty or over 80 characters."""
        raise NotImplementedError

    def rename(self, collection_id: str, name: str) -> Collection:
        """Raises NotFound, NotAllowed."""
        raise NotImplementedError

    def set_local_only(self, collection_id: str, local_only: bool) -> Collection:
        """Whether passages may only go to models on this machine."""
        raise NotImplementedError

    def agree(self, collection_id: str, host: str) -> Collection:
        """The person agreed that passages may be sent to the host."""
        raise NotImplementedError

    def reembed(self, collection_id: str, embedder: EmbedderRef) -> Collection:
        """Switch to another embedder; revision + 1."""
        raise NotImplementedError

    def delete(self, collection_id: str, *, from_past_answers: bool) -> builtins.list[str]:
        """Returns the ids of documents that are in no collection any more (delete their files)."""
        raise NotImplementedError
