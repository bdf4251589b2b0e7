"""Which dialog is open: it stays so while the page behind it is drawn anew."""

from __future__ import annotations

import streamlit as st

_OPEN = "dialog"


def open_dialog(name: str) -> None:
    """Open the dialog of that name; to be called by a button."""
    st.session_state[_OPEN] = name


def close_dialog() -> None:
    """Close whichever is open; also for a dialog's ``on_dismiss``."""
    st.session_state.pop(_OPEN, None)


def is_open(name: str) -> bool:
    """Whether that dialog is to be drawn."""
    return st.session_state.get(_OPEN) == name
