"""From how many questions a day one's own machine pays off: against counting, month by month."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.costs.breakeven import break_even
from app.domain import (
    DAYS_A_MONTH,
    UNKNOWN_FIGURE,
    BreakEven,
    Crossing,
    ExchangeRate,
    Figure,
    MachineAssumptions,
    OwnMonthly,
    Rival,
    Workload,
)

MONTH = Fraction(1461, 48)


def figure(value: object, basis: str = "measured") -> Figure:
    return Figure(str(value), basis, "somewhere")  # type: ignore[arg-type]


BOUGHT = MachineAssumptions(
    watts=figure(300),
    idle_watts=figure(50),
    kwh_price=figure("0.30"),
    purchase=figure(2400),
    residual=figure(600),
    life_years=figure(3),
    hours_on=figure(24),
)
RENTED = MachineAssumptions(rent_per_hour=figure(1), hours_on=figure(24))
WORK = Workload("small", figure(6))
API = Rival("large", Decimal("0.01"), "USD", measured=False, words="list price")


def weighed(
    machine: MachineAssumptions = BOUGHT, work: Workload = WORK, rival: Rival = API, **changes: Any
) -> BreakEven:
    return break_even(replace(machine, **changes), work, rival)


def api(each: object) -> Rival:
    return replace(API, each=Decimal(str(each)))


def test_a_bought_machine_worked_by_hand() -> None:
    """50 a month for the machine, 50 W x 730.5 h x 0.30 = 10.9575 idle; 300 W x 6 s = 0.00015 a question."""
    found = weighed().usual

    assert found.own is not None
    assert found.own.fixed == Decimal("60.9575")
    assert found.own.each == Decimal("0.00015")
    assert found.own.capacity == 14_400
    assert found.at is not None
    assert round(found.at, 6) == Decimal("203.320860")


def test_a_rented_machine_worked_by_hand() -> None:
    found = weighed(RENTED).usual

    assert found.own == OwnMonthly(Decimal("730.5"), Decimal(0), Decimal(14_400))
    assert found.at == 2400


def test_the_machine_answers_only_while_it_is_on() -> None:
    """Eight hours a day cost a third, and hold a third of the questions."""
    found = weighed(RENTED, hours_on=figure(8)).usual

    assert found.own == OwnMonthly(Decimal("243.5"), Decimal(0), Decimal(4_800))
    assert found.at == 800


def test_a_machine_of_unknown_hours_draws_its_idle_energy_day_and_night_too() -> None:
    """It is taken to be on for 24 hours, in its capacity and in what it draws alike."""
    unsaid = weighed(hours_on=UNKNOWN_FIGURE)

    assert unsaid.usual == weighed().usual
    assert unsaid.notes == ("it is taken to be on day and night",)


def test_measured_energy_takes_the_place_of_watts() -> None:
    measured = replace(WORK, joules=figure(720))

    assert weighed(work=measured).usual.own == replace(own(weighed()), each=Decimal("0.00006"))
    assert weighed(work=measured, watts=UNKNOWN_FIGURE).usual.at is not None


def own(found: BreakEven) -> OwnMonthly:
    assert found.usual.own is not None
    return found.usual.own


# ----------------------------------------------------------------- never


def test_never_where_the_energy_alone_costs_more() -> None:
    found = weighed(rival=api("0.0001")).usual

    assert (found.at, found.never) == (None, True)
    assert found.words == "1,000 questions cost $0.10 there, and the energy of your own machine alone $0.15"


def test_never_where_both_cost_the_same_by_the_question() -> None:
    assert weighed(rival=api("0.00015")).usual.never


def test_never_where_even_a_full_machine_costs_more() -> None:
    """It would pay from 24,000 a day on, and answers 14,400: the next machine costs as much again."""
    found = weighed(RENTED, rival=api("0.001")).usual

    assert (found.at, found.never) == (None, True)
    assert (
        "even if your machine answers without a pause, 1,000 questions cost $1.67 on it and $1.00 there"
        in found.words
    )


def test_never_against_what_costs_nothing() -> None:
    assert weighed(RENTED, rival=api(0)).usual.words == (
        "a question costs $0 there, so nothing makes up for the machine"
    )


def test_just_full_is_not_never() -> None:
    each = Decimal("730.5") / DAYS_A_MONTH / 14_400

    assert not weighed(RENTED, rival=api(each + Decimal("1e-30"))).usual.never
    assert weighed(RENTED, rival=api(each - Decimal("1e-20"))).usual.never


def test_a_second_machine_makes_the_api_cheaper_again() -> None:
    nearly_full, half_full = weighed(RENTED, rival=api("0.002")).usual, weighed(RENTED).usual

    assert nearly_full.at == 12_000
    assert nearly_full.dearer_again == (Decimal(14_400), Decimal(24_000))
    assert half_full.dearer_again is None


@given(st.integers(1, 500), st.integers(0, 499))
def test_from_where_it_is_for_good_no_further_machine_makes_the_api_cheaper(at: int, more: int) -> None:
    """By counting: n machines cost n x ``at`` questions of the API."""
    capacity = at + more
    one = Crossing(OwnMonthly(Decimal(1), Decimal(0), Decimal(capacity)), at=Decimal(at))
    dearer = [n for n in range(1, 3 * at + 3) if n * capacity < (n + 1) * at]

    if not more:
        assert one.for_good is None
        return
    assert one.for_good == (max(dearer, default=0) + 1) * at


# ----------------------------------------------------------------- not known


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"purchase": UNKNOWN_FIGURE}, "what the machine costs: its rent or its purchase price"),
        ({"life_years": UNKNOWN_FIGURE}, "for how many years it is used"),
        ({"kwh_price": UNKNOWN_FIGURE}, "the price of electricity"),
        ({"watts": UNKNOWN_FIGURE}, "its power under load"),
        ({"rent_per_hour": figure(1), "hours_on": UNKNOWN_FIGURE}, "how many hours a day it is rented"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], words: str) -> None:
    found = weighed(**changes).usual

    assert (found.own, found.at, found.never) == (None, None, False)
    assert found.words == f"not known: {words}"


def test_everything_that_is_missing_is_named() -> None:
    nothing = weighed(MachineAssumptions(), Workload("small", UNKNOWN_FIGURE), replace(API, each=None)).usual

    assert nothing.words == (
        "not known: how long the machine works on a question, what the machine costs: its rent or its "
        "purchase price and what a question costs with large"
    )


def test_without_an_api_price_ones_own_is_still_known() -> None:
    found = weighed(rival=replace(API, each=None)).usual

    assert found.own is not None
    assert found.words == "not known: what a question costs with large"


def test_what_is_left_out_is_said() -> None:
    bare = weighed(idle_watts=UNKNOWN_FIGURE, residual=UNKNOWN_FIGURE, hours_on=UNKNOWN_FIGURE)

    assert bare.usual.at is not None
    assert bare.notes == (
        "what it draws while it waits is not counted: that is not known",
        "it is taken to be worth nothing at the end of its life",
        "it is taken to be on day and night",
    )
    assert weighed().notes == ()
    assert weighed(RENTED).notes == ("no energy is counted: it is taken to be in the rent",)


# ----------------------------------------------------------------- currencies


def test_two_currencies_are_never_set_beside_each_other_as_they_are() -> None:
    found = weighed(currency="EUR")

    assert (found.usual.at, found.usual.api_each) == (None, None)
    assert found.usual.words == "not known: the exchange rate from USD to EUR"


def test_a_typed_rate_is_used() -> None:
    rate = ExchangeRate("USD", "EUR", figure("0.9"), "2026-11-01")
    found = weighed(currency="EUR", exchanges=(rate,))

    assert found.usual.api_each == Decimal("0.009")
    assert found.usual.at is not None
    assert found.notes == ("one USD is taken as 0.9 EUR (measured, of 1 Nov 2026)",)


def test_a_rate_into_another_currency_is_not_this_one() -> None:
    rate = ExchangeRate("USD", "GBP", figure("0.8"), "2026-11-01")

    assert weighed(currency="EUR", exchanges=(rate,)).usual.at is None


def test_an_api_paid_in_another_currency_is_set_beside_a_machine_in_dollars() -> None:
    """A person's own list may be in any currency: each pair has its own rate."""
    rates = (
        ExchangeRate("USD", "EUR", figure("0.9"), "2026-11-01"),
        ExchangeRate("EUR", "USD", figure("1.2"), "2026-11-02"),
    )
    found = weighed(rival=replace(API, currency="EUR"), exchanges=rates)

    assert found.usual.api_each == Decimal("0.012")
    assert found.notes == ("one EUR is taken as 1.2 USD (measured, of 2 Nov 2026)",)


# ----------------------------------------------------------------- careful and hopeful


def test_only_what_is_assumed_is_in_doubt() -> None:
    sure = weighed()
    bold = weighed(purchase=figure(2400, "assumed"), doubt=figure(20, "assumed"))

    assert sure.careful == sure.usual == sure.hopeful
    assert bold.careful.own is not None
    assert bold.hopeful.own is not None
    # 2,880 and 1,920 for the machine, less 600, over 36 months.
    assert bold.careful.own.fixed - own(bold).fixed == Decimal(480) / 36
    assert own(bold).fixed - bold.hopeful.own.fixed == Decimal(480) / 36


def test_even_hopefully_nobody_sells_for_more_than_was_paid() -> None:
    found = weighed(residual=figure(2300, "assumed"), doubt=figure(50, "assumed"), idle_watts=figure(0))

    assert found.hopeful.own is not None
    assert found.hopeful.own.fixed == 0
    assert found.hopeful.at == 0


def test_hours_are_a_choice_and_not_in_doubt() -> None:
    found = weighed(RENTED, hours_on=figure(10, "assumed"))

    assert found.careful == found.usual


def test_an_assumed_rate_is_in_doubt() -> None:
    rate = ExchangeRate("USD", "EUR", figure("0.9", "assumed"), "2026-11-01")
    found = weighed(currency="EUR", exchanges=(rate,), doubt=figure(10, "assumed"))

    assert (found.careful.api_each, found.hopeful.api_each) == (Decimal("0.0081"), Decimal("0.0099"))


# ----------------------------------------------------------------- by counting

NUMBERS = st.integers(1, 400)
BASES = st.sampled_from(["measured", "assumed"])


@st.composite
def machines(draw: st.DrawFn) -> MachineAssumptions:
    """Bought or rented, slow enough that a day's questions can be counted."""

    def known(value: object) -> Figure:
        return figure(value, draw(BASES))

    price = draw(st.integers(0, 4000))
    bought = MachineAssumptions(
        watts=known(draw(NUMBERS) + 100),
        idle_watts=known(draw(st.integers(0, 100))),
        kwh_price=known(Decimal(draw(NUMBERS)) / 100),
        purchase=known(price),
        residual=known(draw(st.integers(0, price))),
        life_years=known(draw(st.integers(1, 8))),
        hours_on=known(draw(st.integers(1, 24))),
        doubt=figure(draw(st.integers(0, 90)), "assumed"),
    )
    rented = replace(bought, rent_per_hour=known(Decimal(draw(NUMBERS)) / 1000))
    return draw(st.sampled_from([bought, rented]))


WORKS = st.builds(
    lambda seconds, basis: Workload("small", figure(seconds, basis)), st.integers(100, 9000), BASES
)
RIVALS = st.integers(0, 3000).map(lambda cents: api(Decimal(cents) / 1000))


def exactly(machine: MachineAssumptions, work: Workload) -> tuple[Fraction, Fraction, Fraction]:
    """Fixed, each and capacity by METRICS' formula, in fractions: no digit is lost."""
    of = {name: Fraction(getattr(machine, name).value or 0) for name in MachineAssumptions.__annotations__
          if isinstance(getattr(machine, name), Figure)}  # fmt: skip
    hours = of["hours_on"]
    if machine.rent_per_hour.value:
        fixed = of["rent_per_hour"] * hours * MONTH
    else:
        fixed = (of["purchase"] - of["residual"]) / (of["life_years"] * 12)
    fixed += of["idle_watts"] / 1000 * hours * MONTH * of["kwh_price"]
    seconds = Fraction(work.seconds.value)
    return fixed, of["watts"] / 1000 * of["kwh_price"] * seconds / 3600, hours * 3600 / seconds


@given(machines(), WORKS, RIVALS)
def test_the_lines_meet_exactly_where_it_says(
    machine: MachineAssumptions, work: Workload, rival: Rival
) -> None:
    """Count on until own costs no more, each further machine with its whole cost; there it is, or never."""
    found = break_even(machine, work, rival).usual
    fixed, each, capacity = exactly(machine, work)
    asked = Fraction(rival.each or 0)

    def own_costs(a_day: Fraction) -> Fraction:
        return max(1, ceil(a_day / capacity)) * fixed + a_day * MONTH * each

    if found.at is None:
        assert found.never
        some = [Fraction(n) for n in range(1, int(capacity) * 3 + 2)] + [capacity, 2 * capacity, 7 * capacity]
        assert all(own_costs(n) >= n * MONTH * asked for n in some)
        return
    at = Fraction(found.at)
    assert abs(own_costs(at) - at * MONTH * asked) <= Fraction(1, 10**30)
    assert at <= capacity + Fraction(1, 10**30)
    assert all(own_costs(Fraction(n)) > n * MONTH * asked for n in range(1, ceil(at)) if n < at)
    assert all(
        own_costs(Fraction(n)) < n * MONTH * asked for n in range(int(at) + 1, int(capacity)) if n > at
    )


@given(machines(), WORKS, RIVALS)
def test_careful_is_never_sooner_than_hopeful(
    machine: MachineAssumptions, work: Workload, rival: Rival
) -> None:
    found = break_even(machine, work, rival)
    never = Decimal("Infinity")
    order = [never if one.at is None else one.at for one in (found.hopeful, found.usual, found.careful)]

    assert order == sorted(order)


@given(machines(), WORKS, RIVALS, st.integers(1, 500))
def test_dearer_machines_pay_off_later_and_dearer_apis_make_them_sooner(
    machine: MachineAssumptions, work: Workload, rival: Rival, more: int
) -> None:
    machine = replace(machine, rent_per_hour=UNKNOWN_FIGURE)
    now = break_even(machine, work, rival).usual
    assume(now.at is not None)

    def at(changed: MachineAssumptions, set_against: Rival = rival) -> Decimal:
        return break_even(changed, work, set_against).usual.at or Decimal("Infinity")

    price = Decimal(machine.purchase.value) + more
    power = Decimal(machine.kwh_price.value) + Decimal(more) / 100
    assert at(replace(machine, purchase=figure(price))) > at(machine)
    assert at(replace(machine, kwh_price=figure(power))) >= at(machine)
    assert at(machine, api((rival.each or 0) + Decimal(more) / 1000)) <= at(machine)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 400))
def test_each_machine_adds_its_step_and_no_sooner(fixed: int, capacity: int, machines_: int) -> None:
    one = OwnMonthly(Decimal(fixed), Decimal(0), Decimal(capacity) / 7)
    full = one.capacity * machines_

    assert one.cost(full) == fixed * machines_
    assert one.cost(full * (1 + Decimal("1e-9"))) == fixed * (machines_ + 1)
