"""hit@k: whether the passages chosen hold the text that the answer stands in.

METRICS, "Retrieval": a hit if at least 95% of the gold span stands in the k passages together; of several
spans the worst decides, so all of them must. Its mean over the cases is the hit rate@k.
"""

from __future__ import annotations

from app.domain import Answer, GoldSpan, PosedCase, Score
from app.evaluation.scorers.spans import Search, counted, covered, search_of, worst

ENOUGH = 0.95
"""The rest may be a heading or a sign at the edge of a passage."""


class Hit:
    """1 if enough of the gold text was chosen, else 0."""

    name = "hit@k"
    version = "1"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """Unscored without documents, and where it is not known where the gold text stands."""
        return worst(self.name, self.version, search_of(case, answer), self._of)

    def _of(self, span: GoldSpan, found: Search) -> Score:
        share = covered(span, found.chosen)
        if not found.chosen:
            words = "No passage was found."
        elif share >= ENOUGH:
            words = f"The gold text stands in the {counted(found)} found."
        elif share:
            words = f"Only {min(share, 0.949):.0%} of the gold text stands in the {counted(found)} found."
        else:
            words = f"The gold text does not stand in the {counted(found)} found."
        return Score(self.name, self.version, float(share >= ENOUGH), words)
