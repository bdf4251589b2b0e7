"""What if: the tokens of answers that were made, at the prices of models that were not asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from app.domain import Cost, CostedAnswer, PricedModel, Repriced, Usage, WhatIf

Priced = Callable[[PricedModel, Usage], Cost]
"""What so many tokens cost at a model's price; their completion holds the thinking tokens."""


def what_if(
    answers: Iterable[CostedAnswer],
    models: Sequence[PricedModel],
    priced: Priced,
    *,
    apart: Collection[int] = (),
    remembered: bool = True,
) -> WhatIf:
    """The same tokens at each model's price: sums of exact integers, one for each candidate and model.

    Answers whose prompt or completion tokens are not known are in no sum and are counted. ``apart`` are the
    places of candidates whose completion leaves the thinking tokens out. ``remembered``: what was read from a
    cache is priced as such (METRICS, "Cost": cached tokens at their own rate), else as any other prompt.
    """
    by_candidate: dict[int, list[CostedAnswer]] = {}
    for one in answers:
        by_candidate.setdefault(one.slot.candidate, []).append(one)
    asked = {place: _asked(mine) for place, mine in sorted(by_candidate.items())}
    repriced: list[Repriced] = []
    for place, mine in sorted(by_candidate.items()):
        told = [_told(one.usage, apart=place in apart, remembered=remembered) for one in mine]
        known = [one for one in told if one is not None]
        for model in models:
            costs = [priced(model, one) for one in known]
            repriced.append(_summed(place, model, costs, untold=len(told) - len(known)))
    return WhatIf(asked, tuple(repriced))


def _told(usage: Usage, *, apart: bool, remembered: bool) -> Usage | None:
    """The tokens as they are priced elsewhere; None where they are not known."""
    if usage.prompt is None or usage.completion is None:
        return None
    completion = usage.completion + ((usage.thinking or 0) if apart else 0)
    return replace(usage, completion=completion, cached=(usage.cached or 0) if remembered else 0)


def _asked(answers: Sequence[CostedAnswer]) -> dict[str, tuple[int, int]]:
    """What the answers did cost, by currency: the sum and of how many answers."""
    sums: dict[str, tuple[int, int]] = {}
    for one in answers:
        if one.amount is not None:
            amount, count = sums.get(one.currency, (0, 0))
            sums[one.currency] = amount + one.amount, count + 1
    return sums


def _summed(place: int, model: PricedModel, costs: Sequence[Cost], untold: int) -> Repriced:
    """One sum; answers whose counts contradict each other have no price and count as untold."""
    amounts = [one.amount for one in costs if one.amount is not None]
    missing = next((one.words for one in costs if one.amount is None), "")
    currency = next((one.currency for one in costs if one.amount is not None), "")
    return Repriced(
        candidate=place,
        model=model,
        amount=sum(amounts) if amounts else None,
        currency=currency,
        answers=len(amounts),
        untold=untold + len(costs) - len(amounts),
        words=missing if not amounts else "",
    )
