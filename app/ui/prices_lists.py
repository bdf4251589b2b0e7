"""The published price lists: where they are from, their update, and one provider's prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import streamlit as st

from app.domain import PriceProvider, PriceRow, PriceSource
from app.ui import figures
from app.ui.safe import plain
from app.ui.tables import Table, show
from app.ui.words import help_for
from app.ui.work import begin, do, draw_result, going

PRICE_COLUMNS = (
    "Model",
    "Input",
    "Cached input",
    "Output",
    "Thinking",
    "In force since",
    "Long prompts cost more",
)
UPDATE = "prices-update"
UPDATED = "The prices are up to date. Answers made before keep theirs."


@dataclass(frozen=True)
class Lists:
    """The lists as they are now. ``connected`` are the providers of the backends.

    ``update`` begins to fetch newer ones from ``address`` and gives what will come of it; ``stop`` ends that.
    """

    source: Callable[[], PriceSource]
    providers: Callable[[], Sequence[PriceProvider]]
    table: Callable[[str], Sequence[PriceRow]]
    connected: Sequence[str]
    address: str
    update: Callable[[], Future[PriceSource]]
    stop: Callable[[], None]


def draw_lists(lists: Lists) -> None:
    """Where the prices are from, the button that fetches newer ones, and the prices of a provider."""
    told = st.container()
    _update(lists)
    # Looked at only now: an update that has just been told to be over is in what follows, and above.
    source, providers = lists.source(), lists.providers()
    with told:
        if source.trouble:
            st.warning(plain(source.trouble, 600), icon=":material/warning:")
        st.markdown(plain(source_words(source), 600))
    known = {one.id: one for one in providers}
    chosen = provider_picker(
        {one.id: f"{one.name} ({figures.count(one.models, 'model')})" for one in providers},
        lists.connected,
    )
    published = ", ".join(known[chosen].sources) or "not told"
    st.caption(plain(f"USD per million tokens. Published at: {published}", 900), help=help_for("list price"))
    show(price_table(lists.table(chosen)), key=f"prices-{chosen}")


def source_words(source: PriceSource) -> str:
    """Where the prices are from and how new they are."""
    models = f"Prices of {source.models:,} models of {figures.count(source.providers, 'provider')}"
    change = f", {newest(source.newest_change)}" if source.newest_change else ""
    if source.fetched_at is None:
        return f"{models}, as they came along with Assay ({source.name} {source.version}){change}."
    host = urlsplit(source.address).hostname or source.address
    return f"{models}, fetched from {host} on {figures.moment(source.fetched_at)}{change}."


def newest(change: date, today: date | None = None) -> str:
    """When the list changed last; a change of a later day is one that is announced."""
    later = change > (today or datetime.now(UTC).date())
    return f"with a change announced for {figures.day(change)}" if later else f"as of {figures.day(change)}"


def provider_picker(names: Mapping[str, str], connected: Sequence[str]) -> str:
    """The provider whose list is shown: the address's, else one that is connected. ``names`` by id."""
    asked = st.query_params.get("provider", "") or next(iter(connected), "openai")
    ids = list(names)
    chosen = st.selectbox(
        "Provider",
        ids,
        index=ids.index(asked) if asked in names else 0,
        format_func=lambda one: names.get(one, ""),
        width=360,
    )
    st.query_params["provider"] = chosen
    return chosen


def price_table(prices: Sequence[PriceRow]) -> Table:
    """A provider's price list as a table."""
    rows = tuple(
        (
            row.model,
            *(
                None if one is None else float(one)
                for one in (row.input, row.cached, row.output, row.thinking)
            ),
            row.since.isoformat() if row.since else "not dated",
            "yes" if row.tiered else "no",
        )
        for row in prices
    )
    return Table(PRICE_COLUMNS, rows, blank="none")


def _update(lists: Lists) -> None:
    host = urlsplit(lists.address).hostname or lists.address
    with st.container(horizontal=True, vertical_alignment="center", key="prices-update-row"):
        if st.button(
            "Update the prices",
            key="prices-update-button",
            icon=":material/sync:",
            help=f"Fetches one file from {plain(host)}, only now. Nothing of yours is sent.",
            disabled=going(UPDATE),
        ):
            begin(UPDATE, f"Fetching the prices from {plain(host)}", lists.update())
            st.rerun()
        if going(UPDATE):
            st.button("Stop", key="prices-update-stop", on_click=do, args=(lists.stop,))
    draw_result(UPDATE, lambda _source: UPDATED)
