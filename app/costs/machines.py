"""What an answer costs on one's own machine, and the machines whose power and rent have a source."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from math import isfinite
from pathlib import Path
from typing import Any

from app.costs.figures import value_of
from app.domain import (
    DAYS_A_MONTH,
    MONEY_SCALE,
    OWN_MACHINE,
    SMALLEST,
    UNKNOWN_FIGURE,
    Basis,
    Cost,
    Exchange,
    Figure,
    MachineAssumptions,
    Timing,
    rate_words,
)
from app.errors import NotAllowed

MACHINES_FILE = Path(__file__).with_name("machines.csv")
DEFAULT_MACHINE = "4 vCPU 16 GB"
RENT_CURRENCY = "USD"
HOUR = Decimal(3600)
JOULES_A_KWH = Decimal(3_600_000)
DAY_AND_NIGHT = Decimal(24)
"""Hours a day of a machine of which nobody said when it is on."""
DAYS_A_YEAR = Decimal("365.25")
MOST_DOUBT = 90
"""Percent: by more, what is assumed would be nothing at all."""
PRECISE = Context(prec=50)
IN_MONEY = ("kwh_price", "rent_per_hour", "purchase", "residual")
"""The figures that are amounts of money."""
BASES: tuple[Basis, ...] = ("measured", "listed", "assumed")
"""From the firmest to the weakest."""


@dataclass(frozen=True)
class MachinePreset:
    """A machine with what is known of it. ``kind`` is "gpu", "cpu" (each alone) or "cloud".

    ``watts`` under full load and ``rent_per_hour`` in USD are "listed" figures with their source, or
    unknown.
    """

    name: str
    kind: str
    watts: Figure
    rent_per_hour: Figure


@dataclass(frozen=True)
class Part:
    """One part of a machine's cost: money, the figures behind it, and its words."""

    amount: Decimal
    figures: tuple[Figure, ...]
    words: str


def machine_cost(assumptions: MachineAssumptions, timing: Timing) -> Cost:
    """The cost of an answer's share of machine time (METRICS, "Cost").

    Its energy, as measured or else seconds x watts, at the price per kWh, plus their share of rent, or of
    the purchase spread over the hours of its life. Where rent is known the purchase does not count. Unknown
    when the machine time is, or when neither energy nor rent nor purchase is known. The basis is the
    weakest of the figures used. Idle energy and loading are in no answer: ``load_cost``, ``idle_cost``.
    """
    seconds = timing.machine
    if seconds is None or not isfinite(seconds) or seconds < 0:
        return _unknown(assumptions, "Cost unknown: how long the machine worked on it is not known.")
    spent = Decimal(str(seconds))
    energy, owned = _energy(assumptions, spent, timing.joules), _ownership(assumptions, spent)
    parts = [part for part in (energy, owned) if part]
    if not parts:
        return _unknown(
            assumptions,
            "Cost unknown: neither the energy nor the rent or purchase of this machine is known.",
        )
    with localcontext(PRECISE):
        whole = sum((part.amount for part in parts), Decimal(0))
        amount = int((whole * MONEY_SCALE).to_integral_value())
    words = "; ".join([*(part.words for part in parts), *_left_out(assumptions, energy, owned)])
    return Cost(
        amount,
        assumptions.currency,
        weakest(one.basis for part in parts for one in part.figures),
        f"{seconds:.3g} s of {assumptions.name}: {words}.",
        _entry(assumptions, seconds, timing.joules),
    )


def load_cost(assumptions: MachineAssumptions, seconds: float) -> Cost:
    """What so many seconds of loading a model cost (METRICS, "Cost": load time apart); in no answer.

    As for an answer; loading is taken to draw the power that answering draws.
    """
    return machine_cost(assumptions, Timing(machine=seconds))


def idle_cost(assumptions: MachineAssumptions) -> Cost:
    """The idle energy of a month: what the machine draws for being on; in no answer.

    Where it is not known for how many hours it is on, it is taken to be day and night.
    """
    watts, price = value_of(assumptions.idle_watts), value_of(assumptions.kwh_price)
    if watts is None or price is None:
        return _unknown(assumptions, "Idle energy unknown: its power while idle or the price is not known.")
    on = assumptions.hours_on
    told = value_of(on)
    hours = DAY_AND_NIGHT if told is None else told
    with localcontext(PRECISE):
        amount = int((watts / 1000 * price * hours * DAYS_A_MONTH * MONEY_SCALE).to_integral_value())
    basis = weakest(one.basis for one in (assumptions.idle_watts, assumptions.kwh_price, on))
    words = f"Idle energy of {watts} W for {hours} hours a day at {price} {assumptions.currency} per kWh."
    return Cost(amount, assumptions.currency, basis, words, {"kind": "idle energy"})


def weakest(bases: Iterator[Basis]) -> Basis:
    """The weakest of some bases: measured < listed < assumed; anything else counts as assumed."""
    return max((one if one in BASES else "assumed" for one in bases), key=BASES.index)


def checked(assumptions: MachineAssumptions) -> MachineAssumptions:
    """The same assumptions, if they fit each other. Raises NotAllowed with what does not."""
    for name, one in [*_named(assumptions).items(), *_beside(assumptions)]:
        if one.value.startswith("-"):
            raise NotAllowed(f"The {name} is {one.value}; it must be 0 or more.")
        if one.value and one.basis in {"measured", "listed"} and not one.source.strip():
            raise NotAllowed(
                f"The {name} is marked {one.basis}, but without a source.",
                "Say where it comes from, or mark it as assumed.",
            )
    purchase, residual = value_of(assumptions.purchase), value_of(assumptions.residual)
    hours, life = value_of(assumptions.hours_per_day), value_of(assumptions.life_years)
    if hours is not None and not 0 < hours <= 24:
        raise NotAllowed(f"The hours of use a day are {hours}; they must be above 0 and at most 24.")
    on, idle, watts = (value_of(getattr(assumptions, name)) for name in ("hours_on", "idle_watts", "watts"))
    if on is not None and not 0 < on <= 24:
        raise NotAllowed(f"The hours on a day are {on}; they must be above 0 and at most 24.")
    if idle is not None and watts is not None and idle > watts:
        raise NotAllowed(f"The power while idle, {idle} W, is above the power under load, {watts} W.")
    if life is not None and life <= 0:
        raise NotAllowed(f"The life in years is {life}; it must be above 0.")
    if purchase is not None and residual is not None and residual > purchase:
        raise NotAllowed(f"The resale value, {residual}, is above the purchase price, {purchase}.")
    _check_beside(assumptions)
    return assumptions


def _check_beside(assumptions: MachineAssumptions) -> None:
    doubt = value_of(assumptions.doubt)
    if doubt is not None and doubt > MOST_DOUBT:
        raise NotAllowed(f"What is assumed may be off by {MOST_DOUBT} percent at most, not by {doubt}.")
    if any(value_of(one.rate) == 0 for one in assumptions.exchanges):
        raise NotAllowed("The exchange rate is 0; it must be above 0.")
    for rate in assumptions.exchanges:
        if rate.rate.value and not rate.day:
            raise NotAllowed(
                f"The rate from {rate.currency} to {rate.into} has no day.", "Choose the day that it is of."
            )


def presets(path: Path = MACHINES_FILE) -> list[MachinePreset]:
    """The machines of ``machines.csv``, in its order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [
        MachinePreset(
            row["machine"],
            row["kind"],
            _listed(row["watts"], row["power_source"]),
            _listed(row["rent_usd_per_hour"], row["rent_source"]),
        )
        for row in rows
    ]


def with_preset(assumptions: MachineAssumptions, preset: MachinePreset) -> MachineAssumptions:
    """The assumptions with a preset's name, watts and rent; what the person typed beside them stays.

    A rent is known in USD only: with another currency it is converted by the rate that was typed, else left
    for the person to type.
    """
    rent = preset.rent_per_hour
    if assumptions.currency != RENT_CURRENCY:
        rent = _converted(assumptions, rent, RENT_CURRENCY, assumptions.currency) or UNKNOWN_FIGURE
    return replace(assumptions, name=preset.name, watts=preset.watts, rent_per_hour=rent)


def exchange_of(assumptions: MachineAssumptions) -> Exchange:
    """How money is told: in the machine's currency, by the rates that were typed for it."""
    into = [one for one in assumptions.exchanges if one.into == assumptions.currency]
    return Exchange(assumptions.currency, tuple(one for one in into if value_of(one.rate)))


def in_currency(assumptions: MachineAssumptions, currency: str) -> MachineAssumptions:
    """The same machine in another currency.

    Where a rate between the two was typed, money is converted by it, and is assumed then. Else only what a
    person typed without a source stays, since it may be meant in the new currency; a figure with a source
    is true in its own currency only, and is emptied.
    """
    changed: dict[str, Any] = {}
    for name in IN_MONEY:
        one = getattr(assumptions, name)
        if value_of(one) is None:
            continue
        converted = _converted(assumptions, one, assumptions.currency, currency)
        if converted or one.source or one.basis == "listed":
            changed[name] = converted or UNKNOWN_FIGURE
    return replace(assumptions, currency=currency, **changed)


def _converted(assumptions: MachineAssumptions, one: Figure, currency: str, into: str) -> Figure | None:
    """A figure in another currency, by a typed rate or by that of the other way; None without one."""
    there, back = assumptions.exchange(currency, into), assumptions.exchange(into, currency)
    value, rate, inverse = value_of(one), value_of(there.rate), value_of(back.rate)
    if value is None or not (rate or inverse):
        return None
    with localcontext(PRECISE):
        made = value * rate if rate else value / (inverse or Decimal(1))
        text = format(made.quantize(SMALLEST).normalize(), "f")
    said = rate_words(there if rate else back)
    source = f"{one.value} {currency}, where {said}{'; ' + one.source if one.source else ''}"
    return Figure(text, "assumed", source)


def default_assumptions() -> MachineAssumptions:
    """What a first start assumes, until a person says better: this machine at a sourced list rent.

    The rent is marked "assumed", since nobody rents this machine at that price.
    """
    preset = next(one for one in presets() if one.name == DEFAULT_MACHINE)
    rent = preset.rent_per_hour
    source = (
        f"as if this machine were rented at a list price of {rent.value} USD an hour "
        f"({DEFAULT_MACHINE}, {rent.source})"
    )
    return MachineAssumptions(
        currency=RENT_CURRENCY,
        rent_per_hour=replace(rent, basis="assumed", source=source),
        hours_on=Figure("24", "assumed", "as if it were rented day and night"),
    )


def started_anew(assumptions: MachineAssumptions) -> MachineAssumptions:
    """The assumptions of a first start; exchange rates are no figures of a machine, so that they stay."""
    return replace(default_assumptions(), exchanges=assumptions.exchanges)


def _energy(assumptions: MachineAssumptions, seconds: Decimal, joules: float | None) -> Part | None:
    """As it was measured, else the seconds at the power under load."""
    watts, price = value_of(assumptions.watts), value_of(assumptions.kwh_price)
    measured = joules is not None and isfinite(joules) and joules >= 0
    if price is None or (watts is None and not measured):
        return None
    of_price = f"at {price} {assumptions.currency} per kWh ({assumptions.kwh_price.basis})"
    with localcontext(PRECISE):
        if measured:
            spent, source = Decimal(str(joules)), Figure("", "measured", "")
            words = f"energy of {joules:.3g} J (measured by this machine's counters) {of_price}"
        else:
            spent, source = (watts or Decimal(0)) * seconds, assumptions.watts
            words = f"energy of {watts} W ({assumptions.watts.basis}) {of_price}"
        return Part(spent / JOULES_A_KWH * price, (source, assumptions.kwh_price), words)


def _ownership(assumptions: MachineAssumptions, seconds: Decimal) -> Part | None:
    return _rent(assumptions, seconds) or _purchase(assumptions, seconds)


def _rent(assumptions: MachineAssumptions, seconds: Decimal) -> Part | None:
    rent = value_of(assumptions.rent_per_hour)
    if rent is None:
        return None
    one = assumptions.rent_per_hour
    source = f", {one.source}" if one.source else ""
    words = f"rent of {rent} {assumptions.currency} an hour ({one.basis}{source})"
    with localcontext(PRECISE):
        return Part(rent / HOUR * seconds, (one,), words)


def _purchase(assumptions: MachineAssumptions, seconds: Decimal) -> Part | None:
    price, life = value_of(assumptions.purchase), value_of(assumptions.life_years)
    hours, residual = value_of(assumptions.hours_per_day), value_of(assumptions.residual)
    if price is None or not life or not hours or hours > 24 or (residual or 0) > price:
        return None
    # A purchase without a resale value is written off whole, and the words say so.
    left = assumptions.residual if residual is not None else Figure("0", "assumed", "nothing is got back")
    figures = (assumptions.purchase, left, assumptions.life_years, assumptions.hours_per_day)
    with localcontext(PRECISE):
        amount = (price - (residual or 0)) / (life * DAYS_A_YEAR * hours * HOUR) * seconds
    words = (
        f"purchase of {price} {assumptions.currency} less a resale value of {residual or 0} over "
        f"{life} years at {hours} hours a day ({weakest(one.basis for one in figures)})"
    )
    return Part(amount, figures, words)


def _left_out(assumptions: MachineAssumptions, energy: Part | None, owned: Part | None) -> list[str]:
    """What was not counted, though a person might think so."""
    words = []
    if energy is None:
        words.append("energy not counted, because watts or the price per kWh are not known")
    if owned is None:
        words.append("purchase and rent not counted, because they are not known")
    elif value_of(assumptions.rent_per_hour) is not None and value_of(assumptions.purchase) is not None:
        words.append("the purchase not counted, because there is a rent")
    return words


def _entry(assumptions: MachineAssumptions, seconds: float, joules: float | None) -> dict[str, str]:
    known = {
        name: f"{one.value} ({one.basis}{', ' + one.source if one.source else ''})"
        for name, one in _named(assumptions).items()
        if value_of(one) is not None
    }
    measured = {} if joules is None else {"joules": str(joules)}
    spent = {"machine seconds": str(seconds), **measured}
    return {"kind": OWN_MACHINE, "machine": assumptions.name, **spent, **known}


def _named(assumptions: MachineAssumptions) -> dict[str, Figure]:
    return {
        "watts": assumptions.watts,
        "price per kWh": assumptions.kwh_price,
        "purchase": assumptions.purchase,
        "resale value": assumptions.residual,
        "life in years": assumptions.life_years,
        "hours a day": assumptions.hours_per_day,
        "rent an hour": assumptions.rent_per_hour,
    }


def _beside(assumptions: MachineAssumptions) -> list[tuple[str, Figure]]:
    """The figures that are in the cost of no answer."""
    return [
        ("power while idle", assumptions.idle_watts),
        ("hours on a day", assumptions.hours_on),
        ("doubt", assumptions.doubt),
        *(("exchange rate", one.rate) for one in assumptions.exchanges),
    ]


def _unknown(assumptions: MachineAssumptions, words: str) -> Cost:
    return Cost(None, assumptions.currency, "unknown", words, {"kind": OWN_MACHINE})


def _listed(value: str, source: str) -> Figure:
    return Figure(value, "listed", source) if value else UNKNOWN_FIGURE
