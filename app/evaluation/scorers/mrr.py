"""MRR@k: how high up the first passage stands that holds at least half of the gold text.

The reciprocal rank of one case, 1 for the first place, 1/2 for the second, 0 for none among the k
(Voorhees 1999, "The TREC-8 Question Answering Track Report"); the mean over the cases is the MRR@k. It judges
the search: what was found and did not fit into the prompt counts, and a gold text that the collection does
not have is unscored.
"""

from __future__ import annotations

from app.domain import Answer, GoldSpan, PosedCase, Score
from app.evaluation.scorers.spans import Search, counted, relevant, search_of, worst


class ReciprocalRank:
    """1 / rank of the first relevant passage; of several gold texts the worst decides."""

    name = "MRR@k"
    version = "1"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """Unscored where no passage of the collection holds half of a gold text: none could be found."""
        return worst(self.name, self.version, search_of(case, answer), self._of)

    def _of(self, span: GoldSpan, found: Search) -> Score:
        ranks = [rank for rank, one in enumerate(found.chosen, start=1) if relevant(span, one)]
        if ranks:
            words = f"The first passage with the gold text is number {ranks[0]} of {len(found.chosen)}."
            return Score(self.name, self.version, 1 / ranks[0], words)
        if not span.passages:
            return Score(self.name, self.version, None, TOO_LONG)
        words = f"None of the {counted(found.chosen)} found holds the gold text." if found.chosen else NOTHING
        return Score(self.name, self.version, 0.0, words)


TOO_LONG = "The gold text is so long that no passage of the collection holds half of it."
NOTHING = "No passage was found."
