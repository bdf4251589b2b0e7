"""Tables of plain cells, shown as they are and downloaded as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeVar

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from app.domain import number_words
from app.ui.words import UNKNOWN

Cell = str | int | float | Decimal | None
"""Money is a Decimal: exact in the CSV."""
T = TypeVar("T")
LETTER, PADDING, WIDEST = 7, 18, 316
"""Pixels of a letter, of the space beside the text, and of the widest column."""
MONEY_DIGITS = 12
"""So many significant digits of money are shown; the CSV has all."""
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
    return cell


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


def table_expander(table: Table, *, key: str, label: str = "Table") -> None:
    """The table in an expander, with its download."""
    with st.expander(label, icon=":material/table:"):
        show(table)
        download(table, key=key)


def opening_table(
    table: Table, keys: Sequence[T], opened: Callable[[T], None], *, key: str, label: str, alt: str
) -> None:
    """The same for a chart whose marks open answers: a row opens those of its key, as its mark does."""
    turn = int(st.session_state.get(f"{key}-table-turn", 0))
    with st.expander(label, icon=":material/table:"):
        state = st.dataframe(
            column_data(table),
            hide_index=True,
            column_config=column_config(table),
            placeholder=table.blank,
            # Another key draws the table anew, so that the same row can be chosen again.
            key=f"{key}-table-{turn}",
            on_select="rerun",
            selection_mode="single-row",
            alt=alt,
        )
        st.caption("Choose a row to see its answers.")
        download(table, key=key)
    for row in state.selection.rows:
        if row < len(keys):
            st.session_state[f"{key}-table-turn"] = turn + 1
            opened(keys[row])


def download(table: Table, *, key: str) -> None:
    """The button that downloads the table as CSV."""
    st.download_button(
        "Download as CSV",
        csv_bytes(table),
        file_name=f"assay-{key}.csv",
        mime="text/csv",
        key=f"{key}-csv",
        icon=":material/download:",
        on_click="ignore",
    )


def show(table: Table) -> None:
    """The table alone. Cells are drawn as plain text; an empty one says ``blank``."""
    st.dataframe(
        column_data(table),
        hide_index=True,
        width="stretch",
        column_config=column_config(table),
        placeholder=table.blank,
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
