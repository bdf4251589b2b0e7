"""Tables of plain cells, shown as they are and downloaded as CSV.

Every table of the screens is drawn here, and each way to draw one has its download, but ``bare``: a test of
the house holds to both.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Literal, TypeVar

import streamlit as st
from streamlit.elements.arrow import DataframeState
from streamlit.elements.lib.column_types import ColumnConfig

from app.domain import number_words
from app.ui.words import UNKNOWN

Cell = str | int | float | Decimal | datetime | None
"""Money is a Decimal: exact in the CSV."""
T = TypeVar("T")
LETTER, PADDING, WIDEST = 7, 18, 316
"""Pixels of a letter, of the space beside the text, and of the widest column."""
MONEY_DIGITS = 12
"""So many significant digits of money are shown; the CSV has all."""
TALLEST, FEW_ROWS = 420, 10
"""Pixels, and so many rows show whole."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """Column headings, rows as long as these, and the help sentence of a column where it has one.

    ``blank`` is what an empty cell says. ``pinned``: the first column stays while the others scroll.
    ``labels`` head columns on the screen, where several may be called the same.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    help: Mapping[str, str] | None = None
    blank: str = UNKNOWN
    pinned: bool = False
    labels: Mapping[str, str] | None = None


def protected(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula: a leading apostrophe where a text begins like one."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell.isoformat(" ", "seconds") if isinstance(cell, datetime) else cell


def _written(cell: Cell) -> Cell:
    if isinstance(cell, Decimal):
        # Never with an exponent, which a spreadsheet may take for a text.
        return format(cell, "f")
    return "" if cell is None else protected(cell)


def csv_bytes(table: Table) -> bytes:
    """The table as CSV (UTF-8 with its mark, so that spreadsheets read it right); unknown cells are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([protected(one) for one in table.columns])
    writer.writerows([[_written(cell) for cell in row] for row in table.rows])
    return text.getvalue().encode("utf-8-sig", "replace")


def show(table: Table, *, key: str, alt: str = "") -> None:
    """The table, and below it its download. Cells are drawn as plain text; an empty one says ``blank``."""
    bare(table, alt=alt)
    download(table, key=key)


def table_expander(table: Table, *, key: str, label: str = "Table") -> None:
    """The table in an expander, with its download."""
    with st.expander(label, icon=":material/table:"):
        show(table, key=key)


def choosing_table(
    table: Table,
    *,
    key: str,
    alt: str,
    widget: str = "",
    mode: Literal["single-row", "multi-row", "single-cell"] = "single-row",
    config: Mapping[str, ColumnConfig] | None = None,
    height: int | None = None,
    between: Callable[[DataframeState], None] | None = None,
) -> DataframeState:
    """A table of which rows or a cell can be chosen; gives what is chosen.

    A long one scrolls inside itself. ``widget`` is its key where that is another than the download's, and
    ``between`` draws what stands between them.
    """
    state = st.dataframe(
        column_data(table),
        hide_index=True,
        column_config=config or column_config(table),
        placeholder=table.blank,
        height=height or ("content" if len(table.rows) <= FEW_ROWS else TALLEST),
        key=widget or f"{key}-table",
        on_select="rerun",
        selection_mode=mode,
        alt=alt,
    )
    if between is not None:
        between(state)
    download(table, key=key)
    return state


def opening_table(
    table: Table, keys: Sequence[T], opened: Callable[[T], None], *, key: str, label: str, alt: str
) -> None:
    """A table in an expander for a chart whose marks open answers: a row opens those of its key as well."""
    with st.expander(label, icon=":material/table:"):
        opening_rows(table, keys, opened, key=key, alt=alt)


def opening_rows(table: Table, keys: Sequence[T], opened: Callable[[T], None], *, key: str, alt: str) -> None:
    """The same without an expander."""
    turn = int(st.session_state.get(f"{key}-table-turn", 0))
    state = choosing_table(
        table,
        key=key,
        alt=alt,
        # Another key draws the table anew, so that the same row can be chosen again.
        widget=f"{key}-table-{turn}",
        between=lambda _: _explain(),
    )
    for row in state.selection.rows:
        if row < len(keys):
            st.session_state[f"{key}-table-turn"] = turn + 1
            opened(keys[row])


def _explain() -> None:
    st.caption("Choose a row to see its answers.")


def download(table: Table, *, key: str) -> None:
    """The button that downloads the table as CSV, which is written when it is pressed."""
    st.download_button(
        "Download as CSV",
        partial(csv_bytes, table),
        file_name=f"assay-{key}.csv",
        mime="text/csv",
        key=f"{key}-csv",
        icon=":material/download:",
        on_click="ignore",
    )


def bare(table: Table, *, config: Mapping[str, ColumnConfig] | None = None, alt: str = "") -> None:
    """The table alone: of a file that a person is about to import, or one with a download of its own."""
    st.dataframe(
        column_data(table),
        hide_index=True,
        width="stretch",
        column_config=config or column_config(table),
        placeholder=table.blank,
        alt=alt or None,
    )


def column_data(table: Table) -> dict[str, Sequence[Cell]]:
    """The table by columns."""
    return {name: [row[place] for row in table.rows] for place, name in enumerate(table.columns)}


def column_config(table: Table) -> dict[str, ColumnConfig]:
    """The widths and help sentences of its columns, as Streamlit takes them."""
    helping, labels = table.help or {}, table.labels or {}
    made: dict[str, ColumnConfig] = {}
    for place, (name, cells) in enumerate(column_data(table).items()):
        width = column_width(labels.get(name, name), cells, table.blank)
        pinned = True if table.pinned and place == 0 else None
        kind = partial(st.column_config.Column, labels.get(name))
        if any(isinstance(one, Decimal) for one in cells):
            # Left to itself Streamlit shows four decimals: of most answers' costs that is nothing.
            kind = partial(st.column_config.NumberColumn, labels.get(name), format=f"%.{MONEY_DIGITS}g")
        made[name] = kind(help=helping.get(name), width=width, pinned=pinned)
    return made


def _shown(cell: Cell, blank: str) -> str:
    if isinstance(cell, Decimal):
        return number_words(cell, MONEY_DIGITS).replace(",", "")
    return blank if cell is None else str(cell)


def column_width(name: str, cells: Sequence[Cell], blank: str = UNKNOWN) -> int:
    """Pixels in which the heading and each cell can be read; a long text is cut.

    Streamlit's own widths are for long numbers, so that the last columns had no room.
    """
    longest = max([len(_shown(one, blank)) for one in cells], default=0)
    return min(WIDEST, max(len(name), longest) * LETTER + PADDING)
