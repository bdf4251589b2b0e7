"""The rule that a collection's passages leave this machine only where the person agreed to it."""

from __future__ import annotations

from collections.abc import Callable

from app.backends.base import Backend
from app.domain import Candidate, Collection
from app.errors import AppError, NotAllowed


class Leaving:
    """Asked before anything is sent; one for the Ask page and for experiments."""

    def __init__(
        self, collection_of: Callable[[str], Collection], backend_of: Callable[[str], Backend]
    ) -> None:
        self._collection_of = collection_of
        self._backend_of = backend_of

    def refuse(self, candidate: Candidate) -> None:
        """Raise NotAllowed where the candidate's passages may not go to its backend; NotFound."""
        if candidate.retrieval is None:
            return
        try:
            backend = self._backend_of(candidate.backend)
        except AppError:
            return  # The lane says in its own words that the backend is not there.
        if backend.local:
            return
        collection = self._collection_of(candidate.retrieval.collection_id)
        if collection.local_only:
            raise NotAllowed(
                f"“{collection.name}” is for local models only; {candidate.backend} is at {backend.host}.",
                "Take that lane away or turn its documents off; the rule can be changed under Documents.",
            )
        if backend.host not in collection.agreed_hosts:
            raise NotAllowed(
                f"Passages of “{collection.name}” would leave this machine, to {backend.host}.",
                "Agree to it once for this collection (Ask page, or `--agree`), or turn its documents off.",
            )
