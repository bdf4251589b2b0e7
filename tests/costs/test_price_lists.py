"""A person's own price lists: which row holds, what an answer costs by it, and rows that are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.costs.currencies import CURRENCIES
from app.costs.price_lists import (
    CHEAPEST,
    DEAREST,
    FIELDS,
    KIND,
    Row,
    holding,
    own_cost,
    own_price_of,
    previewed,
    row_of,
    sorted_out,
)
from app.domain import OwnPrice, Usage
from app.errors import NotAllowed

GOOD: dict[str, object] = {
    "provider": "openai",
    "model": "gpt-4o",
    "currency": "EUR",
    "input": "2.10",
    "output": "8,40",
    "cached": "",
    "thinking": "",
    "since": "2026-01-31",
    "source": "our contract",
}
MINE = own_price_of(GOOD)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def never(_one: str, _other: str) -> bool:
    return False


def row(**changes: object) -> dict[str, object]:
    return {**GOOD, **changes}


def refused(**changes: object) -> str:
    with pytest.raises(NotAllowed) as told:
        own_price_of(row(**changes))
    return str(told.value)


def held(*prices: OwnPrice, model: str, day: int = 15, owner: str = "openai") -> OwnPrice | None:
    return holding(prices, [owner], model, datetime(2026, 6, day, tzinfo=UTC), never)


# ------------------------------------------------------------------------ rows


def test_a_row_is_read_as_it_was_typed() -> None:
    assert Decimal("8.40") == MINE.output
    assert (MINE.cached, MINE.thinking, MINE.since) == (None, None, date(2026, 1, 31))
    assert MINE.basis == "listed"
    assert own_price_of(row(source="")).basis == "assumed", "without a source nobody listed it"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"input": "-1"}, "plain number of at least 0"),
        ({"input": "1,234"}, "can be read in two ways"),
        ({"input": "free"}, "plain number"),
        ({"input": ""}, "no price of the tokens in"),
        ({"output": None}, "no price of the tokens out"),
        ({"output": True}, "plain number is needed"),
        ({"output": float("nan")}, "plain number"),
        ({"output": float("inf")}, "plain number"),
        ({"output": [1]}, "plain number is needed"),
        ({"input": "0.0000025"}, "the price of one token?"),
        ({"input": "200000000"}, "nobody charges more"),
        ({"currency": "euro"}, "three letters"),
        ({"currency": ""}, "three letters"),
        ({"currency": "xxx"}, "no currency XXX"),
        ({"currency": "EUX"}, "no currency EUX"),
        ({"since": "31/01/2026"}, "year, month and day"),
        ({"since": "2026-02-30"}, "year, month and day"),
        ({"since": ""}, "no date"),
        ({"since": "0202-01-01"}, "a price list of that year is none"),
        ({"model": "  "}, "no name of the model"),
        ({"provider": None}, "no name of the provider"),
        ({"model": "x" * 300}, "300 characters"),
        ({"model": "a\x00b"}, "cannot be shown"),
        ({"source": {"a": 1}}, "a text is needed"),
    ],
)
def test_what_is_no_price_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    assert words in refused(**changes)


def test_a_number_of_json_is_no_power_of_ten() -> None:
    assert own_price_of(row(input=0.0002, output=15)).input == Decimal("0.0002")


def test_bad_rows_are_named_by_their_numbers_and_the_good_ones_stay() -> None:
    rows: list[tuple[int, Row | str]] = [
        (2, row()),
        (3, row(input="-2")),
        (4, row()),
        (5, row(output="9")),
        (6, "This line is no JSON."),
        (7, row(since="2026-03-01")),
    ]
    prices, bad = sorted_out(rows)
    assert [one.since.month for one in prices] == [1, 3]
    assert [one.number for one in bad] == [3, 4, 5, 6]
    assert "the same as row 2" in bad[1].reason
    assert "another price for the same day than row 2" in bad[2].reason


def test_a_preview_tells_new_from_changed_and_known() -> None:
    dearer = replace(MINE, output=Decimal(9))
    later = replace(MINE, since=date(2026, 5, 1))
    found = previewed([dearer, later], (), [MINE])
    assert (found.new, found.replacing, found.known) == ((later,), ((dearer, MINE),), 0)
    assert previewed([MINE], (), [MINE]).known == 1


# ------------------------------------------------------------------------ which row


def test_the_row_that_held_at_the_date_counts() -> None:
    spring, summer = replace(MINE, since=date(2026, 3, 1)), replace(MINE, since=date(2026, 6, 15))
    assert held(spring, summer, model="gpt-4o", day=14) == spring
    assert held(spring, summer, model="gpt-4o", day=15) == summer
    assert held(summer, model="gpt-4o", day=14) is None


def test_a_day_begins_at_midnight_utc() -> None:
    at = datetime.fromisoformat("2026-01-31T00:30:00+02:00")
    assert holding([MINE], ["openai"], "gpt-4o", at, never) is None


DAYS = st.dates(date(2020, 1, 1), date(2027, 1, 1))


@given(st.lists(DAYS, unique=True, max_size=6), DAYS, st.times(timezones=st.just(UTC)))
def test_the_newest_row_that_is_not_of_a_later_day_holds(days: list[date], day: date, clock: time) -> None:
    at = datetime.combine(day, clock)
    found = holding([replace(MINE, since=one) for one in days], ["openai"], "gpt-4o", at, never)
    expected = max((one for one in days if one <= at.date()), default=None)
    assert (found.since if found else None) == expected


@pytest.mark.parametrize(
    "asked", ["GPT-4o", " gpt-4o ", "openai/gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-20240806", "gpt-4o:latest"]
)
def test_a_model_is_found_by_its_usual_names(asked: str) -> None:
    assert held(MINE, model=asked) == MINE


def test_a_row_for_a_dated_model_is_not_taken_for_another_date() -> None:
    dated = replace(MINE, model="gpt-4o-2024-05-13")
    assert held(dated, model="gpt-4o") is None
    assert held(dated, model="gpt-4o-2024-08-06") is None
    assert held(dated, MINE, model="gpt-4o-2024-05-13") == dated, "the more exact name goes first"


def test_another_provider_or_model_has_no_row() -> None:
    assert held(MINE, model="gpt-4o", owner="azure") is None
    assert held(MINE, model="gpt-4o-mini") is None
    assert held(MINE, model="gpt-4o", owner="") is None


def test_the_backends_row_goes_before_the_providers() -> None:
    backend = replace(MINE, provider="Team-Proxy", output=Decimal(1))
    found = holding([MINE, backend], ["team-proxy", "openai"], "gpt-4o", NOON, never)
    assert found == backend


def test_names_that_are_known_as_one_model_are_asked_last() -> None:
    found = holding(
        [MINE], ["openai"], "omni", NOON,
        lambda one, other: {one, other} == {"gpt-4o", "omni"},
    )  # fmt: skip
    assert found == MINE
    dated = replace(MINE, model="gpt-4o-2024-08-06")
    assert holding([dated], ["openai"], "gpt-4o", NOON, lambda _one, _other: True) is None


# ------------------------------------------------------------------------ what it costs

PRICE = st.decimals(CHEAPEST, DEAREST, places=4)
COUNT = st.integers(0, 10**7)


@given(PRICE, PRICE, st.none() | PRICE, st.none() | PRICE, COUNT, COUNT, COUNT, COUNT)
def test_the_cost_is_exact(
    into: Decimal, out: Decimal, cached: Decimal | None, thinking: Decimal | None,
    new: int, remembered: int, written: int, thought: int,
) -> None:  # fmt: skip
    price = replace(MINE, input=into, output=out, cached=cached, thinking=thinking)
    usage = Usage(new + remembered, written + thought, thought, remembered)
    cost = own_cost(price, "gpt-4o", usage)
    rates = (into, into if cached is None else cached, out, out if thinking is None else thinking)
    exact = sum(
        Fraction(rate) * count for rate, count in zip(rates, (new, remembered, written, thought), strict=True)
    )
    assert cost.amount is not None
    assert Fraction(cost.amount, 10**12) == exact / 10**6, "four decimals leave nothing to round"
    assert (cost.currency, cost.basis) == ("EUR", "listed")


@given(st.decimals(CHEAPEST, 100, places=12), COUNT)
def test_what_is_below_the_smallest_unit_is_rounded_once_to_the_even_one(price: Decimal, tokens: int) -> None:
    amount = own_cost(replace(MINE, input=price), "m", Usage(tokens, 0, cached=0)).amount
    assert amount == round(Fraction(price) * tokens * 10**6)


def test_the_answer_keeps_which_entry_was_used() -> None:
    cost = own_cost(MINE, "gpt-4o-2024-08-06", Usage(1000, 100, cached=0))
    assert cost.amount == 2_940_000_000
    assert cost.entry["kind"] == KIND
    assert cost.entry["in force since"] == "2026-01-31"
    assert cost.entry["source"] == "our contract"
    assert cost.entry["EUR per million completion tokens"] == "8.40"
    assert cost.entry["asked as"] == "gpt-4o-2024-08-06"
    assert "Your own price list for gpt-4o of openai" in cost.words
    assert "in force since: 2026-01-31; source: our contract" in cost.words


def test_thinking_tokens_that_are_counted_apart_are_added() -> None:
    usage = Usage(0, 100, thinking=50, cached=0)
    inside, apart = (own_cost(MINE, "m", usage, thinking_apart=one).amount for one in (False, True))
    assert (inside, apart) == (840_000_000, 1_260_000_000)


@pytest.mark.parametrize(
    "usage",
    [
        Usage(),
        Usage(10, None),
        Usage(None, 10),
        Usage(10, 10, cached=11),
        Usage(10, 10, thinking=11),
        Usage(-1, 10),
        Usage(10, 10, cached=-1),
    ],
)
def test_unknown_or_contradictory_tokens_have_no_cost(usage: Usage) -> None:
    cost = own_cost(MINE, "gpt-4o", usage)
    assert (cost.amount, cost.basis) == (None, "unknown")


# ------------------------------------------------------------------------ round trip

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
OWN = st.builds(
    OwnPrice,
    provider=TEXT,
    model=TEXT,
    currency=st.sampled_from(sorted(CURRENCIES)),
    input=PRICE,
    output=PRICE,
    cached=st.none() | PRICE,
    thinking=st.none() | PRICE,
    since=st.dates(date(2015, 1, 1), date(2099, 1, 1)),
    source=TEXT,
)


@given(OWN)
def test_a_row_that_was_written_reads_back_the_same(price: OwnPrice) -> None:
    assert own_price_of(row_of(price)) == price
    assert tuple(row_of(price)) == FIELDS
