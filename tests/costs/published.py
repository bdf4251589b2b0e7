"""The bundled price data written as the file that genai-prices publishes, with changes where wanted."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

from app.costs.price_data import bundled

Change = Callable[[list[Any]], object]


@cache
def _written() -> str:
    from genai_prices.types import ModelPrice

    def raw(value: object) -> Any:
        if isinstance(value, ModelPrice):
            return raw(dict(value.__dict__))
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            named = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
            return raw({key.rstrip("_"): one for key, one in named.items() if not key.startswith("_")})
        if isinstance(value, dict):
            return {key: raw(one) for key, one in value.items() if one is not None}
        if isinstance(value, list | tuple):
            return [raw(one) for one in value]
        if isinstance(value, Decimal):
            return float(value)
        return value.isoformat() if isinstance(value, date | time) else value

    return json.dumps([raw(one) for one in bundled().providers])


def published(change: Change = lambda _providers: None) -> bytes:
    """The file's bytes; ``change`` is given its list of providers."""
    providers = json.loads(_written())
    change(providers)
    return json.dumps(providers).encode()


def model_in(providers: list[Any], provider: str, model: str) -> Any:
    """A model in the list of providers."""
    models = next(one["models"] for one in providers if one["id"] == provider)
    return next(one for one in models if one["id"] == model)


def dearer(providers: list[Any]) -> None:
    """gpt-4o at 5 in and 20 out, twice its price."""
    model_in(providers, "openai", "gpt-4o")["prices"] = {"input_mtok": 5, "output_mtok": 20.0}
