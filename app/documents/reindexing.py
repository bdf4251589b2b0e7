"""Making a collection's index again from SQL, and giving a collection another embedder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from app.backends.base import Embedder
from app.documents.embedding import reference, vectors_of
from app.documents.reading import Stopped, never
from app.documents.rooms import Rooms, Stop, nothing
from app.documents.splitting import passages_of
from app.domain import Collection, DocumentState, Passage
from app.errors import NotFound

Progress = Callable[[int, int], None]


class _Gone(Exception):
    """The document was deleted meanwhile."""


def rebuild(rooms: Rooms, collection_id: str, on_progress: Progress = nothing, stop: Stop = never) -> None:
    """Make the collection's index again from SQL; ``on_progress(done, total)`` counts passages.

    Nothing is embedded, but for what an interrupted change of the embedder left without vectors. Raises
    Stopped; the old index answers until the new one is complete.
    """
    with rooms.turn(collection_id, stop):
        collection = rooms.collections.get(collection_id)
        if bare := rooms.documents.unembedded(collection_id):
            renewing = _Renewing(rooms, collection, rooms.embedder(collection), stop)
            renewing.store({one.document_id for one in bare})
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

    A document that is deleted meanwhile is left out. After the switch only ``closing`` still ends it: the
    index is then made again at the next start.
    """
    with rooms.turn(collection_id, stop):
        collection = rooms.collections.get(collection_id)
        rooms.refuse_elsewhere(collection, embedder_name)
        embedder = rooms.embedder_of(embedder_name)
        entries = rooms.documents.entries(collection_id)
        sizes = {one.document_id: one.passages for one in entries if one.state is DocumentState.SEARCHABLE}
        _Renewing(rooms, collection, embedder, stop).embed(sizes, on_progress)
        if stop():  # asked while the last passages were embedded
            raise Stopped
        switched = rooms.collections.reembed(collection_id, reference(embedder))
        rooms.at_step("switched")
        _Renewing(rooms, switched, embedder, never).store(sizes)
        _from_sql(rooms, collection_id, nothing, closing)


@dataclass(frozen=True)
class _Renewing:
    """Splits documents that are there already as an embedder needs it."""

    rooms: Rooms
    collection: Collection
    embedder: Embedder
    stop: Stop

    def embed(self, sizes: Mapping[str, int], on_progress: Progress) -> None:
        """Make and keep the vectors; nothing that can be seen changes.

        ``sizes``: how many passages each document has now; ``on_progress(done, total)`` counts these.
        """
        total, before = sum(sizes.values()), 0
        on_progress(0, total)
        for document_id, size in sizes.items():

            def told(done: int, of: int, before: int = before, size: int = size) -> None:
                on_progress(before + (size * done // of if of else 0), total)

            with suppress(_Gone):
                self._embed(self._split(document_id), told)
            before += size
            self.rooms.at_step("embedded again")
        on_progress(total, total)

    def store(self, document_ids: Iterable[str]) -> None:
        """Put the new passages in the place of the old ones; their vectors are known as a rule."""
        for document_id in document_ids:
            with suppress(_Gone):
                self._store(document_id)
            self.rooms.at_step("document renewed")

    def _store(self, document_id: str) -> None:
        documents, collection_id = self.rooms.documents, self.collection.id
        passages = self._split(document_id)
        self._embed(passages, nothing)
        if passages == documents.passages(collection_id, document_id):
            return
        try:
            documents.store_passages(collection_id, document_id, passages)
            self.rooms.at_step("passages renewed")
            documents.publish(collection_id, document_id)
        except NotFound as gone:
            raise _Gone from gone

    def _embed(self, passages: list[Passage], on_progress: Progress) -> None:
        texts = [one.text for one in passages]
        vectors_of(self.rooms.documents, self.embedder, texts, on_progress, self.stop)

    def _split(self, document_id: str) -> list[Passage]:
        entry = self.rooms.documents.entry(self.collection.id, document_id)
        reading = self.rooms.documents.reading(document_id)
        if entry is None or reading is None:
            raise _Gone
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
