"""The spending limit of a run: nothing is begun that could pass it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from app.domain import Answer, Candidate, Case, Experiment, Slot, Spend

Worst = Callable[[Candidate, Case], int | None]
"""The most that an answer of a candidate can cost, in 10^-12 of the limit's currency; None for unknown."""


class Budget:
    """What is spent, and what is kept back for the answers that are being made."""

    def __init__(self, experiment: Experiment, spent: Spend, worst: Worst) -> None:
        self._experiment = experiment
        self._limit = experiment.limit
        self._worst = worst
        self._amounts: dict[str, int] = defaultdict(int, spent.amounts)
        self._unknown = spent.unknown
        self._kept: dict[Slot, int] = {}
        self._highest: dict[int, int] = defaultdict(int)

    @property
    def spend(self) -> Spend:
        """What has been spent."""
        return Spend(dict(self._amounts), self._unknown)

    def refusal(self, slot: Slot, candidate: Candidate, case: Case) -> str:
        """Keep back what the answer can cost at most; the reason in words where that would pass the limit."""
        if self._limit is None:
            return ""
        worst = max(self._worst(candidate, case) or 0, self._highest[slot.candidate])
        spent = self._amounts[self._limit.currency]
        if spent + sum(self._kept.values()) + worst > self._limit.amount:
            return "The next answer could have passed the spending limit. Raise the limit to go on."
        self._kept[slot] = worst
        return ""

    def settle(self, slot: Slot, answer: Answer) -> None:
        """The answer is made and costs what it costs."""
        self._kept.pop(slot, None)
        cost = answer.cost
        if cost.amount is None:
            self._unknown += 1
            return
        self._amounts[cost.currency] += cost.amount
        self._highest[slot.candidate] = max(self._highest[slot.candidate], cost.amount)
