"""Token F1: how many of its words the answer shares with the right one."""

from __future__ import annotations

from app.domain import Answer, Case, PosedCase, Score
from app.evaluation.scorers.exact_match import ABSTAINED_RIGHTLY, ABSTAINED_WRONGLY, INVENTED
from app.evaluation.scorers.language import rules_for
from app.evaluation.scorers.predictions import incomparable, listed, prediction
from app.evaluation.scorers.squad import f1
from app.evaluation.scorers.unfinished import unfinished, unreadable


class TokenF1:
    """SQuAD's F1 (``squad.py``): long answers have low values, however right they are."""

    name = "token F1"
    version = "3"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """The best harmonic mean of precision and recall of the tokens, over the right answers."""
        language = rules_for(case.case)
        if reason := unreadable(answer) or incomparable(case.case, language):
            return Score(self.name, self.version, None, reason)
        if end := unfinished(answer):
            return Score(self.name, self.version, 0.0, end)
        said = prediction(case.case, answer)
        value = f1(said, case.case.references, language)
        return Score(self.name, self.version, value, _words(case.case, said, value))


def _words(case: Case, said: str, value: float) -> str:
    if case.unanswerable:
        return ABSTAINED_RIGHTLY if value else INVENTED
    if not said:
        return f"{ABSTAINED_WRONGLY} {listed(case.answers)}."
    if value == 1:
        return f"It has the words of the right answer and no others: {listed(case.answers)}."
    if value == 0:
        return f"It shares no word with the right answer: {listed(case.answers)}."
    return f"It shares some of its words with the right answer, and has others: {listed(case.answers)}."
