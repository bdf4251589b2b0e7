"""A person's own price lists: what a row may hold, which one holds at a date, what an answer costs by it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from app.costs.currencies import CURRENCIES
from app.costs.figures import figure, value_of
from app.costs.price_names import PROVIDER_NAMES, spellings
from app.costs.price_rates import TokenRates
from app.domain import BadRow, Cost, OwnPrice, PricePreview, Usage
from app.errors import NotAllowed

FIELDS = ("provider", "model", "currency", "input", "output", "cached", "thinking", "since", "source")
"""The keys of a row, in the order in which they are written. Prices are per million tokens."""
KIND = "own price list"
MOST_ROWS = 5_000
LONGEST_NAME, LONGEST_SOURCE = 200, 300
DEAREST = Decimal(10**8)
CHEAPEST = Decimal("0.0001")
EARLIEST, LATEST = date(2015, 1, 1), date(2100, 1, 1)
_PRICES = {
    "input": "The price of a million tokens in",
    "output": "The price of a million tokens out",
    "cached": "The price of a million cached tokens",
    "thinking": "The price of a million thinking tokens",
}
Row = Mapping[str, object]
Same = Callable[[str, str], bool]
"""Whether two names are known as one model."""


def own_price_of(row: Row) -> OwnPrice:
    """The price that a row of ``FIELDS`` tells. Raises NotAllowed, whose message is the reason in words."""
    provider = _needed(row.get("provider"), "the provider (or the name of the backend)")
    model = _needed(row.get("model"), "the model")
    currency = _text(row.get("currency"), "The currency", 12).upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        told = f"The currency is {_shown(currency)}" if currency else "There is no currency"
        raise NotAllowed(f"{told}; three letters are needed, such as USD.")
    if currency not in CURRENCIES:
        raise NotAllowed(f"There is no currency {currency} (ISO 4217); USD and EUR are such codes.")
    prices = {name: _price(row.get(name), called) for name, called in _PRICES.items()}
    return OwnPrice(
        provider=provider,
        model=model,
        currency=currency,
        input=_known(prices["input"], "tokens in"),
        output=_known(prices["output"], "tokens out"),
        cached=prices["cached"],
        thinking=prices["thinking"],
        since=_day(row.get("since")),
        source=_text(row.get("source"), "The source", LONGEST_SOURCE),
    )


def row_of(price: OwnPrice) -> dict[str, str]:
    """The row of FIELDS, as texts, that ``own_price_of`` reads back to an equal price."""
    return {
        "provider": price.provider,
        "model": price.model,
        "currency": price.currency,
        "input": _plain(price.input),
        "output": _plain(price.output),
        "cached": _plain(price.cached),
        "thinking": _plain(price.thinking),
        "since": price.since.isoformat(),
        "source": price.source,
    }


def sorted_out(rows: Iterable[tuple[int, Row | str]]) -> tuple[list[OwnPrice], list[BadRow]]:
    """The good rows as prices, the others with their numbers and reasons.

    A row may be the words that say why it is none. Of two rows for the same model from the same day on the
    second is bad.
    """
    prices: dict[str, tuple[int, OwnPrice]] = {}
    bad: list[BadRow] = []
    for number, row in rows:
        try:
            price = own_price_of(_readable(row))
        except NotAllowed as error:
            bad.append(BadRow(number, str(error)))
            continue
        before, other = prices.setdefault(price.id, (number, price))
        if before != number:
            same = "is the same as" if other == price else "has another price for the same day than"
            bad.append(BadRow(number, f"It {same} row {before}: {price.provider}, {price.model}."))
    return [price for _, price in prices.values()], bad


def previewed(found: Sequence[OwnPrice], bad: Sequence[BadRow], there: Iterable[OwnPrice]) -> PricePreview:
    """What these prices would bring to those that are ``there``. Raises NotAllowed for too many."""
    kept = {one.id: one for one in there}
    new = tuple(one for one in found if one.id not in kept)
    if len(kept) + len(new) > MOST_ROWS:
        raise NotAllowed(
            f"That would be {len(kept) + len(new):,} own prices; {MOST_ROWS:,} are allowed.",
            "Delete some that are no longer needed.",
        )
    replacing = tuple((one, kept[one.id]) for one in found if one.id in kept and kept[one.id] != one)
    return PricePreview(new, replacing, len(found) - len(new) - len(replacing), tuple(bad))


def holding(
    prices: Iterable[OwnPrice], owners: Sequence[str], model: str, at: datetime, same: Same
) -> OwnPrice | None:
    """The row that holds ``at`` for a model, None where there is none.

    ``owners`` are names of its provider and backend: rows of the first go before those of the second. The
    row with the most exact name counts, and of those the newest that held. ``same`` is asked last.
    """
    day = at.astimezone(UTC).date()
    held = [one for one in prices if one.since <= day]
    for owner in filter(None, (one.strip().casefold() for one in owners)):
        mine = [one for one in held if owner in provider_names(one)]
        if mine and (found := _best(mine, owner, model, same)):
            return found
    return None


def own_cost(price: OwnPrice, model: str, usage: Usage, *, thinking_apart: bool = False) -> Cost:
    """What ``usage`` costs by an own price: exact, rounded once (half to even) to 10^-12 of the currency.

    Cached and thinking tokens count at their own rates where the row has them, else as prompt and
    completion. ``thinking_apart``: the completion leaves the thinking tokens out. Unknown where the token
    counts are missing or contradict each other.
    """
    if usage.prompt is None or usage.completion is None:
        return _unknown(price, "the server did not tell how many tokens were used")
    apart = (usage.thinking or 0) if thinking_apart else 0
    amount = rates_of(price).amount(replace(usage, completion=usage.completion + apart))
    if amount is None:
        return _unknown(price, "the server's token counts contradict each other")
    return Cost(amount, price.currency, price.basis, _words(price, model, usage), _entry(price, model))


def rates_of(price: OwnPrice) -> TokenRates:
    """Its rates; tokens without a rate of their own cost as much as others."""
    return TokenRates(
        price.input, _rate(price.cached, price.input), price.output, _rate(price.thinking, price.output)
    )


def provider_names(price: OwnPrice) -> set[str]:
    """The name of a row's provider, and the one by which price lists know it ("Gemini" is google)."""
    name = " ".join(price.provider.casefold().split())
    return {name, PROVIDER_NAMES.get(name, name)}


def _best(prices: Sequence[OwnPrice], owner: str, model: str, same: Same) -> OwnPrice | None:
    by_name: dict[str, list[OwnPrice]] = {}
    for one in prices:
        for written in spellings(one.model, owner):
            if not written.loose:
                by_name.setdefault(written.name, []).append(one)
    for wanted in spellings(model, owner):
        if wanted.name in by_name:
            return max(by_name[wanted.name], key=lambda one: one.since)
    # A row for the model of one date is for that one only.
    undated = [one for one in prices if not any(written.loose for written in spellings(one.model, owner))]
    alike = [one for one in undated if same(one.model, model)]
    return max(alike, key=lambda one: one.since, default=None)


def _readable(row: Row | str) -> Row:
    if isinstance(row, str):
        raise NotAllowed(row)
    return row


def _price(value: object, called: str) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | None):
        raise NotAllowed(f"{called} is {_shown(value)}; a plain number is needed.")
    # A float is written as the shortest decimal number that it stands for, never as "1e-07".
    typed = "" if value is None else value if isinstance(value, str) else format(Decimal(str(value)), "f")
    try:
        known = value_of(figure(typed, called))
    except NotAllowed as error:
        unclear = "two ways" in error.message
        raise NotAllowed(error.message, error.remedy if unclear else "Write it like 0.30 or 1250.") from None
    if known is None:
        return None
    if known > DEAREST:
        raise NotAllowed(f"{called} is {known:,}; nobody charges more than {DEAREST:,}.")
    if 0 < known < CHEAPEST:
        raise NotAllowed(
            f"{called} is {known:f}, which is less than anybody charges.", "Is it the price of one token?"
        )
    return known


def _known(price: Decimal | None, what: str) -> Decimal:
    if price is None:
        raise NotAllowed(f"There is no price of the {what}.", "Write 0 where they cost nothing.")
    return price


def _day(value: object) -> date:
    typed = _text(value, "The date", 40)
    if not typed:
        raise NotAllowed("There is no date from which the price holds.", "Write it like 2026-01-31.")
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00)?)?", typed)
    try:
        day = date.fromisoformat(found.group(1) if found else "")
    except ValueError:
        raise NotAllowed(f"The date is {_shown(typed)}; it is needed as year, month and day.",
                         "Write it like 2026-01-31.") from None  # fmt: skip
    if not EARLIEST <= day < LATEST:
        raise NotAllowed(f"The date is {day}; a price list of that year is none.")
    return day


def _needed(value: object, what: str) -> str:
    text = _text(value, what[0].upper() + what[1:], LONGEST_NAME)
    if not text:
        raise NotAllowed(f"There is no name of {what}.")
    return text


def _text(value: object, called: str, longest: int) -> str:
    """A text in one line, without outer spaces. Raises NotAllowed for what is none, or is too long."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise NotAllowed(f"{called} is {_shown(value)}; a text is needed.")
    text = " ".join(str(value).encode("utf-8", "replace").decode("utf-8").split())
    if len(text) > longest:
        raise NotAllowed(f"{called} has {len(text):,} characters; {longest:,} are allowed.")
    if not text.isprintable():
        raise NotAllowed(f"{called} holds signs that cannot be shown.")
    return text


def _plain(price: Decimal | None) -> str:
    return "" if price is None else format(price, "f")


def _rate(own: Decimal | None, usual: Decimal) -> Decimal:
    return usual if own is None else own


def _rates(price: OwnPrice) -> dict[str, Decimal]:
    told = {
        "prompt": price.input,
        "cached": price.cached,
        "completion": price.output,
        "thinking": price.thinking,
    }
    return {kind: rate for kind, rate in told.items() if rate is not None}


def _words(price: OwnPrice, model: str, usage: Usage) -> str:
    untold = "; how many tokens were cached was not told, none are counted" if usage.cached is None else ""
    rates = "; ".join(f"{kind} {rate:f}" for kind, rate in _rates(price).items())
    source = f"source: {price.source}" if price.source else "without a source"
    read = "" if price.model.casefold() == model.strip().casefold() else f", for {model},"
    return (
        f"Your own price list for {price.model} of {price.provider}{read} in {price.currency} per million "
        f"tokens: {rates} (in force since: {price.since}; {source}){untold}."
    )


def _entry(price: OwnPrice, model: str) -> dict[str, str]:
    return {
        "kind": KIND,
        "provider": price.provider,
        "model": price.model,
        "asked as": model,
        **{
            f"{price.currency} per million {kind} tokens": f"{rate:f}" for kind, rate in _rates(price).items()
        },
        "in force since": price.since.isoformat(),
        "source": price.source or "not told",
    }


def _unknown(price: OwnPrice, reason: str) -> Cost:
    words = f"Cost unknown: {reason}."
    return Cost(None, price.currency, "unknown", words, _entry(price, price.model))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
