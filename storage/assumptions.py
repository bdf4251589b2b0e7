"""What the person assumes of costs. Every state that was set stays, the newest counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Select, select

from app.domain import MachineAssumptions, PricedModel, VerdictSettings
from storage.database import Database
from storage.records import against_of, against_text, machine_of, machine_text, verdict_of, verdict_text
from storage.tables import AssumptionRow

MACHINE, VERDICT, AGAINST = "machine", "verdict", "against"


class Assumptions:
    """Assumptions. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def machine(self) -> MachineAssumptions | None:
        """What was last set for one's own machine, None where nothing was."""
        found = self._newest(MACHINE)
        return machine_of(found) if found else None

    def set_machine(self, machine: MachineAssumptions) -> None:
        """Keep them."""
        self._add(MACHINE, machine_text(machine))

    def verdict(self) -> VerdictSettings:
        """What the person asks of a model; the usual where nothing was set."""
        found = self._newest(VERDICT)
        return verdict_of(found) if found else VerdictSettings()

    def set_verdict(self, settings: VerdictSettings) -> None:
        """Keep them."""
        self._add(VERDICT, verdict_text(settings))

    def change_verdict(self, name: str, value: float) -> VerdictSettings:
        """Keep one of the settings beside the others as they are now; returns all of them."""
        with self._database.write() as session:
            kept = session.scalar(_newest_of(VERDICT))
            chosen = replace(verdict_of(kept) if kept else VerdictSettings(), **{name: value})
            session.add(_row(VERDICT, verdict_text(chosen)))
        return chosen

    def against(self) -> tuple[PricedModel, ...] | None:
        """The models whose list prices one's own machine is set against, None where nobody chose any."""
        found = self._newest(AGAINST)
        return None if found is None else against_of(found)

    def set_against(self, models: Sequence[PricedModel]) -> None:
        """Keep them; none is a choice, too."""
        self._add(AGAINST, against_text(models))

    def _newest(self, kind: str) -> str | None:
        with self._database.read() as session:
            return session.scalar(_newest_of(kind))

    def _add(self, kind: str, settings: str) -> None:
        with self._database.write() as session:
            session.add(_row(kind, settings))


def _newest_of(kind: str) -> Select[str]:
    """The settings of a kind that count."""
    own = select(AssumptionRow.settings).where(AssumptionRow.kind == kind)
    return own.order_by(AssumptionRow.id.desc()).limit(1)


def _row(kind: str, settings: str) -> AssumptionRow:
    return AssumptionRow(kind=kind, settings=settings, set_at=datetime.now(UTC))
