"""What if: the tokens of answers that were made, at the prices of models that were not asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from app.costs.price_rates import Rate
from app.domain import CostedAnswer, Exchange, Money, PricedModel, Repriced, Usage, WhatIf
from app.domain import Rate as MeanCost

AS_PAID = Exchange()
Paid = tuple[Money, int]
"""What the answers to one question cost, and how many they are."""
Bounds = Callable[[Sequence[Sequence[Paid]]], Sequence[tuple[int, int] | None]]
"""The interval of each mean cost, from what each question cost; None where there are too few questions."""


def unbounded(several: Sequence[Sequence[Paid]]) -> list[None]:
    """No intervals."""
    return [None] * len(several)


def what_if(
    answers: Iterable[CostedAnswer],
    rates: Mapping[PricedModel, Rate],
    *,
    apart: Collection[int] = (),
    remembered: bool = True,
    bounds: Bounds = unbounded,
    exchange: Exchange = AS_PAID,
) -> WhatIf:
    """The same tokens at each model's price: sums of exact integers, one for each candidate and model.

    Answers whose prompt or completion tokens are not known are in no sum and are counted. ``apart`` are the
    places of candidates whose completion leaves the thinking tokens out. ``remembered``: what was read from a
    cache is priced as such (METRICS, "Cost": cached tokens at their own rate), else as any other prompt.
    Money is told as ``exchange`` says.
    """
    by_candidate: dict[int, list[CostedAnswer]] = {}
    cached = 0
    paid = {one.currency for one in rates.values() if not one.words}
    for one in answers:
        by_candidate.setdefault(one.slot.candidate, []).append(one)
        cached += one.usage.cached or 0
        if one.amount is not None:
            paid.add(one.currency)
    asked = {place: _asked(mine, bounds, exchange) for place, mine in sorted(by_candidate.items())}
    repriced: list[Repriced] = []
    by_question: list[list[Paid]] = []
    for place, mine in sorted(by_candidate.items()):
        told = [_told(one.usage, apart=place in apart, remembered=remembered) for one in mine]
        for model, rate in rates.items():
            amounts = [_amount(rate, one, exchange) for one in told]
            repriced.append(_summed(place, model, rate, amounts, exchange))
            by_question.append(_by_question(mine, amounts))
    ends = (one or (None, None) for one in bounds(by_question))
    bounded = (replace(one, low=low, high=high) for one, (low, high) in zip(repriced, ends, strict=True))
    return WhatIf(asked, tuple(bounded), exchange.used(paid), cached)


def _told(usage: Usage, *, apart: bool, remembered: bool) -> Usage | None:
    """The tokens as they are priced elsewhere; None where they are not known."""
    if usage.prompt is None or usage.completion is None:
        return None
    completion = usage.completion + ((usage.thinking or 0) if apart else 0)
    return replace(usage, completion=completion, cached=(usage.cached or 0) if remembered else 0)


def _amount(rate: Rate, usage: Usage | None, exchange: Exchange) -> Money | None:
    amount = rate.amount(usage) if usage is not None else None
    return None if amount is None else exchange.told(amount, rate.currency)


def _asked(answers: Sequence[CostedAnswer], bounds: Bounds, exchange: Exchange) -> dict[str, MeanCost]:
    """What the answers did cost, by currency as told."""
    own: dict[str, list[tuple[CostedAnswer, Money]]] = {}
    for one in answers:
        if one.amount is not None:
            told = exchange.told(one.amount, one.currency)
            own.setdefault(exchange.into(one.currency), []).append((one, told))
    by_question = (
        _by_question([one for one, _ in mine], [told for _, told in mine]) for mine in own.values()
    )
    ends = bounds(list(by_question))
    return {
        currency: MeanCost(sum(told for _, told in mine), len(mine), *(end or (None, None)))
        for (currency, mine), end in zip(own.items(), ends, strict=True)
    }


def _by_question(answers: Sequence[CostedAnswer], amounts: Sequence[Money | None]) -> list[Paid]:
    found: dict[int, Paid] = {}
    for one, amount in zip(answers, amounts, strict=True):
        if amount is not None:
            before, count = found.get(one.slot.case, (0, 0))
            found[one.slot.case] = before + amount, count + 1
    return list(found.values())


def _summed(
    place: int, model: PricedModel, rate: Rate, amounts: Sequence[Money | None], exchange: Exchange
) -> Repriced:
    """One sum. Answers whose counts contradict each other have no price: they count as untold."""
    known = [one for one in amounts if one is not None]
    return Repriced(
        candidate=place,
        model=model,
        amount=sum(known) if known else None,
        currency=exchange.into(rate.currency),
        answers=len(known),
        untold=0 if rate.words else len(amounts) - len(known),
        words=rate.words,
    )
