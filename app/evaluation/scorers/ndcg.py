"""nDCG@k: how many of the passages that hold the gold text were found, and how high up.

Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", with gain 1 for a
relevant passage and the discount log2(rank + 1). The ideal has min(relevant, k) of them on top (METRICS),
where the relevant ones are all of the collection: those that were not found count. It judges the search: what
was found and did not fit into the prompt counts, and a gold text that the collection does not have is
unscored.
"""

from __future__ import annotations

from math import fsum, log2

from app.domain import Answer, GoldSpan, PosedCase, Score
from app.evaluation.scorers.mrr import NOTHING, TOO_LONG
from app.evaluation.scorers.spans import Search, relevant, search_of, worst


class NDCG:
    """The discounted gain as a share of the best possible; of several gold texts the worst decides."""

    name = "nDCG@k"
    version = "1"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """Unscored where no passage of the collection holds half of a gold text: none could be found."""
        return worst(self.name, self.version, search_of(case, answer), self._of)

    def _of(self, span: GoldSpan, found: Search) -> Score:
        ranks = [rank for rank, one in enumerate(found.chosen, start=1) if relevant(span, one)]
        # A chosen one that the span does not name is relevant all the same: the collection has grown.
        named = set(span.passages) | {found.chosen[rank - 1].id for rank in ranks}
        if not named:
            return Score(self.name, self.version, None, TOO_LONG)
        best = min(len(named), found.k)
        value = _gain(ranks) / _gain(range(1, best + 1))
        words = f"{len(ranks)} of {len(named)} passages with the gold text were found."
        return Score(self.name, self.version, min(1.0, value), words if found.chosen else NOTHING)


def _gain(ranks: list[int] | range) -> float:
    return fsum(1 / log2(rank + 1) for rank in ranks)
