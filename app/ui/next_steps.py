"""What to do next: the remedies of the largest causes, each with a link to the page that does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.domain import Cause, Experiment, words_of
from app.ui import figures
from app.ui.experiments import NEW, address
from app.ui.frame import COLLECTION, DATASET
from app.ui.safe import plain

_PAGES = {
    "dataset": "To the questions",
    "documents": "To the documents",
    "experiments": "To a new experiment",
    "models": "To the models",
}
Largest = Sequence[tuple[Cause, int]]
"""Causes with how many answers each has, the largest first."""


def draw_next(
    largest: Largest, experiment: Experiment, opened: Callable[[str, str], None] | None = None
) -> None:
    """A line for each cause; with ``opened`` a button shows its answers, too."""
    if not largest:
        return
    st.markdown("#### What to do next")
    for cause, count in largest:
        words = words_of(cause)
        with st.container(horizontal=True, vertical_alignment="center", key=f"next-{cause.name.lower()}"):
            st.markdown(
                f"**{words.title}** ({figures.count(count, 'answer')}): {plain(words.remedy)}",
                width="content",
            )
            st.page_link(
                f"pages/{words.page}.py",
                label=_PAGES[words.page],
                icon=":material/arrow_forward:",
                query_params=_query(words.page, experiment),
            )
            if opened and st.button(
                f"Show the {figures.count(count, 'answer')}", key=f"next-show-{cause.name}", type="tertiary"
            ):
                opened("", cause.value)


def _query(page: str, experiment: Experiment) -> dict[str, str]:
    if page == "dataset":
        return address(DATASET, experiment.dataset_id)
    if page == "experiments":
        return address(NEW, "yes", **{DATASET: experiment.dataset_id})
    given = [one.retrieval.collection_id for one in experiment.candidates if one.retrieval]
    return {COLLECTION: given[0]} if given and page == "documents" else {}
