"""One collection as it is now, for telling why answers went wrong: exact search, what the index returns.

The vectors are read once, and questions embedded many at a time. For one thread and one look at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import nan

import numpy as np

from app.answering.retrieving import Searching
from app.domain import Collection, FoundPassage, GoldSpan, Passage, PosedCase, ReadDocument, passage_id
from storage.documents import Documents, Vectors
from storage.index import Index

AT_ONCE = 32
"""So many questions are embedded in one go."""
NEIGHBOURS = 10
"""So many are asked of the index for a passage's own vector: equal ones come in any order."""
ROUNDS = 3
ALIKE = 1e-5
SAME = 0.999
"""A cosine that only the same vector reaches: an index that holds another one for a passage has lost it, and
may return it all the same, surely where it has few others."""


class CollectionSearch:
    """``attribution.Search`` over SQL's vectors and Chroma. Raises as ``Searching`` does."""

    def __init__(
        self, collection: Collection, documents: Documents, index: Index, searching: Searching
    ) -> None:
        self._collection = collection
        self._documents = documents
        self._index = index
        self._searching = searching
        self._questions: dict[str, Vectors] = {}
        self._passages: dict[str, list[Passage]] = {}
        self._readings: dict[str, ReadDocument | None] = {}
        self._indexed: dict[str, bool] = {}

    def prepare(self, questions: Sequence[str]) -> None:
        """Embed the questions that will be searched for, many at a time."""
        new = [one for one in dict.fromkeys(questions) if one not in self._questions]
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            vectors = self._searching.embed(self._collection, part)
            self._questions |= dict(zip(part, vectors, strict=True))

    # ----------------------------------------------------------------- attribution.Search

    def exact(self, question: str, k: int) -> list[FoundPassage]:
        """The ``k`` nearest passages by comparing with every vector in SQL."""
        ids, _ = self._matrix
        cosines = self._cosines(question)
        best = np.argsort(-cosines, kind="stable")[:k]
        passages = self._documents.searchable(self._collection.id, [ids[place] for place in best])
        return [
            FoundPassage(passages[ids[place]], float(cosines[place]), rank)
            for rank, place in enumerate(best, start=1)
            if ids[place] in passages
        ]

    def rank(self, question: str, passage: Passage) -> int:
        """In which place (from 1) an exact search of all passages has it; 0 for one without a vector."""
        place = self._places.get(passage.id)
        if place is None:
            return 0
        cosines = self._cosines(question)
        return int(np.sum(cosines > cosines[place])) + 1

    def overlapping(self, span: GoldSpan) -> list[Passage]:
        """The collection's passages that hold any of the span."""
        return [
            one
            for one in self._passages_of(span.document_id)
            if min(span.end, one.end) > max(span.start, one.start)
        ]

    def indexed(self, passage: Passage) -> bool:
        """Whether the index returns the passage for its own vector; asked once for each."""
        if passage.id not in self._indexed:
            self._indexed[passage.id] = self._returned(passage)
        return self._indexed[passage.id]

    # ----------------------------------------------------------------- what a re-asking is given

    def gold(self, posed: PosedCase) -> tuple[FoundPassage, ...]:
        """The gold texts as they were read, each as a passage of its own. Nothing was searched for them."""
        spans = posed.located or ()
        return tuple(FoundPassage(self._as_passage(one), nan, n) for n, one in enumerate(spans, start=1))

    # ----------------------------------------------------------------- inside

    @cached_property
    def _matrix(self) -> tuple[list[str], Vectors]:
        return self._documents.matrix(self._collection.id)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {one: place for place, one in enumerate(self._matrix[0])}

    def _cosines(self, question: str) -> Vectors:
        self.prepare([question])
        cosines: Vectors = self._matrix[1] @ self._questions[question]
        return cosines

    def _returned(self, passage: Passage) -> bool:
        """As a search does it, more is asked for where the index holds as good ones, or what is gone."""
        place = self._places.get(passage.id)
        if place is None:
            return False
        vector = self._matrix[1][place]
        twins = int(np.sum(self._matrix[1] @ vector >= float(vector @ vector) - ALIKE))
        wanted = NEIGHBOURS + twins
        for _ in range(ROUNDS):
            hits = self._index.query(self._collection.id, self._collection.embedder, vector, wanted)
            if any(one == passage.id and cosine >= SAME for one, cosine in hits):
                return True
            if len(hits) < wanted or sum(one in self._places for one, _ in hits) > twins:
                break
            wanted *= 4
        return False

    def _passages_of(self, document_id: str) -> list[Passage]:
        if document_id not in self._passages:
            self._passages[document_id] = self._documents.passages(self._collection.id, document_id)
        return self._passages[document_id]

    def _as_passage(self, span: GoldSpan) -> Passage:
        holding = self.overlapping(span)
        return Passage(
            id=passage_id(self._collection.id, span.document_id, span.start, span.end),
            collection_id=self._collection.id,
            document_id=span.document_id,
            document_name=span.document_name,
            page=holding[0].page if holding else 1,
            start=span.start,
            end=span.end,
            text=self._text_of(span.document_id)[span.start : span.end],
        )

    def _text_of(self, document_id: str) -> str:
        if document_id not in self._readings:
            self._readings[document_id] = self._documents.reading(document_id)
        reading = self._readings[document_id]
        return reading.text if reading else ""
