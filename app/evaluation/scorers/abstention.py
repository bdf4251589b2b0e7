"""Abstention: whether the answer says that the documents do not contain it.

METRICS, "Abstention": ``found = false`` in a structured answer, else the detector of ``abstaining.py``; an
answer that abstains and guesses counts as abstained. The value only tells what the answer did: 1 is right
for an unanswerable question and wrong for another one, so its mean is no quality. Abstention precision
and recall are made from it together with the cases.
"""

from __future__ import annotations

from app.domain import Answer, PosedCase, Score
from app.evaluation.scorers.abstaining import abstained
from app.evaluation.scorers.unfinished import unfinished, unreadable


class Abstention:
    """1 if the answer abstains, 0 if it does not; an answer without a good end does not abstain either."""

    name = "abstention"
    version = "3"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """Whether it abstains; the words say whether that was right."""
        if reason := unreadable(answer):
            return Score(self.name, self.version, None, reason)
        if end := unfinished(answer):
            return Score(self.name, self.version, 0.0, end)
        abstains = abstained(answer)
        return Score(self.name, self.version, float(abstains), _words(case.case.unanswerable, abstains))


def _words(unanswerable: bool, abstains: bool) -> str:
    if abstains:
        says = "It says that the documents do not contain it"
        return f"{says}, and they do not." if unanswerable else f"{says}, but they do."
    return "It answers, though the documents do not contain it." if unanswerable else "It gives an answer."
