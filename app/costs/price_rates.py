"""What tokens cost at fixed rates, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from app.domain import MONEY_SCALE, Usage

PRECISE = Context(prec=50)
MILLION = 10**6


@dataclass(frozen=True)
class Rate:
    """The price of a model, looked up: an answer's cost in 10^-12 of ``currency`` by its tokens.

    ``amount`` gives None for tokens that are unknown or contradict each other. ``words`` say why there is no
    price at all, "" where there is one.
    """

    currency: str
    amount: Callable[[Usage], int | None]
    words: str = ""


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
        with localcontext(PRECISE):
            total = (
                new * self.prompt
                + cached * self.cached
                + written * self.completion
                + thinking * self.thinking
                + self.fee * MILLION
            )
            return int((total * (MONEY_SCALE // MILLION)).to_integral_value())
