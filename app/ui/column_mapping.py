"""Which column of an uploaded file is what: guessed by their names, changed by the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from app.ui.words import help_for

NONE = "(none)"
Fields = Mapping[str, tuple[str, str]]
"""How each field is called on screen, and the name of its help sentence ("" for none)."""


def choose_columns(
    fields: Fields, columns: Sequence[str], guessed: Mapping[str, str], file: str, *, key: str
) -> dict[str, str]:
    """Field -> column, "" for none. ``file`` tells one upload from another, ``key`` one form from another."""
    chosen: dict[str, str] = {}
    grid = st.grid(3, min_column_width=200, key=f"{key}-columns")
    offered = [NONE, *columns]
    for name, (label, helping) in fields.items():
        with grid.cell():
            picked = st.selectbox(
                label,
                offered,
                index=offered.index(guessed.get(name) or NONE),
                key=f"{key}-{file}-{name}",
                help=help_for(helping) if helping else None,
            )
        chosen[name] = "" if picked in {NONE, None} else str(picked)
    return chosen


def taken_twice(chosen: Iterable[str]) -> str:
    """A column that is chosen for two fields, in quotes; "" where none is."""
    used = [one for one in chosen if one]
    return next((f"“{one}”" for one in used if used.count(one) > 1), "")
