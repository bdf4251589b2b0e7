"""Exact match: whether the answer is the right one and nothing else."""

from __future__ import annotations

from app.domain import Answer, Case, PosedCase, Score
from app.evaluation.scorers.language import rules_for
from app.evaluation.scorers.predictions import incomparable, listed, prediction
from app.evaluation.scorers.squad import exact
from app.evaluation.scorers.unfinished import unfinished, unreadable

ABSTAINED_RIGHTLY = "It says that the documents do not contain it, and they do not."
INVENTED = "The documents do not contain the answer, but it gives one."
ABSTAINED_WRONGLY = "It says that the documents do not contain it, but the right answer is"


class ExactMatch:
    """SQuAD's exact match (``squad.py``); an abstention counts as the answer "" (``predictions.py``)."""

    name = "exact match"
    version = "3"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """1 if the answer equals a right answer after the normalisation, else 0."""
        language = rules_for(case.case)
        if reason := unreadable(answer) or incomparable(case.case, language):
            return Score(self.name, self.version, None, reason)
        if end := unfinished(answer):
            return Score(self.name, self.version, 0.0, end)
        said = prediction(case.case, answer)
        value = exact(said, case.case.references, language)
        return Score(self.name, self.version, value, _words(case.case, said, matches=bool(value)))


def _words(case: Case, said: str, *, matches: bool) -> str:
    if case.unanswerable:
        return ABSTAINED_RIGHTLY if matches else INVENTED
    if matches:
        return f"It is the right answer: {listed(case.answers)}."
    if not said:
        return f"{ABSTAINED_WRONGLY} {listed(case.answers)}."
    return f"It is not the right answer word for word: {listed(case.answers)}."
