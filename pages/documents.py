"""Documents: what is in a collection, what was read of it, and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.domain import Collection, DocumentEntry, Retrieval, Upload, has_pages
from app.services import Services, current
from app.ui import collections, dialogs, frame, passages, reading, upload

PURPOSE = "What your questions are answered from: add documents, see what was read of them, search them."
FIRST = "My documents"


def page(services: Services) -> None:
    frame.open_page("Documents", PURPOSE)
    collection = frame.collection_in_use(services.collections.list())
    # Before what they write is read: what ends meanwhile is still watched, and draws the page anew.
    uploads = services.ingesting.recent(collection.id) if collection else []
    jobs = services.ingesting.upkeep.recent(collection.id) if collection else []
    entries = services.documents.entries(collection.id) if collection else []
    opened = next((one for one in entries if one.document_id == st.query_params.get(reading.DOCUMENT)), None)
    adding, open_now = any(one.busy for one in uploads), opened is not None
    collections.head(collection, entries, jobs, manage(services, collection), opened=open_now, adding=adding)
    if collection is not None and opened is not None:
        document(services, collection, opened)
        return
    reading.close_document()
    drop_zone(services, collection)
    if collection is None:
        return
    ingesting = services.ingesting
    upload.draw_ingests(uploads, ingesting.view, ingesting.stop, ingesting.dismiss)
    reading.retry_box(entries, partial(ingesting.retry, collection.id))
    if entries:
        reading.documents_table(entries)
        with frame.guard():
            find = partial(services.searching.search, collection.id)
            found = reading.search(find, partial(services.searching.read, collection.id), Retrieval.k)
            passages.draw_found(found, Retrieval.k, reading.open_passage)


def manage(services: Services, collection: Collection | None) -> collections.Manage:
    """What can be done with the collection in use."""
    chosen = collection.id if collection else ""
    return collections.Manage(
        embedders=services.backends.embedder_hosts,
        create=partial(create, services),
        rename=partial(services.collections.rename, chosen),
        delete=partial(delete, services, chosen),
        local_only=partial(services.collections.set_local_only, chosen),
        check=partial(services.ingesting.begin_check, chosen),
        rebuild=partial(services.ingesting.begin_rebuild, chosen),
        embed=partial(services.ingesting.begin_reembed, chosen),
        watching=services.ingesting.upkeep,
    )


def create(services: Services, name: str, embedder: str, local_only: bool) -> None:
    made = services.new_collection(name, embedder, local_only=local_only)
    frame.use_collection(made.id)
    reading.close_document()


def delete(services: Services, collection_id: str, from_past_answers: bool) -> None:
    services.ingesting.delete_collection(collection_id, from_past_answers=from_past_answers)
    reading.close_document()


def drop_zone(services: Services, collection: Collection | None) -> None:
    def start(uploads: Sequence[Upload]) -> None:
        made = collection or services.collections.by_name(FIRST) or services.new_collection(FIRST)
        services.ingesting.start(made.id, uploads)
        frame.use_collection(made.id)

    limit = services.settings.upload_mb
    upload.drop_zone("documents-upload", f"Add {upload.FORMATS}", limit, services.ingesting.clashes, start)


def document(services: Services, collection: Collection, entry: DocumentEntry) -> None:
    """One document: its pages as read, its passages, and what can be done with it."""
    chosen = (collection.id, entry.document_id)
    reading.document_head(entry)
    shown = reading.document_bar(entry, partial(services.ingesting.retry, *chosen))
    if dialogs.is_open(reading.DELETE_DOCUMENT):

        def remove(from_past_answers: bool) -> None:
            services.ingesting.delete(*chosen, from_past_answers=from_past_answers)
            reading.close_document()

        collections.delete_document_dialog(entry.name, remove)
    if shown == reading.PASSAGES:
        reading.document_passages(
            services.documents.passages(*chosen), st.query_params.get(reading.PASSAGE, "")
        )
        return
    paged = has_pages(entry.name)
    picture = partial(page_picture, services, entry.document_id, entry.name) if paged else None
    reading.document_pages(services.documents.reading(entry.document_id), picture)


@st.cache_data(max_entries=32, show_spinner="Drawing the page…")
def page_picture(_services: Services, document_id: str, name: str, number: int) -> bytes:
    return _services.page_picture(document_id, number, name)


frame.only_framed()
page(current())
