"""How long something will take, and what it cost, as coarsely as that is known."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain import Limit, RunView, Spend
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
    """What was spent so far: "$0.42 so far, the cost of 3 answers unknown"; "" before the first answer.

    What one's own machine has of it is told apart: "$0.40 by list prices and $0.02 of your own machine so
    far". What will be on a bill is not known.
    """
    own = f"{money_words(spend.own)} of your own machine" if spend.own else ""
    listed = money_words(spend.billed)
    parts = [f"{listed} by list prices" if own and listed else listed, own]
    known = " and ".join(one for one in parts if one)
    known = f"{known} so far" if known else ""
    unknown = f"the cost of {figures.count(spend.unknown, 'answer')} unknown" if spend.unknown else ""
    return ", ".join(one for one in (known, unknown) if one)


def limit_words(limit: Limit, spend: Spend) -> str:
    """A spending limit, and how it counts what is not known: "limit $5.00 on bills"."""
    doubt = ", where an unknown cost counts as the most it can be" if spend.owed else ""
    return f"limit {figures.money(limit.amount, limit.currency)} on bills{doubt}"


def money_so_far(view: RunView) -> list[str]:
    """What a run has cost, and its limit, as far as there is anything to say."""
    limit = view.experiment.limit
    parts = [spend_words(view.spend), limit_words(limit, view.spend) if limit else ""]
    return [one for one in parts if one]
