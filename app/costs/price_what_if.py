"""What if: the tokens of answers that were made, at the prices of models that were not asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from app.costs.price_rates import Rate
from app.domain import CostedAnswer, Exchange, Money, PricedModel, Repriced, Usage, WhatIf

AS_PAID = Exchange()


def what_if(
    answers: Iterable[CostedAnswer],
    rates: Mapping[PricedModel, Rate],
    *,
    apart: Collection[int] = (),
    remembered: bool = True,
    exchange: Exchange = AS_PAID,
) -> WhatIf:
    """The same tokens at each model's price: sums of exact integers, one for each candidate and model.

    Answers whose prompt or completion tokens are not known are in no sum and are counted. ``apart`` are the
    places of candidates whose completion leaves the thinking tokens out. ``remembered``: what was read from a
    cache is priced as such (METRICS, "Cost": cached tokens at their own rate), else as any other prompt.
    Money is told as ``exchange`` says.
    """
    by_candidate: dict[int, list[CostedAnswer]] = {}
    paid = {one.currency for one in rates.values() if not one.words}
    for one in answers:
        by_candidate.setdefault(one.slot.candidate, []).append(one)
        if one.amount is not None:
            paid.add(one.currency)
    asked = {place: _asked(mine, exchange) for place, mine in sorted(by_candidate.items())}
    repriced: list[Repriced] = []
    for place, mine in sorted(by_candidate.items()):
        told = [_told(one.usage, apart=place in apart, remembered=remembered) for one in mine]
        repriced += [_summed(place, model, rate, told, exchange) for model, rate in rates.items()]
    return WhatIf(asked, tuple(repriced), exchange.used(paid))


def _told(usage: Usage, *, apart: bool, remembered: bool) -> Usage | None:
    """The tokens as they are priced elsewhere; None where they are not known."""
    if usage.prompt is None or usage.completion is None:
        return None
    completion = usage.completion + ((usage.thinking or 0) if apart else 0)
    return replace(usage, completion=completion, cached=(usage.cached or 0) if remembered else 0)


def _asked(answers: Sequence[CostedAnswer], exchange: Exchange) -> dict[str, tuple[Money, int]]:
    """What the answers did cost, by currency as told: the sum and of how many answers."""
    sums: dict[str, tuple[Money, int]] = {}
    for one in answers:
        if one.amount is not None:
            currency = exchange.into(one.currency)
            amount, count = sums.get(currency, (0, 0))
            sums[currency] = amount + exchange.told(one.amount, one.currency), count + 1
    return sums


def _summed(
    place: int, model: PricedModel, rate: Rate, told: Sequence[Usage | None], exchange: Exchange
) -> Repriced:
    """One sum. Answers whose counts contradict each other have no price: they count as untold."""
    amounts = [rate.amount(one) for one in told if one is not None]
    known = [one for one in amounts if one is not None]
    return Repriced(
        candidate=place,
        model=model,
        amount=exchange.told(sum(known), rate.currency) if known else None,
        currency=exchange.into(rate.currency),
        answers=len(known),
        untold=0 if rate.words else len(told) - len(known),
        words=rate.words,
    )
