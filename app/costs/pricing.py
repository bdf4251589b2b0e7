"""Which of the two prices an answer has: a provider's list price, or one's own machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.costs.machines import machine_cost
from app.costs.prices import list_price
from app.domain import Cost, MachineAssumptions, Timing, Usage


class Pricing:
    """Tells what answers cost. ``assumptions`` gives what holds for one's own machine just now."""

    def __init__(self, assumptions: Callable[[], MachineAssumptions]) -> None:
        self._assumptions = assumptions

    def cost(self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime) -> Cost:
        """The cost of an answer made ``at``; ``provider`` "" means one's own machine."""
        if provider:
            return list_price(provider, model, usage, at)
        return machine_cost(self._assumptions(), timing)
