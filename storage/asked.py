"""Sums over what was asked, kept beside the answers: home reads these, however many answers there are.

Two questions are alike for home where the same candidates were asked them, had their try at them and were
judged on them: that is their *pattern*. Sums by pattern tell everything exactly for any choice of candidates,
since a question counts for a comparison or not by its pattern alone; and there are few patterns, whatever is
asked. The sums change in the transaction that changes an answer (``changing``). All are integers, so that
they equal the sums over the answers at any time (``differences`` tells).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.orm import Session

from app.domain import AnswerState, Judgement
from storage.answer_rows import ASKED
from storage.removing import in_parts
from storage.tables import AnswerRow, AskedPatternRow, AskedQuestionRow, AskedSumRow

EVERYWHERE = "*"
"""The scope of all collections together; any other scope is the id of a collection."""
ENDED = tuple(one.value for one in (AnswerState.COMPLETE, AnswerState.CUT_SHORT, AnswerState.FAILED))
"""States in which a candidate has had its try at a question; a stopped one had not."""
SPLIT = 10**6
"""Money is summed in two parts, so that no sum can overflow SQLite's 64 bits."""
OF_PEOPLE = AnswerRow.origin == literal_column(f"'{ASKED}'")
"""What people asked, in words that let SQLite use the indexes over these answers only."""
KEYS = ("candidate_hash", "judged", "right_of_judged", "currency")
SUMS = (
    *("questions", "answers", "complete", "failed", "cut_short", "stopped"),
    *("right", "wrong", "failed_unmarked", "cut_short_unmarked"),
    *("costed", "large", "rest"),
)
Statement = Select[*tuple[Any, ...]]
Key = tuple[Any, ...]
"""Scope, words of the pattern, and the values of KEYS."""


@dataclass(frozen=True)
class Sums:
    """One row: the sums over ``questions`` of one pattern, of one candidate, in one currency.

    On each of these questions the candidate had ``judged`` answers that tell whether it was right, and
    ``right_of_judged`` of them were. A question that was paid in several currencies is counted in one of the
    rows only.
    """

    words: str
    candidate_hash: str
    judged: int
    right_of_judged: int
    currency: str
    questions: int
    answers: int
    complete: int
    failed: int
    cut_short: int
    stopped: int
    right: int
    wrong: int
    failed_unmarked: int
    cut_short_unmarked: int
    costed: int
    large: int
    rest: int


@dataclass(frozen=True)
class Pattern:
    """Which candidates were asked a question, had their try at it, and were judged on it."""

    asked: frozenset[str]
    tried: frozenset[str]
    judged: frozenset[str]

    @classmethod
    def of(cls, words: str) -> Pattern:
        """From its words: of each candidate the hash, then 1 if it tried, plus 2 if it was judged."""
        told = [(one[:-1], int(one[-1])) for one in words.split(",")]
        return cls(
            frozenset(who for who, _ in told),
            frozenset(who for who, what in told if what & 1),
            frozenset(who for who, what in told if what & 2),
        )


# --------------------------------------------------------------------------- keeping them


@contextmanager
def changing(session: Session, question_keys: Collection[int]) -> Iterator[None]:
    """Around whatever changes answers to these questions: the sums follow, in the same transaction."""
    before = _counted(session, question_keys)
    yield
    session.flush()
    after = _counted(session, question_keys)
    patterns = _keep_patterns(session, {key[1] for key in (*before, *after)})
    _add(session, patterns, {key: _less(after.get(key), before.get(key)) for key in before | after})
    _keep_questions(session, patterns, question_keys)


def fill(session: Session) -> None:
    """Make the sums of all answers, in the place of those that there are."""
    for table in (AskedSumRow, AskedQuestionRow, AskedPatternRow):
        session.execute(delete(table))
    counted = _counted(session)
    patterns = _keep_patterns(session, {key[1] for key in counted})
    _add(session, patterns, counted)
    _keep_questions(session, patterns)


def missing(session: Session) -> bool:
    """Whether there are answers and no sums: then an older Assay wrote them."""
    asked = session.scalar(select(exists().where(AnswerRow.origin == ASKED)))
    return bool(asked) and not session.scalar(select(exists(select(AskedSumRow.scope))))


def differences(session: Session) -> int:
    """How many sums are not what the answers say; 0 where all is well. Reads every answer."""
    scopes = session.scalars(select(AskedSumRow.scope).distinct()).all()
    there = {tuple(row[:6]): tuple(row[6:]) for one in scopes for row in session.execute(kept(one))}
    counted = _counted(session)
    return sum(there.get(key) != counted.get(key) for key in there | counted)


def _counted(session: Session, question_keys: Collection[int] | None = None) -> dict[Key, tuple[int, ...]]:
    """The sums over the answers to these questions (all for None), by their keys."""
    found: dict[Key, tuple[int, ...]] = {}
    parts = [None] if question_keys is None else in_parts(sorted(question_keys))
    for part in parts:
        statements = _statements(summed, some=part is not None)
        for row in (one for each in statements for one in session.execute(each, {"keys": part})):
            key = tuple(row[:6])
            found[key] = _plus(found.get(key), tuple(row[6:]))
    return found


@cache
def _statements(make: Callable[..., Statement], *, some: bool) -> tuple[Statement, Statement]:
    """Everywhere, and by collection; of ``some`` questions only, which "keys" names.

    Kept, since to put such a statement together takes longer than to execute it.
    """
    conditions = [AnswerRow.question_key.in_(bindparam("keys", expanding=True))] if some else []
    return make(conditions, everywhere=True), make(conditions, everywhere=False)


def _plus(one: tuple[int, ...] | None, other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(one, other, strict=True))) if one else other


def _less(after: tuple[int, ...] | None, before: tuple[int, ...] | None) -> tuple[int, ...]:
    none = (0,) * len(SUMS)
    return tuple(new - old for new, old in zip(after or none, before or none, strict=True))


def _keep_patterns(session: Session, words: Collection[str]) -> dict[str, int]:
    """Words -> the id of their pattern, which is kept once."""
    found: dict[str, int] = {}
    for part in in_parts(sorted(words)):
        session.execute(insert_or(AskedPatternRow).on_conflict_do_nothing(), [{"words": one} for one in part])
        known = select(AskedPatternRow.words, AskedPatternRow.id).where(AskedPatternRow.words.in_(part))
        found |= {row.words: row.id for row in session.execute(known)}
    return found


def _add(session: Session, patterns: dict[str, int], sums: dict[Key, tuple[int, ...]]) -> None:
    rows = [
        {"scope": key[0], "pattern_id": patterns[key[1]]}
        | dict(zip((*KEYS, *SUMS), (*key[2:], *values), strict=True))
        for key, values in sums.items()
        if any(values)
    ]
    if not rows:
        return
    put = insert_or(AskedSumRow)
    more = {name: getattr(AskedSumRow, name) + put.excluded[name] for name in SUMS}
    session.execute(put.on_conflict_do_update(set_=more), rows)
    for part in in_parts(sorted({row["pattern_id"] for row in rows})):
        empty = (AskedSumRow.answers == 0, AskedSumRow.pattern_id.in_(part))
        session.execute(delete(AskedSumRow).where(*empty))


def _keep_questions(
    session: Session, patterns: dict[str, int], question_keys: Collection[int] | None = None
) -> None:
    """Which pattern each of these questions (all for None) has now."""
    for part in [None] if question_keys is None else in_parts(sorted(question_keys)):
        if part is not None:
            session.execute(delete(AskedQuestionRow).where(AskedQuestionRow.question_key.in_(part)))
        for statement in _statements(questioned, some=part is not None):
            rows = [
                {"scope": row.scope, "question_key": row.question_key, "pattern_id": patterns[row.words]}
                for row in session.execute(statement, {"keys": part})
            ]
            if rows:
                session.execute(insert_or(AskedQuestionRow), rows)


# --------------------------------------------------------------------------- counting


def summed(conditions: Sequence[ColumnElement[bool]], *, everywhere: bool) -> Statement:
    """The sums over the answers that meet the conditions: scope, words, then KEYS and SUMS.

    The scope is EVERYWHERE, or each collection by itself.
    """
    one = _told(conditions, everywhere=everywhere).c
    own = (one.scope, one.words, *(one[name] for name in KEYS))
    return select(*own, *(func.sum(one[name]).label(name) for name in SUMS)).group_by(*own)


def questioned(conditions: Sequence[ColumnElement[bool]], *, everywhere: bool) -> Statement:
    """Scope, key and words of the pattern of each question with answers that meet the conditions."""
    one = _told(conditions, everywhere=everywhere).c
    return select(one.scope, one.question_key, one.words).where(one.questions == 1).distinct()


def _told(conditions: Sequence[ColumnElement[bool]], *, everywhere: bool) -> Subquery:
    """A row for each question, candidate and currency, with the words of the question's pattern.

    Which candidate comes first in the words is of no consequence for any sum.
    """
    one = _placed(conditions, everywhere=everywhere)
    code = (one.c.tried > 0).cast(Integer) + 2 * (one.c.judged > 0).cast(Integer)
    mark = case((one.c.questions == 1, one.c.candidate_hash.concat(code.cast(String))))
    question = [one.c.scope, one.c.question_key]
    words = func.group_concat(mark, ",").over(partition_by=question)
    return select(*one.c, words.label("words")).subquery()


def _placed(conditions: Sequence[ColumnElement[bool]], *, everywhere: bool) -> Subquery:
    """A row for each question, candidate and currency: what is of the candidate, and is it its first one?"""
    each = _each(conditions, everywhere=everywhere)
    own = [each.c.scope, each.c.question_key, each.c.candidate_hash]
    first = func.row_number().over(partition_by=own, order_by=each.c.currency) == 1
    whole = {
        "tried": each.c.tried,
        "judged": each.c.judged,
        "right_of_judged": each.c.right,
    }
    return select(
        *(one for one in each.c if one.key not in whole),
        *(func.sum(value).over(partition_by=own).label(name) for name, value in whole.items()),
        first.cast(Integer).label("questions"),
    ).subquery()


def _each(conditions: Sequence[ColumnElement[bool]], *, everywhere: bool) -> Subquery:
    """The counts of each question, candidate and currency.

    What failed or was cut short is not right unless a person says otherwise (METRICS, "Answers"); an empty
    answer is logged as failed.
    """
    keys = (
        (literal(EVERYWHERE).label("scope") if everywhere else AnswerRow.collection_id.label("scope")),
        AnswerRow.question_key,
        AnswerRow.candidate_hash,
        AnswerRow.cost_currency.label("currency"),
    )
    state, mark, amount = AnswerRow.state, AnswerRow.judgement, AnswerRow.cost_amount
    failed, cut_short = state == AnswerState.FAILED.value, state == AnswerState.CUT_SHORT.value
    judged = mark.in_((Judgement.RIGHT.value, Judgement.WRONG.value)) | (
        mark.is_(None) & (failed | cut_short)
    )
    counts = {
        "complete": state == AnswerState.COMPLETE.value,
        "failed": failed,
        "cut_short": cut_short,
        "stopped": state == AnswerState.STOPPED.value,
        "right": mark == Judgement.RIGHT.value,
        "wrong": mark == Judgement.WRONG.value,
        "failed_unmarked": mark.is_(None) & failed,
        "cut_short_unmarked": mark.is_(None) & cut_short,
        "tried": state.in_(ENDED),
        "judged": judged,
    }
    return (
        select(
            *keys,
            func.count().label("answers"),
            *(func.count().filter(condition).label(name) for name, condition in counts.items()),
            func.count(amount).label("costed"),
            func.coalesce(func.sum(amount // SPLIT), 0).label("large"),
            func.coalesce(func.sum(amount % SPLIT), 0).label("rest"),
        )
        .where(OF_PEOPLE, *conditions)
        .group_by(*keys)
        .subquery()
    )


# --------------------------------------------------------------------------- reading


def kept(scope: str) -> Statement:
    """What ``summed`` would tell of all answers of a scope, from the sums that are kept."""
    columns = [getattr(AskedSumRow, name) for name in (*KEYS, *SUMS)]
    return (
        select(AskedSumRow.scope, AskedPatternRow.words, *columns)
        .join(AskedPatternRow, AskedPatternRow.id == AskedSumRow.pattern_id)
        .where(AskedSumRow.scope == scope)
    )
