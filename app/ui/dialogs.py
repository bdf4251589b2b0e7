"""Which dialog is open: it stays so while the page behind it is drawn anew."""

from __future__ import annotations

import streamlit as st

from app.ui.frame import trouble

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


def confirmed(key: str, what: str, name: str, tick: str = "") -> tuple[bool, bool]:
    """Whether something was to be deleted for good and its ``name`` was typed; and whether ``tick`` was set.

    A form in a dialog, so that nothing is deleted by a stray key: ``what`` is "dataset", say. Where another
    name was typed that is said there.
    """
    with st.form(key, border=False):
        ticked = bool(tick) and st.checkbox(tick)
        typed = st.text_input(f"Type the {what}'s name to confirm", placeholder=name)
        pressed = st.form_submit_button("Delete for good", type="primary")
    right = typed.strip() == name.strip()
    if pressed and not right:
        trouble("The name does not match, so nothing was deleted.", "", "Type it exactly as it stands above.")
    return pressed and right, ticked
