"""The spending limit of a run: nothing is begun that could pass it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

from app.answering.answering import Pricer
from app.answering.prompting import bound
from app.answering.structured import MAX_RETRIES
from app.backends.base import Backend
from app.costs.price_lists import KIND
from app.domain import Answer, Candidate, Case, Experiment, Spend, Timing, Usage
from app.errors import AppError
from app.evaluation.experiments.pieces import Piece

PASSAGE_TOKENS = 1000
"""More than a passage of 2,000 characters has in any usual tokenizer."""
STABLE_TOKENS = 400
"""More than what is told the model before the passages."""
Worst = Callable[[Candidate, Case, str], int | None]
"""The most that an answer of a candidate can cost, in 10^-12 of a currency, which is the limit's.

0 where nobody sends a bill, None where no price in that currency is known.
"""


def worst_of(backend_of: Callable[[str], Backend], pricing: Pricer) -> Worst:
    """By list prices: the longest prompt that retrieval can make, and all of the token cap as output."""

    def worst(candidate: Candidate, case: Case, currency: str) -> int | None:
        try:
            backend = backend_of(candidate.backend)
        except AppError:
            return 0  # Nothing can be sent.
        options = candidate.options
        passages = candidate.retrieval.k * PASSAGE_TOKENS if candidate.retrieval else 0
        prompt = STABLE_TOKENS + bound(options.instruction) + bound(case.question) + passages
        usage = Usage(min(prompt, backend.context), options.max_tokens, 0, 0)
        now = datetime.now(UTC)
        cost = pricing.cost(
            backend.provider, candidate.model, usage, Timing(), now, backend=candidate.backend
        )
        if not backend.provider and cost.entry.get("kind") != KIND:
            return 0
        attempts = MAX_RETRIES + 1 if options.schema else 1
        known = cost.amount is not None and cost.currency == currency
        return cost.amount * attempts if known and cost.amount is not None else None

    return worst


class Budget:
    """What is spent, and what is kept back for the answers that are being made."""

    def __init__(self, experiment: Experiment, spent: Spend, worst: Worst) -> None:
        self._experiment = experiment
        self._limit = experiment.limit
        self._worst = worst
        self._amounts: dict[str, int] = defaultdict(int, spent.amounts)
        self._unknown = spent.unknown
        self._kept: dict[Piece, int] = {}
        self._highest: dict[int, int] = defaultdict(int)

    @property
    def spend(self) -> Spend:
        """What has been spent."""
        return Spend(dict(self._amounts), self._unknown)

    def refusal(self, piece: Piece, candidate: Candidate, case: Case) -> str:
        """Keep back what the answer can cost at most; the reason in words where that would pass the limit."""
        if self._limit is None:
            return ""
        price = self._worst(candidate, case, self._limit.currency)
        if price is None:
            return f"No price in {self._limit.currency} is known for {candidate.model} any more."
        worst = max(price, self._highest[piece.whose])
        spent = self._amounts[self._limit.currency]
        if spent + sum(self._kept.values()) + worst > self._limit.amount:
            what = "judgement" if piece.judges else "answer"
            return f"The next {what} could have passed the spending limit."
        self._kept[piece] = worst
        return ""

    def settle(self, piece: Piece, answer: Answer) -> None:
        """The answer is made and costs what it costs."""
        self._kept.pop(piece, None)
        cost = answer.cost
        if cost.amount is None:
            self._unknown += 1
            return
        self._amounts[cost.currency] += cost.amount
        self._highest[piece.whose] = max(self._highest[piece.whose], cost.amount)
