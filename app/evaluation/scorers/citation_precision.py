"""Citation precision: how many of the citations are right and not superfluous (ALCE, ``citing.py``)."""

from __future__ import annotations

from app.domain import Answer, PosedCase, Score
from app.evaluation.scorers.citing import cited, unscored
from app.evaluation.scorers.unfinished import unfinished


class CitationPrecision:
    """The share of citations that back their sentence alone, or without which the others would not."""

    name = "citation precision"
    version = "3"

    def score(self, case: PosedCase, answer: Answer) -> Score:  # noqa: ARG002
        """0 where nothing is cited, as in ALCE. Abstentions are unscored, answers without a good end 0."""
        if reason := unscored(answer):
            return Score(self.name, self.version, None, reason)
        if end := unfinished(answer):
            return Score(self.name, self.version, 0.0, end)
        found = cited(answer)
        if isinstance(found, str):
            return Score(self.name, self.version, None, found)
        counts = [one for sentence in found for one in sentence.counts]
        if not counts:
            return Score(self.name, self.version, 0.0, "It cites no passage.")
        noun = "citation is" if len(counts) == 1 else "citations are"
        words = f"{sum(counts)} of {len(counts)} {noun} needed and right."
        return Score(self.name, self.version, sum(counts) / len(counts), words)
