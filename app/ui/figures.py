"""Numbers in words: two or three significant digits, units, and "unknown" for what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from fractions import Fraction
from math import isfinite

from app.domain import (
    MONEY_SCALE,
    SMALLEST,
    Cost,
    Exchange,
    ExchangeRate,
    Money,
    Rate,
    Share,
    currency_sign,
    money_words,
    number_words,
    rate_words,
)
from app.ui.words import UNKNOWN

PRECISE = Context(prec=100)
"""Enough for every sum of money, also a converted one."""
_BYTES = ("B", "kB", "MB", "GB", "TB")
_COUNTS = ((10**12, "T"), (10**9, "B"), (10**6, "M"))


def share(one: Share | None) -> str:
    """A share with its interval as "71% (61-80)"; "not judged yet" where there is nothing to share."""
    if one is None or one.of == 0:
        return "not judged yet"
    return (
        f"{percent(one.value)} ({percent(one.low).removesuffix('%')}-{percent(one.high).removesuffix('%')})"
    )


def percent(value: float | None) -> str:
    """A share of 0 to 1 as "71%"; 100% and 0% only where they are exact."""
    if value is None or not isfinite(value):
        return UNKNOWN
    rounded = round(value * 100)
    if rounded == 100 and value < 1:
        return "99.9%" if value < 0.9995 else ">99.9%"
    if rounded == 0 and value > 0:
        return "0.1%" if value >= 0.0005 else "<0.1%"
    return f"{rounded}%"


def probability(value: float | None) -> str | None:
    """A p-value as "0.032", and none that is smaller than can be told apart: "< 0.001"; None: not known."""
    if value is None:
        return None
    return "< 0.001" if value < 0.001 else significant(value, 2)


def significant(value: float | Decimal | None, digits: int = 3) -> str:
    """A plain decimal number with at most ``digits`` significant digits and thousands apart: "1,230"."""
    if value is None or not isfinite(value):
        return UNKNOWN
    return number_words(Decimal(str(value)) if isinstance(value, float) else Decimal(value), digits)


def seconds(value: float | None) -> str:
    """A span as "0.24 s", "1.2 s", "35 s", "4 min 5 s" or "2 h 10 min"."""
    if value is None or not isfinite(value) or value < 0:
        return UNKNOWN
    if value < 0.001:
        return "under 1 ms"
    if value < 59.5:
        return f"{significant(value, 2)} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = round(value / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def speed(value: float | None) -> str:
    """A speed as "31 tokens/s"; "speed unknown" where it could not be timed."""
    return f"speed {UNKNOWN}" if value is None or not isfinite(value) else f"{significant(value, 2)} tokens/s"


def money(amount: Money | None, currency: str, *, digits: int = 3) -> str:
    """An amount in 10^-12 of ``currency``: "$0.42", "$1,234.50", "$0"; cents are kept from 1 on."""
    return UNKNOWN if amount is None else money_words(exact(amount), currency, digits)


def exact(amount: Money) -> Decimal:
    """An amount in 10^-12 of its currency as money, for a cell: a sum is exact, converted or not."""
    one = Fraction(amount)
    return PRECISE.divide(Decimal(one.numerator), Decimal(one.denominator * MONEY_SCALE))


def mean(amount: Money) -> Decimal:
    """The same for a mean, which may have no end: to the 12th decimal, as finely as money is kept."""
    return exact(amount).quantize(SMALLEST, context=PRECISE)


def exchanged(rates: Iterable[ExchangeRate]) -> str:
    """The footnote of figures that were converted; "" where none was."""
    told = [rate_words(one) for one in dict.fromkeys(rates)]
    return f"Converted: {'; '.join(told)}. Each answer keeps what was paid for it." if told else ""


def per_thousand(amount: Money | None, currency: str) -> str:
    """What one answer costs, told for 1,000: "$0.42 per 1,000 questions"."""
    if amount is None:
        return UNKNOWN
    return f"{money(amount * 1000, currency)} per 1,000 questions"


def each(amount: int, currency: str, exchange: Exchange) -> str:
    """What one answer cost, told for 1,000 in the reporting currency."""
    return per_thousand(exchange.told(amount, currency), exchange.into(currency))


def cost(one: Cost | None) -> str:
    """The cost of one answer as "$0.0004", or "unknown"."""
    return UNKNOWN if one is None else money(one.amount, one.currency, digits=2)


def count(value: int | None, singular: str = "", plural: str = "") -> str:
    """A number as "1,204", or with a word "1 answer", "2 answers", "no answers"."""
    if value is None:
        return UNKNOWN
    if not singular:
        return f"{value:,}"
    several = plural or f"{singular}s"
    return f"no {several}" if value == 0 else f"{value:,} {singular if value == 1 else several}"


def rate(one: Rate | None, currency: str, times: int = 1000) -> str:
    """What so many cost with the interval, as "$1.40 (1.10-1.80)", or "$1.40 (1.10 or more)"."""
    if one is None or not one.of:
        return UNKNOWN
    told = money(one.times(times), currency)
    # Where every answer cost the same there is no interval to tell.
    if one.low is None or one.low == one.high:
        return told
    low, high = (
        None if end is None else money(end * times, currency).removeprefix(currency_sign(currency))
        for end in (one.low, one.high)
    )
    return f"{told} ({low} or more)" if high is None else f"{told} ({low}-{high})"


def size(value: float | None) -> str:
    """Bytes as "94 MB" (powers of 1000)."""
    if value is None or not isfinite(value) or value < 0:
        return UNKNOWN
    number, place = float(value), 0
    while number >= 999.5 and place < len(_BYTES) - 1:
        number, place = number / 1000, place + 1
    return f"{significant(number, 3 if place else 4)} {_BYTES[place]}"


def parameters(value: int | None) -> str:
    """How many numbers a model has: "135 M", "8.03 B"."""
    if value is None:
        return UNKNOWN
    scale, unit = next(((one, unit) for one, unit in _COUNTS if value >= one), (1, ""))
    return f"{significant(value / scale)} {unit}".strip()


def cosine(value: float | None) -> str:
    """A similarity as "0.83"."""
    return UNKNOWN if value is None or not isfinite(value) else f"{value:.2f}"


def day(one: date | datetime | None) -> str:
    """A date as "23 Nov 2026" (UTC)."""
    if one is None:
        return UNKNOWN
    moment = one.astimezone(UTC) if isinstance(one, datetime) else one
    return f"{moment.day} {moment:%b %Y}"


def moment(one: datetime | None) -> str:
    """A moment as "23 Nov 2026, 20:36 UTC"."""
    return UNKNOWN if one is None else f"{day(one)}, {one.astimezone(UTC):%H:%M} UTC"
