"""hit@k: whether the passages given to the model hold the text that the answer stands in.

METRICS, "Retrieval": a hit if at least 95% of the gold span stands within the passages given, together; of
several spans the worst decides, so all of them must. Its mean over the cases is the hit rate@k. What was
found and did not fit into the prompt was not given. A gold text that stands nowhere in the collection, be it
that its document is absent or that it was not read, is no hit: none is possible.
"""

from __future__ import annotations

from app.domain import Answer, GoldSpan, PosedCase, Score
from app.evaluation.scorers.spans import Search, counted, covered, nowhere, search_of, worst

ENOUGH = 0.95
"""The rest may be a heading or a sign at the edge of a passage."""


class Hit:
    """1 if enough of the gold text was given, else 0."""

    name = "hit@k"
    version = "2"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """Unscored without documents, without gold text, and where nobody can look for it any more."""
        if words := nowhere(case, answer):
            return Score(self.name, self.version, 0.0, words)
        return worst(self.name, self.version, search_of(case, answer), self._of)

    def _of(self, span: GoldSpan, found: Search) -> Score:
        share = covered(span, found.given)
        given = f"in the {counted(found.given)} given"
        if not found.chosen:
            words = "No passage was found."
        elif share >= ENOUGH:
            words = f"The gold text stands {given}."
        elif covered(span, found.chosen) >= ENOUGH:
            words = "The gold text was found, and did not fit into the prompt whole."
        elif not found.given:
            words = "None of the passages found fitted into the prompt."
        elif share:
            # Rounded down: what is told must not look like enough.
            words = f"Only {int(share * 100 + 1e-9) or 'less than 1'}% of the gold text stands {given}."
        else:
            words = f"The gold text does not stand {given}."
        return Score(self.name, self.version, float(share >= ENOUGH), words)
