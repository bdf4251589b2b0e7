"""How often each candidate was right, question by question: the queries behind ``Reports.right``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    distinct,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from app.domain import AnswerState, Judgement, RightTally
from storage.tables import AnswerRow

KINDS = ("right", "wrong", "failed", "cut_short")


def counted(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
    """How many rows of a group meet the condition."""
    return func.count().filter(condition).label(name)


def judged(where: Sequence[ColumnElement[bool]]) -> CTE:
    """By candidate and question: the answers that tell whether the candidate was right, and how.

    One that failed or was cut short is not right unless a person says otherwise (METRICS, "Answers");
    an empty one is logged as failed.
    """
    unmarked = AnswerRow.judgement.is_(None)
    conditions = (
        AnswerRow.judgement == Judgement.RIGHT.value,
        AnswerRow.judgement == Judgement.WRONG.value,
        unmarked & (AnswerRow.state == AnswerState.FAILED.value),
        unmarked & (AnswerRow.state == AnswerState.CUT_SHORT.value),
    )
    # A plus keeps SQLite from an index that has the questions in order, but not the marks.
    question = literal_column("+answers.question_key", Integer).label("question_key")
    keys = (AnswerRow.candidate_hash, question)
    counts = [counted(condition, name) for name, condition in zip(KINDS, conditions, strict=True)]
    statement = select(*keys, func.count().label("answers"), *counts).where(*where, or_(*conditions))
    return statement.group_by(*keys).cte("judged")


def rights(by_question: CTE) -> CompoundSelect[*tuple[Any, ...]]:
    """Two rows per candidate, sums over its questions, each of which weighs the same.

    ``together`` is 0 for all of its questions, 1 for those only that stand there for every candidate. One
    query for both, so that the questions are gone through once.
    """
    one = by_question.c
    candidates = select(func.count(distinct(one.candidate_hash))).scalar_subquery()
    keys = select(one.question_key).group_by(one.question_key).having(func.count() == candidates)
    return union_all(
        _sums(by_question, together=0),
        _sums(by_question, together=1).where(one.question_key.in_(keys)),
    ).order_by("candidate_hash")


def _sums(by_question: CTE, *, together: int) -> Select[*tuple[Any, ...]]:
    one = by_question.c
    share = one.right * 1.0 / one.answers
    return select(
        literal(together).label("together"),
        one.candidate_hash.label("candidate_hash"),
        func.count().label("questions"),
        *(func.sum(one[name]).label(name) for name in KINDS),
        func.sum(share).label("share_sum"),
        func.sum(share * share).label("square_sum"),
    ).group_by(one.candidate_hash)


def tally_of(row: Row[*tuple[Any, ...]]) -> RightTally:
    """A row of ``rights`` as the domain has it."""
    return RightTally(
        candidate_hash=row.candidate_hash,
        questions=row.questions,
        right=row.right,
        wrong=row.wrong,
        failed=row.failed,
        cut_short=row.cut_short,
        share_sum=row.share_sum,
        square_sum=row.square_sum,
    )
