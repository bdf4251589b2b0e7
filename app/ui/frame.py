"""What every page shares: its opening, the words when something goes wrong, and the sidebar."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from app.domain import Collection, Health, HealthState
from app.errors import AppError
from app.ui.safe import answer_markdown, plain
from app.ui.words import NOTHING_LOST

log = logging.getLogger(__name__)

ICON = Path(__file__).with_name("assay.svg")
FRAMED = "framed"
COLLECTION = "collection"
"""The name of the collection in use: in the address of the page and in the session."""
QUESTION, ANSWER = "question", "answer"
"""The open question, and which of its answers is meant, in the address of Ask."""
DATASET, EXPERIMENT, CASE, OTHER = "dataset", "experiment", "case", "other"
"""What the pages of experiments show, by id; a case by its place in the dataset, from 0."""
VOTER = "voter"
"""Who votes, as typed."""


def configure() -> None:
    """The page's settings. The picture is our own: for others Streamlit asks a font server."""
    st.set_page_config(page_title="Assay", page_icon=str(ICON), layout="wide")


def pages() -> list[st.Page]:
    """The pages in the order of the menu; the first is home."""
    return [
        st.Page("pages/verdict.py", title="Verdict", icon=":material/balance:", default=True),
        st.Page("pages/ask.py", title="Ask", icon=":material/forum:"),
        st.Page("pages/documents.py", title="Documents", icon=":material/folder_open:"),
        st.Page("pages/experiments.py", title="Experiments", icon=":material/science:"),
        st.Page("pages/costs.py", title="Costs", icon=":material/payments:"),
        st.Page("pages/models.py", title="Models", icon=":material/memory:"),
        # Opened from others, by their address only.
        st.Page("pages/dataset.py", title="Dataset", visibility="hidden"),
        st.Page("pages/experiment.py", title="Experiment", visibility="hidden"),
        st.Page("pages/case.py", title="Question", visibility="hidden"),
        st.Page("pages/versus.py", title="Two experiments", visibility="hidden"),
        st.Page("pages/vote.py", title="Vote blind", visibility="hidden"),
    ]


def framed() -> None:
    """Mark the session as running inside streamlit_app.py, which calls this before the page runs."""
    st.session_state[FRAMED] = True


def only_framed() -> None:
    """Each page calls this first, so that it never runs without its frame.

    Until ``st.navigation`` was called once in the process, Streamlit runs the files of pages/ on their own:
    whoever opens a page by its address right after a start would get it without menu and guard.
    """
    if FRAMED not in st.session_state:
        configure()
        st.navigation(pages())
        st.rerun()


def refusal(error: AppError) -> None:
    """A page that only says why Assay cannot open its data, with a button to try again."""

    def refused() -> None:
        open_page("Assay cannot start", "Its data could not be opened, so nothing else is shown.")
        trouble(error.message, NOTHING_LOST, error.remedy)
        st.button("Try again", type="primary", icon=":material/refresh:")

    # Without pages of its own, Streamlit would offer every file of pages/ in the menu.
    st.navigation([st.Page(refused, title="Assay", default=True)], position="hidden").run()


def open_page(title: str, purpose: str) -> None:
    """The title, which may be an untrusted name, and the one sentence that says what the page is for."""
    st.title(plain(title), anchor=False)
    st.markdown(purpose)


@contextmanager
def guard(kept: str = NOTHING_LOST) -> Iterator[None]:
    """Draw what goes wrong inside in words. Wrap each page, and the body of each fragment and callback.

    An AppError tells what happened and what to do; anything else is logged for the operator and told
    without its details. ``kept`` says what is not lost.
    """
    try:
        yield
    except AppError as error:
        trouble(error.message, kept, error.remedy)
    except Exception:
        log.exception("A page failed")
        trouble(
            "Something went wrong inside Assay while this was drawn.",
            kept,
            "Reload the page. If it happens again, the details are in Assay's log.",
        )


def trouble(what: str, kept: str = "", todo: str = "", *, icon: str = ":material/error:") -> None:
    """Something went wrong: what happened, what was kept, what to do. All three may hold untrusted words."""
    lines = [answer_markdown(one) for one in (what, kept, todo) if one]
    if lines and "\n" not in lines[0]:
        lines[0] = f"**{lines[0]}**"
    st.error("\n\n".join(lines), icon=icon)


def empty(words: str, button: str = "", *, key: str = "empty", icon: str = "") -> bool:
    """An empty state: what is missing, and the one button that mends it. True when it was pressed."""
    with st.container(border=True, key=f"{key}-box"):
        st.markdown(words)
        return bool(button) and st.button(button, key=key, type="primary", icon=icon or None)


def sidebar(
    collections: Callable[[], Sequence[Collection]],
    health: Callable[[], Sequence[Health]],
    version: str,
    folder: Path,
) -> None:
    """The collection in use, a line of health for each backend, version and data folder."""
    with st.sidebar:
        with guard():
            _choose_collection(collections())
        with guard():
            _health_lines(health())
        st.caption(f"Assay {plain(version)}  \nData: {plain(str(folder))}")


def is_dark() -> bool:
    """Whether the page is drawn in dark: for what Streamlit cannot recolour by itself."""
    return st.context.theme.type == "dark"


def collection_in_use(collections: Sequence[Collection]) -> Collection | None:
    """The collection chosen in the sidebar or named by the address; None while there is none."""
    by_id = {one.id: one for one in collections}
    named, chosen = st.query_params.get(COLLECTION, ""), str(st.session_state.get(COLLECTION, ""))
    return by_id.get(named) or by_id.get(chosen) or next(iter(collections), None)


def use_collection(collection_id: str) -> None:
    """Make a collection the one in use; the sidebar follows at the next run."""
    st.query_params[COLLECTION] = collection_id


def open_sample(load: Callable[[], tuple[Collection, str]]) -> None:
    """Load the sample workspace, which takes a moment, and make it the collection in use."""
    with st.spinner("Opening the sample workspace…"):
        use_collection(load()[0].id)


def put_in_use(collection_id: str, collections: Sequence[Collection]) -> None:
    """Make a collection the one in use, if it is there; where another one was, the page begins anew."""
    known = {one.id for one in collections}
    now = collection_in_use(collections)
    if collection_id in known and now is not None and now.id != collection_id:
        use_collection(collection_id)
        st.rerun()


def open_question(question_id: str, collection_id: str = "") -> None:
    """Name a question in the address, and the collection that it belongs to where that is there."""
    close_question()
    st.query_params[QUESTION] = question_id
    if collection_id:
        use_collection(collection_id)


def close_question() -> None:
    """No question is open any more."""
    for name in (QUESTION, ANSWER):
        st.query_params.pop(name, None)


def _choose_collection(collections: Sequence[Collection]) -> None:
    if not collections:
        st.caption("No documents yet.")
        return
    names = {one.id: one.name for one in collections}
    asked = st.query_params.get(COLLECTION, "")
    if asked in names:
        st.session_state[COLLECTION] = asked
    elif st.session_state.get(COLLECTION) not in names:
        st.session_state[COLLECTION] = next(iter(names))
    st.selectbox(
        "Collection in use",
        list(names),
        format_func=lambda one: names.get(one, ""),
        key=COLLECTION,
        on_change=_chosen,
    )
    use_collection(st.session_state[COLLECTION])


def _chosen() -> None:
    """Another collection was chosen: a question that is open belongs to the one before."""
    close_question()
    use_collection(st.session_state[COLLECTION])


def _health_lines(health: Sequence[Health]) -> None:
    lines = [_health_line(one) for one in health]
    if lines:
        st.caption("  \n".join(lines))


def _health_line(one: Health) -> str:
    marks = {HealthState.READY: "●", HealthState.ABSENT: "○"}
    return f"{marks.get(one.state, '▲')} {plain(one.words)}"
