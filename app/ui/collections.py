"""Making, renaming and deleting collections, and the rules that a collection has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.domain import Collection, IndexAudit
from app.errors import AppError
from app.ui.frame import trouble
from app.ui.safe import plain
from app.ui.words import help_for

LONGEST_NAME = 80


def try_it(action: Callable[[], None]) -> bool:
    """Run what a dialog's button asks for; False where it was refused, which is then said in words."""
    try:
        action()
    except AppError as error:
        trouble(error.message, "", error.remedy)
        return False
    return True


@st.dialog("New collection")
def create_dialog(embedders: Sequence[str], create: Callable[[str, str, bool], None]) -> None:
    """Ask for the name, the embedder and whether only local models may read it."""
    with st.form("collection-new", border=False):
        name = st.text_input("Name", max_chars=LONGEST_NAME, placeholder="Contracts 2024")
        embedder = st.selectbox("Embedder", embedders, help=help_for("embedder"))
        st.caption(
            "The embedder is fixed: every document of a collection is made searchable by the same one."
        )
        local = st.checkbox("Local models only", help=help_for("local only"))
        pressed = st.form_submit_button("Create", type="primary", disabled=not embedders)
    if not embedders:
        st.caption("No embedder is there: open Models to see what is missing.")
    if pressed and embedder and try_it(lambda: create(name, embedder, local)):
        st.rerun()


@st.dialog("Rename the collection")
def rename_dialog(collection: Collection, rename: Callable[[str], None]) -> None:
    """Ask for the new name."""
    with st.form("collection-rename", border=False):
        name = st.text_input("Name", value=collection.name, max_chars=LONGEST_NAME)
        pressed = st.form_submit_button("Rename", type="primary")
    if pressed and try_it(lambda: rename(name)):
        st.rerun()


@st.dialog("Delete the collection")
def delete_dialog(collection: Collection, documents: int, delete: Callable[[bool], None]) -> None:
    """Ask for the typed name; the tick decides over the passages in answers given so far."""
    many = "1 document" if documents == 1 else f"{documents} documents"
    st.markdown(
        f"**{plain(collection.name)}** with its {many} will be deleted. This cannot be undone. "
        "Answers that were given stay, and so do the passages they show, marked “document deleted”."
    )
    with st.form("collection-delete", border=False):
        erase = st.checkbox("Also erase its passages from past answers")
        typed = st.text_input("Type the collection's name to confirm", placeholder=collection.name)
        pressed = st.form_submit_button("Delete for good", type="primary")
    if not pressed:
        return
    if typed.strip() != collection.name.strip():
        trouble("The name does not match, so nothing was deleted.", "", "Type it exactly as it stands above.")
    elif try_it(lambda: delete(erase)):
        st.rerun()


@st.dialog("Delete the document")
def delete_document_dialog(name: str, delete: Callable[[bool], None]) -> None:
    """Ask before a document is deleted."""
    st.markdown(
        f"**{plain(name)}** will no longer be found. Answers that were given stay, and so do the passages "
        "they show, marked “document deleted”."
    )
    erase = st.checkbox("Also erase its passages from past answers", key="document-erase")
    if st.button("Delete", key="document-delete-confirm", type="primary") and try_it(lambda: delete(erase)):
        st.rerun()


def audit_words(audit: IndexAudit) -> str:
    """What an audit of the index found, as one sentence."""
    if audit.queries == 0:
        return "There is nothing searchable to compare yet."
    share = "100%" if audit.recall == 1 else f"{min(audit.recall * 100, 99.9):.1f}%"
    few = ""
    if audit.too_few:
        few = f" {audit.too_few} of {audit.queries} searches returned too few passages: rebuild the index."
    elif audit.recall < 0.9:
        few = " That is low: rebuild the index."
    return (
        f"The index returns {share} of what an exact search would "
        f"({audit.queries} searches for {audit.k} of {audit.passages} passages).{few}"
    )


def leaving_notice(collection: Collection, hosts: Sequence[str], agree: Callable[[str], None]) -> bool:
    """Say that passages would leave this machine, and ask once per collection; True when all may go."""
    for host in hosts:
        if host in collection.agreed_hosts:
            continue
        if collection.local_only:
            trouble(
                f"“{collection.name}” is for local models only, and a lane would send passages to {host}.",
                "",
                "Remove that lane or turn its documents off; the rule can be changed under Documents.",
            )
            return False
        with st.container(border=True):
            st.markdown(
                f":material/outbound: **Your passages leave this machine, to {plain(host)}.** "
                f"The passages found for a question are sent there with it."
            )
            st.button(
                f"Agree for “{plain(collection.name, 60)}”",
                key=f"agree-{host}",
                on_click=agree,
                args=(host,),
            )
        return False
    return True
