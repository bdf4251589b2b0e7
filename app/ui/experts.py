"""What the parameters of a mixture of experts cost, in words."""

from __future__ import annotations

from app.domain import Model
from app.ui import figures

BILLION = 10**9


def experts_words(model: Model) -> str:
    """What all of its parameters cost and what those that work cost; "" where it is none, or nobody tells.

    All are kept in memory, since each token chooses its experts anew; only the chosen ones are computed with.
    """
    total, active = model.parameters, model.active_parameters
    if total is None or active is None or not 0 < active < total:
        return ""
    memory = f" ({figures.size(model.size)})" if model.size else ""
    return (
        f"all {_billions(total)} parameters must fit in memory{memory}; {_billions(active)} work for each "
        f"token, so it computes about like a {_rounded(active)} model"
    )


def parameters_words(model: Model) -> str:
    """How many it has, and what they cost where it is a mixture of experts; "" where nobody tells."""
    return experts_words(model) or (_billions(model.parameters) if model.parameters else "")


def _billions(count: int) -> str:
    if count < BILLION:
        return f"{figures.significant(count / 10**6)} million"
    return f"{figures.significant(count / BILLION)} billion"


def _rounded(count: int) -> str:
    """As models are called: "3B", "400M"."""
    scale, unit = (BILLION, "B") if count >= BILLION else (10**6, "M")
    return f"{figures.significant(count / scale, 1 if count < 10 * scale else 2)}{unit}"
