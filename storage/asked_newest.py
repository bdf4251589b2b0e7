"""The newest answers that pass a filter, found without reading all that were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Integer, Select, distinct, exists, func, literal_column, select
from sqlalchemy.orm import Session

from app.domain import AnswerFilter
from storage.answers import passes
from storage.asked import ENDED, EVERYWHERE, OF_PEOPLE
from storage.asked_counts import Counted, within
from storage.records import json_text
from storage.tables import AnswerRow, AskedPatternRow, AskedQuestionRow

FEW = 20
"""Where no more than so many times what is wanted is among many others, all of it is looked up and sorted;
else it is quicker to go back from the newest until there is enough."""
NEWEST_FIRST = AnswerRow.sequence.desc()
SORTED = literal_column("+answers.sequence", Integer).desc()
"""The same order; the plus keeps SQLite from going through the answers in it."""


def newest(
    session: Session,
    flt: AnswerFilter,
    counted: Counted,
    limit: int,
    *conditions: ColumnElement[bool],
    common_only: bool = False,
) -> Select[int]:
    """The ``sequence`` of each of the newest ``limit`` answers that meet the conditions, too."""
    where, order = _way(session, flt, counted, limit, common_only=common_only)
    return select(AnswerRow.sequence).where(OF_PEOPLE, *where, *conditions).order_by(order).limit(limit)


def _way(
    session: Session, flt: AnswerFilter, counted: Counted, limit: int, *, common_only: bool
) -> tuple[list[ColumnElement[bool]], ColumnElement[int]]:
    if within_time(flt):
        common = [AnswerRow.question_key.in_(_keys(session, flt, counted))] if common_only else []
        return [*within(flt), *common], SORTED
    chosen = common_only or bool(flt.candidates)
    if chosen and counted.passing(common_only=common_only) <= FEW * limit:
        common = [AnswerRow.question_key.in_(_common(flt, counted))] if common_only else []
        return [*passes(flt), *common], SORTED
    where = passes(replace(flt, candidates=()))
    if flt.candidates:
        where.append(literal_column("+answers.candidate_hash").in_(flt.candidates))
    if common_only:
        own = AskedQuestionRow.question_key == AnswerRow.question_key
        where.append(exists(_common(flt, counted).where(own).correlate(AnswerRow)))
    return where, NEWEST_FIRST


def within_time(flt: AnswerFilter) -> bool:
    """Whether not all times are meant."""
    return flt.since is not None or flt.until is not None


def _common(flt: AnswerFilter, counted: Counted) -> Select[int]:
    """The keys of the questions that every shown candidate had its try at, as they are kept."""
    words = _values(sorted(counted.common_words))
    patterns = select(AskedPatternRow.id).where(AskedPatternRow.words.in_(words))
    return select(AskedQuestionRow.question_key).where(
        AskedQuestionRow.scope == (flt.collection_id or EVERYWHERE),
        AskedQuestionRow.pattern_id.in_(patterns),
    )


def _keys(session: Session, flt: AnswerFilter, counted: Counted) -> Select[int]:
    """The same from the answers within some time."""
    if counted.common_keys is None:
        tried = func.count(distinct(AnswerRow.candidate_hash))
        # A plus keeps SQLite from the index that has all questions of all times in order.
        key = literal_column("+answers.question_key", Integer)
        statement = (
            select(key)
            .where(OF_PEOPLE, AnswerRow.state.in_(ENDED), *within(flt))
            .group_by(key)
            .having(tried == len(counted.shown))
        )
        counted.common_keys = list(session.scalars(statement))
    return _values(counted.common_keys)


def _values(values: Sequence[object]) -> Select[int]:
    # As one JSON value, however many there are.
    return select(func.json_each(json_text(values)).table_valued("value").c.value)
