"""The most that an answer can cost is told in the limit's currency, or not at all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from app.costs.machines import default_assumptions
from app.costs.price_book import PriceBook
from app.costs.pricing import Pricing
from app.domain import Candidate, Case, Cost, Options, OwnPrice, Timing, Usage
from app.evaluation.experiments.budget import worst_of
from tests.fakes import FakeBackend


class InDollars:
    """Ten for a token out, and nothing for one in."""

    def cost(
        self, _provider: str, _model: str, usage: Usage, _timing: Timing, _at: datetime, backend: str = ""
    ) -> Cost:
        return Cost(10 * (usage.completion or 0), "USD", "listed", "ten a token")


@pytest.mark.parametrize(("provider", "currency", "most"), [("openai", "USD", 500), ("openai", "EUR", None)])
def test_a_price_in_another_currency_is_no_price(provider: str, currency: str, most: int | None) -> None:
    backend = FakeBackend("api")
    backend.provider = provider
    worst = worst_of(lambda _name: backend, InDollars())
    assert worst(Candidate("api", "tiny", Options(max_tokens=50)), Case("Q?"), currency) == most


def test_nobody_sends_a_bill_for_ones_own_machine_in_any_currency() -> None:
    worst = worst_of(lambda _name: FakeBackend("own"), InDollars())
    assert worst(Candidate("own", "tiny"), Case("Q?"), "EUR") == 0


def test_a_backend_with_an_own_price_sends_a_bill_although_it_has_no_provider() -> None:
    price = OwnPrice("own", "tiny", "EUR", Decimal(0), Decimal(2), None, None, date(2026, 1, 1))
    pricing = Pricing(default_assumptions, PriceBook(lambda: [price]))
    worst = worst_of(lambda _name: FakeBackend("own"), pricing)
    asked = Candidate("own", "tiny", Options(max_tokens=50))
    assert [worst(asked, Case("Q?"), one) for one in ("EUR", "USD")] == [100_000_000, None]
    assert worst(Candidate("own", "other"), Case("Q?"), "USD") == 0
