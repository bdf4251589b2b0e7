"""What if: the tokens of answers that were made, at the prices of models that were not asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from app.costs.price_rates import Rate
from app.domain import CostedAnswer, PricedModel, Repriced, Usage, WhatIf


def what_if(
    answers: Iterable[CostedAnswer],
    rates: Mapping[PricedModel, Rate],
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
        repriced += [_summed(place, model, rate, told) for model, rate in rates.items()]
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


def _summed(place: int, model: PricedModel, rate: Rate, told: Sequence[Usage | None]) -> Repriced:
    """One sum. Answers whose counts contradict each other have no price: they count as untold."""
    amounts = [rate.amount(one) for one in told if one is not None]
    known = [one for one in amounts if one is not None]
    return Repriced(
        candidate=place,
        model=model,
        amount=sum(known) if known else None,
        currency=rate.currency,
        answers=len(known),
        untold=0 if rate.words else len(told) - len(known),
        words=rate.words,
    )
