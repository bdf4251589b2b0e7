"""Context drift in the form of a new experiment: which lengths of prompts, and what of them can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.domain import Candidate, DriftCheck, DriftPlan, drifted
from app.errors import AppError
from app.ui import figures
from app.ui.experiment_form_options import KEPT
from app.ui.frame import trouble
from app.ui.safe import plain
from app.ui.words import help_for

LENGTHS = (1, 4, 8, 16, 32)
FIRST = (1, 4, 8)
WHAT_IT_DOES = (
    "Nothing is searched: the passage with the right answer is put at the front, in the middle and at the "
    "end of prompts of so many passages, so that each length makes three candidates, and 1 makes one."
)
NO_LENGTH = "Choose at least one length of 4 passages or more: in a shorter prompt there is no other place."
NO_DOCUMENTS = "The place of a passage can only be tried with documents: tick them for at least one model."
Check = Callable[[str, Sequence[Candidate]], DriftCheck]


def lengths() -> tuple[int, ...] | None:
    """The lengths of the prompts; None where the place of the right passage is not tried."""
    tried = st.checkbox(
        "Try where the right passage stands",
        key="experiment-drift",
        help=help_for("context drift"),
        persist_state=KEPT,
    )
    if not tried:
        return None
    chosen = st.pills(
        "Passages in a prompt",
        LENGTHS,
        default=FIRST,
        selection_mode="multi",
        key="experiment-drift-lengths",
        help=help_for("drift lengths"),
        persist_state=KEPT,
    )
    st.caption(WHAT_IT_DOES)
    return tuple(sorted(chosen))


def placed(candidates: Sequence[Candidate], chosen: Sequence[int] | None) -> tuple[Candidate, ...]:
    """Those with documents once for each length and place; those without as they are."""
    if not chosen:
        return tuple(candidates)
    plan = DriftPlan(tuple(chosen))
    made = [drifted(one, plan) if one.with_documents else (one,) for one in candidates]
    return tuple(dict.fromkeys(one for several in made for one in several))


def wrong(candidates: Sequence[Candidate], chosen: Sequence[int] | None) -> str:
    """Why places cannot be tried like this, "" where they can."""
    if chosen is None:
        return ""
    if not any(one.with_documents for one in candidates):
        return NO_DOCUMENTS
    return "" if any(one > 1 for one in chosen) else NO_LENGTH


def askable(dataset_id: str, candidates: Sequence[Candidate], check: Check) -> tuple[Candidate, ...]:
    """What of it can be asked, and in words what cannot; nothing where nothing can."""
    try:
        with st.spinner("Looking at what fits…", show_time=True):
            found = check(dataset_id, candidates)
    except AppError as error:
        trouble(error.message, "", error.remedy)
        return ()
    for words in told(found):
        st.caption(f":material/info: {plain(words, 600)}")
    return found.candidates


def told(check: DriftCheck) -> list[str]:
    """Which questions and which lengths are not asked, and why."""
    missing = check.of - len(check.cases)
    what = "they have no gold text, or no passage of the documents holds all of it"
    words = f"{missing:,} of {figures.count(check.of, 'question')} left out: {what}."
    return [*([words] if missing else []), *check.left_out]
