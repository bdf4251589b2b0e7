"""All prices that there are: a person's own first, then the published ones, as of the last update."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from app.costs import prices
from app.costs.makers import maker_of
from app.costs.price_data import PriceData, bundled, checked, packed, unpacked
from app.costs.price_lists import holding, own_cost, rates_of
from app.costs.price_names import provider_of
from app.costs.price_rates import Rate
from app.domain import Cost, OwnPrice, PricedModel, PriceProvider, PriceRow, PriceSource, Usage
from app.errors import AppError, NotAllowed


class KeptFile(Protocol):
    """The one file of fetched prices (``storage.price_file.PriceFile``)."""

    def read(self) -> bytes | None:
        """Its bytes, None where there is none. Raises DatabaseTrouble."""

    def write(self, content: bytes) -> None:
        """Replace it as a whole. Raises DatabaseTrouble; the one before then stays."""


class Fetcher(Protocol):
    """Fetches the price data (``backends.fetching.Fetcher``), only when it is told to."""

    address: str

    def fetch(self) -> bytes:
        """The file's bytes. Raises BackendError in words."""


def none_own() -> Sequence[OwnPrice]:
    """For who has no list of their own."""
    return ()


class PriceBook:
    """Looks up prices. ``own`` gives the rows of a person's own lists as they are now.

    Without ``kept`` and ``fetcher`` there are the prices that came along with Assay, and no update.
    """

    def __init__(
        self,
        own: Callable[[], Sequence[OwnPrice]] = none_own,
        kept: KeptFile | None = None,
        fetcher: Fetcher | None = None,
    ) -> None:
        self.own = own
        self._kept, self._fetcher = kept, fetcher
        self._lock = threading.Lock()
        self._updating = threading.Lock()
        self._data: PriceData | None = None
        self._trouble = ""
        self._models: tuple[PriceData, tuple[PricedModel, ...]] | None = None

    @property
    def address(self) -> str:
        """Where an update comes from; "" where there is none."""
        return self._fetcher.address if self._fetcher else ""

    def data(self) -> PriceData:
        """The published prices: the fetched ones, or the bundled where those are none or broken."""
        with self._lock:
            if self._data is None:
                self._data = self._read()
            return self._data

    def source(self) -> PriceSource:
        """Where the published prices come from, and why not from the fetched file where that is broken."""
        return replace(prices.price_source(self.data()), trouble=self._trouble)

    def update(self) -> PriceSource:
        """Fetch the newest published prices, and use them if they are sound.

        Raises AppError, in words; then the prices used before stay in use. Answers made already keep theirs.
        """
        if self._fetcher is None or self._kept is None:
            raise NotAllowed("There is no address to fetch prices from.")
        if not self._updating.acquire(blocking=False):
            raise NotAllowed("The prices are being fetched already.", "Wait for that to end.")
        try:
            content, at = self._fetcher.fetch(), datetime.now(UTC)
            data = checked(content, self._fetcher.address, at)
            self._kept.write(packed(content, self._fetcher.address, at))
        finally:
            self._updating.release()
        with self._lock:
            self._data, self._trouble = data, ""
        return self.source()

    def own_row(self, provider: str, model: str, at: datetime, backend: str = "") -> OwnPrice | None:
        """The own price that holds ``at``: the backend's goes before the provider's."""
        rows = self.own()
        if not rows:
            return None
        return holding(
            rows,
            [backend, provider, self._known(provider)],
            model,
            at,
            lambda one, other: prices.same_model(provider or backend, one, other, self.data()),
        )

    def maker(self, model: str) -> str:
        """The id of the provider that is known by a model's usual name; "" where none is."""
        return maker_of(model, self.data().providers)

    def billed_in(self, backend: str, provider: str, model: str) -> str:
        """The currency of the bills for a model just now; "" where none comes, as on one's own machine."""
        cost = self.cost(provider, model, Usage(0, 0), datetime.now(UTC), backend)
        return cost.currency if cost else ""

    def cost(self, provider: str, model: str, usage: Usage, at: datetime, backend: str = "") -> Cost | None:
        """What the tokens cost by an own price, else by the provider's list; None where neither applies."""
        if row := self.own_row(provider, model, at, backend):
            apart = bool(provider) and prices.thinking_apart(provider, self.data())
            return own_cost(row, model, usage, thinking_apart=apart)
        return prices.list_price(provider, model, usage, at, self.data()) if provider else None

    def usual(self, provider: str, model: str, at: datetime) -> PricedModel:
        """Whose price a model's answers would have ``at``: a person's own list goes before the published."""
        row = self.own_row(provider, model, at)
        if row is not None:
            return PricedModel(row.provider, row.model, own=True)
        return PricedModel(provider, model)

    def same(self, provider: str, one: str, other: str) -> bool:
        """Whether both are names of one model of the provider."""
        return one == other or prices.same_model(provider, one, other, self.data())

    def rate(self, model: PricedModel, at: datetime) -> Rate:
        """A model's price ``at``, for many answers; their completions hold the thinking tokens."""
        if not model.own:
            return prices.list_rate(model.provider, model.model, at, self.data())
        row = holding(self.own(), [model.provider], model.model, at, lambda _one, _other: False)
        if row is None:
            words = f"No price: your own one for {model.model} does not hold on {at.date()}."
            return Rate("", lambda _usage: None, words)
        told = f"yours as of {at.date()}, in force since {row.since}; source: {row.source or 'not told'}"
        return Rate(row.currency, rates_of(row).amount, source=told)

    def providers(self) -> list[PriceProvider]:
        """The providers with published price lists, by name."""
        return prices.providers(self.data())

    def table(self, provider: str, at: datetime | None = None) -> list[PriceRow]:
        """The published prices of a provider's models that hold ``at`` (default: now)."""
        return prices.prices_table(provider, at, self.data())

    def models(self) -> list[PricedModel]:
        """The models that have a price: the own ones, then those of all published lists."""
        mine = dict.fromkeys(PricedModel(one.provider, one.model, own=True) for one in self.own())
        return [*mine, *self._listed()]

    def _known(self, provider: str) -> str:
        """The id of a provider that is called otherwise; "" for none."""
        found = provider_of(provider, self.data().providers) if provider else None
        return found.id if found else ""

    def _listed(self) -> tuple[PricedModel, ...]:
        data = self.data()
        if self._models is None or self._models[0] is not data:
            rows = (row for one in data.providers for row in prices.prices_table(one.id, None, data))
            found = tuple(PricedModel(row.provider, row.model) for row in rows if row.output is not None)
            self._models = data, tuple(sorted(found, key=lambda one: (one.model.casefold(), one.provider)))
        return self._models[1]

    def _read(self) -> PriceData:
        """What was fetched; where that cannot be used, ``_trouble`` says why."""
        try:
            kept = self._kept.read() if self._kept else None
            return unpacked(kept) if kept is not None else bundled()
        except AppError as error:
            self._trouble = (
                f"The fetched price file cannot be used: {error.message.rstrip('.')}. "
                f"The prices that came along with Assay ({bundled().name}) are used instead."
            )
            return bundled()
