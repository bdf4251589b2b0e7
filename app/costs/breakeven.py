"""From how many questions a day one's own machine is cheaper than an API (METRICS, "Break-even").

Per month: own = (price - residual) / life in months, or rent x hours rented, + idle energy + questions x
energy each; API = questions x cost each. Crossing = own fixed / (API each - own energy each).

Three things are said here that METRICS leaves open. A machine that is on, or rented, for fewer than 24 hours
a day answers in these only: its capacity is hours x 3,600 / machine seconds each, which is METRICS' 86,400 /
machine seconds each for one that is on day and night. Idle energy is counted for all hours in which it is
on, also those in which it answers: a little too much, against one's own machine. A rent usually includes the
power: without a price per kWh none is counted beside a rent; a bought machine without one cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import partial

from app.costs.figures import value_of
from app.costs.machines import DAY_AND_NIGHT, HOUR, JOULES_A_KWH, MOST_DOUBT, PRECISE
from app.domain import (
    DAYS_A_MONTH,
    BreakEven,
    Crossing,
    ExchangeRate,
    Figure,
    MachineAssumptions,
    OwnMonthly,
    Rival,
    Workload,
    money_words,
    rate_words,
)


@dataclass(frozen=True)
class _Values:
    """The figures as numbers, None where they are unknown."""

    watts: Decimal | None
    idle_watts: Decimal | None
    kwh_price: Decimal | None
    purchase: Decimal | None
    residual: Decimal | None
    life_years: Decimal | None
    rent: Decimal | None
    hours_on: Decimal | None
    seconds: Decimal | None
    joules: Decimal | None
    rates: Mapping[str, Decimal]
    """Into the machine's currency, from each."""


def break_even(machine: MachineAssumptions, work: Workload, rival: Rival) -> BreakEven:
    """The crossing with the figures as they are, and between a careful and a hopeful view of them.

    Careful: every figure marked assumed is ``machine.doubt`` percent less favourable to one's own machine;
    hopeful: so much more. What is measured or listed stays, and so do hours, which are a person's own choice.
    """
    doubt = min(value_of(machine.doubt) or Decimal(0), Decimal(MOST_DOUBT))
    with localcontext(PRECISE):
        careful, usual, hopeful = (
            _crossing(machine, _values(machine, work, lean / 100), rival)
            for lean in (doubt, Decimal(0), -doubt)
        )
        left = _left_out(_values(machine, work, Decimal(0)))
    rates = _rate_used(machine, usual, rival)
    notes = (*left, *map(rate_words, rates))
    return BreakEven(work, rival, machine.currency, usual, careful, hopeful, doubt, notes, rates)


def _values(machine: MachineAssumptions, work: Workload, lean: Decimal) -> _Values:
    """The numbers, leaning against one's own machine by ``lean`` (for it where that is below 0)."""
    dear, cheap = partial(_leant, by=1 + lean), partial(_leant, by=1 - lean)
    purchase, residual = dear(machine.purchase), cheap(machine.residual)
    if purchase is not None and residual is not None:
        residual = min(residual, purchase)
    return _Values(
        watts=dear(machine.watts),
        idle_watts=dear(machine.idle_watts),
        kwh_price=dear(machine.kwh_price),
        purchase=purchase,
        residual=residual,
        life_years=cheap(machine.life_years),
        rent=dear(machine.rent_per_hour),
        hours_on=value_of(machine.hours_on),
        seconds=dear(work.seconds),
        joules=dear(work.joules),
        rates={
            one.currency: rate
            for one in machine.exchanges
            if one.into == machine.currency and (rate := cheap(one.rate))
        },
    )


def _leant(one: Figure, by: Decimal) -> Decimal | None:
    value = value_of(one)
    return value * by if value is not None and one.basis == "assumed" else value


def _crossing(machine: MachineAssumptions, values: _Values, rival: Rival) -> Crossing:
    api = _converted(machine, values, rival)
    missing = [*_missing(values), *([api] if isinstance(api, str) else [])]
    if missing or isinstance(api, str):
        own = None if _missing(values) else _own(values)
        return Crossing(own, None if isinstance(api, str) else api, words=_not_known(missing))
    own = _own(values)
    margin = api - own.each
    tell = partial(money_words, currency=machine.currency)
    if margin <= 0:
        return Crossing(own, api, never=True, words=_dearer_each(own, api, tell))
    at = own.fixed / margin / DAYS_A_MONTH
    if at > own.capacity:
        return Crossing(own, api, never=True, words=_dearer_full(own, api, tell))
    return Crossing(own, api, at, dearer_again=_again(at, own.capacity))


def _own(values: _Values) -> OwnMonthly:
    """By the month; nothing that it needs may be missing."""
    seconds = values.seconds or Decimal(1)
    capacity = (values.hours_on or DAY_AND_NIGHT) * HOUR / seconds
    return OwnMonthly(_ownership(values) + _idle(values), _energy_each(values), capacity)


def _ownership(values: _Values) -> Decimal:
    if values.rent is not None:
        return values.rent * (values.hours_on or DAY_AND_NIGHT) * DAYS_A_MONTH
    months = (values.life_years or Decimal(1)) * 12
    return ((values.purchase or Decimal(0)) - (values.residual or Decimal(0))) / months


def _idle(values: _Values) -> Decimal:
    """0 where it is not known: the notes say so."""
    if values.idle_watts is None or values.kwh_price is None:
        return Decimal(0)
    hours = values.hours_on or DAY_AND_NIGHT
    return values.idle_watts / 1000 * hours * DAYS_A_MONTH * values.kwh_price


def _energy_each(values: _Values) -> Decimal:
    """As measured, else watts x seconds."""
    if values.kwh_price is None:
        return Decimal(0)
    joules = values.joules
    if joules is None and values.watts is not None and values.seconds is not None:
        joules = values.watts * values.seconds
    return Decimal(0) if joules is None else joules / JOULES_A_KWH * values.kwh_price


def _missing(values: _Values) -> list[str]:
    """The figures without which nothing can be told, in words."""
    needed: list[tuple[bool, str]] = [(not values.seconds, "how long the machine works on a question")]
    if values.rent is not None:
        needed.append((values.hours_on is None, "how many hours a day it is rented"))
    elif values.purchase is None:
        needed.append((True, "what the machine costs: its rent or its purchase price"))
    else:
        needed += [
            (not values.life_years, "for how many years it is used"),
            (values.kwh_price is None, "the price of electricity"),
            (values.watts is None and values.joules is None, "its power under load"),
        ]
    return [words for missing, words in needed if missing]


def _left_out(values: _Values) -> list[str]:
    """What is in no figure, though a person might think so."""
    if _missing(values):
        return []
    energy = values.kwh_price is not None and (values.watts is not None or values.joules is not None)
    idle = values.idle_watts is not None
    bought = values.rent is None
    notes = [
        (not energy, "no energy is counted: it is taken to be in the rent"),
        (energy and not idle, "what it draws while it waits is not counted: that is not known"),
        (bought and values.residual is None, "it is taken to be worth nothing at the end of its life"),
        (bought and values.hours_on is None, "it is taken to be on day and night"),
        (values.purchase is not None and not bought, "the purchase is not counted, because there is a rent"),
    ]
    return [words for applies, words in notes if applies]


def _converted(machine: MachineAssumptions, values: _Values, rival: Rival) -> Decimal | str:
    """The API's cost of a question in the reporting currency, or what is missing for that."""
    if rival.each is None:
        return f"what a question costs with {rival.name}"
    if rival.currency == machine.currency:
        return rival.each
    if rival.currency not in values.rates:
        return f"the exchange rate from {rival.currency} to {machine.currency}"
    return rival.each * values.rates[rival.currency]


def _rate_used(machine: MachineAssumptions, usual: Crossing, rival: Rival) -> tuple[ExchangeRate, ...]:
    """The exchange rate, where it was needed and known."""
    if rival.currency == machine.currency or usual.api_each is None:
        return ()
    return (machine.exchange(rival.currency),)


def _again(at: Decimal, capacity: Decimal) -> tuple[Decimal, Decimal] | None:
    """Where the second machine is not full enough yet to pay: two of them pay from twice ``at`` on."""
    return (capacity, 2 * at) if capacity < 2 * at else None


def _not_known(missing: list[str]) -> str:
    *first, last = missing
    return f"not known: {', '.join(first) + ' and ' if first else ''}{last}"


def _dearer_each(own: OwnMonthly, api: Decimal, tell: Callable[[Decimal], str]) -> str:
    """Why no number of questions makes up for it."""
    if own.each == 0:
        return f"a question costs {tell(api)} there, so nothing makes up for the machine"
    energy = tell(own.each * 1000)
    return f"1,000 questions cost {tell(api * 1000)} there, and the energy of your own machine alone {energy}"


def _dearer_full(own: OwnMonthly, api: Decimal, tell: Callable[[Decimal], str]) -> str:
    """Why not even a full machine is cheaper."""
    full = own.fixed / (own.capacity * DAYS_A_MONTH) + own.each
    return (
        f"even if your machine answers without a pause, 1,000 questions cost {tell(full * 1000)} on it and "
        f"{tell(api * 1000)} there"
    )
