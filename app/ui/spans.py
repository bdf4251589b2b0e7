"""How long something will take, and what it cost, as coarsely as that is known."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain import Spend
from app.ui import figures

MINUTE, HOUR = 60.0, 3600.0


def about(seconds: float) -> str:
    """A time that is only estimated: "about 40 s", "about 9 min", "about 2 h 10 min"."""
    steps = ((10.0, 1.0), (MINUTE, 5.0), (HOUR, MINUTE))
    step = next((one for below, one in steps if seconds < below), 10 * MINUTE)
    return f"about {figures.seconds(max(round(seconds / step) * step, 1.0))}"


def money_words(amounts: Mapping[str, int]) -> str:
    """Amounts of several currencies, in 10^-12 of each: "$0.42 and €1.20"."""
    return " and ".join(figures.money(amount, currency) for currency, amount in sorted(amounts.items()))


def spend_words(spend: Spend) -> str:
    """What was spent so far: "$0.42 so far, the cost of 3 answers unknown"; "" before the first answer."""
    known = f"{money_words(spend.amounts)} so far" if spend.amounts else ""
    unknown = f"the cost of {figures.count(spend.unknown, 'answer')} unknown" if spend.unknown else ""
    return ", ".join(one for one in (known, unknown) if one)
