"""List prices of proprietary models, from the data inside genai-prices: dated, and never updated here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal, localcontext
from difflib import get_close_matches
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.domain import MONEY_SCALE, Cost, Usage

if TYPE_CHECKING:
    from genai_prices import types

CURRENCY = "USD"
PRECISE = Context(prec=50)


@dataclass(frozen=True)
class PriceProvider:
    """A provider with a price list. ``sources`` are the addresses of its published prices."""

    id: str
    name: str
    models: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class PriceSource:
    """Where the prices come from; ``newest_change`` is the latest day on which any of them changed."""

    name: str
    version: str
    newest_change: date
    providers: int
    models: int


@dataclass(frozen=True)
class PriceRow:
    """A model's list price in USD per million tokens. ``None``: it has no such price.

    ``cached`` and ``thinking`` are ``None`` where those tokens cost as much as others. ``since`` is the
    day from which the price holds, ``None`` where the list does not date it; ``tiered``: long prompts
    cost more (the price shown is that of short ones).
    """

    provider: str
    model: str
    input: Decimal
    output: Decimal | None
    cached: Decimal | None
    thinking: Decimal | None
    since: date | None
    tiered: bool


@dataclass(frozen=True)
class _Entry:
    """A price that holds at a date, as the list of ``owner`` has it; ``provider`` was asked."""

    provider: types.Provider
    owner: types.Provider
    model: types.ModelInfo
    price: types.ModelPrice
    since: str


def list_price(provider: str, model: str, usage: Usage, at: datetime) -> Cost:
    """What ``usage`` costs by the list price that held ``at`` (an aware datetime).

    Cached and thinking tokens count at their own rates where the list has them, else as prompt and
    completion. The cost is unknown for an unknown provider or model, a model without a price for
    tokens, and token counts that are missing or contradict each other.
    """
    entry = _find(provider, model, at)
    if isinstance(entry, str):
        return _unknown(entry)
    missing = _why_not(entry, usage)
    if missing:
        return _unknown(missing, _facts(entry, usage))
    amount = _amount(entry, usage)
    if amount is None:
        return _unknown("the server's token counts contradict each other", _facts(entry, usage))
    return Cost(amount, CURRENCY, "listed", _words(entry, usage), _facts(entry, usage))


def providers() -> list[PriceProvider]:
    """The providers with price lists, by name."""
    known = (
        PriceProvider(one.id, one.name, len(known_models(one.id)), tuple(one.pricing_urls or ()))
        for one in _providers()
    )
    return sorted(known, key=lambda one: one.name.casefold())


def known_models(provider: str) -> list[str]:
    """The models of a provider that have a price for tokens; none for an unknown provider."""
    return [row.model for row in prices_table(provider)]


def prices_table(provider: str, at: datetime | None = None) -> list[PriceRow]:
    """The prices of a provider's models that hold ``at`` (default: now), by model name."""
    moment = at or datetime.now(UTC)
    found = _provider(provider)
    rows = (_row(found, model, moment) for model in found.models) if found else ()
    return sorted((row for row in rows if row), key=lambda row: row.model.casefold())


def price_source() -> PriceSource:
    """Where the prices come from."""
    from genai_prices.types import StartDateConstraint

    listed = _providers()
    models = [model for one in listed for model in one.models]
    changes = [
        price.constraint.start_date
        for model in models
        if isinstance(model.prices, list)
        for price in model.prices
        if isinstance(price.constraint, StartDateConstraint)
    ]
    return PriceSource("genai-prices", version("genai-prices"), max(changes), len(listed), len(models))


def _providers() -> list[types.Provider]:
    # The bundled data, whatever an updater in this process may have fetched. The import takes half a second.
    from genai_prices.data import providers as bundled

    return bundled


def _provider(name: str) -> types.Provider | None:
    wanted = name.strip().lower()
    return next((one for one in _providers() if one.id == wanted), None)


def _find(provider: str, model: str, at: datetime) -> _Entry | str:
    """The price entry, or in words why there is none."""
    found = _provider(provider)
    if found is None:
        near = get_close_matches(provider.strip().lower(), [one.id for one in _providers()], n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        return f"there is no price list of the provider {provider!r}{hint}"
    match = found.find_model(model.lower(), all_providers=_providers())
    if match is None:
        return f"{found.name} has no list price for {model!r} in genai-prices {version('genai-prices')}"
    held = _held(match, at)
    if held is None:
        return f"the price list of {found.name} does not cover {match.id} on {_day(at)}"
    return _Entry(found, _owner(found, match), match, *held)


def _owner(found: types.Provider, match: types.ModelInfo) -> types.Provider:
    """Whose list the price stands in: a reseller without a price of its own is priced as the maker."""
    listed = (one for one in [found, *_providers()] if any(model is match for model in one.models))
    return next(listed, found)


def _held(model: types.ModelInfo, at: datetime) -> tuple[types.ModelPrice, str] | None:
    """The price that held at a date, and from when on; the list's last match wins."""
    if not isinstance(model.prices, list):
        return model.prices, "not dated"
    for price in reversed(model.prices):
        if price.constraint is None or price.constraint.active(at):
            return price.prices, _since(price.constraint)
    return None


def _since(constraint: types.StartDateConstraint | types.TimeOfDateConstraint | None) -> str:
    from genai_prices.types import StartDateConstraint

    if constraint is None:
        return "not dated"
    if isinstance(constraint, StartDateConstraint):
        return constraint.start_date.isoformat()
    return f"daily {constraint.start_time:%H:%M} to {constraint.end_time:%H:%M} UTC"


def _why_not(entry: _Entry, usage: Usage) -> str:
    """Why the cost cannot be known, or ""."""
    if usage.prompt is None or usage.completion is None:
        return "the server did not tell how many tokens were used"
    if entry.price.input_mtok is None or (usage.completion and entry.price.output_mtok is None):
        return f"the price list of {entry.owner.name} has no price per token for {entry.model.id}"
    return ""


def _counts(entry: _Entry, usage: Usage) -> dict[str, int]:
    thinking = usage.thinking or 0
    apart = thinking if _thinking_apart(entry.provider) else 0
    return {
        "input_tokens": usage.prompt or 0,
        "cache_read_tokens": usage.cached or 0,
        "output_tokens": (usage.completion or 0) + apart,
        "output_reasoning_tokens": thinking,
    }


def _thinking_apart(provider: types.Provider) -> bool:
    """Whether the provider's completion count leaves the thinking tokens out (x-ai, for one)."""
    chat = [one for one in provider.extractors or () if one.api_flavor in {"chat", "default"}]
    return any(
        mapping.dest == "output_tokens" and "reasoning_tokens" in mapping.path
        for one in chat
        for mapping in one.mappings
    )


def _amount(entry: _Entry, usage: Usage) -> int | None:
    """Money in 10^-12 USD, or None where the counts contradict each other."""
    from genai_prices import Usage as Counts

    try:
        with localcontext(PRECISE):
            price = entry.price.calc_price(Counts(**_counts(entry, usage)))["total_price"]
            return int((price * MONEY_SCALE).to_integral_value())
    except ValueError:  # negative counts, or more cached tokens than the prompt has
        return None


def _rates(entry: _Entry, prompt: int) -> dict[str, Decimal]:
    """USD per million tokens of each kind that has a price, for a prompt of that length."""
    priced = {
        "prompt": entry.price.input_mtok,
        "cached": entry.price.cache_read_mtok,
        "completion": entry.price.output_mtok,
        "thinking": entry.price.output_reasoning_mtok,
    }
    return {kind: _tier(price, prompt) for kind, price in priced.items() if price is not None}


def _tier(price: Decimal | types.TieredPrices, prompt: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    return next((tier.price for tier in reversed(price.tiers) if prompt > tier.start), price.base)


def _words(entry: _Entry, usage: Usage) -> str:
    untold = "; how many tokens were cached was not told, none are counted" if usage.cached is None else ""
    rates = "; ".join(f"{kind} {rate}" for kind, rate in _rates(entry, usage.prompt or 0).items())
    whose = entry.owner.name
    if entry.owner is not entry.provider:
        whose += f" (the list of {entry.provider.name} has none of its own)"
    return (
        f"List price of {whose} for {entry.model.id}, in USD per million tokens: {rates} "
        f"(in force since: {entry.since}; genai-prices {version('genai-prices')}){untold}."
    )


def _facts(entry: _Entry, usage: Usage) -> dict[str, str]:
    rates = _rates(entry, usage.prompt or 0)
    per_request = entry.price.requests_kcount
    fee = {"USD per 1,000 requests": str(_tier(per_request, 0))} if per_request is not None else {}
    return {
        "kind": "list price",
        "provider": entry.provider.id,
        "price list of": entry.owner.id,
        "model": entry.model.id,
        **{f"USD per million {kind} tokens": str(rate) for kind, rate in rates.items()},
        **fee,
        "in force since": entry.since,
        "source": f"genai-prices {version('genai-prices')}",
    }


def _row(provider: types.Provider, model: types.ModelInfo, at: datetime) -> PriceRow | None:
    held = _held(model, at)
    if held is None or held[0].input_mtok is None:
        return None
    price, since = held
    rates = _rates(_Entry(provider, provider, model, price, since), 0)
    return PriceRow(
        provider=provider.id,
        model=model.id,
        input=rates["prompt"],
        output=rates.get("completion"),
        cached=rates.get("cached"),
        thinking=rates.get("thinking"),
        since=_date(since),
        tiered=not isinstance(price.input_mtok, Decimal),
    )


def _date(since: str) -> date | None:
    try:
        return date.fromisoformat(since)
    except ValueError:
        return None


def _day(at: datetime) -> str:
    return at.date().isoformat()


def _unknown(reason: str, entry: dict[str, str] | None = None) -> Cost:
    return Cost(None, CURRENCY, "unknown", f"Cost unknown: {reason}.", entry or {"kind": "list price"})


__all__ = [
    "PriceProvider",
    "PriceRow",
    "PriceSource",
    "known_models",
    "list_price",
    "price_source",
    "prices_table",
    "providers",
]
