"""Citation recall: how many sentences are backed by the passages that they cite (ALCE, ``citing.py``)."""

from __future__ import annotations

from app.domain import Answer, PosedCase, Score, ScoredPart
from app.evaluation.scorers.citing import Cited, cited, unscored
from app.evaluation.scorers.unfinished import unfinished


class CitationRecall:
    """The share of sentences that cite passages, all of them given, which together support them."""

    name = "citation recall"
    version = "3"

    def score(self, case: PosedCase, answer: Answer) -> Score:  # noqa: ARG002
        """With the sentences as parts. Abstentions are unscored, answers without a good end are 0."""
        if reason := unscored(answer):
            return Score(self.name, self.version, None, reason)
        if end := unfinished(answer):
            return Score(self.name, self.version, 0.0, end)
        found = cited(answer)
        if isinstance(found, str):
            return Score(self.name, self.version, None, found)
        backed = sum(one.supported for one in found)
        noun = "sentence is" if len(found) == 1 else "sentences are"
        words = f"{backed} of {len(found)} {noun} backed by the passages cited there."
        parts = tuple(
            ScoredPart(one.span.start, one.span.end, float(one.supported), _why(one)) for one in found
        )
        return Score(self.name, self.version, backed / len(found), words, parts)


def _why(one: Cited) -> str:
    if not one.numbers:
        return "It cites no passage."
    cites = ", ".join(f"[{number}]" for number in dict.fromkeys(one.numbers))
    return (
        f"{cites} {'backs' if one.supported else 'does not back'} it."
        if len(set(one.numbers)) == 1
        else (f"{cites} together {'back' if one.supported else 'do not back'} it.")
    )
