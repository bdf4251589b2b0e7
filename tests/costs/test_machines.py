"""The cost of one's own machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.costs.machines import (
    MachinePreset,
    checked,
    default_assumptions,
    idle_cost,
    in_currency,
    load_cost,
    machine_cost,
    presets,
    weakest,
    with_preset,
)
from app.domain import (
    MONEY_SCALE,
    UNKNOWN_FIGURE,
    Basis,
    ExchangeRate,
    Figure,
    MachineAssumptions,
    Timing,
)
from app.errors import NotAllowed

ENERGY = MachineAssumptions(
    watts=Figure("65", "measured", "plug meter"), kwh_price=Figure("0.30", "measured", "bill")
)
PURCHASE = MachineAssumptions(
    purchase=Figure("1400", "listed", "shop"),
    residual=Figure("200", "assumed", ""),
    life_years=Figure("4", "assumed", ""),
    hours_per_day=Figure("8", "assumed", ""),
)
RENT = MachineAssumptions(rent_per_hour=Figure("0.0992", "listed", "catalog"))


def changed(base: MachineAssumptions, changes: Mapping[str, Any]) -> MachineAssumptions:
    return replace(base, **changes)


def worked(seconds: float) -> Timing:
    return Timing(machine=seconds, wall=seconds * 2)


def amount(assumptions: MachineAssumptions, seconds: float) -> int:
    cost = machine_cost(assumptions, worked(seconds)).amount
    assert cost is not None
    return cost


def test_energy_by_the_formula() -> None:
    cost = machine_cost(ENERGY, worked(3600))

    assert cost.amount == int(Decimal("0.0195") * MONEY_SCALE)
    assert cost.basis == "measured"
    assert cost.currency == "USD"
    assert "energy of 65 W (measured) at 0.30 USD per kWh (measured)" in cost.words
    assert "purchase and rent not counted" in cost.words


def test_measured_energy_takes_the_place_of_watts_and_is_called_measured() -> None:
    timing = replace(worked(10), joules=7200.0)
    cost = machine_cost(replace(ENERGY, watts=Figure("65", "assumed", "")), timing)

    assert cost.amount == int(Decimal("0.0006") * MONEY_SCALE)
    assert cost.basis == "measured"
    assert "energy of 7.2e+03 J (measured by this machine's counters) at 0.30 USD" in cost.words
    assert cost.entry["joules"] == "7200.0"
    assert machine_cost(replace(ENERGY, watts=UNKNOWN_FIGURE), timing).amount == cost.amount


@pytest.mark.parametrize("joules", [None, float("nan"), float("inf"), -1.0])
def test_energy_that_was_not_measured_is_watts_by_seconds(joules: float | None) -> None:
    assert machine_cost(ENERGY, replace(worked(10), joules=joules)).amount == amount(ENERGY, 10)


def test_loading_costs_as_answering_does() -> None:
    assert load_cost(RENT, 36).amount == amount(RENT, 36)


def test_idle_energy_by_the_month() -> None:
    idle = replace(ENERGY, idle_watts=Figure("20", "assumed", ""), hours_on=Figure("12", "measured", ""))
    cost = idle_cost(idle)

    assert cost.amount == int(Decimal("2.1915") * MONEY_SCALE)
    assert cost.basis == "assumed"
    assert idle_cost(ENERGY).amount is None
    unsaid = idle_cost(replace(idle, hours_on=UNKNOWN_FIGURE))
    assert (unsaid.amount, unsaid.basis) == (2 * int(Decimal("2.1915") * MONEY_SCALE), "assumed")


def test_purchase_is_spread_over_the_hours_of_its_life() -> None:
    expected = Fraction(1200) / (Fraction(4) * Fraction(1461, 4) * 8 * 3600)

    assert abs(amount(PURCHASE, 10) - 10 * expected * MONEY_SCALE) <= Fraction(1, 2)
    assert "energy not counted" in machine_cost(PURCHASE, worked(10)).words


def test_rent_by_the_hour() -> None:
    cost = machine_cost(RENT, worked(36))

    assert cost.amount == int(Decimal("0.000992") * MONEY_SCALE)
    assert cost.basis == "listed"
    assert "rent of 0.0992 USD an hour (listed, catalog)" in cost.words


def test_energy_and_purchase_add_up_and_the_weakest_basis_wins() -> None:
    both = replace(PURCHASE, watts=ENERGY.watts, kwh_price=ENERGY.kwh_price)

    assert abs(amount(both, 7.25) - amount(ENERGY, 7.25) - amount(PURCHASE, 7.25)) <= 1
    assert machine_cost(both, worked(1)).basis == "assumed"


def test_a_rent_takes_the_place_of_the_purchase_and_says_so() -> None:
    both = replace(PURCHASE, rent_per_hour=RENT.rent_per_hour)

    assert amount(both, 5) == amount(RENT, 5)
    assert "the purchase not counted, because there is a rent" in machine_cost(both, worked(5)).words


def test_without_a_residual_value_the_purchase_is_written_off_whole_as_an_assumption() -> None:
    measured = Figure("1400", "measured", "invoice")
    bare = replace(PURCHASE, purchase=measured, residual=UNKNOWN_FIGURE)
    cost = machine_cost(bare, worked(60))

    assert cost.amount is not None
    assert cost.amount > amount(PURCHASE, 60)
    assert "less a resale value of 0" in cost.words
    assert cost.basis == "assumed"


@pytest.mark.parametrize("missing", ["purchase", "life_years", "hours_per_day"])
def test_a_purchase_without_one_of_its_figures_is_unknown(missing: str) -> None:
    cost = machine_cost(changed(PURCHASE, {missing: UNKNOWN_FIGURE}), worked(1))

    assert (cost.amount, cost.basis) == (None, "unknown")
    assert cost.words.startswith("Cost unknown: neither")


@pytest.mark.parametrize(
    "wrong",
    [
        {"life_years": Figure("0", "assumed", "")},
        {"hours_per_day": Figure("0", "assumed", "")},
        {"hours_per_day": Figure("25", "assumed", "")},
        {"residual": Figure("1401", "assumed", "")},
        {"purchase": Figure("nonsense", "assumed", "")},
    ],
)
def test_figures_that_make_no_sense_give_no_cost_rather_than_a_wrong_one(wrong: dict[str, Figure]) -> None:
    assert machine_cost(changed(PURCHASE, wrong), worked(1)).amount is None


@pytest.mark.parametrize("half", [{"watts": UNKNOWN_FIGURE}, {"kwh_price": UNKNOWN_FIGURE}])
def test_half_of_an_energy_price_is_unknown(half: dict[str, Figure]) -> None:
    assert machine_cost(changed(ENERGY, half), worked(1)).amount is None


@pytest.mark.parametrize("seconds", [None, float("nan"), float("inf"), -1.0])
def test_unknown_machine_time_is_unknown_cost(seconds: float | None) -> None:
    cost = machine_cost(RENT, Timing(machine=seconds, wall=3.0))

    assert (cost.amount, cost.basis) == (None, "unknown")
    assert "how long" in cost.words


def test_no_time_costs_nothing() -> None:
    assert amount(RENT, 0.0) == 0


def test_the_entry_keeps_every_figure_with_its_basis_and_source() -> None:
    both = replace(ENERGY, rent_per_hour=RENT.rent_per_hour, name="the box")

    assert machine_cost(both, worked(1.5)).entry == {
        "kind": "own machine",
        "machine": "the box",
        "machine seconds": "1.5",
        "watts": "65 (measured, plug meter)",
        "price per kWh": "0.30 (measured, bill)",
        "rent an hour": "0.0992 (listed, catalog)",
    }


def test_the_currency_is_the_assumptions_own() -> None:
    assert machine_cost(replace(ENERGY, currency="EUR"), worked(1)).currency == "EUR"


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        (["measured", "measured"], "measured"),
        (["measured", "listed"], "listed"),
        (["assumed", "measured", "listed"], "assumed"),
        (["measured", "unknown"], "assumed"),
    ],
)
def test_the_weakest_basis(bases: list[Basis], expected: Basis) -> None:
    assert weakest(iter(bases)) == expected


def test_the_default_is_a_sourced_rent_that_is_marked_assumed() -> None:
    assumptions = default_assumptions()
    cost = machine_cost(assumptions, worked(3600))

    assert cost.amount == int(Decimal("0.0992") * MONEY_SCALE)
    assert cost.basis == "assumed"
    assert "as if this machine were rented at a list price of 0.0992 USD an hour" in cost.words
    assert "nebius cpu-d3_4vcpu-16gb" in cost.words
    assert checked(assumptions) == assumptions


def test_presets_have_a_source_for_every_figure() -> None:
    known = presets()
    figures = [one for preset in known for one in (preset.watts, preset.rent_per_hour)]

    assert len({one.name for one in known}) == len(known) >= 15
    assert {one.kind for one in known} == {"gpu", "cpu", "cloud"}
    assert all(one == UNKNOWN_FIGURE or (one.basis == "listed" and one.source) for one in figures)
    assert all(preset.watts.value or preset.rent_per_hour.value for preset in known)


def test_choosing_a_preset_keeps_what_was_typed_beside_it() -> None:
    preset = next(one for one in presets() if one.name == "L40S")
    chosen = with_preset(replace(ENERGY, rent_per_hour=RENT.rent_per_hour), preset)

    assert (chosen.name, chosen.watts.value, chosen.rent_per_hour.value) == ("L40S", "350", "1.5484")
    assert chosen.kwh_price == ENERGY.kwh_price


def test_a_rent_in_dollars_is_not_passed_off_as_another_currency() -> None:
    preset = MachinePreset("box", "cloud", UNKNOWN_FIGURE, Figure("1", "listed", "somewhere"))

    assert with_preset(replace(RENT, currency="EUR"), preset).rent_per_hour == UNKNOWN_FIGURE


def test_a_rent_in_dollars_is_converted_by_the_typed_rate() -> None:
    preset = MachinePreset("box", "cloud", UNKNOWN_FIGURE, Figure("1.5", "listed", "somewhere"))
    rate = ExchangeRate("USD", "EUR", Figure("0.9", "assumed", ""), "2026-11-02")
    rent = with_preset(replace(RENT, currency="EUR", exchanges=(rate,)), preset).rent_per_hour

    said = "1.5 USD, where one USD is taken as 0.9 EUR (assumed, of 2 Nov 2026); somewhere"
    assert rent == Figure("1.35", "assumed", said)


MONEY = MachineAssumptions(
    watts=Figure("300", "listed", "a sheet"),
    kwh_price=Figure("0.30", "assumed", ""),
    rent_per_hour=Figure("2.95", "listed", "a list"),
    purchase=Figure("2000", "assumed", "an offer"),
)


def test_without_a_rate_another_currency_keeps_only_money_without_a_source() -> None:
    moved = in_currency(MONEY, "JPY")

    assert (moved.currency, moved.rent_per_hour, moved.purchase) == ("JPY", UNKNOWN_FIGURE, UNKNOWN_FIGURE)
    assert (moved.watts, moved.kwh_price) == (MONEY.watts, MONEY.kwh_price)


@pytest.mark.parametrize(("pair", "rate"), [(("USD", "JPY"), "150"), (("JPY", "USD"), "0.006666666667")])
def test_with_a_rate_of_either_way_money_is_converted_and_assumed(pair: tuple[str, str], rate: str) -> None:
    known = replace(MONEY, exchanges=(ExchangeRate(*pair, Figure(rate, "listed", "a bank"), "2026-11-02"),))
    moved = in_currency(known, "JPY")

    assert round(Decimal(moved.rent_per_hour.value), 6) == Decimal("442.5")
    assert round(Decimal(moved.kwh_price.value), 6) == 45
    assert {moved.rent_per_hour.basis, moved.kwh_price.basis, moved.purchase.basis} == {"assumed"}
    assert moved.rent_per_hour.source.endswith("; a list")
    assert moved.exchanges == known.exchanges


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"watts": Figure("300", "listed", " ")}, "marked listed, but without a source"),
        ({"hours_on": Figure("8", "measured", "")}, "marked measured, but without a source"),
        ({"hours_per_day": Figure("24.5", "assumed", "")}, "at most 24"),
        ({"hours_per_day": Figure("0", "assumed", "")}, "above 0"),
        ({"life_years": Figure("0", "assumed", "")}, "above 0"),
        ({"hours_on": Figure("25", "assumed", "")}, "at most 24"),
        ({"hours_on": Figure("0", "assumed", "")}, "above 0"),
        ({"watts": Figure("60", "assumed", ""), "idle_watts": Figure("61", "assumed", "")}, "while idle, 61"),
        ({"doubt": Figure("91", "assumed", "")}, "90 percent at most"),
        ({"idle_watts": Figure("-1", "assumed", "")}, "0 or more"),
        ({"exchanges": (ExchangeRate("USD", "EUR", Figure("0", "assumed", "")),)}, "exchange rate is 0"),
        ({"exchanges": (ExchangeRate("USD", "EUR", Figure("2", "assumed", "")),)}, "EUR has no day"),
        ({"residual": Figure("1400.01", "assumed", "")}, "above the purchase price"),
    ],
)
def test_assumptions_that_do_not_fit_each_other_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        checked(changed(PURCHASE, changes))


def figures(most: int) -> st.SearchStrategy[Figure]:
    numbers = st.decimals(0, most, allow_nan=False, places=3)
    bases = st.sampled_from(["measured", "listed", "assumed"])
    return st.just(UNKNOWN_FIGURE) | st.builds(
        lambda number, basis: Figure(format(number, "f"), basis, ""), numbers, bases
    )


ANY = st.builds(
    MachineAssumptions,
    watts=figures(2000),
    kwh_price=figures(3),
    purchase=figures(90_000),
    residual=figures(90_000),
    life_years=figures(10),
    hours_per_day=figures(24),
    rent_per_hour=figures(50),
)


@given(ANY, st.lists(st.integers(0, 4_000_000), min_size=2, max_size=6))
def test_cost_is_never_negative_unknown_stays_unknown_and_shares_add_up(
    assumptions: MachineAssumptions, milliseconds: list[int]
) -> None:
    """The shares of a machine's time cost together what the whole time costs, but for the rounding."""
    costs = [machine_cost(assumptions, worked(one / 1000)) for one in milliseconds]
    whole = machine_cost(assumptions, worked(sum(milliseconds) / 1000))
    amounts = [one.amount for one in costs]

    assert {one is None for one in amounts} == {whole.amount is None}
    assert all((one.amount is None) == (one.basis == "unknown") for one in costs)
    if whole.amount is None:
        return
    known = [one for one in amounts if one is not None]
    assert min(known) >= 0
    assert abs(sum(known) - whole.amount) <= len(known)


@given(ANY, st.floats(0, 10_000))
def test_longer_is_never_cheaper(assumptions: MachineAssumptions, seconds: float) -> None:
    shorter = machine_cost(assumptions, worked(seconds)).amount
    longer = machine_cost(assumptions, worked(seconds + 1)).amount

    assert (shorter is None and longer is None) or (shorter or 0) <= (longer or 0)
