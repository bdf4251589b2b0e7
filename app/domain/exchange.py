"""Money of several currencies told in one, by rates that a person typed (METRICS, "Cost").

What is logged stays as it was paid: amounts are converted where they are read. A converted amount is the
exact product, a fraction, and is rounded only where it is shown. So sums are the same whatever is added up
first: the sum over answers is the sum over days, over candidates, and over experiments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from app.domain.costs import ExchangeRate

Money = int | Fraction
"""An amount in 10^-12 of its currency: whole where it was paid in it, exact where it was converted."""


@dataclass(frozen=True)
class Exchange:
    """The reporting ``currency``, and the known ``rates`` into it. Without any, money stays as paid."""

    currency: str = ""
    rates: tuple[ExchangeRate, ...] = ()

    @cached_property
    def _factors(self) -> Mapping[str, Fraction]:
        return {one.currency: Fraction(one.rate.value) for one in self.rates if one.into == self.currency}

    def into(self, currency: str) -> str:
        """The currency in which money of this one is told."""
        return self.currency if currency in self._factors else currency

    def told(self, amount: Money, currency: str) -> Money:
        """An amount in the currency that ``into`` names."""
        factor = self._factors.get(currency)
        return amount if factor is None else amount * factor

    def sums(self, amounts: Mapping[str, int]) -> dict[str, Money]:
        """Amounts by currency, those that can be told in one together."""
        found: dict[str, Money] = {}
        for currency, amount in amounts.items():
            name = self.into(currency)
            found[name] = found.get(name, 0) + self.told(amount, currency)
        return found

    def used(self, currencies: Iterable[str]) -> tuple[ExchangeRate, ...]:
        """The rates by which money of these currencies is told."""
        wanted = set(currencies) & self._factors.keys()
        return tuple(one for one in self.rates if one.currency in wanted and one.into == self.currency)


def rate_words(one: ExchangeRate) -> str:
    """A rate with its date: "one USD is taken as 0.9 EUR (assumed, of 2 Nov 2026)"."""
    return f"one {one.currency} is taken as {one.rate.value} {one.into} ({one.rate.basis}, {_of(one.day)})"


def _of(day: str) -> str:
    try:
        told = date.fromisoformat(day)
    except ValueError:
        return "of no known day"
    return f"of {told.day} {told:%b %Y}"
