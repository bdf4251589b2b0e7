"""When one's own machine pays off, as home tells it in a figure and in the marks of list prices."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain import (
    BreakEven,
    Crossing,
    ExchangeRate,
    Figure,
    OwnMonthly,
    PayOff,
    PaysOff,
    Rival,
    Workload,
)
from app.ui.verdict_figures import Card, pays_off_card
from app.ui.verdict_pay_off import NEVER, NO_API, NO_MACHINE, NOT_KNOWN, figure_of, marks_of

UNLESS = "Only if all that is assumed is 25% better"
BY = "; in brackets, if all that is assumed is 25% better, or worse"
WORK = Workload("small with documents", Figure("6", "measured", "mean of 72 answers"), candidate="c1")
LISTED = Rival("big-1", Decimal("0.0025"), "USD", measured=False, words="list price")


def against(usual: Crossing, rival: Rival = LISTED) -> PayOff:
    one = BreakEven(WORK, rival, "USD", usual, usual, usual)
    return PayOff((WORK,), WORK, (one,), experiment="First")


@pytest.mark.parametrize(
    ("usual", "figure", "more"),
    [
        (Crossing(at=Decimal("1234.5")), "from 1,200 a day", ""),
        (Crossing(at=Decimal("0.4")), "from the first question", ""),
        (Crossing(at=Decimal(0)), "from the first question", ""),
        (Crossing(never=True, words="its energy costs more"), NEVER, ": its energy costs more"),
        (Crossing(words="the rent is missing"), NOT_KNOWN, ": the rent is missing"),
    ],
)
def test_the_figure_is_of_the_first_api(usual: Crossing, figure: str, more: str) -> None:
    words = f"small with documents on your own machine, against big-1 at its list price{more}"
    assert figure_of(against(usual)) == PaysOff(figure, words, "c1")


@pytest.mark.parametrize(
    ("usual", "careful", "hopeful", "figure", "more"),
    [
        (1234.5, 1600, 900, "from 1,200 (900 to 1,600) a day", BY),
        (1234.5, None, 900, "from 1,200 (900 to never) a day", BY),
        (0.4, 12, 0.2, "from the first question", f" (fewer than 1 to 12) a day{BY}"),
        (0.4, 0.5, 0.2, "from the first question", ""),
        (
            None,
            None,
            900,
            NEVER,
            f": dearer. {UNLESS}, from 900 questions a day",
        ),
        (None, None, None, NEVER, ": dearer"),
    ],
)
def test_the_figure_stands_with_its_range_and_says_what_that_is(
    usual: float | None, careful: float | None, hopeful: float | None, figure: str, more: str
) -> None:
    def crossing(at: float | None) -> Crossing:
        return Crossing(never=True, words="dearer") if at is None else Crossing(at=Decimal(str(at)))

    cases = crossing(usual), crossing(careful), crossing(hopeful)
    one = BreakEven(WORK, LISTED, "USD", *cases, doubt=Decimal(25))
    found = PayOff((WORK,), WORK, (one,), experiment="First")
    told = figure_of(found)
    whose = "small with documents on your own machine, against big-1 at its list price"
    assert told == PaysOff(figure, f"{whose}{more}", "c1")
    # The card of home, presenter mode and the report is this figure with these words.
    assert pays_off_card(told) == Card(told.figure, told.words, "c1")


def test_the_figure_ends_where_the_machine_is_full_and_the_api_is_cheaper_again() -> None:
    full = Crossing(
        own=OwnMonthly(Decimal(730), Decimal(0), Decimal(4500)),
        at=Decimal(4150),
        dearer_again=(Decimal(4500), Decimal(8300)),
    )
    told = figure_of(against(full))
    assert told.figure == "from 4,200 to 4,500 a day"
    assert told.words == (
        "small with documents on your own machine, against big-1 at its list price. Then it is full, and the "
        "API is cheaper up to 8,300; so with each further machine, for the last time up to 50,000."
    )
    careful, hopeful = Crossing(never=True, words="dearer"), Crossing(at=Decimal(3100))
    one = BreakEven(WORK, LISTED, "USD", full, careful, hopeful, doubt=Decimal(25))
    ranged = figure_of(PayOff((WORK,), WORK, (one,), experiment="First"))
    assert ranged.figure == told.figure, "what is not sure of it is said in words: two ranges are none"
    assert (
        "list price; the first figure may be 3,100 to never, if all that is assumed is 25% better, or worse. "
        "Then it is full" in ranged.words
    )


def test_where_it_pays_off_and_where_it_is_full_are_told_apart() -> None:
    full = Crossing(at=Decimal(1656), dearer_again=(Decimal(1707), Decimal(3310)))
    assert figure_of(against(full)).figure == "from 1,660 to 1,710 a day"


def test_the_words_name_the_other_apis_that_are_crossed() -> None:
    never, crossed = Crossing(never=True, words="dearer"), Crossing(at=Decimal(96))
    (first,) = against(never).against
    (other,) = against(crossed, replace(LISTED, name="big-2")).against
    told = figure_of(PayOff((WORK,), WORK, (first, other)))
    assert told.figure == NEVER
    assert told.words.endswith(
        "at its list price: dearer. Your own machine is cheaper than big-2 from 96 a day."
    )


def test_where_nothing_ran_on_ones_own_machine_that_is_said() -> None:
    assert figure_of(PayOff()) == PaysOff(NOT_KNOWN, NO_MACHINE)
    assert marks_of(PayOff()) == ()
    assert figure_of(PayOff((WORK,), WORK)) == PaysOff(NOT_KNOWN, NO_API), "every rival was taken away"


def test_only_those_whose_answers_were_not_measured_are_marked() -> None:
    (mark,) = marks_of(against(Crossing()))
    assert (mark.name, mark.per_1000, mark.currency) == ("big-1", 2_500_000_000_000, "USD")
    assert marks_of(against(Crossing(), replace(LISTED, measured=True))) == ()
    assert marks_of(against(Crossing(), replace(LISTED, each=None))) == ()
    assert marks_of(against(Crossing(), replace(LISTED, asked=True))) == (), "its own answers are there"


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
