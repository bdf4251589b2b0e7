"""The rows of a dataset as a table to type into."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from app.ui.dataset_draft import FIELDS, NUMBER, Draft, Paper, columns_of
from app.ui.words import help_for

TALLEST = 520
HOW = (
    "Several right answers stand in one cell with | between them; any one is enough. To add rows, type into "
    "the empty one at the end or paste from a spreadsheet; to take rows away, tick them and press the bin."
)


def draw_table(draft: Draft, paper: Paper) -> None:
    """The table; what is typed there is in the draft at the next run."""
    st.data_editor(
        columns_of(draft.shown, paper),
        key=draft.key,
        num_rows="dynamic",
        hide_index=True,
        height="content" if len(draft.shown) < 11 else TALLEST,
        disabled=[NUMBER],
        column_config=_columns(draft, paper),
        placeholder="",
        alt="The questions with their right answers, and where these stand in the documents",
    )
    st.caption(HOW)


def _columns(draft: Draft, paper: Paper) -> dict[str, ColumnConfig]:
    config = st.column_config
    columns: dict[str, ColumnConfig] = {
        NUMBER: config.NumberColumn("No.", width=48),
        "question": config.TextColumn("Question", width=330),
        "answers": config.TextColumn("Right answers", width=190, help=help_for("right answers")),
        "unanswerable": config.CheckboxColumn(
            "Not in the documents", width=176, help=help_for("not in the documents")
        ),
        "gold_document": config.SelectboxColumn(
            "Gold document", width=170, options=_documents(draft, paper), help=help_for("gold document")
        ),
        "gold_text": config.TextColumn("Gold text", width=300, help=help_for("gold text")),
        "tags": config.TextColumn("Tags", width=110, help=help_for("tags")),
    }
    return {name: columns[name] for name in (NUMBER, *FIELDS)}


def _documents(draft: Draft, paper: Paper) -> list[str]:
    """What can be chosen: the collection's documents, and whatever the rows name."""
    named = (paper.cells(one.case)["gold_document"] for one in draft.shown)
    return sorted({*draft.documents, *filter(None, named)}, key=str.casefold)
