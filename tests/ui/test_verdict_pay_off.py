"""When one's own machine pays off, as home tells it in a figure and in the marks of list prices."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain import BreakEven, Crossing, ExchangeRate, Figure, PayOff, PaysOff, Rival, Workload
from app.ui.verdict_pay_off import NEVER, NO_MACHINE, NOT_KNOWN, figure_of, marks_of

WORK = Workload("small with documents", Figure("6", "measured", "mean of 72 answers"), candidate="c1")
LISTED = Rival("big-1", Decimal("0.0025"), "USD", measured=False, words="list price")


def against(usual: Crossing, rival: Rival = LISTED) -> PayOff:
    one = BreakEven(WORK, rival, "USD", usual, usual, usual)
    return PayOff((WORK,), WORK, (one,), experiment="First")


@pytest.mark.parametrize(
    ("usual", "figure", "more"),
    [
        (Crossing(at=Decimal("1234.5")), "1,200 a day", ""),
        (Crossing(at=Decimal("0.4")), "the first question", ""),
        (Crossing(at=Decimal(0)), "the first question", ""),
        (Crossing(never=True, words="its energy costs more"), NEVER, ": its energy costs more"),
        (Crossing(words="the rent is missing"), NOT_KNOWN, ": the rent is missing"),
    ],
)
def test_the_figure_is_of_the_first_api(usual: Crossing, figure: str, more: str) -> None:
    words = f"small with documents on your own machine, against big-1{more}"
    assert figure_of(against(usual)) == PaysOff(figure, words)


def test_where_nothing_ran_on_ones_own_machine_that_is_said() -> None:
    assert figure_of(PayOff()) == PaysOff(NOT_KNOWN, NO_MACHINE)
    assert marks_of(PayOff()) == ()


def test_only_those_whose_answers_were_not_measured_are_marked() -> None:
    (mark,) = marks_of(against(Crossing()))
    assert (mark.name, mark.per_1000, mark.currency) == ("big-1", 2_500_000_000_000, "USD")
    assert marks_of(against(Crossing(), replace(LISTED, measured=True))) == ()
    assert marks_of(against(Crossing(), replace(LISTED, each=None))) == ()


def test_a_list_price_stands_where_it_is_converted_to() -> None:
    """A machine in EUR and a list in USD are on one chart, as soon as the rate is typed."""
    rate = ExchangeRate("USD", "EUR", Figure("0.8", "assumed", ""), "2026-11-02")
    usual = Crossing(api_each=Decimal("0.002"))
    one = BreakEven(WORK, LISTED, "EUR", usual, usual, usual, rates=(rate,))
    (mark,) = marks_of(PayOff((WORK,), WORK, (one,)))
    assert (mark.per_1000, mark.currency, mark.rates) == (2_000_000_000_000, "EUR", (rate,))
    unknown = BreakEven(WORK, LISTED, "EUR", Crossing(), Crossing(), Crossing())
    (apart,) = marks_of(PayOff((WORK,), WORK, (unknown,)))
    assert (apart.per_1000, apart.currency, apart.rates) == (2_500_000_000_000, "USD", ())
