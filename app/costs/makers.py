"""Whose list prices apply to a model of which only the name is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.costs.price_names import model_of, provider_of, spellings

if TYPE_CHECKING:
    from genai_prices import types


def maker_of(model: str, providers: Sequence[types.Provider]) -> str:
    """The id of the provider that is known by the model's usual name; "" where none is.

    "openai/gpt-4o" names it itself. Else genai-prices tells by its own rules, of which each holds for the
    names of one maker ("claude…", "gpt-…"); resellers have none, so that a name leads to who made it. Names
    are read as prices are looked up by them: "GPT-4o mini" is "gpt-4o-mini".
    """
    prefix, _, rest = model.strip().partition("/")
    named = provider_of(prefix, providers) if rest else None
    if named is not None:
        return named.id
    names = [one.name for one in spellings(model)]
    makers = (
        one
        for one in providers
        if one.model_match is not None and any(one.model_match.is_match(name) for name in names)
    )
    return next((one.id for one in makers if model_of(one, model, providers)), "")
