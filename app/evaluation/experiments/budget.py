"""The spending limit of a run: nothing is begun that could pass it.

It is for what is billed. What one's own machine costs is told beside it and never counts: nobody sends a bill
for it, and how long a machine will work on an answer has no bound that is known beforehand.

An answer that was sent and whose cost is unknown (no token counts, or broken off) counts as what it could
have cost at most. What a provider bills beside it, for attempts that broke off before their first token, is
not known here.
"""

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
        self._own: dict[str, int] = defaultdict(int, spent.own)
        self._unknown, self._owed = spent.unknown, spent.owed
        # What the owed ones of earlier runs could cost is not kept: each counts as the dearest there is.
        self._owed_before, self._owed_now = spent.owed, 0
        self._dearest = self._dearest_of(experiment)
        self._kept: dict[Piece, int] = {}
        self._highest: dict[int, int] = defaultdict(int)

    @property
    def spend(self) -> Spend:
        """What has been spent."""
        return Spend(dict(self._amounts), self._unknown, dict(self._own), self._owed)

    def refusal(self, piece: Piece, candidate: Candidate, case: Case) -> str:
        """Keep back what the answer can cost at most; the reason in words where that would pass the limit."""
        if self._limit is None:
            return ""
        price = self._worst(candidate, case, self._limit.currency)
        if price is None:
            return f"No price in {self._limit.currency} is known for {candidate.model} any more."
        worst = max(price, self._highest[piece.whose])
        self._dearest = max(self._dearest, worst)
        if worst and self._could_be_billed(self._limit.currency) + worst > self._limit.amount:
            what = "judgement" if piece.judges else "answer"
            return f"The next {what} could have passed the spending limit."
        self._kept[piece] = worst
        return ""

    def settle(self, piece: Piece, answer: Answer) -> None:
        """The answer is made and costs what it costs."""
        most, cost = self._kept.pop(piece, 0), answer.cost
        if cost.amount is None:
            self._unknown += 1
            if cost.billed and answer.attempts:
                self._owed, self._owed_now = self._owed + 1, self._owed_now + most
            return
        self._amounts[cost.currency] += cost.amount
        if cost.billed:
            self._highest[piece.whose] = max(self._highest[piece.whose], cost.amount)
        else:
            self._own[cost.currency] += cost.amount

    def _dearest_of(self, experiment: Experiment) -> int:
        if self._limit is None or not self._owed:
            return 0
        asked = [one for one in experiment.everybody if not one.imported]
        return max((self._worst(one, Case("?"), self._limit.currency) or 0 for one in asked), default=0)

    def _could_be_billed(self, currency: str) -> int:
        """The most that may have been billed so far, with what is being made."""
        billed = self._amounts[currency] - self._own[currency]
        return billed + sum(self._kept.values()) + self._owed_now + self._owed_before * self._dearest
