"""Summaries of what was asked, for the charts: grouped by SQL over slim rows, medians by NumPy.

Money is summed as integers in two parts, so that no sum can overflow SQLite's 64 bits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from app.domain import (
    AnswerFilter,
    AnswerPoint,
    AnswerState,
    Candidate,
    CandidateSummary,
    Judgement,
    Priced,
    RightTally,
    SpendDay,
)
from storage.answer_rows import ASKED, EXPERIMENT, FOLLOW_UP, IMPORTED, JUDGE, PROBE
from storage.answers import passes
from storage.database import Database
from storage.records import candidate_of, json_text
from storage.rights import counted, judged, rights, tally_of
from storage.tables import (
    DAY_MICROSECONDS,
    EPOCH,
    AnswerContentRow,
    AnswerRow,
    CandidateRow,
    ProbeRow,
    QuestionRow,
    RulingRow,
)

ENDED = tuple(one.value for one in (AnswerState.COMPLETE, AnswerState.CUT_SHORT, AnswerState.FAILED))
"""States in which a candidate has had its try at a question; a stopped one had not."""
SPLIT = 10**6
OWN_MACHINE = "own machine"
NEARLY_ALL = 0.9
"""From so much of its prompt on, an answer's was remembered. Less is usual: the instruction, with which every
prompt begins, is about three quarters of one without documents."""


class Reports:
    """GROUP BY queries over the answers that were asked (not those of experiments)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_candidate(self, flt: AnswerFilter, *, common_only: bool = False) -> list[CandidateSummary]:
        """One row per candidate that was asked, by label. Raises DatabaseTrouble.

        With ``common_only``, over the questions only that every shown candidate had its try at. Costs
        in another currency than a candidate's most frequent one count as ``uncosted``.
        """
        with self._database.read() as session:
            where = _where(session, flt, common_only=common_only)
            tallies = _tallies(session, where)
            medians = _medians(session, where, {key: one.alone for key, one in tallies.items()})
            names = _names(session, tallies)
        return [
            _summary(key, label, tallies[key], medians[key], with_documents=with_documents)
            for key, label, with_documents in names
        ]

    def right(self, flt: AnswerFilter) -> tuple[list[RightTally], list[RightTally]]:
        """How often each candidate was right, by hash; none for one without an answer that tells so.

        First over all of its questions, then over those only that tell so of every candidate in the first
        list: each then has the same number of questions, and the list is empty where there is none.
        """
        each: list[RightTally] = []
        together: list[RightTally] = []
        with self._database.read() as session:
            for row in session.execute(rights(judged(_where(session, flt)))):
                (together if row.together else each).append(tally_of(row))
        return each, together

    def common_questions(self, flt: AnswerFilter) -> int:
        """How many questions every shown candidate had its try at; equal words are one question.

        Shown are the filter's candidates, or all that were asked where it names none.
        """
        with self._database.read() as session:
            return len(_common(session, flt))

    def questions(self, flt: AnswerFilter) -> int:
        """How many different questions were put to the shown candidates; equal words are one question."""
        statement = select(func.count(distinct(AnswerRow.question_key)))
        with self._database.read() as session:
            return int(session.execute(statement.where(*_where(session, flt))).scalar_one())

    def points(self, flt: AnswerFilter, limit: int = 2000, *, common_only: bool = False) -> list[AnswerPoint]:
        """The newest ``limit`` answers that have ended, newest first."""
        with self._database.read() as session:
            where = _where(session, flt, common_only=common_only)
            # A plus keeps SQLite from sorting all by an index on ``origin``: the newest stand together.
            where[0] = literal_column("+answers.origin") == ASKED
            return [_point(row) for row in session.execute(_points(where, limit))]

    def priced(self, flt: AnswerFilter, limit: int = 2000, *, common_only: bool = False) -> list[Priced]:
        """How the newest ``limit`` answers of known cost got it, by candidate, basis and machine."""
        with self._database.read() as session:
            where = _where(session, flt, common_only=common_only)
            where[0] = literal_column("+answers.origin") == ASKED
            return [Priced(*row) for row in session.execute(_priced(where, limit))]

    def spend(self, flt: AnswerFilter) -> list[SpendDay]:
        """What was spent per UTC day, candidate and currency, oldest first: on whatever was generated.

        Follow-ups that a model only reworded are a candidate of their own, and called so; a judge, too.
        """
        day = (type_coerce(AnswerRow.asked_at, Integer) // DAY_MICROSECONDS).label("day")
        keys = (day, AnswerRow.candidate_hash, AnswerRow.cost_currency)
        rewording = func.min(AnswerRow.origin == FOLLOW_UP).label("rewording")
        judging = func.min(AnswerRow.origin == JUDGE).label("judging")
        statement = select(*keys, rewording, judging, *_sums()).where(
            AnswerRow.state != AnswerState.PENDING.value
        )
        paid = AnswerRow.origin.in_((ASKED, FOLLOW_UP, EXPERIMENT, PROBE, JUDGE))
        with self._database.read() as session:
            rows = session.execute(statement.where(paid, *passes(flt)).group_by(*keys)).all()
            known = {key: label for key, label, _ in _names(session, {row.candidate_hash for row in rows})}
        labels = {
            row.candidate_hash: _paid_for(known[row.candidate_hash], row.rewording, row.judging)
            for row in rows
        }
        return [
            SpendDay(
                day=_date(row.day),
                candidate_hash=row.candidate_hash,
                label=labels[row.candidate_hash],
                answers=row.answers,
                amount=_whole(row.large, row.rest),
                currency=row.cost_currency,
                costed=row.costed,
                uncosted=row.answers - row.costed,
                rewording=bool(row.rewording),
                judging=bool(row.judging),
            )
            for row in sorted(rows, key=lambda one: (one.day, labels[one.candidate_hash], *one[1:3]))
        ]

    def order(self) -> list[tuple[str, ...]]:
        """The candidates in the order of their first answer, so that each keeps its colour for ever.

        Each is its hash and, for the newest of those that differ by the weights' digest alone, the hash
        without a digest: a lane that has only begun does not know its weights yet.
        """
        known = self.candidates()
        begun = {replace(one, digest="").hash: key for key, one in known.items()}
        aliases = {newest: alias for alias, newest in begun.items()}
        return [tuple(dict.fromkeys((key, aliases.get(key, key)))) for key in known]

    def candidates(self) -> dict[str, Candidate]:
        """Every candidate that was asked, by its hash, in the order of their first answers.

        What was only asked to find causes (with other seeds) or to judge stands last, and
        takes nobody's colour.
        """
        own = AnswerRow.candidate_hash == CandidateRow.hash
        first = select(func.min(AnswerRow.sequence)).where(own).scalar_subquery()
        aside = (
            exists().where(ProbeRow.answer_id == AnswerRow.id),
            exists().where(RulingRow.answer_id == AnswerRow.id),
        )
        # Of an experiment that was made elsewhere all answers have one origin.
        imported = and_(AnswerRow.origin == IMPORTED, or_(*aside))
        lanes = and_(AnswerRow.origin.not_in((PROBE, JUDGE)), ~imported)
        asked = select(func.min(AnswerRow.sequence)).where(own, lanes).scalar_subquery()
        statement = select(CandidateRow.hash, CandidateRow.settings).where(first.is_not(None))
        with self._database.read() as session:
            rows = session.execute(statement.order_by(asked.is_(None), asked, first)).all()
        return {row.hash: candidate_of(row.settings) for row in rows}

    def collections(self) -> dict[str, int]:
        """How many answers there are by collection, also by those deleted since; the newest asked first.

        The id is "" for what was asked without one.
        """
        keys = (AnswerRow.collection_id, func.count().label("answers"))
        statement = select(*keys).where(AnswerRow.origin == ASKED).group_by(AnswerRow.collection_id)
        with self._database.read() as session:
            rows = session.execute(statement.order_by(func.max(AnswerRow.sequence).desc())).all()
        return {row.collection_id: row.answers for row in rows}


# --------------------------------------------------------------------------- conditions


def _where(session: Session, flt: AnswerFilter, *, common_only: bool = False) -> list[ColumnElement[bool]]:
    conditions = [AnswerRow.origin == ASKED, *passes(flt)]
    if common_only:
        # As one JSON value: found once for the several queries, however many keys there are.
        keys = func.json_each(json_text(_common(session, flt))).table_valued("value")
        conditions.append(AnswerRow.question_key.in_(select(keys.c.value)))
    return conditions


def _common(session: Session, flt: AnswerFilter) -> list[int]:
    """The keys of the questions that every shown candidate had its try at."""
    where = [AnswerRow.origin == ASKED, *passes(flt)]
    candidates = func.count(distinct(AnswerRow.candidate_hash))
    shown = len(set(flt.candidates)) or session.scalar(select(candidates).where(*where)) or 0
    keys = (
        select(AnswerRow.question_key)
        .where(*where, AnswerRow.state.in_(ENDED))
        .group_by(AnswerRow.question_key)
        .having(candidates == shown)
    )
    return list(session.scalars(keys))


# --------------------------------------------------------------------------- sums


@dataclass
class _Tally:
    """The counts of one candidate; ``costs`` are (costed answers, currency, amount)."""

    answers: int = 0
    complete: int = 0
    failed: int = 0
    right: int = 0
    wrong: int = 0
    alone: int = 0
    cut_short: int = 0
    stopped: int = 0
    costs: list[tuple[int, str, int]] = field(default_factory=list)


def _tallies(session: Session, where: Iterable[ColumnElement[bool]]) -> dict[str, _Tally]:
    """Candidate -> its counts and its costs by currency."""
    statement = (
        select(AnswerRow.candidate_hash, AnswerRow.cost_currency, *_counts(), *_sums())
        .where(*where)
        .group_by(AnswerRow.candidate_hash, AnswerRow.cost_currency)
    )
    found: defaultdict[str, _Tally] = defaultdict(_Tally)
    for row in session.execute(statement):
        tally = found[row.candidate_hash]
        tally.answers += row.answers
        tally.complete += row.complete
        tally.failed += row.failed
        tally.right += row.right
        tally.wrong += row.wrong
        tally.alone += row.alone
        tally.cut_short += row.cut_short
        tally.stopped += row.stopped
        tally.costs.append((row.costed, row.cost_currency, _whole(row.large, row.rest)))
    return dict(found)


def _counts() -> tuple[ColumnElement[int], ...]:
    return (
        counted(AnswerRow.state == AnswerState.COMPLETE.value, "complete"),
        counted(AnswerRow.state == AnswerState.FAILED.value, "failed"),
        counted(AnswerRow.state == AnswerState.CUT_SHORT.value, "cut_short"),
        counted(AnswerRow.state == AnswerState.STOPPED.value, "stopped"),
        counted(AnswerRow.judgement == Judgement.RIGHT.value, "right"),
        counted(AnswerRow.judgement == Judgement.WRONG.value, "wrong"),
        counted(_alone(), "alone"),
    )


def _alone() -> ColumnElement[bool]:
    """Complete, and alone on its machine: only such answers tell a speed."""
    return (AnswerRow.state == AnswerState.COMPLETE.value) & (AnswerRow.shared <= 1)


def _sums() -> tuple[ColumnElement[Any], ...]:
    amount = AnswerRow.cost_amount
    return (
        func.count().label("answers"),
        func.count(amount).label("costed"),
        func.coalesce(func.sum(amount // SPLIT), 0).label("large"),
        func.coalesce(func.sum(amount % SPLIT), 0).label("rest"),
    )


def _paid_for(label: str, rewording: bool, judging: bool) -> str:
    what = "rewording follow-ups" if rewording else "judging" if judging else ""
    return f"{label.removesuffix(' without documents')}, {what}" if what else label


def _whole(large: int, rest: int) -> int:
    return large * SPLIT + rest


def _names(session: Session, candidates: Collection[str]) -> list[tuple[str, str, bool]]:
    """Hash, label and whether with documents, by label. Looked up after grouping, not per answer."""
    rows = session.execute(
        select(CandidateRow.hash, CandidateRow.label, CandidateRow.with_documents)
        .where(CandidateRow.hash.in_(candidates))
        .order_by(CandidateRow.label, CandidateRow.hash)
    )
    return [(row.hash, row.label, row.with_documents) for row in rows]


def _summary(
    candidate: str, label: str, tally: _Tally, medians: _Medians, *, with_documents: bool
) -> CandidateSummary:
    costed, currency, amount = max(tally.costs)
    return CandidateSummary(
        candidate_hash=candidate,
        label=label,
        with_documents=with_documents,
        answers=tally.answers,
        complete=tally.complete,
        failed=tally.failed,
        marked=tally.right + tally.wrong,
        right=tally.right,
        first_token=medians.first_token,
        wall=medians.wall,
        tokens_per_second=medians.speed,
        cost_total=amount,
        currency=currency,
        costed=costed,
        uncosted=tally.answers - costed,
        alone=tally.alone,
        cut_short=tally.cut_short,
        stopped=tally.stopped,
    )


# --------------------------------------------------------------------------- medians


@dataclass(frozen=True)
class _Medians:
    first_token: float | None = None
    wall: float | None = None
    speed: float | None = None


def _medians(
    session: Session, where: Iterable[ColumnElement[bool]], counts: Mapping[str, int]
) -> dict[str, _Medians]:
    """Candidate -> medians over the ``counts`` complete answers that ran alone on their machine."""
    values = select(AnswerRow.first_token_seconds, AnswerRow.wall_seconds, AnswerRow.speed)
    table = _numbers(session, values.where(*where, _alone()).order_by(AnswerRow.candidate_hash))
    found = {}
    start = 0
    for candidate, count in sorted(counts.items()):
        own = table[start : start + count]
        found[candidate] = _Medians(*(_median(column) for column in own.T)) if count else _Medians()
        start += count
    return found


def _numbers(session: Session, statement: Select[*tuple[Any, ...]]) -> NDArray[np.float64]:
    """The rows (n, columns) as numbers, NaN for NULL: straight from the driver, which is 5 times as
    fast as SQLAlchemy's rows, for 100,000 of them.
    """
    result = session.connection().execute(statement)
    rows = result.cursor.fetchall() if result.cursor else []
    result.close()
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(statement.selected_columns))


def _median(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None


# --------------------------------------------------------------------------- rows


def _date(day: int) -> date:
    return (EPOCH + timedelta(days=day)).date()


def _points(where: Iterable[ColumnElement[bool]], limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            AnswerRow.id,
            AnswerRow.question_id,
            QuestionRow.text,
            AnswerRow.candidate_hash,
            CandidateRow.label,
            AnswerRow.state,
            AnswerRow.first_token_seconds,
            AnswerRow.wall_seconds,
            AnswerRow.speed,
            AnswerRow.shared,
            AnswerRow.cost_amount,
            AnswerRow.cost_currency,
            AnswerRow.judgement,
            AnswerRow.asked_at,
            AnswerRow.prompt_tokens,
            AnswerRow.cached_tokens,
        )
        .join(QuestionRow, QuestionRow.id == AnswerRow.question_id)
        .join(CandidateRow, CandidateRow.hash == AnswerRow.candidate_hash)
        .where(*where, AnswerRow.state != AnswerState.PENDING.value)
        .order_by(AnswerRow.sequence.desc())
        .limit(limit)
    )


def _priced(where: Iterable[ColumnElement[bool]], limit: int) -> Select[*tuple[Any, ...]]:
    newest = (
        select(AnswerRow.id, AnswerRow.candidate_hash, AnswerRow.cost_basis, AnswerRow.shared)
        .where(*where, AnswerRow.cost_amount.is_not(None))
        .order_by(AnswerRow.sequence.desc())
        .limit(limit)
        .subquery()
    )
    one, entry = newest.c, AnswerContentRow.cost_entry
    own = func.json_extract(entry, "$.kind") == OWN_MACHINE
    machine = case((own, func.json_remove(entry, '$."machine seconds"')), else_="").label("machine")
    keys = (one.candidate_hash, one.cost_basis, machine)
    statement = select(*keys, func.count(), counted(own & (one.shared > 1), "beside"))
    return statement.join(AnswerContentRow, AnswerContentRow.answer_id == one.id).group_by(*keys)


def _point(row: Row[*tuple[Any, ...]]) -> AnswerPoint:
    return AnswerPoint(
        answer_id=row.id,
        question_id=row.question_id,
        question=row.text,
        candidate_hash=row.candidate_hash,
        label=row.label,
        state=AnswerState(row.state),
        first_token=row.first_token_seconds,
        wall=row.wall_seconds,
        tokens_per_second=row.speed,
        shared=row.shared,
        cost=row.cost_amount,
        currency=row.cost_currency,
        judgement=Judgement(row.judgement) if row.judgement else None,
        asked_at=row.asked_at,
        remembered=bool(row.prompt_tokens) and (row.cached_tokens or 0) >= NEARLY_ALL * row.prompt_tokens,
    )
