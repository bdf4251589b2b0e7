"""Taking documents out of a collection, with everything that only they needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from sqlalchemy import Exists, delete, exists, select
from sqlalchemy.orm import Session

from storage.tables import CollectionRow, DocumentRow, PassageRow, ReadingRow, VectorRow

T = TypeVar("T")

AT_ONCE = 500
"""How many values one statement names."""


@dataclass
class Removed:
    """What a removal took away: passages (to take out of the index) and documents used nowhere else."""

    passages: list[str] = field(default_factory=list)
    unused_documents: list[str] = field(default_factory=list)


def in_parts(values: Sequence[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The values in lists of at most ``size``."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def remove_documents(session: Session, collection_id: str, document_ids: Sequence[str]) -> Removed:
    """Remove documents with passages, and the readings and vectors that nothing else uses."""
    removed = Removed()
    for document_id in document_ids:
        removed.passages += remove_passages(session, collection_id, document_id)
        session.execute(
            delete(DocumentRow).where(
                DocumentRow.collection_id == collection_id, DocumentRow.document_id == document_id
            )
        )
        if not used_anywhere(session, document_id):
            session.execute(delete(ReadingRow).where(ReadingRow.document_id == document_id))
            removed.unused_documents.append(document_id)
    return removed


def remove_passages(session: Session, collection_id: str, document_id: str) -> list[str]:
    """Remove a document's passages with the vectors that no other passage needs; returns their ids."""
    ours = (PassageRow.collection_id == collection_id, PassageRow.document_id == document_id)
    rows = session.execute(select(PassageRow.id, PassageRow.text_sha).where(*ours)).all()
    session.execute(delete(PassageRow).where(*ours))
    remove_unneeded_vectors(session, [row.text_sha for row in rows])
    return [row.id for row in rows]


def remove_unneeded_vectors(session: Session, shas: Sequence[bytes]) -> None:
    """Remove the vectors of those texts that are no passage any more."""
    for part in in_parts(sorted(set(shas))):
        session.execute(delete(VectorRow).where(VectorRow.text_sha.in_(part), ~_needed()))


def remove_stray_vectors(session: Session) -> None:
    """Remove every vector whose text is no passage any more."""
    session.execute(delete(VectorRow).where(~_needed()))


def remove_vectors_of(session: Session, embedder_digest: str) -> None:
    """Remove an embedder's vectors if no collection uses it any more."""
    users = exists().where(CollectionRow.embedder_digest == embedder_digest)
    session.execute(delete(VectorRow).where(VectorRow.embedder_digest == embedder_digest, ~users))


def used_anywhere(session: Session, document_id: str) -> bool:
    """Whether any collection has the document."""
    return bool(session.scalar(select(exists().where(DocumentRow.document_id == document_id))))


def _needed() -> Exists:
    return exists().where(PassageRow.text_sha == VectorRow.text_sha)
