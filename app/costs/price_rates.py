"""What tokens cost at fixed rates, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import cached_property

from app.domain import MONEY_SCALE, Usage

PRECISE = Context(prec=50)
MILLION = 10**6


@dataclass(frozen=True)
class Rate:
    """The price of a model, looked up: an answer's cost in 10^-12 of ``currency`` by its tokens.

    ``amount`` gives None for tokens that are unknown or contradict each other. ``words`` say why there is no
    price at all, "" where there is one; then ``source`` says whose list it is, and of which dates.
    """

    currency: str
    amount: Callable[[Usage], int | None]
    words: str = ""
    source: str = ""


@dataclass(frozen=True)
class TokenRates:
    """Money per million tokens of each kind, and a ``fee`` for each answer.

    ``cached`` tokens are part of the prompt, ``thinking`` ones part of the completion.
    """

    prompt: Decimal
    cached: Decimal
    completion: Decimal
    thinking: Decimal
    fee: Decimal = Decimal(0)

    def amount(self, usage: Usage) -> int | None:
        """The cost in 10^-12 of the currency, rounded once (half to even).

        None where the tokens are not known or contradict each other.
        """
        if usage.prompt is None or usage.completion is None:
            return None
        cached, thinking = usage.cached or 0, usage.thinking or 0
        new, written = usage.prompt - cached, usage.completion - thinking
        if min(cached, thinking, new, written) < 0:
            return None
        counts = (new, cached, written, thinking, 1)
        if self._units is not None:
            return sum(count * unit for count, unit in zip(counts, self._units, strict=True))
        with localcontext(PRECISE):
            exact = sum((count * unit for count, unit in zip(counts, self._exact, strict=True)), Decimal(0))
            return int(exact.to_integral_value())

    @cached_property
    def _exact(self) -> tuple[Decimal, ...]:
        """Units of 10^-12 of the currency for one token of each kind, and for an answer."""
        with localcontext(PRECISE):
            each = (self.prompt, self.cached, self.completion, self.thinking)
            return (*(rate * (MONEY_SCALE // MILLION) for rate in each), self.fee * MONEY_SCALE)

    @cached_property
    def _units(self) -> tuple[int, ...] | None:
        """The same as whole numbers, where they are: then nothing is rounded, and it is fast."""
        whole = tuple(int(one) for one in self._exact)
        return whole if all(one == other for one, other in zip(whole, self._exact, strict=True)) else None
