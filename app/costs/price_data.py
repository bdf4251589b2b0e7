"""The data of genai-prices: those bundled with it, or a newer file of the same kind that a person fetched.

A fetched file comes from outside, so that it is checked whole before anything trusts it: what it holds is
data, and the library's own types read it (``genai_prices.UpdatePrices`` does the same, without a limit, and
on its own).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from app.errors import NotAllowed

if TYPE_CHECKING:
    from genai_prices import types

NAME = "genai-prices"
MOST_MEGABYTES = 16
"""The published file has about 2; a larger one is something else."""
DEAREST = Decimal(1_000_000)
"""USD per million tokens, searches or whatever is counted: no price is near it."""
LEAST_SHARE = 0.5
"""A file with a smaller share of the bundled models was cut, or is something else."""
LONGEST_PATTERN = 200
FORMAT = 1
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_REPEATED = re.compile(r"[*+]|\{\d*,\}")
MOST_REPEATED = 2
"""In a pattern that comes from outside, more of these can take for ever to match; the usual have one."""
REMEDY = "The prices used before stay in use."


@dataclass(frozen=True)
class PriceData:
    """The providers with their models, ``version`` as answers name it, and where fetched ones come from."""

    providers: Sequence[types.Provider]
    version: str
    fetched_at: datetime | None = None
    address: str = ""

    @property
    def name(self) -> str:
        """The data in words, as the log of an answer keeps it."""
        return f"{NAME} {self.version}"


@cache
def bundled() -> PriceData:
    """The data inside the installed package. The import takes half a second."""
    from genai_prices.data import providers

    return PriceData(providers, version(NAME))


def checked(content: bytes, address: str, at: datetime) -> PriceData:
    """The data of a fetched file. Raises NotAllowed, in words, for anything that is not whole and sound."""
    providers = _providers(_parsed(content))
    _refuse_thin(providers)
    for one in providers:
        _check_provider(one)
    digest = hashlib.sha256(content).hexdigest()[:8]
    return PriceData(providers, f"data of {at.astimezone(UTC):%Y-%m-%d} ({digest})", at, address)


def packed(content: bytes, address: str, at: datetime) -> bytes:
    """A fetched file as it is kept: a line that says where it is from and when, then its bytes."""
    head = {
        "format": FORMAT,
        "address": address,
        "fetched_at": at.astimezone(UTC).isoformat(),
        "beside": version(NAME),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return json.dumps(head).encode() + b"\n" + content


def unpacked(kept: bytes) -> PriceData:
    """The data of a kept file. Raises NotAllowed, in words, where it is damaged."""
    line, _, content = kept.partition(b"\n")
    try:
        head = json.loads(line)
        at = datetime.fromisoformat(head["fetched_at"])
        whole = head["format"] == FORMAT and head["sha256"] == hashlib.sha256(content).hexdigest()
        address, beside = str(head["address"]), str(head["beside"])
    except (ValueError, TypeError, KeyError, RecursionError):
        whole = False
    if not whole or at.tzinfo is None:
        raise NotAllowed("it is damaged, or was written by something else")
    if beside != version(NAME):
        # Which of the two is newer cannot be told from them.
        raise NotAllowed(
            f"it was fetched on {at.date()}, when Assay had {NAME} {beside}; now it has {version(NAME)}"
        )
    return checked(content, address, at)


def newest_change(providers: Sequence[types.Provider]) -> date | None:
    """The latest day on which any price changes; None where none is dated."""
    from genai_prices.types import StartDateConstraint

    changes = [
        price.constraint.start_date
        for one in providers
        for model in one.models
        if isinstance(model.prices, list)
        for price in model.prices
        if isinstance(price.constraint, StartDateConstraint)
    ]
    return max(changes, default=None)


def _parsed(content: bytes) -> list[Any]:
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise NotAllowed("What came is no JSON, so it is no price data.", REMEDY) from None
    if not isinstance(found, list) or not found:
        raise NotAllowed("What came is JSON, but no list of providers.", REMEDY)
    return found


def _refused(_constant: str) -> object:
    raise ValueError


def _providers(raw: list[Any]) -> list[types.Provider]:
    # The library's own reader of such a file, which its updater calls too.
    from genai_prices.types import _providers_from_raw
    from pydantic import ValidationError

    try:
        return _providers_from_raw(_known_only(raw))
    except (ValidationError, ValueError, TypeError, AssertionError, RecursionError) as error:
        raise NotAllowed(f"What came does not fit: {_reason(error)}.", REMEDY) from None


def _reason(error: Exception) -> str:
    """The first thing that does not fit, in few words."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return "a part of it is not what genai-prices has there"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'][:6])}: {first['msg']}"[:200]


def _known_only(raw: Any) -> Any:
    """Without kinds of prices and counts that the installed library does not know: it would warn of each."""
    from genai_prices.units import _get_registry

    registry = _get_registry()
    prices = {unit.price_key for unit in registry.units.values()}
    counts = set(registry.units)

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(one) for one in value if not _unknown_count(one, counts)]
        if not isinstance(value, dict):
            return value
        return {
            key: {name: price for name, price in one.items() if name in prices}
            if key == "prices" and isinstance(one, dict)
            else walk(one)
            for key, one in value.items()
        }

    return walk(raw)


def _unknown_count(value: Any, known: set[str]) -> bool:
    return isinstance(value, dict) and "dest" in value and "path" in value and value["dest"] not in known


def _refuse_thin(providers: Sequence[types.Provider]) -> None:
    """Refuse a file that was cut: prices that were there before would be unknown."""
    there, usual = (sum(len(one.models) for one in some) for some in (providers, bundled().providers))
    if there < usual * LEAST_SHARE:
        raise NotAllowed(
            f"What came has prices of {there:,} models only; the list that came along with Assay has "
            f"{usual:,}. It was cut, or is another list.",
            REMEDY,
        )
    ids = [one.id for one in providers]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise NotAllowed(f"What came has the provider {twice[0][:60]!r} twice.", REMEDY)


def _check_provider(one: types.Provider) -> None:
    for model in one.models:
        where = f"{one.id[:60]}, {model.id[:80]}"
        for pattern in _patterns(model.match):
            _check_pattern(pattern, where)
        for price in _prices(model):
            _check_price(price, where)


def _patterns(clause: object) -> Iterator[str]:
    """Every pattern inside the rules by which a model is found."""
    regex = getattr(clause, "regex", None)
    if isinstance(regex, str):
        yield regex
    for part in (*getattr(clause, "or_", ()), *getattr(clause, "and_", ())):
        yield from _patterns(part)


def _check_pattern(pattern: str, where: str) -> None:
    try:
        re.compile(pattern)
        short = len(pattern) <= LONGEST_PATTERN and len(_REPEATED.findall(pattern)) <= MOST_REPEATED
        well = short and not _REPEATED_GROUP.search(pattern)
    except (re.error, RecursionError, OverflowError):
        well = False
    if not well:
        raise NotAllowed(f"What came finds a model by a pattern that cannot be used ({where}).", REMEDY)


def _prices(model: types.ModelInfo) -> list[types.ModelPrice]:
    if not isinstance(model.prices, list):
        return [model.prices]
    return [one.prices for one in model.prices]


def _check_price(price: types.ModelPrice, where: str) -> None:
    """Refuse what the library could not reckon with, and what nobody charges."""
    from genai_prices import Usage

    try:
        price.calc_price(Usage(input_tokens=1, output_tokens=1))
    except ValueError:
        raise NotAllowed(f"What came has a price that cannot be used ({where}).", REMEDY) from None
    values: Mapping[str, object] = price.__dict__
    for value in values.values():
        tiers = [one.price for one in getattr(value, "tiers", ())]
        for one in (getattr(value, "base", value), *tiers):
            if isinstance(one, Decimal) and one > DEAREST:
                words = f"What came has a price of {one:,} USD ({where}): nobody charges that."
                raise NotAllowed(words, REMEDY)
