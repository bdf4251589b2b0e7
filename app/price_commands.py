"""What the commands `prices …` do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from app.commands import uploaded, written
from app.costs.price_book import PriceBook
from app.costs.price_lists import row_of
from app.costs.prices import prices_table
from app.domain import OwnPrice, PricePreview, PriceSource
from app.errors import NotAllowed
from app.evaluation.price_import import written_csv, written_jsonl
from app.services import Services
from storage.database import Database
from storage.price_file import PriceFile
from storage.price_lists import PriceLists


def updated(services: Services) -> str:
    """Fetch the newest published prices; what is in use now. Raises AppError."""
    return f"The prices are up to date: {source_words(services.prices.update())}"


def read_file(services: Services, file: Path, *, skip_bad: bool) -> tuple[PricePreview, str]:
    """Keep the prices of a file, all or none of them; what it held, and in words what was kept.

    With ``skip_bad`` the good rows are kept although there are bad ones. Raises AppError.
    """
    found = services.preview_prices(uploaded(file))
    if found.bad and not skip_bad:
        return found, "Nothing was saved. Mend these rows, or leave them out with --skip-bad."
    services.price_lists.change([before for _, before in found.replacing], found.rows)
    left = f"; left out: {len(found.bad)}" if found.bad else ""
    words = (
        f"New prices: {len(found.new)}; changed: {len(found.replacing)}; there already: {found.known}{left}."
    )
    return found, words


def bad_lines(found: PricePreview) -> Iterator[str]:
    """The rows of a file that were not kept, by number and reason."""
    return (f"Row {one.number}: {one.reason}" for one in found.bad)


def book_of(database: Database, folder: Path) -> PriceBook:
    """The prices of a data folder, to be read beside the running app."""
    return PriceBook(PriceLists(database).list, PriceFile(folder))


def listed(book: PriceBook, provider: str) -> Iterator[dict[str, str]]:
    """One object a price: the own ones, then those of the provider's list. Raises NotAllowed for none."""
    mine = [one for one in book.own() if not provider or one.provider.casefold() == provider.casefold()]
    rows = prices_table(provider, None, book.data()) if provider else []
    if provider and not mine and not rows:
        known = ", ".join(one.id for one in book.providers())
        raise NotAllowed(f"There is no price list of {provider!r}.", f"There are: {known}.")
    yield from ({"list": "own", **row_of(one)} for one in mine)
    for row in rows:
        told = {key: str(value) for key, value in asdict(row).items() if value is not None}
        yield {"list": "published", "currency": "USD", **told}


def price_words(row: Mapping[str, str]) -> str:
    """A price as a person reads it on a terminal."""
    more = "".join(f", {kind} {row[kind]}" for kind in ("cached", "thinking") if row.get(kind))
    source = f"; {row['source']}" if row.get("source") else ""
    since = row.get("since", "not dated")
    return (
        f"{row['provider']}/{row['model']}: in {row['input']}, out {row.get('output', 'none')}{more} "
        f"{row['currency']} per million tokens ({row['list']}, since {since}{source})"
    )


def source_words(source: PriceSource) -> str:
    """Where the published prices are from."""
    where = (
        f"fetched on {source.fetched_at:%Y-%m-%d} from {source.address}" if source.fetched_at else "bundled"
    )
    return (
        f"{source.models:,} models of {source.providers} providers, {source.name} {source.version} ({where})."
    )


def providers_words(book: PriceBook) -> str:
    """The providers that have a published list, with how many models."""
    return f"Published: {', '.join(f'{one.id} ({one.models})' for one in book.providers())}."


def export(prices: Sequence[OwnPrice], kind: str) -> bytes:
    """The own prices as a file that `prices import` reads back."""
    return written_csv(prices) if kind == "csv" else written_jsonl(prices)


def export_into(prices: Sequence[OwnPrice], kind: str, path: Path) -> None:
    """Write them into a file, whole or not at all. Raises NotAllowed."""
    with written(path) as half:
        half.write_bytes(export(prices, kind))
