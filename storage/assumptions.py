"""Assumptions (signatures first; the code follows)."""

from __future__ import annotations

from app.domain import MachineAssumptions
from storage.database import Database


class Assumptions:
    """What the person assumes of costs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def machine(self) -> MachineAssumptions | None:
        """The last ones set, or None."""
        raise NotImplementedError

    def set_machine(self, machine: MachineAssumptions) -> None:
        """Keep them."""
        raise NotImplementedError
