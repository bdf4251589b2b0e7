"""Context drift: is the right passage read wherever it stands, and however much stands around it?

The passage that holds the gold text is put at a given place among the nearest other passages, so that
the search has no say: whatever changes with the place or with the length is the model's doing. Questions
whose gold text stands in no single passage are left out, and so are other passages with a right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.answering.retrieving import Searching
from app.domain import FoundPassage, Passage, PosedCase, Retrieval
from app.evaluation.scorers.contains import contains
from app.evaluation.scorers.language import rules_for
from app.evaluation.scorers.spans import covered
from storage.documents import Documents

WHOLE = 0.95
"""A span is in a passage if so much of it is (METRICS, "Retrieval")."""
UNKNOWN = float("nan")
"""The similarity of a passage that no search returned."""
MOST_ROUNDS = 4


class Placing:
    """Puts the right passage where it is wanted."""

    def __init__(self, searching: Searching, documents: Documents) -> None:
        self._searching = searching
        self._documents = documents

    def usable(self, collection_id: str, posed: Sequence[PosedCase]) -> list[bool]:
        """For each case, whether one passage of the collection holds all of its gold text."""
        return [self._gold(collection_id, one) is not None for one in posed]

    def passages(self, retrieval: Retrieval, posed: PosedCase) -> tuple[FoundPassage, ...]:
        """``k`` passages with the right one at its place, fewer where the collection has no more.

        Empty where no passage holds the gold text. Raises AppError where it cannot be searched.
        """
        gold = self._gold(retrieval.collection_id, posed)
        if gold is None or retrieval.gold_at is None:
            return ()
        others, similarity = self._others(retrieval, posed, gold)
        place = min(retrieval.gold_at, len(others) + 1) - 1
        others.insert(place, FoundPassage(gold, similarity, 0))
        return tuple(replace(one, rank=rank) for rank, one in enumerate(others, start=1))

    def _gold(self, collection_id: str, posed: PosedCase) -> Passage | None:
        spans = posed.located
        if not spans:
            return None
        ids = dict.fromkeys(one for span in spans for one in span.passages)
        found = self._documents.searchable(collection_id, list(ids))
        whole = (one for one in found.values() if all(covered(span, [one]) >= WHOLE for span in spans))
        # Of overlapping ones always the same: the first in its document.
        return min(whole, key=lambda one: (one.document_id, one.start), default=None)

    def _others(
        self, retrieval: Retrieval, posed: PosedCase, gold: Passage
    ) -> tuple[list[FoundPassage], float]:
        """The nearest passages that do not have the answer, and the similarity of the right one."""
        wanted, similarity = retrieval.k - 1, UNKNOWN
        ask = retrieval.k + 8
        for _ in range(MOST_ROUNDS):
            found = self._searching.search(retrieval.collection_id, posed.case.question, ask)
            similarity = next((one.similarity for one in found if one.passage.id == gold.id), similarity)
            others = [one for one in found if not _answers(one.passage, posed)]
            if len(others) >= wanted or len(found) < ask:
                break
            ask *= 2
        return others[:wanted], similarity


def _answers(passage: Passage, posed: PosedCase) -> bool:
    """Whether the passage has any of the gold text, or a right answer of its own."""
    if any(covered(span, [passage]) > 0 for span in posed.located or ()):
        return True
    language = rules_for(posed.case)
    return any(contains(passage.text, one, language) for one in posed.case.answers)
