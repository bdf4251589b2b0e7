"""What an experiment will take, from what was recorded of its candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.domain import Candidate, Estimate, Recorded, Taking

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
    reasks: Sequence[int] = (),
) -> Estimate:
    """The whole of ``each`` answers of every candidate; ``recorded`` stands beside ``candidates``.

    Backends work beside each other, and each makes as many answers at once as it has ``places``; in a
    run for speed one answer waits for the other, and the judge begins when all are there. Nothing is counted
    for who has no record. ``reasks``, beside ``candidates`` too, are the most that each is asked again; the
    judge is asked about these as well.
    """
    lots = [_Lot(who, one, each, who.label) for who, one in zip(candidates, recorded, strict=True)]
    judged = [_judged(judging, judging.most)] if judging else []
    again = [one._replace(many=many) for one, many in zip(lots, reasks, strict=False)]
    again_judged = [_judged(judging, sum(reasks))] if judging else []
    taking = _taking(lots, judged, places, one_at_a_time=one_at_a_time)
    everything = [*lots, *judged]
    return Estimate(
        answers=len(lots) * each,
        seconds=taking.seconds,
        tokens=taking.tokens,
        amounts=taking.amounts,
        unknown=tuple(one.label for one in everything if one.recorded.seconds is None),
        unpriced=tuple(one.label for one in everything if one.recorded.cost is None),
        basis=_basis([one.recorded for one in everything if one.recorded.seconds is not None]),
        judgements=judging.most if judging else 0,
        reasks=sum(reasks),
        own=taking.own,
        more=_taking(again, again_judged, places, one_at_a_time=one_at_a_time),
    )


def most_reasks(candidate: Candidate, traceable: int, repeats: int) -> int:
    """How often a candidate can be asked again at most, if all its answers were wrong.

    ``traceable`` cases have gold text. Each of their answers is asked for ``repeats`` times with that text
    alone, and at a temperature above 0 as often the same again (METRICS, "Attribution").
    """
    if not candidate.with_documents:
        return 0
    ways = 2 if candidate.options.temperature > 0 else 1
    return traceable * repeats * repeats * ways


def _judged(judging: JudgeWork, many: int) -> _Lot:
    return _Lot(judging.judge, judging.recorded, many, f"{judging.judge.model} as a judge")


def _taking(lots: Sequence[_Lot], then: Sequence[_Lot], places: Places, *, one_at_a_time: bool) -> Taking:
    """What these take, and those that begin when they are done."""
    parts = [_seconds(one, places, one_at_a_time=one_at_a_time) for one in (lots, then)]
    known = [one for one in parts if one is not None]
    amounts: dict[str, float] = defaultdict(float)
    own: dict[str, float] = defaultdict(float)
    for one in (*lots, *then):
        if one.recorded.cost is not None:
            amounts[one.recorded.currency] += one.many * one.recorded.cost
            own[one.recorded.currency] += one.many * one.recorded.own
    return Taking(
        sum(known) if known else None,
        round(sum(one.tokens for one in (*lots, *then))),
        {currency: round(amount) for currency, amount in amounts.items()},
        {currency: round(amount) for currency, amount in own.items() if amount},
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
