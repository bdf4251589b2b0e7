"""Where the gold text of the questions stands: in words, as a list, and marked in its document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import (
    Case,
    Collection,
    Gold,
    GoldPlace,
    GoldSpan,
    GoldView,
    ReadDocument,
    TypedCase,
    around,
    has_pages,
)
from app.ui import figures
from app.ui.dataset_draft import Rows
from app.ui.frame import COLLECTION, guard
from app.ui.reading import DOCUMENT, PASSAGE, PASSAGES, SHOW
from app.ui.safe import excerpt, plain
from app.ui.tables import Table, choosing_table
from app.ui.theme import option
from app.ui.words import help_for
from app.ui.work import watched

POLL_SECONDS = 0.5
AROUND = 400
"""Characters that are shown before and after a gold text."""
LONGEST_MARKED = 3000
ROW = "row"
"""In the address: the number of the row that is open."""
EVERY, TO_LOOK_AT = "All", "To look at"
NOT_TRACED = (
    "Answers can be judged all the same; but where the text is not there, it cannot be told whether the "
    "index or the model was at fault."
)
NOTHING = GoldView({}, 0, busy=False)
_STOPPED = "gold-stopped"


@dataclass(frozen=True)
class Looking:
    """The search for gold text in a collection: how far it is, and how it is steered.

    ``look`` gives the view as it is then, ``begin`` goes on where it broke off or was stopped; ``reading``
    gives what was read of a document by its id.
    """

    collection: Collection
    view: GoldView
    look: Callable[[], GoldView]
    begin: Callable[[], object]
    stop: Callable[[], object]
    reading: Callable[[str], ReadDocument | None]


# ------------------------------------------------------------------------ in words


def place_words(gold: Gold, place: GoldPlace | None) -> str:
    """Where a gold text stands: "rope.pdf, page 3, characters 120 to 180, word for word"."""
    if gold == Gold("", ""):
        return ""
    if place is None:
        return "not looked for yet"
    if not gold.text:
        there = "is in the collection" if place.there else "is not in the collection"
        return f"no text named; “{gold.document}” {there}"
    if place.span is None:
        if not gold.document:
            return "nowhere in the documents"
        return f"nowhere in “{gold.document}”" if place.there else f"the collection has no “{gold.document}”"
    return f"{_where(place.span, place.page)}, {_likeness(place.span)}"


def _where(span: GoldSpan, page: int) -> str:
    paged = f", page {page}" if has_pages(span.document_name) else ""
    return f"{span.document_name}{paged}, characters {span.start:,} to {span.end:,}"


def _likeness(span: GoldSpan) -> str:
    return "word for word" if span.likeness == 1 else f"{figures.percent(span.likeness)} alike"


def doubtful(case: Case, view: GoldView) -> bool:
    """Whether any gold of the case is nowhere, or is there by its likeness only."""
    return any(_doubtful(one, view.places.get(one)) for one in case.gold)


def _doubtful(gold: Gold, place: GoldPlace | None) -> bool:
    if place is None:
        return False
    if not gold.text:
        return not place.there
    return place.span is None or place.span.likeness < 1


def finding(rows: Rows, view: GoldView, collection: str) -> str:
    """How much of the gold text stands in the collection, as a sentence that may hold untrusted words."""
    named = [one.case for one in rows if one.case.gold]
    if not named:
        return "No question tells yet where its answer stands."
    known = [one for one in named if all(gold in view.places for gold in one.gold)]
    if known and not any(place.there or place.span for place in view.places.values()):
        return f"“{collection}” has none of the documents: the sidebar chooses another collection."
    nowhere = sum(any(_missing(gold, view.places[gold]) for gold in one.gold) for one in known)
    alike = sum(doubtful(one, view) for one in known) - nowhere
    sure = len(known) - nowhere - alike
    counts = (
        (sure, f"word for word in “{collection}”"),
        (alike, "in other words or signs"),
        (nowhere, "nowhere"),
    )
    told = [f"{words} for {many:,}" for many, words in counts if many]
    of = f"Of {figures.count(len(known), 'question')} that name a gold text, it stands"
    if sure == len(known):
        return f"{of} {counts[0][1]} for all."
    return f"{of} {', '.join(told)}."


def _missing(gold: Gold, place: GoldPlace) -> bool:
    return not place.there if not gold.text else place.span is None


# ------------------------------------------------------------------------ the list


def begin(collection: Collection, look: Callable[[], object]) -> None:
    """Look for what is not found yet, unless the person stopped that for the collection as it is."""
    if st.session_state.get(_STOPPED) != _state(collection):
        look()


def summary(rows: Rows, looking: Looking) -> None:
    """How much of the gold text was found, as a warning where any of it is to be looked at."""
    progress(looking)
    told = plain(finding(rows, looking.view, looking.collection.name), 600)
    if any(doubtful(one.case, looking.view) for one in rows):
        st.warning(f"{told} {NOT_TRACED}", icon=":material/warning:")
    elif looking.view.places:
        st.caption(f":material/location_on: {told}")


def progress(looking: Looking) -> None:
    """How far the search is while it runs, with Stop; what it left out, with a button that goes on."""
    if looking.view.busy:
        watched(_watch, looking, every=POLL_SECONDS)
    elif looking.view.left:
        with st.container(horizontal=True, vertical_alignment="center", key="gold-left"):
            left, trouble = figures.count(looking.view.left, "gold text"), looking.view.trouble
            why = f" The search broke off: {plain(trouble, 600)}" if trouble else ""
            st.caption(f"{left} not looked for.{why}", width="content")
            st.button(
                "Look for the rest", key="gold-go-on", type="tertiary", on_click=_go_on, args=(looking,)
            )


def _watch(looking: Looking) -> None:
    with guard():
        view = looking.look()
        if not view.busy:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", key="gold-looking"):
            left = figures.count(view.left, "gold text")
            st.caption(f":material/more_horiz: looking where the answers stand, {left} left", width="content")
            st.button("Stop", key="gold-stop", icon=":material/stop_circle:", on_click=_stop, args=(looking,))


def _state(collection: Collection) -> tuple[str, int]:
    return collection.id, collection.revision


def _stop(looking: Looking) -> None:
    st.session_state[_STOPPED] = _state(looking.collection)
    looking.stop()


def _go_on(looking: Looking) -> None:
    st.session_state.pop(_STOPPED, None)
    looking.begin()


def choose(rows: Rows, looking: Looking | None) -> None:
    """The list of rows with the places of their gold text; one that is chosen opens."""
    view = looking.view if looking else NOTHING
    listed = [one for one in rows if one.case != Case("")]
    wanting = [one for one in listed if doubtful(one.case, view)]
    if wanting:
        picked = st.segmented_control(
            "Which questions",
            [EVERY, TO_LOOK_AT],
            default=EVERY,
            required=True,
            key="gold-which",
            format_func=lambda one: option(one if one == EVERY else f"{one} ({len(wanting):,})"),
            label_visibility="collapsed",
        )
        listed = wanting if picked == TO_LOOK_AT else listed
    with st.container(key="gold-choose"):
        _box(listed)
    state = choosing_table(
        table_of(listed, view),
        key="gold",
        widget=f"gold-table-{len(listed)}",
        config={
            "No.": st.column_config.NumberColumn(width=48),
            "Question": st.column_config.TextColumn(width=330),
            "Where the gold text stands": st.column_config.TextColumn(width=430, help=help_for("gold text")),
            "Right answers": st.column_config.TextColumn(width=180, help=help_for("right answers")),
        },
        alt="The questions, and where the text that answers them stands",
    )
    ticked = [listed[place].number for place in state.selection.rows if place < len(listed)]
    if ticked:
        open_row(ticked[0])
        st.rerun()


def _box(listed: Sequence[TypedCase]) -> None:
    """The same choice by typing."""
    names = {one.number: f"{one.number}. {one.case.question}" for one in listed}
    picked = st.selectbox(
        "Open a question",
        list(names),
        index=None,
        format_func=lambda one: names.get(one, ""),
        key="gold-open",
        placeholder="Open a question: type a part of it, or choose a row",
        label_visibility="collapsed",
    )
    if picked is not None:
        open_row(picked)
        st.rerun()


def table_of(rows: Sequence[TypedCase], view: GoldView) -> Table:
    """The list; cells hold raw text, which a table draws as typed."""
    return Table(
        ("No.", "Question", "Where the gold text stands", "Right answers"),
        tuple(
            (one.number, one.case.question, places_words(one.case, view), answers_words(one.case))
            for one in rows
        ),
        blank="",
    )


def places_words(case: Case, view: GoldView) -> str:
    """Where all gold of a case stands, in one line; "" where it names none."""
    return "; ".join(place_words(one, view.places.get(one)) for one in case.gold)


def answers_words(case: Case) -> str:
    """The right answers in one line."""
    return "not in the documents" if case.unanswerable else " | ".join(case.answers)


def open_row(number: int) -> None:
    """Put a row into the address: it is open from then on."""
    st.query_params[ROW] = str(number)


def close_row() -> None:
    """No row is open any more."""
    st.query_params.pop(ROW, None)


def opened_row(rows: Rows) -> int | None:
    """The number of the row that the address names, if it is there."""
    named = st.query_params.get(ROW, "")
    return next((one.number for one in rows if str(one.number) == named), None)


# ------------------------------------------------------------------------ one gold text


def draw_place(gold: Gold, looking: Looking) -> None:
    """Where a gold text stands, in words, and marked in its context; a warning where it is not there."""
    place = looking.view.places.get(gold)
    words = plain(place_words(gold, place), 600)
    if _doubtful(gold, place):
        # A place begins with the document's name, which stays as it is.
        said = words if place and place.span else f"{words[:1].upper()}{words[1:]}"
        st.warning(f"{said}.", icon=":material/warning:")
    else:
        st.caption(f":material/location_on: {words}")
    if place is None or place.span is None:
        return
    reading = looking.reading(place.span.document_id)
    if reading is not None:
        with st.container(border=True):
            span = place.span.start, min(place.span.end, place.span.start + LONGEST_MARKED)
            st.markdown(excerpt(*around(reading.text, span, AROUND)))
    _document_link(place.span, looking)


def _document_link(span: GoldSpan, looking: Looking) -> None:
    address = {COLLECTION: looking.collection.id, DOCUMENT: span.document_id}
    if span.passages:
        address |= {SHOW: PASSAGES.lower(), PASSAGE: span.passages[0]}
    passages = figures.count(len(span.passages), "passage")
    st.page_link(
        "pages/documents.py",
        label="Open it in the document",
        icon=":material/open_in_new:",
        query_params=address,
        help=f"{passages[0].upper()}{passages[1:]} of the collection hold at least half of it.",
    )
