"""Ask: one question, several lanes, the same passages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.domain import AskView, Collection, DocumentState, Upload
from app.sample.loading import COLLECTION_NAME
from app.services import Services, current
from app.ui import asking, candidates, dataset_add, following, frame, history, lanes, passages, upload
from app.ui.asking import Setup
from app.ui.votes_ask import draw_hidden, draw_voted, hides

PURPOSE = "Ask once, compare answers. A lane is one model with its settings, with or without your documents."
OWN = "My documents"


def page(services: Services) -> None:
    frame.open_page("Ask", PURPOSE)
    known = services.collections.list()
    view = asking.opened(services.comparing.view, known)
    collection = frame.collection_in_use(known)
    if collection is None:
        first_start(services)
    setup = ask_room(services, collection, view) if collection else None
    if view is not None:
        answered(services, view, setup, known)


def first_start(services: Services) -> None:
    words = "**Nothing to ask about yet.** The sample workspace holds the documents of an invented company."
    if frame.empty(words, "Open the sample workspace", key="open-sample"):
        frame.open_sample(services.load_sample)
        st.rerun()
    drop_zone(services, None)


def drop_zone(services: Services, collection: Collection | None) -> None:
    def start(uploads: Sequence[Upload]) -> None:
        made = collection or services.collections.by_name(OWN) or services.new_collection(OWN)
        upload.started_here(services.ingesting.start(made.id, uploads))
        frame.use_collection(made.id)

    label = f"{'Add' if collection else 'Or add your own:'} {upload.FORMATS}"
    upload.drop_zone("ask-upload", label, services.settings.upload_mb, services.ingesting.clashes, start)


def ask_room(services: Services, collection: Collection, view: AskView | None) -> Setup | None:
    """Everything that is chosen before a question is asked; None while nothing can be asked."""
    uploads = services.ingesting.recent(collection.id)  # Before what they write: their end is not missed.
    entries = services.documents.entries(collection.id)
    missing = "" if any(one.state is DocumentState.SEARCHABLE for one in entries) else collection.name
    box, zone = st.columns([2, 1], vertical_alignment="top" if missing else "bottom")
    with zone:
        drop_zone(services, collection)
    with box if missing else st.container():
        upload.draw_progress(uploads, services.ingesting.view, services.ingesting.stop, missing)
    if missing:
        return None
    offers = candidates.offers_of(services.backends.backends(), services.backends.offered())
    sample = collection.name == COLLECTION_NAME and not any(one.busy for one in uploads)
    setup, text = asking.room(
        box,
        collection,
        entries,
        offers=offers,
        view=view,
        examples=services.sample.examples() if sample else [],
        history=partial(history.history_button, services.answers.history, services.collections.names),
        agree=partial(services.collections.agree, collection.id),
        hidden=hides(view, services.polling),
    )
    if setup and text:
        ask(services, setup, text)
    return setup


def ask(services: Services, setup: Setup, text: str, **more: str) -> None:
    """Start the lanes and open the question; ``more`` tells what a follow-up belongs to."""
    with frame.guard():
        question_id = services.comparing.ask(
            text, setup.candidates, setup.collection.id, asking.asker(), **setup.how, **more
        )
        frame.open_question(question_id)
        st.rerun()


def answered(services: Services, view: AskView, setup: Setup | None, known: Sequence[Collection]) -> None:
    """The open question: its lanes, what they were given, and what can be asked next."""
    question, comparing, log, polling = view.question, services.comparing, services.answers, services.polling
    earlier, look = log.conversation(question.conversation_id), partial(comparing.view, question.id)
    asking.draw_question(view, earlier, partial(comparing.stop_all, question.id))
    if hides(view, polling):
        draw_hidden(view, look, polling)
        return
    draw_voted(view, polling, services.collections.names())
    groups = passages.groups_of(one.answer for one in view.lanes if one.answer)
    again = partial(comparing.again, asker=asking.asker())
    add_to = dataset_add.AddTo(services.datasets.list, services.add_case, services.new_case)
    actions = lanes.Actions(comparing.stop, again, log.mark, log.unmark, add_to)
    lanes.draw_lanes(view, look, groups, actions, services.reports.order(), exchange=services.exchange())
    asking.collection_gone(question, known)
    if setup is not None and not view.busy and setup.collection.id == question.collection_id:
        follow_up(services, setup, question.conversation_id)
    passages.draw_groups(groups, lanes.lane_names(view.lanes))


def follow_up(services: Services, setup: Setup, conversation_id: str) -> None:
    """The first lane's model makes the stand-alone question, once, on a thread of the process."""
    make, rest = services.standalone_soon, (conversation_id, setup.candidates[0], asking.asker())
    if asked := following.follow_up(conversation_id, lambda typed: make(typed, *rest)):
        ask(services, setup, asked[0], conversation_id=conversation_id, standalone=asked[1])


frame.only_framed()
page(current())
