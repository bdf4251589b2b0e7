"""The documents of a collection as a table, and one document as it was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial

import streamlit as st

from app.domain import DocumentEntry, DocumentState, FoundPassage, Passage, ReadDocument, has_pages
from app.errors import AppError
from app.ui import figures
from app.ui.dialogs import open_dialog
from app.ui.places import without_name
from app.ui.safe import excerpt, plain
from app.ui.tables import Table, choosing_table
from app.ui.theme import option
from app.ui.words import DOCUMENT_STATES, help_for
from app.ui.work import do

PASSAGES_A_PAGE = 20
NAME_WIDTH, STATE_WIDTH, WARNING_WIDTH = 190, 132, 260
"""Pixels: name and state fit beside each other on a phone, all columns at 1366."""
FOUND = 10
FEW_LEFT = 3
"""So many unfinished documents are shown each with its Retry; more behind a line."""
READ, PASSAGES = "What was read", "Passages"
SEARCH, SHOW, PASSAGE, DOCUMENT = "search", "show", "passage", "document"
"""The names in the address of the page: the search, the side of the open document, the passage of it."""
DELETE_DOCUMENT = "document-delete"


def addressed(name: str, value: str) -> None:
    """Put a value into the address of the page; "" takes it out."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def passage_address(document_id: str, passage_id: str) -> dict[str, str]:
    """What the page's address names where that passage of a document is open; "" opens the document."""
    passage = {SHOW: PASSAGES.lower(), PASSAGE: passage_id} if passage_id else {}
    return {DOCUMENT: document_id} | passage


def open_document(document_id: str) -> None:
    """Open a document: the page is drawn with it at the next run."""
    close_document()
    addressed(DOCUMENT, document_id)


def open_passage(passage: Passage) -> None:
    """Open a passage in its document."""
    close_document()
    for name, value in passage_address(passage.document_id, passage.id).items():
        addressed(name, value)


def close_document() -> None:
    """Back to all documents; the search stays."""
    for name in (DOCUMENT, SHOW, PASSAGE):
        addressed(name, "")


def documents_table(entries: Sequence[DocumentEntry]) -> None:
    """The documents with their states; choosing a row, or the name in the box, opens one."""
    names = {one.document_id: one.name for one in entries}
    picked = st.selectbox(
        "Open a document",
        list(names),
        index=None,
        format_func=lambda one: names.get(one, ""),
        key="document-open",
        placeholder="Open a document: type a part of its name, or choose a row",
        label_visibility="collapsed",
    )
    if picked:
        open_document(picked)
        st.rerun()
    state = choosing_table(
        table_of(entries),
        key="documents",
        config={
            "Name": st.column_config.TextColumn(width=NAME_WIDTH),
            "State": st.column_config.TextColumn(width=STATE_WIDTH),
            "Warning": st.column_config.TextColumn(width=WARNING_WIDTH),
            "Pages": st.column_config.NumberColumn(width=60, help=help_for("pages")),
            "Passages": st.column_config.NumberColumn(width=80, help=help_for("passage")),
            "Added": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", width=145),
        },
        alt="The documents of the collection with state, warning, pages and passages",
    )
    rows = state.selection.rows
    if rows:
        open_document(entries[rows[0]].document_id)
        st.rerun()


def table_of(entries: Sequence[DocumentEntry]) -> Table:
    """A row for each document; cells hold raw text, which a table draws as typed."""
    rows = tuple(
        (
            one.name,
            DOCUMENT_STATES[one.state],
            without_name(one.error or one.warning, one.name),
            (one.pages or None) if has_pages(one.name) else None,
            one.passages,
            one.added_at,
        )
        for one in entries
    )
    return Table(("Name", "State", "Warning", "Pages", "Passages", "Added"), rows, blank="")


def unfinished(entries: Sequence[DocumentEntry]) -> list[DocumentEntry]:
    """The documents that can be tried again."""
    return [one for one in entries if one.state is DocumentState.NOT_FINISHED]


def retry_box(entries: Sequence[DocumentEntry], retry: Callable[..., object]) -> None:
    """What was left unfinished, each with its Retry; of several all at once, too.

    ``retry`` takes the ids of documents.
    """
    left = unfinished(entries)
    if len(left) > 1:
        many = figures.count(len(left), "document")
        _retry(
            f"**{many}** are not finished.",
            "Retry all",
            "all",
            partial(retry, *[one.document_id for one in left]),
        )
    with st.expander("One by one", key="retry-each") if len(left) > FEW_LEFT else nullcontext():
        for one in left:
            told = f"**{plain(one.name, 120)}** is not finished. {plain(one.error, 400)}"
            _retry(told, "Retry", one.document_id, partial(retry, one.document_id))


def _retry(told: str, label: str, key: str, again: Callable[[], object]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"retry-{key}"):
        st.markdown(f":material/warning: {told}", width="stretch")
        st.button(label, key=f"retry-button-{key}", icon=":material/replay:", on_click=do, args=(again,))


def document_head(entry: DocumentEntry) -> None:
    """The name of the open document and how it stands, and the way back to all of them."""
    st.button(
        "All documents",
        key="document-back",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=close_document,
    )
    st.subheader(plain(entry.name), anchor=False)
    pages = [figures.count(entry.pages, "page")] if entry.pages and has_pages(entry.name) else []
    sizes = [*pages, figures.count(entry.passages, "passage"), figures.count(entry.size, "byte")]
    st.caption(" · ".join([DOCUMENT_STATES[entry.state], *sizes]))
    for words in (entry.error, entry.warning):
        if words:
            st.warning(plain(words, 600), icon=":material/warning:")


def document_bar(entry: DocumentEntry, retry: Callable[[], object]) -> str:
    """Which side of the document is shown, Retry where it was not finished, and Delete."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="document-bar"):
        shown = st.segmented_control(
            "Show",
            [READ, PASSAGES],
            default=PASSAGES if st.query_params.get(SHOW) == PASSAGES.lower() else READ,
            format_func=option,
            required=True,
            key="document-view",
            label_visibility="collapsed",
            on_change=_view_addressed,
        )
        st.space("stretch")
        if entry.state in {DocumentState.NOT_FINISHED, DocumentState.UNREADABLE}:
            st.button("Retry", key="document-retry", icon=":material/replay:", on_click=do, args=(retry,))
        st.button(
            "Delete",
            key="document-delete",
            icon=":material/delete:",
            on_click=open_dialog,
            args=(DELETE_DOCUMENT,),
        )
    return str(shown)


def _view_addressed() -> None:
    """Put the chosen side of the document into the address; a passage is open on its own side only."""
    passages = st.session_state["document-view"] == PASSAGES
    addressed(SHOW, PASSAGES.lower() if passages else "")
    addressed(PASSAGE, "")


def search(
    find: Callable[[str, int], Sequence[FoundPassage]], read: Callable[[str], int], given: int
) -> Sequence[FoundPassage]:
    """What is found for the words typed, without a model; ``find`` is given them and how many to find.

    The words stand in the address of the page. ``read`` tells how many of their characters count, ``given``
    is how many of what is found Ask gives to a model.
    """
    st.subheader("Search without a model", anchor=False)
    st.caption(
        "Passages by their similarity to your words. No model writes an answer. "
        f"Ask gives the first {given} to a model, unless a lane is set otherwise."
    )
    query = st.text_input(
        "Search",
        st.query_params.get(SEARCH, ""),
        key=SEARCH,
        placeholder="Words or a question",
        label_visibility="collapsed",
        max_chars=2000,
        on_change=_search_addressed,
    )
    query = query.strip()
    if not query:
        return ()
    found = find(query, FOUND)
    if found and (counted := read(query)) < len(query):
        st.caption(f"Only the first {counted:,} characters were searched for: the embedder reads no more.")
    return found


def _search_addressed() -> None:
    """Put what was typed into the address."""
    addressed(SEARCH, st.session_state[SEARCH].strip())


def document_pages(reading: ReadDocument | None, picture: Callable[[int], bytes] | None) -> None:
    """What was read, page by page; ``picture`` gives a page as PNG where the format has pages to show."""
    if reading is None or not reading.pages:
        st.markdown("Nothing was read of this document.")
        return
    number = 1
    if len(reading.pages) > 1:
        number = st.pagination(len(reading.pages), key="document-page")
    page = reading.pages[min(number, len(reading.pages)) - 1]
    if picture is None:
        _page_text(page.text)
        return
    beside, text = st.columns(2, gap="medium")
    with beside:
        _page_picture(picture, page.number)
    with text:
        _page_text(page.text)


def _page_text(text: str) -> None:
    with st.container(border=True, key="document-text"):
        if text.strip():
            st.markdown(excerpt(text))
        else:
            st.caption("Nothing could be read here.")


def _page_picture(picture: Callable[[int], bytes], number: int) -> None:
    try:
        with st.container(border=True):
            st.image(picture(number), width="stretch", alt=f"Page {number} as it looks")
    except AppError as error:
        st.caption(plain(str(error), 600))


def document_passages(passages: Sequence[Passage], chosen: str = "") -> None:
    """The passages of a document in their order.

    One that was ``chosen`` (its id) stands alone with the others folded below: on a page so short it is in
    sight, wherever the list that it was chosen from was scrolled to.
    """
    if not passages:
        st.markdown("This document has no passages.")
        return
    ordered = sorted(passages, key=lambda one: one.start)
    place = next((place for place, one in enumerate(ordered, start=1) if one.id == chosen), 0)
    if not place:
        _all_passages(ordered)
        return
    _passage(ordered[place - 1], place, len(ordered), "Found: ")
    with st.expander(f"All passages ({len(ordered)})", key="document-passages"):
        _all_passages(ordered)


def _all_passages(ordered: Sequence[Passage]) -> None:
    parts = -(-len(ordered) // PASSAGES_A_PAGE)
    part = st.pagination(parts, key="document-part") if parts > 1 else 1
    first = (min(part, parts) - 1) * PASSAGES_A_PAGE
    for place, one in enumerate(ordered[first : first + PASSAGES_A_PAGE], start=first + 1):
        _passage(one, place, len(ordered))


def _passage(one: Passage, place: int, of: int, before: str = "") -> None:
    page = f", page {one.page}" if has_pages(one.document_name) else ""
    with st.container(border=True, gap="xsmall"):
        st.caption(f"{before}Passage {place} of {of}{page}, characters {one.start:,} to {one.end:,}")
        st.markdown(excerpt(one.text))
