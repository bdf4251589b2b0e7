"""What stands above every page while something is wrong with the data folder."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.ui import frame, upkeep, work

READ_ONLY = "Nothing can be saved now: what you see stays on the screen, but is not kept."
KEPT = "Your documents and answers are kept in the database; only the index for searching is hurt."
KEPT_UNSEEN = "Your documents and answers are kept. Whether the index finds all of them is not known."


def database_banner(trouble: str, *, only_read: bool = False) -> None:
    """``trouble`` says why the database cannot be written; "" draws nothing.

    ``only_read``: nothing will be, until Assay is started again, as ``trouble`` says.
    """
    if trouble:
        again = "" if only_read else "Mend the cause; the next save tries again by itself."
        frame.trouble(trouble, READ_ONLY, again)


def unseen_banner(trouble: str) -> None:
    """``trouble`` says why nobody could look at the index, and what to do; "" draws nothing."""
    if trouble:
        frame.trouble(trouble, KEPT_UNSEEN, "Assay looks again at its next start.")


def index_banner(trouble: str, mend: Callable[[], object], watching: upkeep.Watching) -> None:
    """``trouble`` says what the probe of the index found; "" draws nothing. One click mends it.

    How far that is, and what it came to, stands above every page (``watching``).
    """
    jobs = watching.recent("")
    if trouble and not any(one.busy for one in jobs):
        frame.trouble(trouble, KEPT, "Rebuild the index: nothing has to be embedded again.")
        label = "Rebuild the index"
        if st.button(label, type="primary", key="mend-index", icon=":material/build:") and work.try_it(mend):
            st.rerun()
    upkeep.draw(jobs, watching)
