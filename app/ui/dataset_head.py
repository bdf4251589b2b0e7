"""One dataset: what it holds, its downloads, renaming and deleting it, and which side of it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.domain import Case, Dataset
from app.ui import figures
from app.ui.dataset_draft import Draft, forget
from app.ui.dialogs import close_dialog, confirmed, is_open, open_dialog
from app.ui.experiments import NEW, address
from app.ui.frame import COLLECTION, DATASET, open_page, trouble
from app.ui.reading import addressed
from app.ui.safe import plain
from app.ui.theme import option
from app.ui.work import try_it

PURPOSE = "Questions with their right answers, to put to several models."
NEW_PURPOSE = "Write questions with their right answers, or bring them as a file."
TABLE, EACH, FILE = "Table", "One by one", "Import a file"
SHOW = "show"
"""In the address: which side of the dataset is shown."""
KEPT = "Experiments keep the version that they ran on: a change here leaves their results as they are."
RENAME, DELETE = "dataset-rename", "dataset-delete"
NAME = "dataset-name"
"""The key of a new dataset's name."""
LONGEST_NAME, NAME_WIDTH = 80, 420
_ITEMS = {RENAME: ":material/edit: Rename", DELETE: ":material/delete: Delete"}
_SIDES = {"each": EACH, "import": FILE}


@dataclass(frozen=True)
class Manage:
    """What can be done with the dataset that is open; ``csv`` and ``jsonl`` write cases as a file."""

    rename: Callable[[str], object]
    delete: Callable[[], object]
    csv: Callable[[Sequence[Case]], bytes]
    jsonl: Callable[[Sequence[Case]], bytes]


def back_button() -> None:
    """The way back to all datasets and experiments."""
    if st.button(
        "All questions and experiments", key="dataset-back", icon=":material/arrow_back:", type="tertiary"
    ):
        kept = {name: value for name, value in st.query_params.items() if name == COLLECTION}
        st.switch_page("pages/experiments.py", query_params=kept)


def title(dataset: Dataset | None, named: str) -> None:
    """The name of the dataset, or that it is a new one: then the address has ``named`` none."""
    told = "Dataset" if named else "New dataset"
    open_page(dataset.name if dataset else told, PURPOSE if named else NEW_PURPOSE)


def gone(*, unsaved: bool) -> bool:
    """The dataset of the address is not there; whether something of it can be saved as a new one."""
    if unsaved:
        trouble(
            "This dataset was deleted elsewhere while you changed it.",
            "What you typed is kept here, with all its questions.",
            "Save it under a name, as a new dataset.",
        )
    else:
        trouble(
            "There is no such dataset: it was deleted, or the address is wrong.",
            "Experiments that ran on a deleted one keep their questions and results.",
            "Choose another one, or begin a new one.",
        )
        if st.button("Begin a new dataset", key="dataset-gone-new", icon=":material/add:"):
            st.query_params.pop(DATASET, None)
            st.rerun()
    return unsaved


def new_name() -> str:
    """The name of a dataset that is not saved yet."""
    return st.text_input(
        "Name",
        key=NAME,
        max_chars=LONGEST_NAME,
        placeholder="Questions about contracts",
        width=NAME_WIDTH,
        persist_state="session",
    )


def head(dataset: Dataset, draft: Draft, manage: Manage) -> None:
    """What it holds, and what can be done with it as a whole."""
    st.caption(f"{contents(draft.cases)} · last saved {figures.moment(dataset.changed_at)}. {KEPT}")
    with st.container(horizontal=True, vertical_alignment="center", key="dataset-head"):
        if st.button("New experiment with it", key="dataset-run", icon=":material/science:"):
            st.switch_page("pages/experiments.py", query_params=address(DATASET, dataset.id, **{NEW: "yes"}))
        downloads(dataset.name, draft, manage)
        picked = st.menu_button(
            "Manage", list(_ITEMS), key="dataset-menu", format_func=lambda one: _ITEMS[one]
        )
        if picked:
            open_dialog(picked)
    if is_open(RENAME):
        rename_dialog(dataset, manage.rename)
    elif is_open(DELETE):
        delete_dialog(dataset, manage.delete)


def contents(cases: Sequence[Case]) -> str:
    """How many questions there are, and how many of them have no answer in the documents."""
    without = sum(one.unanswerable for one in cases)
    told = f", {without:,} of them not in the documents" if without else ""
    return figures.count(len(cases), "question") + told


def downloads(name: str, draft: Draft, manage: Manage) -> None:
    """The rows as they are now as a file, in either form."""
    with st.popover("Download", icon=":material/download:", key="dataset-download"):
        if draft.changed:
            st.caption("With what is not saved yet.")
        for label, write, ending, mime in (
            ("As CSV, for spreadsheets", manage.csv, "csv", "text/csv"),
            ("As JSON lines, for programs", manage.jsonl, "jsonl", "application/jsonl"),
        ):
            st.download_button(
                label,
                partial(write, draft.cases),
                file_name=f"{_file_name(name)}.{ending}",
                mime=mime,
                key=f"dataset-{ending}",
                on_click="ignore",
                width="stretch",
            )
        st.caption("Importing either gives the same questions again.")


def _file_name(name: str) -> str:
    """The dataset's name with only what every system takes in a file's name."""
    return "".join(one if one.isalnum() or one in "-_ " else "-" for one in name).strip() or "dataset"


def sides() -> str:
    """Which side is shown; it stands in the address."""
    st.session_state["dataset-side"] = _SIDES.get(st.query_params.get(SHOW, ""), TABLE)
    st.segmented_control(
        "Show",
        [TABLE, EACH, FILE],
        format_func=option,
        required=True,
        key="dataset-side",
        label_visibility="collapsed",
        on_change=_side_addressed,
    )
    return str(st.session_state["dataset-side"])


def show(side: str) -> None:
    """Put a side into the address: it is shown at the next run."""
    addressed(SHOW, next((name for name, one in _SIDES.items() if one == side), ""))


def _side_addressed() -> None:
    show(st.session_state["dataset-side"])


@st.dialog("Rename the dataset", on_dismiss=close_dialog)
def rename_dialog(dataset: Dataset, rename: Callable[[str], object]) -> None:
    """Ask for the new name."""
    with st.form("dataset-rename-form", border=False):
        name = st.text_input("Name", value=dataset.name, max_chars=LONGEST_NAME)
        pressed = st.form_submit_button("Rename", type="primary")
    if pressed and try_it(lambda: rename(name)):
        close_dialog()
        st.rerun()


@st.dialog("Delete the dataset", on_dismiss=close_dialog)
def delete_dialog(dataset: Dataset, delete: Callable[[], object]) -> None:
    """Ask for the typed name."""
    st.markdown(
        f"**{plain(dataset.name)}** with its {figures.count(dataset.size, 'question')} will be deleted. "
        "This cannot be undone. Experiments that ran on it keep their questions and results."
    )
    sure, _ = confirmed("dataset-delete-form", "dataset", dataset.name)
    if sure and try_it(delete):
        close_dialog()
        forget(dataset.id)
        st.switch_page("pages/experiments.py")
