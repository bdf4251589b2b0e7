"""What an experiment will take, from what was recorded of its candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.domain import Candidate, Estimate, Recorded

Places = Callable[[str], int]


@dataclass(frozen=True)
class JudgeWork:
    """The judge, what is recorded of it as a judge, and how often it is asked at most."""

    judge: Candidate
    recorded: Recorded
    most: int


def estimate(
    candidates: Sequence[Candidate],
    recorded: Sequence[Recorded],
    each: int,
    places: Places,
    *,
    one_at_a_time: bool,
    judging: JudgeWork | None = None,
) -> Estimate:
    """The whole of ``each`` answers of every candidate; ``recorded`` stands beside ``candidates``.

    Backends work beside each other, and each makes as many answers at once as it has ``places``; in a
    run for speed one answer waits for the other, and the judge begins when all are there. Nothing is counted
    for who has no record.
    """
    lots = [_Lot(who, one, each, who.label) for who, one in zip(candidates, recorded, strict=True)]
    answers = len(lots) * each
    seconds = _seconds(lots, places, one_at_a_time=one_at_a_time)
    if judging is not None:
        lot = _Lot(judging.judge, judging.recorded, judging.most, f"{judging.judge.model} as a judge")
        lots.append(lot)
        later = _seconds([lot], places, one_at_a_time=one_at_a_time)
        seconds = later if seconds is None else seconds + (later or 0.0)
    amounts: dict[str, float] = defaultdict(float)
    for one in lots:
        if one.recorded.cost is not None:
            amounts[one.recorded.currency] += one.many * one.recorded.cost
    return Estimate(
        answers=answers,
        seconds=seconds,
        tokens=round(sum(one.tokens for one in lots)),
        amounts={currency: round(amount) for currency, amount in amounts.items()},
        unknown=tuple(one.label for one in lots if one.recorded.seconds is None),
        unpriced=tuple(one.label for one in lots if one.recorded.cost is None),
        basis=_basis([one.recorded for one in lots if one.recorded.seconds is not None]),
        judgements=judging.most if judging else 0,
    )


class _Lot(NamedTuple):
    """So ``many`` answers of one candidate."""

    who: Candidate
    recorded: Recorded
    many: int
    label: str

    @property
    def tokens(self) -> float:
        return self.many * ((self.recorded.prompt_tokens or 0) + (self.recorded.completion_tokens or 0))


def _seconds(lots: Sequence[_Lot], places: Places, *, one_at_a_time: bool) -> float | None:
    lines: dict[str, float] = defaultdict(float)
    for one in lots:
        if one.recorded.seconds is not None:
            lines[one.who.backend] += one.many * one.recorded.seconds
    if not lines:
        return None
    if one_at_a_time:
        return sum(lines.values())
    return max(seconds / places(backend) for backend, seconds in lines.items())


def _basis(known: Sequence[Recorded]) -> str:
    if not known:
        return "Nothing is recorded of these candidates yet. Ask each of them something first."
    answers = sum(one.answers for one in known)
    return f"From {answers} recorded {'answer' if answers == 1 else 'answers'} of the same models."
