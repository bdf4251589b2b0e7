"""List prices of proprietary models, from the data of genai-prices: dated, in USD per million tokens."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from app.costs.price_data import PriceData, bundled, newest_change
from app.costs.price_names import meant_model, meant_provider, model_of, provider_of
from app.costs.price_rates import PRECISE, Rate, TokenRates
from app.domain import MONEY_SCALE, Cost, PriceProvider, PriceRow, PriceSource, Usage

if TYPE_CHECKING:
    from genai_prices import types

CURRENCY = "USD"
UNDATED = "not dated"
MOST_PROPOSED = 3


@dataclass(frozen=True)
class _Entry:
    """A price that holds at a date, as the list of ``owner`` has it; ``provider`` was asked.

    ``read_as`` is the name under which the model was found, "" where that is how it was asked for.
    """

    provider: types.Provider
    owner: types.Provider
    model: types.ModelInfo
    price: types.ModelPrice
    since: str
    data: PriceData
    read_as: str = ""


def list_price(provider: str, model: str, usage: Usage, at: datetime, data: PriceData | None = None) -> Cost:
    """What ``usage`` costs by the list price that held ``at`` (an aware datetime).

    ``data`` are the lists to look in, those that came along with Assay unless others are given.
    Cached and thinking tokens count at their own rates where the list has them, else as prompt and
    completion. The cost is unknown for an unknown provider or model, a model without a price for
    tokens, and token counts that are missing or contradict each other.
    """
    entry = _find(provider, model, at, data or bundled())
    if isinstance(entry, str):
        return _unknown(entry)
    missing = _why_not(entry, usage)
    if missing:
        return _unknown(missing, _facts(entry, usage))
    amount = _amount(entry, usage)
    if amount is None:
        return _unknown("the server's token counts contradict each other", _facts(entry, usage))
    return Cost(amount, CURRENCY, "listed", _words(entry, usage), _facts(entry, usage))


def list_rate(provider: str, model: str, at: datetime, data: PriceData | None = None) -> Rate:
    """The list price that held ``at``, for many answers: it is looked up once.

    Their completions hold the thinking tokens, whatever this provider's own count would do.
    """
    entry = _find(provider, model, at, data or bundled())
    if isinstance(entry, str):
        return Rate(CURRENCY, lambda _usage: None, f"No price: {entry}.")
    if missing := _why_not(entry, Usage(0, 1)):
        return Rate(CURRENCY, lambda _usage: None, f"No price: {missing}.")
    fetched = entry.data.fetched_at
    source = f"{entry.data.name}{f', fetched on {_day(fetched)}' if fetched else ''}"
    since = f", in force since {entry.since}" if entry.since != UNDATED else ""
    told = f"{entry.owner.name}’s as of {_day(at)}{since}; source: {source}"
    return Rate(CURRENCY, _linear(entry), source=told)


def thinking_apart(provider: str, data: PriceData | None = None) -> bool:
    """Whether the provider's completion count leaves the thinking tokens out (x-ai, for one)."""
    found = provider_of(provider, (data or bundled()).providers)
    return found is not None and _thinking_apart(found)


def providers(data: PriceData | None = None) -> list[PriceProvider]:
    """The providers with price lists, by name."""
    lists = data or bundled()
    known = (
        PriceProvider(one.id, one.name, len(known_models(one.id, lists)), tuple(one.pricing_urls or ()))
        for one in lists.providers
    )
    return sorted(known, key=lambda one: one.name.casefold())


def known_models(provider: str, data: PriceData | None = None) -> list[str]:
    """The models of a provider that have a price for tokens; none for an unknown provider."""
    return [row.model for row in prices_table(provider, None, data)]


def prices_table(provider: str, at: datetime | None = None, data: PriceData | None = None) -> list[PriceRow]:
    """The prices of a provider's models that hold ``at`` (default: now), by model name."""
    moment, lists = at or datetime.now(UTC), data or bundled()
    found = provider_of(provider, lists.providers)
    rows = (_row(found, model, moment, lists) for model in found.models) if found else ()
    return sorted((row for row in rows if row), key=lambda row: row.model.casefold())


def price_source(data: PriceData | None = None) -> PriceSource:
    """Where the prices come from."""
    lists = data or bundled()
    return PriceSource(
        "genai-prices",
        lists.version,
        newest_change(lists.providers),
        len(lists.providers),
        sum(len(one.models) for one in lists.providers),
        lists.fetched_at,
        lists.address,
    )


def same_model(provider: str, one: str, other: str, data: PriceData | None = None) -> bool:
    """Whether both names are known as one model of the provider's list."""
    lists = data or bundled()
    found = provider_of(provider, lists.providers)
    if found is None:
        return False
    first, second = (model_of(found, name, lists.providers) for name in (one, other))
    return first is not None and second is not None and first[0] is second[0]


def _find(provider: str, model: str, at: datetime, data: PriceData) -> _Entry | str:
    """The price entry, or in words why there is none."""
    found = provider_of(provider, data.providers)
    if found is None:
        near = meant_provider(provider, data.providers)
        hint = f" (did you mean {near!r}?)" if near else ""
        return f"there is no price list of the provider {provider!r}{hint}"
    match = model_of(found, model, data.providers)
    if match is None:
        hint = _proposal(found, model, data)
        return f"{found.name} has no list price for {model!r} in {data.name}{hint}"
    known, read_as = match
    held = _held(known, at)
    if held is None:
        return f"the price list of {found.name} does not cover {known.id} on {_day(at)}"
    return _Entry(found, _owner(found, known, data), known, *held, data, read_as)


def _proposal(found: types.Provider, model: str, data: PriceData) -> str:
    """What may have been meant: a model with a like name, or another provider that has this one."""
    near = meant_model(model, (one.id for one in found.models))
    if near:
        return f" (did you mean {near!r}?)"
    others = [one.id for one in data.providers if one is not found and model_of(one, model, ())]
    return f" (it stands in the list of {', '.join(others[:MOST_PROPOSED])})" if others else ""


def _owner(found: types.Provider, match: types.ModelInfo, data: PriceData) -> types.Provider:
    """Whose list the price stands in: a reseller without a price of its own is priced as the maker."""
    listed = (one for one in [found, *data.providers] if any(model is match for model in one.models))
    return next(listed, found)


def _held(model: types.ModelInfo, at: datetime) -> tuple[types.ModelPrice, str] | None:
    """The price that held at a date, and from when on; the list's last match wins."""
    if not isinstance(model.prices, list):
        return model.prices, UNDATED
    for price in reversed(model.prices):
        if price.constraint is None or price.constraint.active(at):
            return price.prices, _since(price.constraint)
    return None


def _since(constraint: types.StartDateConstraint | types.TimeOfDateConstraint | None) -> str:
    from genai_prices.types import StartDateConstraint

    if constraint is None:
        return UNDATED
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


def _linear(entry: _Entry) -> Callable[[Usage], int | None]:
    """The same without asking the library for each answer: between two lengths of prompts rates are fixed."""
    values = [one for one in entry.price.__dict__.values() if one is not None]
    starts = sorted({tier.start for one in values if not isinstance(one, Decimal) for tier in one.tiers})
    known: dict[int, TokenRates] = {}

    def amount(usage: Usage) -> int | None:
        # A tier counts for prompts that are longer than its start.
        tier = bisect_left(starts, usage.prompt or 0)
        if tier not in known:
            known[tier] = _token_rates(entry, starts[tier - 1] + 1 if tier else min([*starts, 10**6]) or 1)
        return known[tier].amount(usage)

    return amount


def _token_rates(entry: _Entry, prompt: int) -> TokenRates:
    """The rates that hold for a prompt of that length, at least 1."""
    from genai_prices import Usage as Counts

    def total(**counts: int) -> Decimal:
        return Decimal(entry.price.calc_price(Counts(input_tokens=prompt, **counts))["total_price"])

    million = 10**6
    with localcontext(PRECISE):
        fee = Decimal(entry.price.calc_price(Counts(input_tokens=0, output_tokens=0))["total_price"])
        new = total()
        return TokenRates(
            (new - fee) * million / prompt,
            (total(cache_read_tokens=prompt) - fee) * million / prompt,
            total(output_tokens=million) - new,
            total(output_tokens=million, output_reasoning_tokens=million) - new,
            fee,
        )


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
    read = f", read as {entry.read_as}," if entry.read_as else ""
    return (
        f"List price of {whose} for {entry.model.id}{read}, in USD per million tokens: {rates} "
        f"(in force since: {entry.since}; {entry.data.name}){untold}."
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
        "source": entry.data.name,
        **({"fetched from": entry.data.address} if entry.data.address else {}),
        **({"read as": entry.read_as} if entry.read_as else {}),
    }


def _row(provider: types.Provider, model: types.ModelInfo, at: datetime, data: PriceData) -> PriceRow | None:
    held = _held(model, at)
    if held is None or held[0].input_mtok is None:
        return None
    price, since = held
    rates = _rates(_Entry(provider, provider, model, price, since, data), 0)
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
    "list_rate",
    "price_source",
    "prices_table",
    "providers",
    "same_model",
    "thinking_apart",
]
