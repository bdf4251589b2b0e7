"""Collections: which documents belong together, by which embedder, and where they may be sent."""

from __future__ import annotations

import builtins
from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.orm import Session
from ulid import ULID

from app.domain import Collection, EmbedderRef, Splitting, collection_names
from app.errors import NotAllowed, NotFound
from storage.database import Database
from storage.erasing import erase_collection
from storage.names import name_key, usable_name
from storage.removing import remove_documents, remove_vectors_of
from storage.tables import AgreedHostRow, CollectionRow, DeletedCollectionRow, DocumentRow


class Collections:
    """Collections of documents. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[Collection]:
        """All, by name."""
        with self._database.read() as session:
            rows = session.scalars(select(CollectionRow).order_by(CollectionRow.name_key)).all()
            return [_collection(session, row) for row in rows]

    def names(self) -> dict[str, str]:
        """What all are called, by id, those too that were deleted and whose names are kept."""
        return collection_names(self.list(), self.deleted())

    def deleted(self) -> dict[str, str]:
        """What those that were deleted were called, by id; names that were erased are not in it."""
        with self._database.read() as session:
            rows = session.scalars(select(DeletedCollectionRow).order_by(DeletedCollectionRow.id))
            return {row.id: row.name for row in rows}

    def get(self, collection_id: str) -> Collection:
        """One by its id. Raises NotFound."""
        with self._database.read() as session:
            return _collection(session, the_collection(session, collection_id))

    def by_name(self, name: str) -> Collection | None:
        """The one of that name (case and outer spaces do not matter), or None."""
        with self._database.read() as session:
            row = _named(session, name)
            return _collection(session, row) if row else None

    def create(
        self,
        name: str,
        embedder: EmbedderRef,
        splitting: Splitting,
        *,
        local_only: bool = False,
        collection_id: str = "",
    ) -> Collection:
        """A new, empty one. Raises NotAllowed: the name is taken, empty or too long.

        ``collection_id`` is for one that is the same in every data folder, so that experiments made elsewhere
        find its passages. Where a collection has that id already, the new one gets another.
        """
        _refuse_nameless(embedder)
        with self._database.write() as session:
            row = CollectionRow(
                id=_free_id(session, collection_id),
                name=_free_name(session, name),
                name_key=name_key(name),
                embedder_name=embedder.name,
                embedder_digest=embedder.digest,
                dimensions=embedder.dimensions,
                split_tokens=splitting.tokens,
                split_overlap=splitting.overlap,
                split_characters=splitting.characters,
                local_only=local_only,
                revision=0,
                created_at=datetime.now(UTC),
            )
            session.add(row)
            # One with a fixed id may have been deleted before.
            session.execute(delete(DeletedCollectionRow).where(DeletedCollectionRow.id == row.id))
            session.flush()
            return _collection(session, row)

    def rename(self, collection_id: str, name: str) -> Collection:
        """Give it another name. Raises NotFound, NotAllowed."""
        with self._database.write() as session:
            row = the_collection(session, collection_id)
            row.name, row.name_key = _free_name(session, name, but=collection_id), name_key(name)
            return _collection(session, row)

    def set_local_only(self, collection_id: str, local_only: bool) -> Collection:
        """Whether its passages may only go to models on this machine. Raises NotFound."""
        with self._database.write() as session:
            row = the_collection(session, collection_id)
            row.local_only = local_only
            return _collection(session, row)

    def agree(self, collection_id: str, host: str) -> Collection:
        """The person agrees that passages may be sent to the host. Raises NotFound."""
        with self._database.write() as session:
            row = the_collection(session, collection_id)
            agreed = {"collection_id": row.id, "host": host, "agreed_at": datetime.now(UTC)}
            session.execute(insert_or(AgreedHostRow).on_conflict_do_nothing(), [agreed])
            return _collection(session, row)

    def reembed(self, collection_id: str, embedder: EmbedderRef) -> Collection:
        """Switch to another embedder; revision + 1. Raises NotFound.

        Vectors of the new one are kept with ``Documents.keep_vectors`` before; those of the old one
        go where no other collection uses it.
        """
        _refuse_nameless(embedder)
        with self._database.write() as session:
            row = the_collection(session, collection_id)
            old = row.embedder_digest
            row.embedder_name, row.embedder_digest = embedder.name, embedder.digest
            row.dimensions = embedder.dimensions
            row.revision += 1
            session.flush()
            remove_vectors_of(session, old)
            return _collection(session, row)

    def delete(self, collection_id: str, *, from_past_answers: bool) -> builtins.list[str]:
        """Remove it with its documents, passages and vectors. Raises NotFound.

        Returns the ids of documents that are in no collection any more: their files can go. Past
        answers keep what they were given, and are told by the collection's name, unless both are to go
        ``from_past_answers`` too.
        """
        with self._database.write() as session:
            row = the_collection(session, collection_id)
            name = row.name
            of_it = select(DocumentRow.document_id).where(DocumentRow.collection_id == row.id)
            removed = remove_documents(session, row.id, session.scalars(of_it).all())
            session.execute(delete(CollectionRow).where(CollectionRow.id == collection_id))
            if from_past_answers:
                erase_collection(session, collection_id)
            else:
                session.add(DeletedCollectionRow(id=collection_id, name=name))
            return removed.unused_documents


def the_collection(session: Session, collection_id: str) -> CollectionRow:
    """The row. Raises NotFound."""
    row = session.get(CollectionRow, collection_id)
    if row is None:
        raise NotFound("That collection is no longer there.", "Choose another one.")
    return row


def count_change(session: Session, collection_id: str) -> None:
    """Note that what can be found in the collection has changed."""
    session.execute(
        update(CollectionRow)
        .where(CollectionRow.id == collection_id)
        .values(revision=CollectionRow.revision + 1)
    )


def _named(session: Session, name: str) -> CollectionRow | None:
    return session.scalars(
        select(CollectionRow).where(CollectionRow.name_key == name_key(name))
    ).one_or_none()


def _free_name(session: Session, name: str, but: str = "") -> str:
    """The name without outer spaces. Raises NotAllowed where it cannot be given."""
    wanted = usable_name(name, "collection")
    taken = _named(session, wanted)
    if taken is not None and taken.id != but:
        raise NotAllowed(f"There is a collection called “{taken.name}” already.", "Choose another name.")
    return wanted


def _free_id(session: Session, wanted: str) -> str:
    free = wanted and session.get(CollectionRow, wanted) is None
    return wanted if free else str(ULID())


def _refuse_nameless(embedder: EmbedderRef) -> None:
    """An empty digest would let the vectors of two embedders mix."""
    if not embedder.digest or embedder.dimensions < 1:
        raise NotAllowed(f"The embedder {embedder.name} does not say which one it is.")


def _collection(session: Session, row: CollectionRow) -> Collection:
    agreed = select(AgreedHostRow.host).where(AgreedHostRow.collection_id == row.id)
    return Collection(
        id=row.id,
        name=row.name,
        embedder=EmbedderRef(row.embedder_name, row.embedder_digest, row.dimensions),
        splitting=Splitting(row.split_tokens, row.split_overlap, row.split_characters),
        local_only=row.local_only,
        agreed_hosts=tuple(session.scalars(agreed.order_by(AgreedHostRow.agreed_at, AgreedHostRow.host))),
        revision=row.revision,
        created_at=row.created_at,
    )
