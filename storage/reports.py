"""Summaries for the charts (signatures first; the code follows)."""

from __future__ import annotations

from app.domain import AnswerFilter, AnswerPoint, CandidateSummary, SpendDay
from storage.database import Database


class Reports:
    """GROUP BY queries over the answers that were asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_candidate(self, flt: AnswerFilter, *, common_only: bool = False) -> list[CandidateSummary]:
        """One row per candidate, by label."""
        raise NotImplementedError

    def common_questions(self, flt: AnswerFilter) -> int:
        """How many questions every shown candidate answered."""
        raise NotImplementedError

    def points(self, flt: AnswerFilter, limit: int = 2000, *, common_only: bool = False) -> list[AnswerPoint]:
        """The newest answers, for scatter charts."""
        raise NotImplementedError

    def spend(self, flt: AnswerFilter) -> list[SpendDay]:
        """Per day (UTC), candidate and currency, oldest first."""
        raise NotImplementedError
