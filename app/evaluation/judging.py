"""An answer to a case with all its scores, and whether it is right. No model is asked here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.domain import Answer, Candidate, Case, Judged, PosedCase, RightRule, Score
from app.errors import AppError
from app.evaluation.right import newest, right
from app.evaluation.scorers import judge as judges
from app.evaluation.scorers.base import CaseScorer, Scorer
from app.evaluation.scorers.registry import OF_THE_TEXT
from app.evaluation.scorers.share_copied import ShareCopied

NOT_RECORDED = "It was asked elsewhere: how, and what it was given, is not recorded."
"""Why an imported answer is unscored where the passages or the way of asking tell."""


class Judging:
    """Puts every scorer to an answer. Safe to use from many threads."""

    def __init__(self, scorers: Sequence[Scorer], case_scorers: Sequence[CaseScorer]) -> None:
        self._scorers = scorers
        self._case_scorers = case_scorers

    def __call__(self, posed: PosedCase, answer: Answer) -> Judged:
        """The answer with its scores, newly made, and whether it is right by which rule.

        What judges said of it stays as it was: that takes a model.
        """
        scores = list(self._scored(posed, answer))
        scores += [one for one in answer.scores if judges.is_judge(one.scorer)]
        kept = tuple(sorted(scores, key=lambda one: (one.scorer, one.version)))
        told = right(posed.case, answer, kept)
        return Judged(replace(answer, scores=kept), told.value, told.rule.value)

    def _scored(self, posed: PosedCase, answer: Answer) -> Iterator[Score]:
        imported = answer.candidate.imported
        for one in self._scorers:
            if imported:
                yield Score(one.name, one.version, None, NOT_RECORDED)
            elif answer.candidate.with_documents:
                yield _score(one, answer)
        for other in self._case_scorers:
            if imported and other.name not in OF_THE_TEXT:
                yield Score(other.name, other.version, None, NOT_RECORDED)
            else:
                yield _case_score(other, posed, answer)


def by_judge(case: Case, judged: Judged, judge: Candidate | None) -> Judged:
    """The same where ``judge`` decides instead of "contains" (None: "contains" decides after all).

    Whether a person marked the answer makes no difference here. Where the judge has to be asked first,
    ``right`` is None and the rule is "".
    """
    scores, name = judged.answer.scores, judges.scorer_of(judge)
    told = right(case, replace(judged.answer, mark=None), scores, name)
    asked = any((one.scorer, one.version) == (name, judges.VERSION) for one in scores)
    if told.rule is not RightRule.JUDGE or asked:
        return Judged(judged.answer, told.value, told.rule.value)
    copied = newest(ShareCopied.name, scores)
    words = judges.not_judged(case, judged.answer, copied.value if copied else None)
    if not words:
        return Judged(judged.answer, None, "")
    return Judged(with_score(judged.answer, Score(name, judges.VERSION, None, words)), None, told.rule.value)


def with_score(answer: Answer, score: Score) -> Answer:
    """The answer with the score in the place of an earlier one of that scorer and version."""
    key = (score.scorer, score.version)
    others = [one for one in answer.scores if (one.scorer, one.version) != key]
    return replace(answer, scores=tuple(sorted([*others, score], key=lambda one: (one.scorer, one.version))))


def without_judge(answer: Answer, judge: Candidate | None) -> Answer:
    """The answer without what this judge said of it."""
    name = judges.scorer_of(judge)
    return replace(answer, scores=tuple(one for one in answer.scores if one.scorer != name))


def _score(scorer: Scorer, answer: Answer) -> Score:
    try:
        return scorer.score(answer)
    except AppError as error:
        return Score(scorer.name, scorer.version, None, error.message)


def _case_score(scorer: CaseScorer, posed: PosedCase, answer: Answer) -> Score:
    try:
        return scorer.score(posed, answer)
    except AppError as error:
        return Score(scorer.name, scorer.version, None, error.message)
