"""Whether an answer is right, for the headline (METRICS, "Right").

The person's own mark; else abstained on an unanswerable case; else contains, or the judge where the person
chose one. An answer that abstains and guesses counts as abstained (METRICS, "Abstention"), so it is not
right where the documents do have the answer: a candidate that always hedges would lose nothing otherwise.
Before all but the mark stands what METRICS says of every measure: an answer that failed, is empty or was
cut short counts as not right, and so does one that was stopped. All of it is made from scores that are
recorded, so no model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import HOLDS, Answer, Case, Judgement, Mark, Right, RightRule, Score
from app.evaluation.scorers.unfinished import BEING_MADE, being_made, unfinished

ABSTENTION = "abstention"
CONTAINS = "contains"
ABSTAINED = "It says that the documents do not contain it, and they do. A guess beside that does not count."


def right(case: Case, answer: Answer, scores: Sequence[Score], judge: str = "") -> Right:
    """Whether the answer to the case is right, by the first rule that applies.

    ``scores`` are the answer's, of these the newest version of each scorer counts; ``judge`` is the name of
    the scorer that judges for this person, "" for none. Where the rule's score is missing or unscored the
    value is None: no other rule steps in, or figures of two measures would be mixed.
    """
    if answer.mark is not None:
        return _marked(answer.mark)
    if being_made(answer):
        return Right(None, RightRule.END, BEING_MADE)
    if end := unfinished(answer):
        return Right(value=False, rule=RightRule.END, words=end)
    if case.unanswerable:
        return _scored(RightRule.ABSTENTION, ABSTENTION, scores)
    return _of_answerable(scores, judge)


def _of_answerable(scores: Sequence[Score], judge: str) -> Right:
    if abstained(scores):
        return Right(value=False, rule=RightRule.ABSTENTION, words=ABSTAINED)
    if judge:
        return _scored(RightRule.JUDGE, judge, scores)
    return _scored(RightRule.CONTAINS, CONTAINS, scores)


def _marked(mark: Mark) -> Right:
    """A mark "can't tell" is a mark too: the person looked, so no measure overrules them."""
    if mark.judgement is Judgement.CANNOT_TELL:
        return Right(None, RightRule.MARK, "You could not tell.")
    is_right = mark.judgement is Judgement.RIGHT
    return Right(is_right, RightRule.MARK, f"You marked it as {'right' if is_right else 'wrong'}.")


def _scored(rule: RightRule, scorer: str, scores: Sequence[Score]) -> Right:
    score = newest(scorer, scores)
    if score is None:
        return Right(None, rule, f"It was not scored by “{scorer}” yet.")
    return Right(None if score.value is None else score.value >= HOLDS, rule, score.words)


def abstained(scores: Sequence[Score]) -> bool:
    """Whether an answer with these scores says that the documents do not contain it."""
    score = newest(ABSTENTION, scores)
    return score is not None and score.value is not None and score.value >= HOLDS


def newest(scorer: str, scores: Sequence[Score]) -> Score | None:
    """The score of the scorer's newest version, if there is one. Versions are numbers; 10 is newer than 9."""
    own = [one for one in scores if one.scorer == scorer]
    return max(own, key=lambda one: (len(one.version), one.version), default=None)
