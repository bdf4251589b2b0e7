"""Typed figures, hostile ones too."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.costs.figures import MOST, figure, value_of
from app.domain import UNKNOWN_FIGURE, Figure
from app.errors import AppError, NotAllowed


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.30", "0.30"),
        ("0,30", "0.30"),
        (" 65 ", "65"),
        ("0", "0"),
        ("0,300", "0.300"),
        ("1.234", "1.234"),
        ("1,2345", "1.2345"),
        ("1 250", "1250"),
        ("1'250,50", "1250.50"),
        ("1\u202f250", "1250"),
        ("1,250.50", "1250.50"),
        ("1.250,50", "1250.50"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("007", "7"),
        ("1000000000", "1000000000"),
    ],
)
def test_numbers_as_people_write_them(typed: str, value: str) -> None:
    assert figure(typed, "Watts") == Figure(value, "assumed", "typed here")


@pytest.mark.parametrize("typed", ["", "  ", "\t"])
def test_nothing_typed_is_unknown(typed: str) -> None:
    assert figure(typed, "Watts") == UNKNOWN_FIGURE


@pytest.mark.parametrize(
    "typed",
    [
        *("-1", "−1", "nan", "NaN", "inf", "Infinity", "1e3", "0x10", "½", "٣", "1_000", "+5", "$5"),
        *("5 W", "1..2", "1,2,3", "1.2.3", ",5", ".5", "5.", "1 2", "12 34", "=1+1", "<b>1</b>", "1\x00"),
        *("9" * 14, "0." + "1" * 13, "9" * 100_000, "1,234,56", "2.000.000.00"),
    ],
)
def test_anything_else_is_refused_in_words(typed: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        figure(typed, "Price per kWh")

    assert refusal.value.message.startswith("Price per kWh is ")
    assert "plain number" in refusal.value.message
    assert len(refusal.value.message) < 200


def test_a_number_that_could_be_two_is_refused_with_both_readings() -> None:
    with pytest.raises(NotAllowed, match=r"two ways. Write 1234 or 1.234."):
        figure("1,234", "Purchase price")


def test_too_large_is_said() -> None:
    with pytest.raises(NotAllowed, match=r"largest figure that fits is 1,000,000,000"):
        figure("1000000001", "Watts")


def test_basis_and_source_are_kept() -> None:
    assert figure("31.5", "Watts", "measured", "plug meter") == Figure("31.5", "measured", "plug meter")


@given(st.text(max_size=30) | st.from_regex(r"[0-9., '+-]{1,12}"))
def test_any_text_is_a_figure_or_a_refusal(typed: str) -> None:
    try:
        made = figure(typed, "Watts")
    except AppError:
        return
    value = value_of(made)
    assert (made == UNKNOWN_FIGURE) == (value is None)
    assert value is None or 0 <= value <= MOST


@given(st.decimals(0, MOST, allow_nan=False, places=4))
def test_what_is_shown_back_reads_as_the_same(number: Decimal) -> None:
    once = figure(format(number, "f"), "Watts")

    assert value_of(once) == number
    assert figure(once.value, "Watts") == once


@pytest.mark.parametrize("value", ["nan", "-1", "1e9", "1,5", "x", "1\n", "Infinity"])
def test_a_spoiled_stored_figure_is_unknown(value: str) -> None:
    assert value_of(Figure(value, "measured", "")) is None


def test_a_figure_marked_unknown_has_no_value() -> None:
    assert value_of(Figure("5", "unknown", "")) is None
