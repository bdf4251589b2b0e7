"""Assumptions come back as they were set; the newest count."""

from __future__ import annotations

from app.domain import Figure, MachineAssumptions
from storage.assumptions import Assumptions
from storage.database import Database


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
    )
    assumptions.set_machine(second)
    assert assumptions.machine() == second
