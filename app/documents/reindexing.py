"""Making a collection's index again from SQL, and giving a collection another embedder."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection as Sized
from dataclasses import dataclass

from app.backends.base import Embedder
from app.documents.embedding import reference, vectors_of
from app.documents.reading import Stopped, never
from app.documents.rooms import Rooms, Stop, nothing
from app.documents.splitting import passages_of
from app.domain import Collection, DocumentState, Passage
from app.errors import NotFound

Progress = Callable[[int, int], None]


def rebuild(rooms: Rooms, collection_id: str, on_progress: Progress = nothing, stop: Stop = never) -> None:
    """Make the collection's index again from SQL; ``on_progress(done, total)`` counts passages.

    Nothing is embedded, but for what an interrupted change of the embedder left without vectors. Raises
    Stopped; the old index answers until the new one is complete.
    """
    with rooms.turn(collection_id, stop):
        collection = rooms.collections.get(collection_id)
        if bare := rooms.documents.unembedded(collection_id):
            renewing = _Renewing(rooms, collection, rooms.embedder(collection), stop)
            renewing.store({one.document_id for one in bare}, nothing)
        _from_sql(rooms, collection_id, on_progress, stop)


def reembed(
    rooms: Rooms,
    collection_id: str,
    embedder_name: str,
    on_progress: Progress = nothing,
    *,
    stop: Stop = never,
    closing: Stop = never,
) -> None:
    """Split and embed every document for another embedder, then switch; see ``Ingesting.reembed``.

    After the switch only ``closing`` still ends it: the index is then made again at the next start.
    """
    with rooms.turn(collection_id, stop):
        collection = rooms.collections.get(collection_id)
        rooms.refuse_elsewhere(collection, embedder_name)
        embedder = rooms.embedder_of(embedder_name)
        entries = rooms.documents.entries(collection_id)
        searchable = [one.document_id for one in entries if one.state is DocumentState.SEARCHABLE]
        _Renewing(rooms, collection, embedder, stop).embed(searchable, on_progress)
        switched = rooms.collections.reembed(collection_id, reference(embedder))
        rooms.at_step("switched")
        _Renewing(rooms, switched, embedder, never).store(searchable, nothing)
        _from_sql(rooms, collection_id, nothing, closing)
        on_progress(len(searchable), len(searchable))


@dataclass(frozen=True)
class _Renewing:
    """Splits documents that are there already as an embedder needs it."""

    rooms: Rooms
    collection: Collection
    embedder: Embedder
    stop: Stop

    def embed(self, document_ids: Sized[str], on_progress: Progress) -> None:
        """Make and keep the vectors; nothing that can be seen changes."""
        for done, document_id in enumerate(document_ids):
            on_progress(done, len(document_ids))
            self._embed(self._split(document_id))
            self.rooms.at_step("embedded again")

    def store(self, document_ids: Sized[str], on_progress: Progress) -> None:
        """Put the new passages in the place of the old ones; their vectors are known as a rule."""
        documents, collection_id = self.rooms.documents, self.collection.id
        for done, document_id in enumerate(document_ids, start=1):
            passages = self._split(document_id)
            self._embed(passages)
            if passages != documents.passages(collection_id, document_id):
                documents.store_passages(collection_id, document_id, passages)
                self.rooms.at_step("passages renewed")
                documents.publish(collection_id, document_id)
            self.rooms.at_step("document renewed")
            on_progress(done, len(document_ids))

    def _embed(self, passages: list[Passage]) -> None:
        texts = [one.text for one in passages]
        vectors_of(self.rooms.documents, self.embedder, texts, nothing, self.stop)

    def _split(self, document_id: str) -> list[Passage]:
        entry = self.rooms.documents.entry(self.collection.id, document_id)
        reading = self.rooms.documents.reading(document_id)
        if entry is None or reading is None:
            raise NotFound("A document was deleted meanwhile.", "Try again.")
        named = (document_id, entry.name)
        return passages_of(self.collection, named, reading, self.embedder, self._look)

    def _look(self) -> None:
        if self.stop():
            raise Stopped


def _from_sql(rooms: Rooms, collection_id: str, on_progress: Progress, stop: Stop) -> None:
    def told(done: int, total: int) -> None:
        if stop():
            raise Stopped
        on_progress(done, total)

    collection = rooms.collections.get(collection_id)
    ids, matrix = rooms.documents.matrix(collection_id)
    rooms.index.rebuild(collection_id, collection.embedder, ids, matrix, told)
    rooms.at_step("index rebuilt")
