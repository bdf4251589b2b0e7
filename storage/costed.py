"""What the answers of an experiment cost and took, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from app.domain import CostedAnswer, Slot, Timing, Usage
from storage.experiment_rows import counting
from storage.tables import AnswerRow, TrialRow

_TOKENS = (
    AnswerRow.prompt_tokens,
    AnswerRow.completion_tokens,
    AnswerRow.thinking_tokens,
    AnswerRow.cached_tokens,
)
_SECONDS = (
    AnswerRow.queue_seconds,
    AnswerRow.load_seconds,
    AnswerRow.first_token_seconds,
    AnswerRow.prompt_seconds,
    AnswerRow.generation_seconds,
    AnswerRow.wall_seconds,
    AnswerRow.shared,
    AnswerRow.machine_seconds,
    AnswerRow.joules,
)


def costs_of(experiment_id: str) -> Select[*tuple[Any, ...]]:
    """The answers that count, by candidate, case and repeat; see ``costed_of``."""
    place = TrialRow.candidate, TrialRow.case_place, TrialRow.repeat
    cost = AnswerRow.cost_amount, AnswerRow.cost_currency, AnswerRow.cost_basis
    return (
        select(*place, *cost, AnswerRow.asked_at, *_TOKENS, *_SECONDS)
        .join(AnswerRow, AnswerRow.id == TrialRow.answer_id)
        .where(counting(experiment_id))
        .order_by(*place)
    )


PAID = (
    AnswerRow.cost_amount,
    AnswerRow.cost_currency,
    AnswerRow.cost_basis,
    *_TOKENS,
    AnswerRow.load_seconds,
    AnswerRow.machine_seconds,
    AnswerRow.shared,
)
"""The columns of a ``PaidAnswer`` behind its slot: few, and of plain kinds, which is quick."""


def costed_of(found: Sequence[Any]) -> CostedAnswer:
    """One row of ``costs_of``."""
    candidate, case, repeat, amount, currency, basis, asked_at, *rest = found
    return CostedAnswer(
        slot=Slot(candidate, case, repeat),
        amount=amount,
        currency=currency,
        basis=basis,
        usage=Usage(*rest[: len(_TOKENS)]),
        timing=Timing(*rest[len(_TOKENS) :]),
        asked_at=asked_at,
    )
