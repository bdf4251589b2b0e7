"""Which price an answer has: one of a person's own, a provider's list price, or one's own machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.costs.machines import machine_cost
from app.costs.price_book import PriceBook
from app.domain import Cost, MachineAssumptions, Timing, Usage


class Pricing:
    """Tells what answers cost. ``assumptions`` gives what holds for one's own machine just now."""

    def __init__(self, assumptions: Callable[[], MachineAssumptions], book: PriceBook | None = None) -> None:
        self._assumptions = assumptions
        self._book = book or PriceBook()

    def maker(self, model: str) -> str:
        """The id of the provider whose prices a model's usual name leads to; "" for none."""
        return self._book.maker(model)

    def cost(
        self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime, *, backend: str = ""
    ) -> Cost:
        """The cost of an answer made ``at`` by a model of ``backend``.

        ``provider`` "" means one's own machine, unless a person's own list has a price for the backend.
        """
        billed = self._book.cost(provider, model, usage, at, backend)
        return machine_cost(self._assumptions(), timing) if billed is None else billed
