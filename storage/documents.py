"""Documents as they stand in collections: what was read, their passages, the vectors of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVarTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.orm import Session

from app.domain import (
    DocumentEntry,
    DocumentState,
    EmbedderRef,
    Passage,
    ReadDocument,
    ReadPage,
)
from app.errors import NotAllowed, NotFound
from storage.collections import count_change, the_collection
from storage.database import Database
from storage.erasing import erase_document
from storage.removing import (
    in_parts,
    remove_documents,
    remove_stray_vectors,
    remove_unneeded_vectors,
    used_anywhere,
)
from storage.tables import (
    CollectionRow,
    DocumentRow,
    PageRow,
    PassageRow,
    ReadingRow,
    VectorRow,
    text_sha,
)

Vectors = NDArray[np.float32]
FLOAT32 = np.dtype("<f4")
Chosen = TypeVarTuple("Chosen")
IN_WORK = (
    DocumentState.WAITING,
    DocumentState.READING,
    DocumentState.SPLITTING,
    DocumentState.INDEXING,
)
INTERRUPTED = "Assay was closed before this document was finished."


class Documents:
    """Documents, passages and vectors. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------- entries

    def entries(self, collection_id: str) -> list[DocumentEntry]:
        """All of a collection, by name."""
        with self._database.read() as session:
            found = session.execute(_entries(collection_id).order_by(DocumentRow.name, DocumentRow.sequence))
            return [_entry(*row) for row in found]

    def entry(self, collection_id: str, document_id: str) -> DocumentEntry | None:
        """One, or None."""
        with self._database.read() as session:
            row = session.execute(
                _entries(collection_id).where(DocumentRow.document_id == document_id)
            ).one_or_none()
            return _entry(*row) if row else None

    def named(self, collection_id: str, name: str) -> DocumentEntry | None:
        """The searchable one of that name, else the one begun last, else None."""
        searchable = DocumentRow.state == DocumentState.SEARCHABLE.value
        with self._database.read() as session:
            row = session.execute(
                _entries(collection_id)
                .where(DocumentRow.name == name)
                .order_by(searchable.desc(), DocumentRow.sequence.desc())
                .limit(1)
            ).one_or_none()
            return _entry(*row) if row else None

    def versions(self, collection_id: str, name: str, but: str = "") -> dict[str, DocumentState]:
        """Document id -> state of all of that name, except for the document ``but``."""
        chosen = select(DocumentRow.document_id, DocumentRow.state).where(
            DocumentRow.collection_id == collection_id,
            DocumentRow.name == name,
            DocumentRow.document_id != but,
        )
        with self._database.read() as session:
            return {row.document_id: DocumentState(row.state) for row in session.execute(chosen)}

    def begin(self, collection_id: str, document_id: str, name: str, size: int) -> None:
        """Note that work on a document begins (WAITING); again for a retry.

        Raises NotFound for the collection, NotAllowed where the document is searchable already.
        """
        with self._database.write() as session:
            the_collection(session, collection_id)
            row = session.get(DocumentRow, (collection_id, document_id))
            if row is None:
                row = DocumentRow(
                    collection_id=collection_id, document_id=document_id, added_at=datetime.now(UTC)
                )
                session.add(row)
            elif row.state == DocumentState.SEARCHABLE.value:
                raise NotAllowed(f"“{row.name}” is in the collection already.")
            last = session.scalar(select(func.coalesce(func.max(DocumentRow.sequence), 0))) or 0
            row.name, row.size, row.sequence = name, size, last + 1
            row.state, row.error, row.warning = DocumentState.WAITING.value, "", ""

    def set_state(
        self,
        collection_id: str,
        document_id: str,
        state: DocumentState,
        error: str = "",
        warning: str = "",
    ) -> None:
        """Note how far a document is, with the words of a failure; an empty warning keeps the one there.

        Raises NotFound where the document was deleted meanwhile, ValueError for SEARCHABLE, which only
        ``publish`` may make of it.
        """
        if state is DocumentState.SEARCHABLE:
            raise ValueError("only publish makes a document searchable")
        with self._database.write() as session:
            row = _the_document(session, collection_id, document_id)
            if row.state == DocumentState.SEARCHABLE.value:
                count_change(session, collection_id)
            row.state, row.error, row.warning = state.value, error, warning or row.warning

    def stop_waiting(self, collection_id: str, document_id: str, error: str) -> None:
        """Note that the work on a waiting document will not begin; one that is in work stays so."""
        ours = (DocumentRow.collection_id == collection_id, DocumentRow.document_id == document_id)
        with self._database.write() as session:
            session.execute(
                update(DocumentRow)
                .where(*ours, DocumentRow.state == DocumentState.WAITING.value)
                .values(state=DocumentState.NOT_FINISHED.value, error=error)
            )

    def used_anywhere(self, document_id: str) -> bool:
        """Whether any collection has it; where none has, its file can go."""
        with self._database.read() as session:
            return used_anywhere(session, document_id)

    def mark_interrupted(self) -> int:
        """Those that a kill left in work become NOT_FINISHED, in words; returns how many.

        For the start, before any work: vectors that nothing needs go too.
        """
        states = [one.value for one in IN_WORK]
        unfinished = DocumentState.NOT_FINISHED.value
        with self._database.write() as session:
            marked = session.execute(
                update(DocumentRow)
                .where(DocumentRow.state.in_(states))
                .values(state=unfinished, error=INTERRUPTED)
                .returning(DocumentRow.document_id)
            ).all()
            # A retry of an unfinished document can use vectors that no passage needs yet.
            if not session.scalar(select(func.count()).where(DocumentRow.state == unfinished)):
                remove_stray_vectors(session)
            return len(marked)

    # ----------------------------------------------------------------- what was read

    def save_reading(self, document_id: str, reading: ReadDocument) -> None:
        """Keep what was read. Raises NotFound where the document was deleted meanwhile."""
        with self._database.write() as session:
            if not used_anywhere(session, document_id):
                raise _gone()
            session.merge(
                ReadingRow(
                    document_id=document_id,
                    reader=reading.reader,
                    warning=reading.warning,
                    pages=len(reading.pages),
                )
            )
            session.flush()
            session.execute(delete(PageRow).where(PageRow.document_id == document_id))
            pages = [
                {"document_id": document_id, "place": place, "number": page.number, "text": page.text}
                for place, page in enumerate(reading.pages)
            ]
            if pages:
                session.execute(insert(PageRow), pages)

    def reading(self, document_id: str) -> ReadDocument | None:
        """What was read, or None."""
        with self._database.read() as session:
            row = session.get(ReadingRow, document_id)
            if row is None:
                return None
            pages = session.execute(
                select(PageRow.number, PageRow.text)
                .where(PageRow.document_id == document_id)
                .order_by(PageRow.place)
            )
            return ReadDocument(tuple(ReadPage(*page) for page in pages), row.reader, row.warning)

    # ----------------------------------------------------------------- vectors

    def known_vectors(self, embedder_digest: str, texts: Sequence[str]) -> dict[int, Vectors]:
        """Index into ``texts`` -> vector of shape (dimensions,), for the texts that have one."""
        shas = [text_sha(text) for text in texts]
        known: dict[bytes, Vectors] = {}
        with self._database.read() as session:
            for part in in_parts(sorted(set(shas))):
                rows = session.execute(
                    select(VectorRow.text_sha, VectorRow.vector).where(
                        VectorRow.embedder_digest == embedder_digest, VectorRow.text_sha.in_(part)
                    )
                )
                known |= {sha: np.frombuffer(vector, FLOAT32) for sha, vector in rows}
        return {place: known[sha] for place, sha in enumerate(shas) if sha in known}

    def keep_vectors(self, embedder: EmbedderRef, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep ``vectors`` of shape (texts, dimensions).

        Raises ValueError for another shape, for numbers that are not finite, or an empty digest.
        """
        matrix = np.ascontiguousarray(vectors, FLOAT32)
        if matrix.shape != (len(texts), embedder.dimensions) or not embedder.digest:
            raise ValueError(f"{len(texts)} texts of {embedder} do not go with vectors of {matrix.shape}")
        if not np.isfinite(matrix).all():
            raise ValueError(f"{embedder.name} gave numbers that are not finite")
        if not len(texts):
            return
        rows = [
            {"embedder_digest": embedder.digest, "text_sha": text_sha(text), "vector": vector.tobytes()}
            for text, vector in zip(texts, matrix, strict=True)
        ]
        statement = insert_or(VectorRow)
        newest = statement.on_conflict_do_update(
            index_elements=["embedder_digest", "text_sha"], set_={"vector": statement.excluded.vector}
        )
        with self._database.write() as session:
            session.execute(newest, rows)

    def matrix(self, collection_id: str, only_documents: Sequence[str] = ()) -> tuple[list[str], Vectors]:
        """Ids and vectors (n, dimensions) of the searchable passages, in a stable order.

        ``only_documents`` are document ids. Passages without a vector of the collection's embedder
        are left out (see ``unembedded``). Raises NotFound for the collection.
        """
        statement = (
            _with_vectors(select(PassageRow.id, VectorRow.vector), collection_id)
            .where(VectorRow.vector.is_not(None))
            .order_by(PassageRow.document_id, PassageRow.place)
        )
        with self._database.read() as session:
            dimensions = the_collection(session, collection_id).dimensions
            if only_documents:
                statement = statement.where(PassageRow.document_id.in_(list(only_documents)))
            rows = session.execute(statement).all()
        joined = np.frombuffer(b"".join(row[1] for row in rows), FLOAT32)
        return [row[0] for row in rows], joined.reshape(len(rows), dimensions)

    def unembedded(self, collection_id: str) -> list[Passage]:
        """Searchable passages that have no vector of the collection's embedder."""
        with self._database.read() as session:
            rows = session.execute(
                _with_vectors(select(PassageRow, DocumentRow.name), collection_id)
                .where(VectorRow.vector.is_(None))
                .order_by(PassageRow.document_id, PassageRow.place)
            )
            return [_passage(*row) for row in rows]

    # ----------------------------------------------------------------- passages

    def store_passages(self, collection_id: str, document_id: str, passages: Sequence[Passage]) -> list[str]:
        """Replace the document's passages; it cannot be found until ``publish``.

        Returns the ids that are gone. Raises NotFound where the document was deleted meanwhile.
        """
        rows = [_passage_row(place, one) for place, one in enumerate(passages)]
        if any((one.collection_id, one.document_id) != (collection_id, document_id) for one in passages):
            raise ValueError("passages of another document")
        with self._database.write() as session:
            document = _the_document(session, collection_id, document_id)
            if document.state == DocumentState.SEARCHABLE.value:
                document.state = DocumentState.INDEXING.value
                count_change(session, collection_id)
            session.flush()
            return _replace_passages(session, collection_id, document_id, rows)

    def publish(self, collection_id: str, document_id: str) -> list[str]:
        """In one transaction: searchable, older documents of the same name removed, revision + 1.

        Returns the ids of passages that are gone. Raises NotFound where the document was deleted
        meanwhile, NotAllowed where a passage has no vector.
        """
        with self._database.write() as session:
            document = _the_document(session, collection_id, document_id)
            _refuse_without_vectors(session, document)
            older = select(DocumentRow.document_id).where(
                DocumentRow.collection_id == collection_id,
                DocumentRow.name == document.name,
                # A newer version that is not finished yet stays: it will take the place of this one.
                DocumentRow.sequence < document.sequence,
            )
            removed = remove_documents(session, collection_id, session.scalars(older).all())
            document.state, document.error = DocumentState.SEARCHABLE.value, ""
            count_change(session, collection_id)
            return removed.passages

    def rename(self, collection_id: str, names: Mapping[str, str], removed: Sequence[str]) -> list[str]:
        """In one transaction: documents (id -> name) get other names, others go; revision + 1.

        Returns the ids of passages that are gone. Raises NotFound where one to be renamed is not there.
        """
        with self._database.write() as session:
            gone = remove_documents(session, collection_id, removed)
            rows = {_the_document(session, collection_id, one): name for one, name in names.items()}
            for row in rows:  # two may change places, and no two may have one name in between
                row.name = f"{row.name}/{row.document_id}"
            session.flush()
            for row, name in rows.items():  # the sequence stays: a version that is in work is newer
                row.name = name
            count_change(session, collection_id)
            return gone.passages

    def passages(self, collection_id: str, document_id: str) -> list[Passage]:
        """A document's passages in the order of its text, searchable or not."""
        with self._database.read() as session:
            rows = session.execute(
                _passages(collection_id)
                .where(PassageRow.document_id == document_id)
                .order_by(PassageRow.place)
            )
            return [_passage(*row) for row in rows]

    def searchable(self, collection_id: str, ids: Sequence[str]) -> dict[str, Passage]:
        """Those of the passage ids that belong to searchable documents of the collection."""
        found: dict[str, Passage] = {}
        with self._database.read() as session:
            for part in in_parts(ids):
                rows = session.execute(
                    _passages(collection_id).where(
                        PassageRow.id.in_(part), DocumentRow.state == DocumentState.SEARCHABLE.value
                    )
                )
                found |= {row[0].id: _passage(*row) for row in rows}
        return found

    def count_searchable(self, collection_id: str) -> int:
        """How many passages can be found."""
        with self._database.read() as session:
            counted = (
                select(func.count())
                .select_from(PassageRow)
                .join(DocumentRow, _same_document())
                .where(
                    PassageRow.collection_id == collection_id,
                    DocumentRow.state == DocumentState.SEARCHABLE.value,
                )
            )
            return session.scalar(counted) or 0

    def delete(self, collection_id: str, document_id: str, *, from_past_answers: bool) -> list[str]:
        """Remove a document from a collection; returns the passage ids that are gone.

        Past answers keep what they were given, unless it is to go ``from_past_answers`` too: then the
        texts of every version of that name are erased there. Raises NotFound.
        """
        with self._database.write() as session:
            name = _the_document(session, collection_id, document_id).name
            removed = remove_documents(session, collection_id, [document_id])
            count_change(session, collection_id)
            if from_past_answers:
                erase_document(session, collection_id, document_id, name)
            return removed.passages


# --------------------------------------------------------------------------- queries


def _entries(collection_id: str) -> Select[DocumentRow, int | None, str | None, int | None]:
    counted = (
        select(PassageRow.document_id, func.count().label("passages"))
        .where(PassageRow.collection_id == collection_id)
        .group_by(PassageRow.document_id)
        .subquery()
    )
    return (
        select(DocumentRow, ReadingRow.pages, ReadingRow.warning, counted.c.passages)
        .outerjoin(ReadingRow, ReadingRow.document_id == DocumentRow.document_id)
        .outerjoin(counted, counted.c.document_id == DocumentRow.document_id)
        .where(DocumentRow.collection_id == collection_id)
    )


def _entry(row: DocumentRow, pages: int | None, warning: str | None, passages: int | None) -> DocumentEntry:
    return DocumentEntry(
        collection_id=row.collection_id,
        document_id=row.document_id,
        name=row.name,
        state=DocumentState(row.state),
        size=row.size,
        pages=pages or 0,
        passages=passages or 0,
        warning=row.warning or warning or "",
        error=row.error,
        added_at=row.added_at,
    )


def _same_document() -> ColumnElement[bool]:
    return (DocumentRow.collection_id == PassageRow.collection_id) & (
        DocumentRow.document_id == PassageRow.document_id
    )


def _its_vector() -> ColumnElement[bool]:
    return (VectorRow.embedder_digest == CollectionRow.embedder_digest) & (
        VectorRow.text_sha == PassageRow.text_sha
    )


def _passages(collection_id: str) -> Select[PassageRow, str]:
    return (
        select(PassageRow, DocumentRow.name)
        .join(DocumentRow, _same_document())
        .where(PassageRow.collection_id == collection_id)
    )


def _with_vectors(chosen: Select[*Chosen], collection_id: str) -> Select[*Chosen]:
    """The searchable passages of a collection beside their vector by its embedder, NULL for none."""
    return (
        chosen.join(DocumentRow, _same_document())
        .join(CollectionRow, CollectionRow.id == PassageRow.collection_id)
        .outerjoin(VectorRow, _its_vector())
        .where(
            PassageRow.collection_id == collection_id,
            DocumentRow.state == DocumentState.SEARCHABLE.value,
        )
    )


def _passage(row: PassageRow, name: str) -> Passage:
    return Passage(
        id=row.id,
        collection_id=row.collection_id,
        document_id=row.document_id,
        document_name=name,
        page=row.page,
        start=row.start,
        end=row.end,
        text=row.text,
    )


def _passage_row(place: int, one: Passage) -> dict[str, object]:
    return {
        "id": one.id,
        "collection_id": one.collection_id,
        "document_id": one.document_id,
        "place": place,
        "page": one.page,
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "text_sha": text_sha(one.text),
    }


def _replace_passages(
    session: Session, collection_id: str, document_id: str, rows: Sequence[dict[str, object]]
) -> list[str]:
    """Put ``rows`` in place of the document's passages; returns the ids that are gone."""
    shas = {row["text_sha"] for row in rows}
    ours = (PassageRow.collection_id == collection_id, PassageRow.document_id == document_id)
    old = session.execute(select(PassageRow.id, PassageRow.text_sha).where(*ours)).all()
    session.execute(delete(PassageRow).where(*ours))
    if rows:
        session.execute(insert(PassageRow), rows)
    remove_unneeded_vectors(session, [row.text_sha for row in old if row.text_sha not in shas])
    new = {row["id"] for row in rows}
    return [row.id for row in old if row.id not in new]


def _refuse_without_vectors(session: Session, document: DocumentRow) -> None:
    """A searchable passage that the index cannot hold would be missing without a word."""
    bare = (
        select(func.count())
        .select_from(PassageRow)
        .join(CollectionRow, CollectionRow.id == PassageRow.collection_id)
        .outerjoin(VectorRow, _its_vector())
        .where(
            PassageRow.collection_id == document.collection_id,
            PassageRow.document_id == document.document_id,
            VectorRow.vector.is_(None),
        )
    )
    if count := session.scalar(bare):
        raise NotAllowed(
            f"“{document.name}” cannot be found yet: {count} of its passages were not embedded.", "Retry it."
        )


def _the_document(session: Session, collection_id: str, document_id: str) -> DocumentRow:
    row = session.get(DocumentRow, (collection_id, document_id))
    if row is None:
        raise _gone()
    return row


def _gone() -> NotFound:
    return NotFound("That document is no longer in the collection.", "Upload it again if you need it.")
