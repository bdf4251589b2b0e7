"""Experiments as rows and back, and what came of many of them in few queries."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain import Candidate, Experiment, ExperimentState, ExperimentSummary, Judgement, Limit, RightTally
from storage import records
from storage.answer_rows import IMPORTED
from storage.tables import (
    AnswerRow,
    CandidateRow,
    DatasetVersionRow,
    ExperimentCandidateRow,
    ExperimentRow,
    QuestionRow,
    TrialRow,
)


def counting(experiment_id: str) -> ColumnElement[bool]:
    """The answers of an experiment that count in their slots."""
    return and_(TrialRow.experiment_id == experiment_id, ~TrialRow.superseded)


def age_of(version: InstrumentedAttribute[str]) -> tuple[ColumnElement[int], InstrumentedAttribute[str]]:
    """What the versions of a scorer are put in order by: they are numbers, so the longer one is the newer."""
    return func.length(version), version


def experiments_of(session: Session, rows: Sequence[ExperimentRow]) -> list[Experiment]:
    """The experiments of these rows, in their order, however many there are, in two queries."""
    if not rows:
        return []
    candidates = _candidates(session, [row.id for row in rows])
    versions = {row.version_id for row in rows}
    sizes = select(DatasetVersionRow.id, DatasetVersionRow.size).where(DatasetVersionRow.id.in_(versions))
    size = {one.id: one.size for one in session.execute(sizes)}
    return [_experiment(row, candidates[row.id], size[row.version_id]) for row in rows]


def summaries_of(session: Session, rows: Sequence[ExperimentRow]) -> list[ExperimentSummary]:
    """The same with what came of each so far."""
    made = experiments_of(session, rows)
    done: Counter[str] = Counter()
    tallies: dict[str, list[RightTally]] = defaultdict(list)
    hashes = {one.id: [who.hash for who in one.candidates] for one in made}
    imported = {one.id: one.imported for one in made}
    for row in session.execute(_tallies([one.id for one in made])) if made else ():
        if row.candidate not in imported[row.experiment_id]:
            done[row.experiment_id] += row.done
        if row.questions:
            tallies[row.experiment_id].append(_tally(hashes[row.experiment_id][row.candidate], row))
    elsewhere = imported_of(session, [one.id for one in made])
    return [ExperimentSummary(one, done[one.id], tuple(tallies[one.id]), one.id in elsewhere) for one in made]


def imported_of(session: Session, ids: Sequence[str]) -> set[str]:
    """Of these experiments those that were made elsewhere: their questions are their conversation."""
    mine = (QuestionRow.conversation_id.in_(ids), QuestionRow.origin == IMPORTED)
    return set(session.scalars(select(QuestionRow.conversation_id).where(*mine).distinct()))


def found_right() -> ColumnElement[int]:
    """1 for right, 0 for not right, NULL for not told: a person's mark goes before every rule."""
    mark = AnswerRow.judgement
    return case(
        (mark.is_(None), TrialRow.correct),
        (mark == Judgement.RIGHT.value, 1),
        (mark == Judgement.WRONG.value, 0),
    )


def _tallies(ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """By experiment and candidate, over questions: each has its own share of right answers."""
    keys = (TrialRow.experiment_id, TrialRow.candidate)
    right = found_right()
    each = (
        select(
            *keys,
            func.count().label("done"),
            func.count(right).label("scored"),
            func.sum(right).label("hits"),
            func.avg(right).label("share"),
        )
        .join(AnswerRow, AnswerRow.id == TrialRow.answer_id)
        .where(TrialRow.experiment_id.in_(ids), ~TrialRow.superseded)
        .group_by(*keys, TrialRow.case_place)
        .subquery()
    ).c
    shares = func.sum(each.share), func.sum(each.share * each.share)
    return select(
        each.experiment_id,
        each.candidate,
        func.sum(each.done).label("done"),
        func.count(each.share).label("questions"),
        func.sum(each.scored).label("scored"),
        func.sum(each.hits).label("hits"),
        *(one.label(name) for one, name in zip(shares, ("shares", "squares"), strict=True)),
    ).group_by(each.experiment_id, each.candidate)


def _tally(candidate_hash: str, row: Any) -> RightTally:
    return RightTally(
        candidate_hash=candidate_hash,
        questions=row.questions,
        right=row.hits,
        wrong=row.scored - row.hits,
        failed=0,
        cut_short=0,
        share_sum=row.shares,
        square_sum=row.squares,
    )


def _candidates(session: Session, ids: Sequence[str]) -> dict[str, list[Candidate]]:
    statement = (
        select(ExperimentCandidateRow.experiment_id, CandidateRow.settings)
        .join(CandidateRow, CandidateRow.hash == ExperimentCandidateRow.candidate_hash)
        .where(ExperimentCandidateRow.experiment_id.in_(ids))
        .order_by(ExperimentCandidateRow.experiment_id, ExperimentCandidateRow.place)
    )
    found: dict[str, list[Candidate]] = defaultdict(list)
    for name, settings in session.execute(statement):
        found[name].append(records.candidate_of(settings))
    return found


def _experiment(row: ExperimentRow, candidates: Sequence[Candidate], size: int) -> Experiment:
    amount = row.limit_amount
    return Experiment(
        id=row.id,
        name=row.name,
        dataset_id=row.dataset_id,
        dataset_name=row.dataset_name,
        version=row.version_id,
        candidates=tuple(candidates),
        repeats=row.repeats,
        cases=size,
        made_at=row.made_at,
        one_at_a_time=row.one_at_a_time,
        limit=None if amount is None else Limit(amount, row.limit_currency),
        state=ExperimentState(row.state),
        words=row.words,
        ended_at=row.ended_at,
        snapshot=json.loads(row.snapshot),
        reask=row.reask,
        judge=records.judge_of(row.judge),
    )
