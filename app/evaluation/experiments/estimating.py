"""What an experiment will take, from what was recorded of its candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from app.domain import Candidate, Estimate, Recorded

Places = Callable[[str], int]


def estimate(
    candidates: Sequence[Candidate],
    recorded: Sequence[Recorded],
    each: int,
    places: Places,
    *,
    one_at_a_time: bool,
) -> Estimate:
    """The whole of ``each`` answers of every candidate; ``recorded`` stands beside ``candidates``.

    Backends work beside each other, and each makes as many answers at once as it has ``places``; in a
    run for speed one answer waits for the other. Nothing is counted for who has no record.
    """
    pairs = list(zip(candidates, recorded, strict=True))
    amounts: dict[str, float] = defaultdict(float)
    for _, one in pairs:
        if one.cost is not None:
            amounts[one.currency] += each * one.cost
    tokens = sum(each * ((one.prompt_tokens or 0) + (one.completion_tokens or 0)) for _, one in pairs)
    return Estimate(
        answers=each * len(candidates),
        seconds=_seconds(pairs, each, places, one_at_a_time=one_at_a_time),
        tokens=round(tokens),
        amounts={currency: round(amount) for currency, amount in amounts.items()},
        unknown=tuple(who.label for who, one in pairs if one.seconds is None),
        unpriced=tuple(who.label for who, one in pairs if one.cost is None),
        basis=_basis([one for _, one in pairs if one.seconds is not None]),
    )


def _seconds(
    pairs: Sequence[tuple[Candidate, Recorded]], each: int, places: Places, *, one_at_a_time: bool
) -> float | None:
    lines: dict[str, float] = defaultdict(float)
    for who, one in pairs:
        if one.seconds is not None:
            lines[who.backend] += each * one.seconds
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
