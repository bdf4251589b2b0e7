"""A person's own price lists: the table, a small form for one price, import and export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import streamlit as st

from app.domain import OwnPrice, PricePreview, Upload
from app.errors import AppError
from app.ui import figures
from app.ui.dataset_saving import bad_rows
from app.ui.dialogs import close_dialog, is_open, open_dialog
from app.ui.frame import trouble
from app.ui.safe import plain
from app.ui.tables import Table, bare
from app.ui.words import help_for
from app.ui.work import try_it

COLUMNS = ("Provider", "Model", "Input", "Cached input", "Output", "Thinking", "Currency", "Since", "Source")
DIALOG = "own-price"
NEW = ""
MOST_MEGABYTES = 5
SHOWN = 8
"""So many prices of a file are shown before they are saved."""
TODO = "Rows are counted as they stand in the file. Mend them there and choose it again, or leave them out."
_ROW, _TURN, _SAID = "own-price-row", "own-price-turn", "own-price-said"
_TEXTS = (
    ("provider", "Provider or backend", "such as openai", "own provider"),
    ("model", "Model", "such as gpt-4o", "own price model"),
    ("currency", "Currency", "such as USD", ""),
)
_PRICES = (
    ("input", "Input", "needed", "own price"),
    ("output", "Output", "needed", "own price"),
    ("cached", "Cached input", "as input", "cached tokens"),
    ("thinking", "Thinking", "as output", "thinking tokens"),
)


@dataclass(frozen=True)
class OwnLists:
    """The own prices, and what can be done with them.

    ``change`` takes some away and puts others there. ``read`` makes a price of typed cells and ``cells`` does
    the opposite; both raise NotAllowed in words. ``preview`` says what a file would bring.
    """

    prices: Sequence[OwnPrice]
    change: Callable[[Sequence[OwnPrice], Sequence[OwnPrice]], object]
    read: Callable[[Mapping[str, object]], OwnPrice]
    cells: Callable[[OwnPrice], Mapping[str, str]]
    preview: Callable[[Upload], PricePreview]
    as_csv: Callable[[Sequence[OwnPrice]], bytes]
    as_jsonl: Callable[[Sequence[OwnPrice]], bytes]


def draw_own(own: OwnLists) -> None:
    """The own prices in an expander, with everything that can be done to them."""
    with st.expander("Your own prices", icon=":material/request_quote:", key="own-prices"):
        if said := st.session_state.pop(_SAID, ""):
            st.caption(f":material/check: {plain(said)}")
        if own.prices:
            bare(own_table(own.prices))
        st.caption(help_for("own prices"))
        _buttons(own)
        _import(own)
    if is_open(DIALOG):
        _dialog(own)


def own_table(prices: Sequence[OwnPrice]) -> Table:
    """The prices as a table."""
    return Table(COLUMNS, tuple(_line(one) for one in prices), blank="as the others")


def called(one: OwnPrice) -> str:
    """A price in a line: whose, and since when."""
    return f"{one.model} ({one.provider}) since {one.since}"


def _line(one: OwnPrice) -> tuple[str | float | None, ...]:
    numbers = (_number(price) for price in (one.input, one.cached, one.output, one.thinking))
    source = one.source or "none: assumed"
    return (one.provider, one.model, *numbers, one.currency, one.since.isoformat(), source)


def _number(price: Decimal | None) -> float | None:
    return None if price is None else float(price)


def _buttons(own: OwnLists) -> None:
    by_id = {one.id: one for one in own.prices}
    with st.container(horizontal=True, vertical_alignment="bottom", key="own-price-buttons"):
        st.button("Add a price", key="own-price-add", icon=":material/add:", on_click=_open, args=(NEW,))
        if not own.prices:
            return
        chosen = st.selectbox(
            "Change or delete one",
            list(by_id),
            index=None,
            format_func=lambda one: called(by_id[one]) if one in by_id else "",
            placeholder="Choose a price",
            key="own-price-chosen",
            width=340,
        )
        st.button(
            "Open it", key="own-price-open", disabled=chosen is None, on_click=_open, args=(chosen or NEW,)
        )
        for kind, made in (("CSV", own.as_csv), ("JSONL", own.as_jsonl)):
            st.download_button(
                f"As {kind}",
                made(own.prices),
                file_name=f"assay-own-prices.{kind.lower()}",
                key=f"own-price-{kind.lower()}",
                icon=":material/download:",
                on_click="ignore",
            )


def _open(row: str) -> None:
    st.session_state[_ROW] = row
    open_dialog(DIALOG)


@st.dialog("One price", on_dismiss=close_dialog)
def _dialog(own: OwnLists) -> None:
    """The form of one price; what does not fit is said in it."""
    row = str(st.session_state.get(_ROW, NEW))
    before = next((one for one in own.prices if one.id == row), None)
    cells = _form(own.cells(before) if before else {}, row)
    with st.container(horizontal=True):
        saved = st.button("Save", key="own-price-save", type="primary", icon=":material/save:")
        deleted = before is not None and st.button("Delete", key="own-price-delete", icon=":material/delete:")
    gone = [before] if before else []
    if saved and try_it(lambda: own.change(gone, [own.read(cells)])):
        _close("Saved. Answers from now on are priced by it; earlier ones keep their price.")
    if deleted and try_it(lambda: own.change(gone, [])):
        _close("Deleted. Answers that were priced by it keep their price.")


def _close(said: str) -> None:
    st.session_state[_SAID] = said
    close_dialog()
    st.rerun()


def _form(cells: Mapping[str, str], row: str) -> dict[str, object]:
    typed: dict[str, object] = {
        name: st.text_input(
            label,
            cells.get(name, ""),
            placeholder=example,
            key=f"own-{name}-{row}",
            help=help_for(helping) if helping else None,
        )
        for name, label, example, helping in _TEXTS
    }
    st.caption("Per million tokens:")
    for column, (name, label, empty, helping) in zip(st.columns(2) + st.columns(2), _PRICES, strict=True):
        typed[name] = column.text_input(
            label, cells.get(name, ""), placeholder=empty, key=f"own-{name}-{row}", help=help_for(helping)
        )
    since = date.fromisoformat(cells["since"]) if cells.get("since") else datetime.now(UTC).date()
    typed["since"] = st.date_input(
        "In force since",
        since,
        min_value=date(2015, 1, 1),
        max_value=date(2099, 12, 31),
        format="YYYY-MM-DD",
        key=f"own-since-{row}",
    )
    typed["source"] = st.text_input(
        "Source",
        cells.get("source", ""),
        placeholder="a contract, a page, an invoice",
        key=f"own-source-{row}",
        help=help_for("own source"),
    )
    return typed


def _import(own: OwnLists) -> None:
    """A file's prices: what they would change, then the button that saves them."""
    file = st.file_uploader(
        "From a file (CSV or JSON lines)",
        type=["csv", "tsv", "jsonl", "ndjson", "json"],
        key=f"own-price-file-{st.session_state.setdefault(_TURN, 0)}",
        max_upload_size=MOST_MEGABYTES,
        help=help_for("own file"),
    )
    if file is None:
        return
    try:
        found = own.preview(Upload(file.name, file.getvalue()))
    except AppError as error:
        trouble(error.message, "Nothing was saved.", error.remedy)
        return
    _preview(found)
    many = figures.count(len(found.rows), "price")
    if found.rows and st.button(f"Save {many}", key="own-price-import", type="primary"):
        removed = [before for _, before in found.replacing]
        if try_it(lambda: own.change(removed, found.rows)):
            st.session_state[_TURN] += 1
            st.session_state[_SAID] = f"Saved: {many}."
            st.rerun()


def _preview(found: PricePreview) -> None:
    st.markdown(f"**{plain(preview_words(found))}**")
    if found.warning:
        st.warning(plain(found.warning, 600), icon=":material/warning:")
    if found.bad:
        bad_rows("", found.bad, TODO)
    if found.unused:
        st.caption(f"Not used: {plain(', '.join(f'“{one}”' for one in found.unused), 600)}")
    if found.rows:
        bare(own_table(found.rows[:SHOWN]))
    if len(found.rows) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(found.rows):,}.")
    for after, before in found.replacing[:SHOWN]:
        st.caption(plain(f"{called(after)}: {_told(before)} becomes {_told(after)}.", 400))


def _told(one: OwnPrice) -> str:
    return f"{one.input:f} in and {one.output:f} out ({one.currency})"


def preview_words(found: PricePreview) -> str:
    """What would be saved and what not."""
    parts = [f"{figures.count(len(found.new), 'new price')}"]
    if found.replacing:
        parts.append(f"{len(found.replacing):,} that would change")
    if found.known:
        parts.append(f"{found.known:,} there already")
    parts.append(f"{figures.count(len(found.bad), 'row')} that cannot be saved")
    words = ", ".join(parts)
    return f"{words[0].upper()}{words[1:]}."
