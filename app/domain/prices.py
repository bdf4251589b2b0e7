"""Price lists: those that are published, a person's own, and what the same tokens cost at other prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.domain.base import Basis, stable_hash
from app.domain.cases import BadRow
from app.domain.costing import Rate
from app.domain.costs import ExchangeRate
from app.domain.exchange import Money


@dataclass(frozen=True)
class PriceProvider:
    """A provider with a price list. ``sources`` are the addresses of its published prices."""

    id: str
    name: str
    models: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class PriceSource:
    """Where the published prices come from; ``newest_change`` is the latest day on which any changed.

    ``fetched_at`` is when a person had them fetched from ``address``; None for those that came along with
    Assay. ``trouble`` says in words why fetched ones are not used, "" where nothing is wrong.
    """

    name: str
    version: str
    newest_change: date | None
    providers: int
    models: int
    fetched_at: datetime | None = None
    address: str = ""
    trouble: str = ""


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
class OwnPrice:
    """A row of a person's own price list: prices in ``currency`` per million tokens, from ``since`` (UTC) on.

    ``provider`` is a provider or the name of a backend. ``cached`` and ``thinking`` are None where those
    tokens cost as much as others. ``source`` says in words where the price comes from, "" where nobody said.
    """

    provider: str
    model: str
    currency: str
    input: Decimal
    output: Decimal
    cached: Decimal | None
    thinking: Decimal | None
    since: date
    source: str = ""

    @property
    def id(self) -> str:
        """Equal for rows that say what the same model costs from the same day on: only one of them holds."""
        place = (self.provider.casefold(), self.model.casefold(), self.since.isoformat())
        return stable_hash("own-price-1", place)[:32]

    @property
    def basis(self) -> Basis:
        """Whose figure it is: a price without a source is assumed."""
        return "listed" if self.source else "assumed"


@dataclass(frozen=True)
class PricePreview:
    """What an import of own prices would bring, before anything is saved.

    ``new`` rows are added, ``replacing`` ones change the price of the row beside them, ``known`` of them are
    there already. ``bad`` rows cannot be saved. ``unused`` are the file's columns that nothing is taken from.
    """

    new: tuple[OwnPrice, ...]
    replacing: tuple[tuple[OwnPrice, OwnPrice], ...]
    known: int
    bad: tuple[BadRow, ...]
    unused: tuple[str, ...] = ()
    warning: str = ""

    @property
    def rows(self) -> tuple[OwnPrice, ...]:
        """What would be written."""
        return (*self.new, *(row for row, _ in self.replacing))


@dataclass(frozen=True)
class PricedModel:
    """A model of a price list: the list is ``provider``'s, or a person's ``own``."""

    provider: str
    model: str
    own: bool = False


@dataclass(frozen=True)
class Repriced:
    """What the same tokens as a candidate's answers would cost at a price at which nobody was asked.

    ``candidate`` is its place in the experiment. ``amount`` in 10^-12 of ``currency`` is the sum over
    ``answers``, None where the model has no price, for the reason ``words``; of ``untold`` answers the tokens
    are not known, so that they are in no figure. ``low`` to ``high`` is the 95% interval of what an answer
    costs, None for fewer than two questions.
    """

    candidate: int
    model: PricedModel
    amount: Money | None
    currency: str
    answers: int
    untold: int
    words: str = ""
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class WhatIf:
    """The tokens of an experiment's answers at other prices, beside what they did cost.

    ``asked`` is what the candidates' answers cost, by their place and then by currency as told; ``repriced``
    stands in the order of candidates, then of models. ``rates`` are those by which any of it was converted;
    ``cached`` is how many tokens the answers' servers remembered.
    """

    asked: Mapping[int, Mapping[str, Rate]]
    repriced: tuple[Repriced, ...]
    rates: tuple[ExchangeRate, ...] = ()
    cached: int = 0
