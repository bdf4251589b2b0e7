"""Whose list prices apply to a model of which only the name is known."""

from __future__ import annotations

from functools import cache


@cache
def provider_of(model: str) -> str:
    """The id of the provider that is known by the model's usual name; "" where none is.

    "openai/gpt-4o" names it itself. Else genai-prices tells by its own rules, of which each holds for the
    names of one maker ("claude…", "gpt-…"); resellers have none, so that a name leads to who made it.
    """
    from genai_prices.data import providers

    name = model.strip().lower()
    prefix, _, rest = name.partition("/")
    if rest and any(one.id == prefix for one in providers):
        return prefix
    makers = (one for one in providers if one.model_match is not None and one.model_match.is_match(name))
    return next((one.id for one in makers if one.find_model(name, all_providers=providers)), "")
