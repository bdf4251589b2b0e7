"""What stands above every page while something is wrong with the data folder."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.ui import frame

READ_ONLY = "Nothing can be saved now: what you see stays on the screen, but is not kept."
KEPT = "Your documents and answers are kept in the database; only the index for searching is hurt."
KEPT_UNSEEN = "Your documents and answers are kept. Whether the index finds all of them is not known."


def database_banner(trouble: str) -> None:
    """``trouble`` says why the database cannot be written; "" draws nothing."""
    if trouble:
        frame.trouble(trouble, READ_ONLY, "Mend the cause; the next save tries again by itself.")


def unseen_banner(trouble: str) -> None:
    """``trouble`` says why nobody could look at the index, and what to do; "" draws nothing."""
    if trouble:
        frame.trouble(trouble, KEPT_UNSEEN, "Assay looks again at its next start.")


def index_banner(trouble: str, mend: Callable[[], None]) -> None:
    """``trouble`` says what the probe of the index found; "" draws nothing. One click mends it."""
    if not trouble:
        return
    frame.trouble(trouble, KEPT, "Rebuild the index: nothing has to be embedded again.")
    if st.button("Rebuild the index", type="primary", key="mend-index", icon=":material/build:"):
        with st.spinner("Rebuilding the index from the database…", show_time=True), frame.guard(KEPT):
            mend()
            st.rerun()
