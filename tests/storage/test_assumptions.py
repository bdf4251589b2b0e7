"""Assumptions come back as they were set; the newest count."""

from __future__ import annotations

import json

import pytest

from app.domain import (
    USUAL_DOUBT,
    Basis,
    ExchangeRate,
    Figure,
    MachineAssumptions,
    PricedModel,
    VerdictSettings,
)
from storage.assumptions import Assumptions
from storage.database import Database
from storage.records import machine_of


def test_nothing_set_is_none(database: Database) -> None:
    assert Assumptions(database).machine() is None


def test_the_newest_counts(database: Database) -> None:
    assumptions = Assumptions(database)
    first = MachineAssumptions(
        name="a £ machine", currency="EUR", watts=Figure("65.5", "measured", "a meter")
    )
    assumptions.set_machine(first)
    assert assumptions.machine() == first
    second = MachineAssumptions(
        watts=Figure("1", "assumed", ""),
        kwh_price=Figure("0.30", "listed", "the bill"),
        purchase=Figure("900", "measured", "x"),
        residual=Figure("0", "assumed", ""),
        life_years=Figure("4", "assumed", ""),
        hours_per_day=Figure("8", "assumed", ""),
        rent_per_hour=Figure("", "unknown", ""),
        idle_watts=Figure("40", "measured", "a meter"),
        hours_on=Figure("24", "assumed", ""),
        doubt=Figure("10", "assumed", ""),
        exchanges=(
            ExchangeRate("USD", "EUR", Figure("0.87", "listed", "the bank"), "2026-11-20"),
            ExchangeRate("GBP", "EUR", Figure("1.14", "assumed", ""), ""),
        ),
    )
    assumptions.set_machine(second)
    assert assumptions.machine() == second


def test_what_an_earlier_version_kept_is_read_and_the_rest_is_unknown() -> None:
    kept = """{"name": "the box", "currency": "EUR", "watts": {"value": "65", "basis": "measured",
    "source": "a meter"}, "rent_per_hour": {"value": "", "basis": "unknown", "source": ""}}"""
    read = machine_of(kept)
    assert read == MachineAssumptions("the box", "EUR", Figure("65", "measured", "a meter"))
    assert (read.hours_on.basis, read.idle_watts.basis, read.doubt) == ("unknown", "unknown", USUAL_DOUBT)
    assert read.exchanges == ()


@pytest.mark.parametrize(("value", "basis", "many"), [("0.87", "listed", 1), ("", "unknown", 0)])
def test_the_one_rate_of_an_earlier_version_is_read(value: str, basis: Basis, many: int) -> None:
    rate = {"value": value, "basis": basis, "source": "the bank"}
    one = {"currency": "USD", "into": "EUR", "rate": rate, "day": "2026-11-20"}
    read = machine_of(json.dumps({"name": "the box", "currency": "EUR", "exchange": one}))
    expected = ExchangeRate("USD", "EUR", Figure(value, basis, "the bank"), "2026-11-20")
    assert read.exchanges == (expected,) * many


def test_what_the_machine_is_set_against_is_kept_and_none_is_a_choice(database: Database) -> None:
    assumptions = Assumptions(database)
    assert assumptions.against() is None
    chosen = (PricedModel("openai", "gpt-5-mini"), PricedModel("Acme £", "x", own=True))
    assumptions.set_against(chosen)
    assert assumptions.against() == chosen
    assumptions.set_against([])
    assert assumptions.against() == ()


def test_what_a_person_asks_of_a_model_is_kept_apart_from_the_machine(database: Database) -> None:
    assumptions = Assumptions(database)
    assert assumptions.verdict() == VerdictSettings()
    assumptions.set_verdict(VerdictSettings(0.9, 0.1))
    asked = VerdictSettings(enough=0.65, margin=0.02)
    assumptions.set_verdict(asked)
    assumptions.set_machine(MachineAssumptions(name="mine"))
    assert assumptions.verdict() == asked
    assert assumptions.machine() == MachineAssumptions(name="mine")
