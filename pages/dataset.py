"""Dataset: questions with their right answers, edited, imported and exported."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.domain import Collection, Dataset, DocumentState
from app.evaluation.datasets import editing, importing, jsonl, table
from app.services import Services, current
from app.ui import (
    dataset_draft,
    dataset_gold,
    dataset_head,
    dataset_import,
    dataset_question,
    dataset_saving,
    dataset_table,
    frame,
)
from app.ui.dataset_draft import Draft, Paper
from app.ui.dataset_saving import Saving, Store

PAPER = Paper(editing.cells_of, editing.typed)


def page(services: Services) -> None:
    dataset_head.back_button()
    named = st.query_params.get(frame.DATASET, "")
    dataset = next((one for one in services.datasets.list() if one.id == named), None)
    dataset_head.title(dataset, named)
    if named and dataset is None and not dataset_head.gone(unsaved=dataset_draft.unsaved(named)):
        return
    collection = frame.collection_in_use(services.collections.list())
    entries = services.documents.entries(collection.id) if collection else []
    documents = [one.name for one in entries if one.state is DocumentState.SEARCHABLE]
    version = dataset.version if dataset else ""
    draft = dataset_draft.opened(named, version, services.datasets.cases, PAPER, documents)
    if dataset:
        dataset_head.head(dataset, draft, manage(services, dataset))
    side = dataset_head.sides()
    if side == dataset_head.FILE:
        from_file(services, dataset, draft)
    else:
        edit(services, dataset, draft, collection, side)


def manage(services: Services, dataset: Dataset) -> dataset_head.Manage:
    """What can be done with the dataset as a whole."""
    return dataset_head.Manage(
        partial(services.datasets.rename, dataset.id),
        partial(services.datasets.delete, dataset.id),
        csv=table.written,
        jsonl=jsonl.written,
    )


def edit(
    services: Services, dataset: Dataset | None, draft: Draft, collection: Collection | None, side: str
) -> None:
    """The rows, as a table or one by one, and how they are saved."""
    name = "" if dataset else dataset_head.new_name()
    dataset_saving.save_bar(draft, saving(services, dataset, draft, name))
    looking = looking_in(services, collection, draft) if collection else None
    number = dataset_gold.opened_row(draft.rows) if side == dataset_head.EACH else None
    if number is not None:
        dataset_question.draw(draft, number, looking)
        return
    if looking is not None:
        dataset_gold.summary(draft.rows, looking)
    if side == dataset_head.EACH:
        dataset_question.add_button(draft)
        dataset_gold.choose(draft.rows, looking)
    else:
        dataset_table.draw_table(draft, PAPER)


def saving(services: Services, dataset: Dataset | None, draft: Draft, name: str = "") -> Saving:
    """What of the draft can be saved, and how."""
    it = services.datasets
    store = Store(it.cases, it.create, it.save, it.save_over, it.save_apart)
    return dataset_saving.saving_of(draft, dataset, name, editing.sorted_out(draft.rows), store)


def looking_in(services: Services, collection: Collection, draft: Draft) -> dataset_gold.Looking:
    """The search for the gold text in the collection in use, begun for what is not found yet."""
    places, golds = services.whereabouts, draft.gold
    dataset_gold.begin(collection, partial(places.look, collection, golds))
    begin = partial(places.look, collection, golds, again=True)
    look, stop = partial(places.view, collection, golds), partial(places.stop, collection)
    return dataset_gold.Looking(collection, look(), look, begin, stop, services.documents.reading)


def from_file(services: Services, dataset: Dataset | None, draft: Draft) -> None:
    """Questions from a file, into the dataset that is open or into a new one."""
    chosen = dataset_import.choose(importing.preview, PAPER)
    if chosen is None:
        return
    upload, found = chosen
    what = dataset_import.brought(draft, found)

    def create(name: str) -> str:
        return dataset_saving.opened(services.datasets.create(name, found.cases))

    def add() -> str:
        grown = dataset_draft.bring(draft.dataset, what.richer, what.new)
        return dataset_saving.save_at_once(saving(services, dataset, grown))

    dataset_import.save_buttons(upload, found, (dataset.name if dataset else "", what), create, add)


frame.only_framed()
page(current())
