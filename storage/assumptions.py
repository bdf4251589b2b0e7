"""What the person assumes of costs. Every state that was set stays, the newest counts."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from app.domain import MachineAssumptions
from storage.database import Database
from storage.records import machine_of, machine_text
from storage.tables import AssumptionRow

MACHINE = "machine"


class Assumptions:
    """Assumptions. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def machine(self) -> MachineAssumptions | None:
        """What was last set for one's own machine, None where nothing was."""
        newest = (
            select(AssumptionRow.settings)
            .where(AssumptionRow.kind == MACHINE)
            .order_by(AssumptionRow.id.desc())
            .limit(1)
        )
        with self._database.read() as session:
            found = session.scalar(newest)
        return machine_of(found) if found else None

    def set_machine(self, machine: MachineAssumptions) -> None:
        """Keep them."""
        with self._database.write() as session:
            session.add(AssumptionRow(kind=MACHINE, settings=machine_text(machine), set_at=datetime.now(UTC)))
