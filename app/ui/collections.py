"""Making, renaming and deleting collections, and the rules that a collection has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Collection, DocumentEntry, DocumentState, IndexAudit, UpkeepView
from app.ui import figures, upkeep, work
from app.ui.dialogs import close_dialog, confirmed, is_open, open_dialog
from app.ui.frame import trouble
from app.ui.safe import plain
from app.ui.upkeep import Watching
from app.ui.words import DOCUMENT_STATES, SEARCH_MODEL, help_for
from app.ui.work import try_it

LONGEST_NAME = 80
COPIES = (
    "Backups, and the copies from before an upgrade or a restore (“copies” and “before-restore-…” in the "
    "data folder), are not changed: delete them yourself where they must go, too."
)

CREATE, RENAME, EMBED, DELETE = "collection-new", "collection-rename", "collection-embed", "collection-delete"
CHECK, REBUILD, LOCAL, ANYWHERE = "check", "rebuild", "local", "anywhere"
_ITEMS = {
    RENAME: ":material/edit: Rename",
    CHECK: ":material/fact_check: Check the index",
    REBUILD: ":material/build: Rebuild the index",
    EMBED: ":material/sync: Change the embedder",
    LOCAL: ":material/lock: Local models only",
    ANYWHERE: ":material/lock_open: Allow models elsewhere",
    DELETE: ":material/delete: Delete",
}

_AS_COUNTED = {
    one: DOCUMENT_STATES[one]
    for one in (DocumentState.SEARCHABLE, DocumentState.UNREADABLE, DocumentState.NOT_FINISHED)
}


@dataclass(frozen=True)
class Manage:
    """What can be done with the collection in use, and how a new one is made.

    ``embedders`` tells their names, each with the host that texts are sent to ("" for this machine).
    ``check``, ``rebuild`` and ``embed`` only begin: they take long, and ``watching`` shows how far they are.
    """

    embedders: Callable[[], Mapping[str, str]]
    create: Callable[[str, str, bool], object]
    rename: Callable[[str], object]
    delete: Callable[[bool], object]
    local_only: Callable[[bool], object]
    check: Callable[[], object]
    rebuild: Callable[[], object]
    embed: Callable[[str], object]
    watching: Watching


def head(
    collection: Collection | None,
    entries: Sequence[DocumentEntry],
    jobs: Sequence[UpkeepView],
    manage: Manage,
    *,
    opened: bool = False,
    adding: bool = False,
) -> None:
    """The collection in use (the sidebar chooses it), what can be done with it, and a new one.

    ``jobs`` are the work on it; what that came to is put away where one of its documents is ``opened``.
    ``adding``: documents come in while it is shown.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="collection-head"):
        if collection is not None:
            st.subheader(plain(collection.name), anchor=False, help=help_for("collection"), width="content")
        st.button(
            "New collection",
            key="collection-add",
            icon=":material/add:",
            on_click=open_dialog,
            args=(CREATE,),
        )
        if collection is not None:
            _menu(collection, manage)
    if collection is not None:
        st.caption(_about(collection, entries, adding=adding))
        upkeep.draw(jobs, manage.watching, audit_words, opened=opened)
    _dialogs(collection, len(entries), manage)


def _menu(collection: Collection, manage: Manage) -> None:
    hidden = ANYWHERE if not collection.local_only else LOCAL
    items = [one for one in _ITEMS if one != hidden]
    picked = st.menu_button("Manage", items, key="collection-menu", format_func=lambda one: _ITEMS[one])
    if picked in {RENAME, EMBED, DELETE}:
        open_dialog(picked)
    elif picked and try_it(lambda: _at_once(picked, manage)):
        st.rerun()


def _at_once(picked: str, manage: Manage) -> None:
    """What needs no dialog."""
    if picked == CHECK:
        manage.check()
    elif picked == REBUILD:
        manage.rebuild()
    else:
        manage.local_only(picked == LOCAL)


def _about(collection: Collection, entries: Sequence[DocumentEntry], *, adding: bool) -> str:
    # A count would be past at once; how far the upload is stands below.
    parts = ["documents are being added" if adding else counted(entries)]
    parts.append(f"{SEARCH_MODEL}: {plain(collection.embedder.name)}")
    if collection.local_only:
        parts.append("local models only")
    elif collection.agreed_hosts:
        parts.append("passages may go to " + ", ".join(plain(one) for one in collection.agreed_hosts))
    return " · ".join(parts)


def counted(entries: Sequence[DocumentEntry]) -> str:
    """How many documents there are, and how many of them are searchable: "3 documents: 2 searchable, …"."""
    many = figures.count(len(entries), "document")
    if all(one.state is DocumentState.SEARCHABLE for one in entries):
        return many + {0: "", 1: ", searchable"}.get(len(entries), ", all searchable")
    states = Counter(_AS_COUNTED.get(one.state, "being added") for one in entries)
    ordered = (*_AS_COUNTED.values(), "being added")
    return f"{many}: " + ", ".join(f"{states[one]} {one}" for one in ordered if states[one])


def _dialogs(collection: Collection | None, documents: int, manage: Manage) -> None:
    """The one that is open, if any."""
    if is_open(CREATE):
        create_dialog(manage.embedders(), manage.create)
    if collection is None:
        return
    if is_open(RENAME):
        rename_dialog(collection, manage.rename)
    elif is_open(EMBED):
        embed_dialog(collection, manage.embedders(), manage.embed)
    elif is_open(DELETE):
        delete_dialog(collection, documents, manage.delete)


def _done(action: Callable[[], object]) -> None:
    """Run what a dialog's button asks for, and close the dialog if it was done."""
    if try_it(action):
        close_dialog()
        st.rerun()


@st.dialog("New collection", on_dismiss=close_dialog)
def create_dialog(embedders: Mapping[str, str], create: Callable[[str, str, bool], object]) -> None:
    """Ask for the name, the embedder and whether only local models may read it."""
    with st.form("collection-new", border=False):
        name = st.text_input("Name", max_chars=LONGEST_NAME, placeholder="Contracts 2024")
        embedder = _embedder(embedders, 0)
        st.caption(
            "It makes the documents searchable; all of a collection by the same one. It writes no answers."
        )
        local = st.checkbox("Local models only", help=help_for("local only"))
        pressed = st.form_submit_button("Create", type="primary", disabled=not embedders)
    if not embedders:
        st.caption(f"No {SEARCH_MODEL} is there: open Models to see what is missing.")
    if pressed and embedder:
        # A server may have to load it first.
        with st.spinner(f"Trying the {SEARCH_MODEL}…", show_time=True):
            _done(lambda: create(name, embedder, local))


def _embedder(embedders: Mapping[str, str], place: int) -> str | None:
    def told(name: str) -> str:
        host = embedders.get(name, "")
        return f"{name} (your documents are sent to {host})" if host else name

    return st.selectbox(
        SEARCH_MODEL.capitalize(), list(embedders), index=place, format_func=told, help=help_for("embedder")
    )


@st.dialog("Rename the collection", on_dismiss=close_dialog)
def rename_dialog(collection: Collection, rename: Callable[[str], object]) -> None:
    """Ask for the new name."""
    with st.form("collection-rename", border=False):
        name = st.text_input("Name", value=collection.name, max_chars=LONGEST_NAME)
        pressed = st.form_submit_button("Rename", type="primary")
    if pressed:
        _done(lambda: rename(name))


@st.dialog("Change the embedder", on_dismiss=close_dialog)
def embed_dialog(
    collection: Collection, embedders: Mapping[str, str], embed: Callable[[str], object]
) -> None:
    """Make the collection searchable anew, by the embedder that is chosen."""
    st.markdown(
        f"Every passage of **{plain(collection.name)}** is embedded anew. That takes about as long as adding "
        "the documents did; past answers stay as they are."
    )
    with st.form("collection-embed-form", border=False):
        place = (
            list(embedders).index(collection.embedder.name) if collection.embedder.name in embedders else 0
        )
        embedder = _embedder(embedders, place)
        pressed = st.form_submit_button("Make it searchable anew", type="primary", disabled=not embedders)
    if pressed and embedder:
        _done(lambda: embed(embedder))


@st.dialog("Delete the collection", on_dismiss=close_dialog)
def delete_dialog(collection: Collection, documents: int, delete: Callable[[bool], object]) -> None:
    """Ask for the typed name; the tick decides over the passages in answers given so far."""
    many = "1 document" if documents == 1 else f"{documents} documents"
    st.markdown(
        f"**{plain(collection.name)}** with its {many} will be deleted. This cannot be undone. "
        "Answers that were given stay under its name, with the passages they show, marked “document deleted”."
    )
    tick = "Also erase its name, and its passages from past answers"
    st.caption(COPIES)
    sure, erase = confirmed("collection-delete", "collection", collection.name, tick)
    if sure:
        _done(lambda: delete(erase))


@st.dialog("Delete the document", on_dismiss=close_dialog)
def delete_document_dialog(name: str, delete: Callable[[bool], object]) -> None:
    """Ask before a document is deleted."""
    st.markdown(
        f"**{plain(name)}** will no longer be found. Answers that were given stay, and so do the passages "
        "they show, marked “document deleted”."
    )
    erase = st.checkbox("Also erase its passages from past answers", key="document-erase")
    st.caption(COPIES)
    if st.button("Delete", key="document-delete-confirm", type="primary"):
        _done(lambda: delete(erase))


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
        f"({figures.count(audit.queries, 'search', 'searches')}, {_each_for(audit)}).{few}"
    )


def _each_for(audit: IndexAudit) -> str:
    if audit.passages == 1:
        return "for the only passage"
    if audit.k >= audit.passages:
        return f"each for all {audit.passages:,} passages"
    return f"each for the nearest {audit.k} of {audit.passages:,} passages"


def leaving_notice(collection: Collection, hosts: Sequence[str], agree: Callable[[str], object]) -> bool:
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
                on_click=work.do,
                args=(agree, host),
            )
        return False
    return True
