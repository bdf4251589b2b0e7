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
            given = (one.retrieval.collection_id for one in experiment.candidates if one.retrieval)
            remedy_link(cause, experiment, next(given, ""))
            if opened and st.button("Show them", key=f"next-show-{cause.name}", type="tertiary"):
                opened("", cause.value)


def remedy_link(cause: Cause, experiment: Experiment, collection_id: str) -> None:
    """The way to the page where a cause is mended; ``collection_id``: whose documents, "" for none."""
    page = words_of(cause).page
    st.page_link(
        f"pages/{page}.py",
        label=_PAGES[page],
        icon=":material/arrow_forward:",
        query_params=remedy_query(page, experiment, collection_id),
    )


def remedy_query(page: str, experiment: Experiment, collection_id: str) -> dict[str, str]:
    """What the address of that page names."""
    if page == "dataset":
        return address(DATASET, experiment.dataset_id)
    if page == "experiments":
        return address(NEW, "yes", **{DATASET: experiment.dataset_id})
    return {COLLECTION: collection_id} if collection_id and page == "documents" else {}
