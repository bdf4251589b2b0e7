"""Which scorers and prices the answers of an experiment were given, and when they were asked for."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Select, and_, exists, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.domain import PriceUse, ScorerUse, Used
from storage.experiment_rows import age_of, counting
from storage.tables import AnswerContentRow, AnswerRow, ExperimentCandidateRow, ScoreRow, TrialRow

_OWN_FACTS = ('$."machine seconds"', "$.joules")
"""Of what is kept with a cost, what is that answer's alone."""


def used_of(session: Session, experiment_id: str) -> Used:
    """All of it, of the answers that count."""
    prices = session.execute(_prices(experiment_id))
    return Used(
        scorers=tuple(ScorerUse(*row) for row in session.execute(_scorers(experiment_id))),
        prices=tuple(
            PriceUse(json.loads(facts), answers, known=bool(known)) for facts, answers, known in prices
        ),
        dates={who: (first, last) for who, first, last in session.execute(_dates(experiment_id))},
    )


def _scorers(experiment_id: str) -> Select[*tuple[Any, ...]]:
    """The versions of the scorers, by name: what an earlier one said of an answer is kept, but not told."""
    versions, later = (ScoreRow.scorer, ScoreRow.version), aliased(ScoreRow)
    newer = tuple_(*age_of(later.version)) > tuple_(*age_of(ScoreRow.version))
    same = later.answer_id == ScoreRow.answer_id, later.scorer == ScoreRow.scorer
    return (
        select(*versions, func.count(), func.count() - func.count(ScoreRow.value))
        .join(TrialRow, ScoreRow.answer_id == TrialRow.answer_id)
        .where(counting(experiment_id), ~exists().where(*same, newer))
        .group_by(*versions)
        .order_by(*versions)
    )


def _prices(experiment_id: str) -> Select[*tuple[Any, ...]]:
    """The different prices, as JSON, and how many answers were given them, those of the most first.

    Each with whether a cost came of it.
    """
    prices = func.json_remove(AnswerContentRow.cost_entry, *_OWN_FACTS)
    known = AnswerRow.cost_amount.is_not(None)
    return (
        select(prices, func.count(), known)
        .select_from(TrialRow)
        .join(AnswerRow, AnswerRow.id == TrialRow.answer_id)
        .join(AnswerContentRow, AnswerContentRow.answer_id == TrialRow.answer_id)
        .where(counting(experiment_id))
        .group_by(prices, known)
        .order_by(func.count().desc(), prices, known)
    )


def _dates(experiment_id: str) -> Select[*tuple[Any, ...]]:
    """By the hash of a candidate, when the first and the last of its answers was asked for."""
    its_place = and_(
        ExperimentCandidateRow.experiment_id == TrialRow.experiment_id,
        ExperimentCandidateRow.place == TrialRow.candidate,
    )
    who = ExperimentCandidateRow.candidate_hash
    return (
        select(who, func.min(AnswerRow.asked_at), func.max(AnswerRow.asked_at))
        .select_from(TrialRow)
        .join(AnswerRow, AnswerRow.id == TrialRow.answer_id)
        .join(ExperimentCandidateRow, its_place)
        .where(counting(experiment_id))
        .group_by(who)
    )
