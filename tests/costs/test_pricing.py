"""Which price an answer gets."""

from __future__ import annotations

from datetime import UTC, datetime

from app.costs.machines import default_assumptions
from app.costs.pricing import Pricing
from app.domain import Figure, MachineAssumptions, Timing, Usage

NOW = datetime(2026, 11, 1, tzinfo=UTC)
USAGE = Usage(1000, 100, cached=0)
TIMING = Timing(machine=36.0)


def test_a_provider_has_list_prices() -> None:
    cost = Pricing(default_assumptions).cost("openai", "gpt-4o", USAGE, TIMING, NOW)

    assert (cost.amount, cost.basis) == (3_500_000_000, "listed")


def test_without_a_provider_it_is_ones_own_machine() -> None:
    cost = Pricing(default_assumptions).cost("", "gpt-4o", USAGE, TIMING, NOW)

    assert (cost.amount, cost.basis) == (992_000_000, "assumed")


def test_an_unknown_provider_is_not_priced_as_ones_own_machine() -> None:
    cost = Pricing(default_assumptions).cost("elsewhere", "gpt-4o", USAGE, TIMING, NOW)

    assert (cost.amount, cost.basis) == (None, "unknown")


def test_the_assumptions_are_read_for_every_answer() -> None:
    now = [MachineAssumptions()]
    pricing = Pricing(lambda: now[0])
    before = pricing.cost("", "any", USAGE, TIMING, NOW)
    now[0] = MachineAssumptions(rent_per_hour=Figure("1", "measured", "invoice"))
    after = pricing.cost("", "any", USAGE, TIMING, NOW)

    assert (before.amount, after.amount) == (None, 10_000_000_000)
