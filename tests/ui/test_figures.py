"""Numbers in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Cost, Share
from app.ui import figures

DOLLAR = 10**12


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (Share(71, 100, 0.612, 0.798), "71% (61-80)"),
        (Share(0, 3, 0.0, 0.5615), "0% (0-56)"),
        (Share(3, 3, 0.4385, 1.0), "100% (44-100)"),
        (Share(0, 0, 0.0, 1.0), "not judged yet"),
        (None, "not judged yet"),
    ],
)
def test_shares(share: Share | None, words: str) -> None:
    assert figures.share(share) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((0.5, "50%"), (0.9951, "99.9%"), (0.9999, ">99.9%"), (1.0, "100%")),
        *((0.001, "0.1%"), (0.0001, "<0.1%"), (0.0, "0%"), (None, "unknown"), (float("nan"), "unknown")),
    ],
)
def test_percentages_are_whole_only_where_they_are(value: float | None, words: str) -> None:
    assert figures.percent(value) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "unknown"),
        (0, "$0"),
        (DOLLAR, "$1.00"),
        (DOLLAR * 999_996 // 1_000_000, "$1.00"),
        (DOLLAR // 2, "$0.50"),
        (42 * DOLLAR // 100, "$0.42"),
        (1_234_567 * DOLLAR, "$1,234,567.00"),
        (4_200_000, "$0.0000042"),
        (-DOLLAR // 4, "-$0.25"),
    ],
)
def test_money(amount: int | None, words: str) -> None:
    assert figures.money(amount, "USD") == words


def test_money_of_other_currencies() -> None:
    assert figures.money(DOLLAR, "EUR") == "€1.00"
    assert figures.money(DOLLAR, "SEK") == "SEK 1.00"
    assert figures.per_thousand(420_000_000, "USD") == "$0.42 per 1,000 questions"
    assert figures.per_thousand(None, "USD") == "unknown"
    assert figures.cost(Cost(None, "USD", "unknown", "")) == "unknown"
    assert figures.cost(Cost(123_456_789, "USD", "listed", "")) == "$0.00012"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((1.234, "1.2 s"), (0.042, "0.042 s"), (0.0, "under 1 ms"), (59.4, "59 s"), (59.6, "1 min")),
        *((245.2, "4 min 5 s"), (3599.7, "1 h"), (7800.0, "2 h 10 min")),
        *((None, "unknown"), (float("inf"), "unknown"), (-1.0, "unknown")),
    ],
)
def test_seconds(value: float | None, words: str) -> None:
    assert figures.seconds(value) == words


def test_the_rest() -> None:
    assert figures.speed(31.4159) == "31 tokens/s"
    assert figures.size(0) == "0 B"
    assert figures.size(999) == "999 B"
    assert figures.size(999_999) == "1 MB"
    assert figures.size(93_123_456) == "93.1 MB"
    assert figures.parameters(134_515_008) == "135 M"
    assert figures.parameters(8_030_000_000) == "8.03 B"
    assert figures.count(0, "answer") == "no answers"
    assert figures.count(1, "answer") == "1 answer"
    assert figures.count(1204) == "1,204"
    assert figures.count(None, "token") == "unknown"
    assert figures.count(2, "entry", "entries") == "2 entries"
    assert figures.cosine(0.8349) == "0.83"
    assert figures.day(date(2026, 11, 3)) == "3 Nov 2026"
    late = datetime(2026, 11, 3, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert figures.day(late) == "4 Nov 2026"
    assert figures.moment(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2 Jan 2026, 03:04 UTC"
    assert figures.moment(None) == "unknown"


@given(st.integers(-(10**40), 10**40) | st.none(), st.sampled_from(["USD", "JPY", "XAU"]))
def test_no_amount_breaks(amount: int | None, currency: str) -> None:
    for told in (figures.money(amount, currency), figures.per_thousand(amount, currency)):
        assert not {"nan", "None", "E"} & {told, *told.split()}
        assert "e+" not in told.lower()


@given(st.floats() | st.none())
def test_no_number_breaks(value: float | None) -> None:
    for tell in (figures.seconds, figures.speed, figures.size, figures.significant, figures.cosine):
        told = tell(value)
        assert told
        assert "nan" not in told
        assert "None" not in told


@given(st.floats(1e-9, 1e12), st.integers(1, 4))
def test_significant_digits_are_kept_and_no_more_told(value: float, digits: int) -> None:
    told = Decimal(figures.significant(value, digits).replace(",", ""))
    assert abs(told - Decimal(str(value))) <= Decimal(str(value)) * Decimal(10) ** (1 - digits)
    assert len(told.normalize().as_tuple().digits) <= digits
