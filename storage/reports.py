"""Summaries of what was asked, for the charts: from sums that are kept, and from the newest answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from app.domain import (
    OWN_MACHINE,
    AnswerFilter,
    AnswerPoint,
    AnswerState,
    Candidate,
    CandidateSummary,
    Elsewhere,
    Exchange,
    Judgement,
    Money,
    Priced,
    RightTally,
    SpendDay,
)
from storage.answer_rows import ASKED, EXPERIMENT, FOLLOW_UP, IMPORTED, IMPORTING, JUDGE, PROBE
from storage.answers import passes
from storage.asked import EVERYWHERE, OF_PEOPLE, SPLIT
from storage.asked_counts import Counted, Tally, counted
from storage.asked_newest import newest
from storage.database import Database
from storage.records import candidate_of
from storage.removing import in_parts
from storage.tables import (
    DAY_MICROSECONDS,
    EPOCH,
    AnswerContentRow,
    AnswerRow,
    AskedSumRow,
    CandidateRow,
    ProbeRow,
    QuestionRow,
    RulingRow,
)

NEARLY_ALL = 0.9
"""From so much of its prompt on, an answer's was remembered. Less is usual: the instruction, with which every
prompt begins, is about three quarters of one without documents."""


class Reports:
    """Summaries of the answers that were asked (not those of experiments), for the charts.

    What was asked at any time is told by sums that are kept; only within some time the answers of that time
    are read. The newest such look is kept while nothing is written, since a page asks for several figures.
    Sums of money are told as ``exchange`` says; what is logged stays as it was paid.
    """

    def __init__(self, database: Database, exchange: Callable[[], Exchange] = Exchange) -> None:
        self._database = database
        self._exchange = exchange
        self._looked: tuple[int, AnswerFilter, Counted] | None = None

    def by_candidate(self, flt: AnswerFilter, *, common_only: bool = False) -> list[CandidateSummary]:
        """One row per candidate that was asked, by label. Raises DatabaseTrouble.

        With ``common_only``, over the questions only that every shown candidate had its try at. Costs in
        another currency than a candidate's most frequent one, and that cannot be converted, count as
        ``uncosted``.
        """
        tallies, exchange = self._counted(flt).tallies(common_only=common_only), self._exchange()
        with self._database.read() as session:
            names = _names(session, tallies)
        return [_summary(*name, tallies[name[0]], exchange) for name in names]

    def right(self, flt: AnswerFilter) -> tuple[list[RightTally], list[RightTally]]:
        """How often each candidate was right, by hash; none for one without an answer that tells so.

        First over all of its questions, then over those only that tell so of every candidate in the first
        list: each then has the same number of questions, and the list is empty where there is none.
        """
        counted = self._counted(flt)
        return counted.rights(), counted.rights(together=True)

    def common_questions(self, flt: AnswerFilter) -> int:
        """How many questions every shown candidate had its try at; equal words are one question.

        Shown are the filter's candidates, or all that were asked where it names none.
        """
        return self._counted(flt).common

    def questions(self, flt: AnswerFilter) -> int:
        """How many different questions were put to the shown candidates; equal words are one question."""
        return self._counted(flt).questions

    def _counted(self, flt: AnswerFilter) -> Counted:
        now, looked = self._database.writes, self._looked
        if looked is None or looked[:2] != (now, flt):
            with self._database.read() as session:
                looked = now, flt, counted(session, flt)
            self._looked = looked
        return looked[2]

    def points(self, flt: AnswerFilter, limit: int = 2000, *, common_only: bool = False) -> list[AnswerPoint]:
        """The newest ``limit`` answers that have ended, newest first."""
        ended = AnswerRow.state != AnswerState.PENDING.value
        looked, exchange = self._counted(flt), self._exchange()
        with self._database.read() as session:
            found = newest(session, flt, looked, limit, ended, common_only=common_only)
            return [_point(row, exchange) for row in session.execute(_points(found))]

    def priced(self, flt: AnswerFilter, limit: int = 2000, *, common_only: bool = False) -> list[Priced]:
        """How the newest ``limit`` answers of known cost got it, by candidate, basis and machine."""
        known = AnswerRow.cost_amount.is_not(None)
        looked = self._counted(flt)
        with self._database.read() as session:
            found = newest(session, flt, looked, limit, known, common_only=common_only)
            return [Priced(*row) for row in session.execute(_priced(found))]

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
        ordered = sorted(rows, key=lambda one: (one.day, labels[one.candidate_hash], *one[1:3]))
        return _told_days(ordered, labels, self._exchange())

    def currencies(self) -> list[str]:
        """The currencies in which any answer was paid, imported ones too."""
        paid = select(AnswerRow.cost_currency).where(AnswerRow.cost_amount.is_not(None)).distinct()
        with self._database.read() as session:
            return sorted(session.scalars(paid))

    def order(self) -> list[tuple[str, ...]]:
        """The candidates in the order of their first answer, so that each keeps its colour for ever.

        Each is its hash and, for the newest of those that differ by the weights' digest alone, the hash
        without a digest: a lane that has only begun does not know its weights yet. Those that were first
        answered elsewhere are ``Elsewhere``: they have places of their own.
        """
        rows = self._candidates()
        known = {row.hash: candidate_of(row.settings) for row in rows}
        imported = self._imported(rows)
        begun = {replace(one, digest="").hash: key for key, one in known.items()}
        aliases = {newest: alias for alias, newest in begun.items()}
        return [
            (Elsewhere if key in imported else tuple)(dict.fromkeys((key, aliases.get(key, key))))
            for key in known
        ]

    def candidates(self) -> dict[str, Candidate]:
        """Every candidate that was asked, by its hash, in the order of their first answers.

        What was only asked to find causes (with other seeds) or to judge stands last, and
        takes nobody's colour.
        """
        return {row.hash: candidate_of(row.settings) for row in self._candidates()}

    def _imported(self, rows: Sequence[Row[Any]]) -> set[str]:
        """The hashes of those whose first answer was made elsewhere."""
        first = {row.asked: row.hash for row in rows if row.asked is not None}
        found: set[str] = set()
        with self._database.read() as session:
            for part in in_parts(list(first)):
                there = (AnswerRow.sequence.in_(part), AnswerRow.origin == IMPORTED)
                found |= {first[one] for one in session.scalars(select(AnswerRow.sequence).where(*there))}
        return found

    def _candidates(self) -> Sequence[Row[Any]]:
        """The same as rows, each with where its first answer stands, None for those that stand last."""
        own = and_(AnswerRow.candidate_hash == CandidateRow.hash, AnswerRow.origin != IMPORTING)
        first = select(func.min(AnswerRow.sequence)).where(own).scalar_subquery()
        aside = (
            exists().where(ProbeRow.answer_id == AnswerRow.id),
            exists().where(RulingRow.answer_id == AnswerRow.id),
        )
        # Of an experiment that was made elsewhere all answers have one origin.
        imported = and_(AnswerRow.origin == IMPORTED, or_(*aside))
        lanes = and_(AnswerRow.origin.not_in((PROBE, JUDGE)), ~imported)
        asked = select(func.min(AnswerRow.sequence)).where(own, lanes).scalar_subquery()
        columns = (CandidateRow.hash, CandidateRow.settings, asked.label("asked"))
        statement = select(*columns).where(first.is_not(None))
        with self._database.read() as session:
            return session.execute(statement.order_by(asked.is_(None), asked, first)).all()

    def collections(self) -> dict[str, int]:
        """How many answers there are by collection, also by those deleted since; the newest asked first.

        The id is "" for what was asked without one.
        """
        own = (OF_PEOPLE, AnswerRow.collection_id == AskedSumRow.scope)
        newest = select(func.max(AnswerRow.sequence)).where(*own).scalar_subquery()
        statement = (
            select(AskedSumRow.scope, func.sum(AskedSumRow.answers).label("answers"))
            .where(AskedSumRow.scope != EVERYWHERE)
            .group_by(AskedSumRow.scope)
            .order_by(newest.desc())
        )
        with self._database.read() as session:
            return {row.scope: row.answers for row in session.execute(statement)}


# --------------------------------------------------------------------------- sums


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


def _told_days(rows: Sequence[Row[Any]], labels: Mapping[str, str], exchange: Exchange) -> list[SpendDay]:
    """A day for each day, candidate and currency in which it is told."""
    found: dict[tuple[Any, ...], SpendDay] = {}
    for row in rows:
        currency = exchange.into(row.cost_currency)
        day = SpendDay(
            day=_date(row.day),
            candidate_hash=row.candidate_hash,
            label=labels[row.candidate_hash],
            answers=row.answers,
            amount=exchange.told(_whole(row.large, row.rest), row.cost_currency),
            currency=currency,
            costed=row.costed,
            uncosted=row.answers - row.costed,
            rewording=bool(row.rewording),
            judging=bool(row.judging),
            rates=exchange.used([row.cost_currency] if row.costed else []),
        )
        key = (day.day, day.candidate_hash, currency)
        found[key] = _together(found[key], day) if key in found else day
    return list(found.values())


def _together(one: SpendDay, other: SpendDay) -> SpendDay:
    """The same day of the same candidate, paid in two currencies and told in one."""
    return replace(
        one,
        answers=one.answers + other.answers,
        amount=one.amount + other.amount,
        costed=one.costed + other.costed,
        uncosted=one.uncosted + other.uncosted,
        rewording=one.rewording and other.rewording,
        judging=one.judging and other.judging,
        rates=tuple(dict.fromkeys((*one.rates, *other.rates))),
    )


def _summary(
    candidate: str, label: str, with_documents: bool, tally: Tally, exchange: Exchange
) -> CandidateSummary:
    told: dict[str, tuple[int, Money]] = {}
    for many, paid, amount in tally.costs:
        before = told.get(exchange.into(paid), (0, 0))
        told[exchange.into(paid)] = before[0] + many, before[1] + exchange.told(amount, paid)
    costed, currency, total = max((many, name, amount) for name, (many, amount) in told.items())
    return CandidateSummary(
        candidate_hash=candidate,
        label=label,
        with_documents=with_documents,
        answers=tally.answers,
        complete=tally.complete,
        failed=tally.failed,
        marked=tally.right + tally.wrong,
        right=tally.right,
        cost_total=total,
        currency=currency,
        costed=costed,
        uncosted=tally.answers - costed,
        cut_short=tally.cut_short,
        stopped=tally.stopped,
        rates=exchange.used(
            paid for many, paid, _ in tally.costs if many and exchange.into(paid) == currency
        ),
    )


# --------------------------------------------------------------------------- rows


def _date(day: int) -> date:
    return (EPOCH + timedelta(days=day)).date()


def _points(newest: Select[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            AnswerRow.id,
            AnswerRow.question_id,
            AnswerRow.question_key,
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
        .where(AnswerRow.sequence.in_(newest))
        .order_by(AnswerRow.sequence.desc())
    )


def _priced(newest: Select[int]) -> Select[*tuple[Any, ...]]:
    one, entry = AnswerRow, AnswerContentRow.cost_entry
    own = func.json_extract(entry, "$.kind") == OWN_MACHINE
    machine = case((own, func.json_remove(entry, '$."machine seconds"', "$.joules")), else_="").label(
        "machine"
    )
    keys = (one.candidate_hash, one.cost_basis, machine)
    beside = func.count().filter(own & (one.shared > 1)).label("beside")
    statement = select(*keys, func.count(), beside).where(one.sequence.in_(newest))
    return statement.join(AnswerContentRow, AnswerContentRow.answer_id == one.id).group_by(*keys)


def _point(row: Row[*tuple[Any, ...]], exchange: Exchange) -> AnswerPoint:
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
        cost=None if row.cost_amount is None else exchange.told(row.cost_amount, row.cost_currency),
        currency=exchange.into(row.cost_currency),
        judgement=Judgement(row.judgement) if row.judgement else None,
        asked_at=row.asked_at,
        question_key=row.question_key,
        remembered=bool(row.prompt_tokens) and (row.cached_tokens or 0) >= NEARLY_ALL * row.prompt_tokens,
    )
