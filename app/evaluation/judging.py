"""An answer to a case with all its scores, and whether it is right. No model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.domain import Answer, Judged, PosedCase, Score
from app.errors import AppError
from app.evaluation.right import right
from app.evaluation.scorers.base import CaseScorer, Scorer


class Judging:
    """Puts every scorer to an answer. Safe to use from many threads."""

    def __init__(self, scorers: Sequence[Scorer], case_scorers: Sequence[CaseScorer]) -> None:
        self._scorers = scorers
        self._case_scorers = case_scorers

    def __call__(self, posed: PosedCase, answer: Answer) -> Judged:
        """The answer with its scores, newly made, and whether it is right by which rule."""
        scores = [_score(one, answer) for one in self._scorers if answer.candidate.with_documents]
        scores += [_case_score(one, posed, answer) for one in self._case_scorers]
        kept = tuple(sorted(scores, key=lambda one: (one.scorer, one.version)))
        told = right(posed.case, answer, kept)
        return Judged(replace(answer, scores=kept), told.value, told.rule.value)


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
