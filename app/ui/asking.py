"""Around the lanes: the question box, examples, what is searched, how lanes run, and follow-up questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.domain import AskView, Candidate, Collection, DocumentEntry, DocumentState, Question
from app.ui import candidates, frame, theme, votes_ask
from app.ui.candidates import LaneChoice, Offer
from app.ui.collections import leaving_notice
from app.ui.safe import plain
from app.ui.words import help_for

LONGEST_QUESTION = 20_000
QUESTION_HEIGHT = 76
ASKED = "question-asked"
"""The question that was typed or chosen, until it is asked."""
GONE = (
    "The collection of this question was deleted. Its answers are kept, but no follow-up can be asked: "
    "there is nothing left to search."
)
BESIDE, IN_TURN = "Side by side", "One after the other"
RUN, TURNS = "run", "in-turn"
"""How the lanes run, in the address of the page."""
_RUN, _RUN_KEPT = "run-mode", "run-mode-kept"


class How(TypedDict):
    """How a question is asked."""

    only_documents: tuple[str, ...]
    one_at_a_time: bool
    blind: bool


@dataclass(frozen=True)
class Setup:
    """What is chosen before a question is asked."""

    collection: Collection
    lanes: tuple[LaneChoice, ...]
    offers: tuple[Offer, ...]
    only_documents: tuple[str, ...]
    in_turn: bool
    blind: bool = False

    @property
    def candidates(self) -> list[Candidate]:
        """What is asked."""
        digests = {one.name: one.digest for one in self.offers}
        return [one.candidate(self.collection.id, digests.get(one.name, "")) for one in self.lanes]

    @property
    def how(self) -> How:
        """How it is asked."""
        return How(only_documents=self.only_documents, one_at_a_time=self.in_turn, blind=self.blind)

    @property
    def leaving(self) -> list[str]:
        """The hosts, other than this machine, that would get passages."""
        return candidates.leaving(self.lanes, self.offers)


def opened(look: Callable[[str], AskView | None], collections: Sequence[Collection]) -> AskView | None:
    """The question that the address names; its collection is put in use. None where there is no such one."""
    question_id = st.query_params.get(frame.QUESTION, "")
    view = look(question_id) if question_id else None
    if view is not None:
        frame.put_in_use(view.question.collection_id, collections)
    elif question_id:
        frame.trouble("That question is not there any more.", "", "Ask a new one, or look into the history.")
    return view


def asker() -> str:
    """Who asks, for the fair queue: this tab."""
    return str(st.session_state.setdefault("asker", uuid4().hex))


def room(
    box: DeltaGenerator,
    collection: Collection,
    entries: Sequence[DocumentEntry],
    *,
    offers: Sequence[Offer],
    view: AskView | None,
    examples: Sequence[str],
    history: Callable[[], None],
    agree: Callable[[str], object],
    hidden: bool = False,
) -> tuple[Setup | None, str]:
    """Draw everything that is chosen before a question is asked; the question just asked, else "".

    The lanes start as those of the open question. The question itself is typed into ``box``, which stands
    above; ``history`` draws its button. There is no setup while something keeps a question from being asked.
    ``hidden``: it is not told yet who answers the open question, and so not which lanes are chosen.
    """
    if not st.session_state.get(candidates.LANES):
        logged = candidates.choices_of(one.candidate for one in view.lanes) if view else []
        st.session_state[candidates.LANES] = logged or candidates.first_choices(offers)
    lanes = hidden_lanes() if hidden else candidates.lane_pills(offers)
    if not lanes:
        st.warning("No model is there to answer. Models tells what is missing.", icon=":material/memory:")
    with st.container(horizontal=True, vertical_alignment="center", key="how"):
        only = only_documents(collection.id, entries)
        in_turn = run_mode()
        blind = votes_ask.blind_mode(len(lanes))
        st.space("stretch")
        history()
    setup = Setup(collection, tuple(lanes), tuple(offers), only, in_turn, blind)
    ready = bool(lanes) and (hidden or leaving_notice(collection, setup.leaving, agree))
    with box:
        question_box(disabled=not ready)
    if examples and ready and view is None:
        example_buttons(examples)
    text: str = st.session_state.pop(ASKED, "")
    return (setup, text) if ready else (None, "")


def hidden_lanes() -> list[LaneChoice]:
    """The lanes as they are chosen, without a word of which they are."""
    lanes: list[LaneChoice] = st.session_state[candidates.LANES]
    st.caption(f":material/visibility_off: {len(lanes)} lanes. {votes_ask.HIDDEN}")
    return lanes


def question_box(*, disabled: bool) -> None:
    """Where the question is typed. Enter asks, Shift and Enter starts a new line."""
    hint = "See below what is needed first" if disabled else "Ask a question about your documents"
    with st.container(key="question-box"):
        st.chat_input(
            hint,
            key="question",
            max_chars=LONGEST_QUESTION,
            height=QUESTION_HEIGHT,
            disabled=disabled,
            on_submit=_typed,
        )


def _typed() -> None:
    _ask_this(st.session_state["question"])


def _ask_this(text: str) -> None:
    # Kept until it is read: were the page drawn once more just then, what was pressed would be forgotten.
    st.session_state[ASKED] = text


def example_buttons(examples: Sequence[str]) -> None:
    """Each asks the question that it names."""
    st.caption("Try one of these:")
    with st.container(horizontal=True, key="examples", gap="small"):
        for place, one in enumerate(examples):
            st.button(
                plain(one),
                key=f"example-{place}",
                icon=":material/lightbulb:",
                on_click=_ask_this,
                args=(one,),
            )


def only_documents(collection_id: str, entries: Sequence[DocumentEntry]) -> tuple[str, ...]:
    """The ids of the documents that the search is narrowed to; none means all."""
    names = {one.document_id: one.name for one in entries if one.state is DocumentState.SEARCHABLE}
    key = f"only-{collection_id}"
    kept = [one for one in st.session_state.get(key, []) if one in names]
    label = {0: "All documents", 1: "Only 1 document"}.get(len(kept), f"Only {len(kept)} documents")
    with st.popover(label, icon=":material/filter_alt:", key="only-documents"):
        picked = st.multiselect(
            "Only these documents",
            list(names),
            format_func=lambda one: names.get(one, ""),
            key=key,
            placeholder="All documents",
            help=help_for("only these documents"),
            persist_state="session",
        )
    return tuple(one for one in picked if one in names)


def run_mode() -> bool:
    """Whether the lanes run one after the other. Kept in the address, and in the session for other pages."""
    named = st.query_params.get(RUN, "") or str(st.session_state.get(_RUN_KEPT, ""))
    st.session_state[_RUN] = IN_TURN if named == TURNS else BESIDE
    # Together, so that on a phone the words stay beside what they are about.
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        st.segmented_control(
            "How the lanes run",
            [BESIDE, IN_TURN],
            format_func=theme.option,
            required=True,
            key=_RUN,
            on_change=_keep_run_mode,
            label_visibility="collapsed",
        )
        st.caption("for fair times", width="content", help=help_for("one at a time"))
    _keep_run_mode()
    return bool(st.session_state[_RUN] == IN_TURN)


def _keep_run_mode() -> None:
    in_turn = st.session_state[_RUN] == IN_TURN
    st.session_state[_RUN_KEPT] = TURNS if in_turn else ""
    if in_turn:
        st.query_params[RUN] = TURNS
    else:
        st.query_params.pop(RUN, None)


def draw_question(
    view: AskView,
    earlier: Sequence[Question],
    stop_all: Callable[[], None],
) -> None:
    """The question as asked, what it was searched as, and the conversation that it belongs to."""
    question = view.question
    _conversation([one for one in earlier if one.id != question.id])
    with st.container(horizontal=True, vertical_alignment="center", key="open-question"):
        st.subheader(plain(question.text, 1000), anchor=False, width="stretch")
        if view.busy and len(view.lanes) > 1:
            st.button("Stop all", key="stop-all", icon=":material/stop_circle:", on_click=stop_all)
    if question.standalone != question.text:
        st.caption(f"Searched and sent as: {plain(question.standalone, 1000)}", help=help_for("standalone"))
    if question.only_documents:
        many = len(question.only_documents)
        st.caption("Only 1 document was searched." if many == 1 else f"Only {many} documents were searched.")


def collection_gone(question: Question, collections: Sequence[Collection]) -> None:
    """Say so where the question's collection was deleted."""
    if question.collection_id and question.collection_id not in {one.id for one in collections}:
        st.info(GONE, icon=":material/folder_off:")


def _conversation(others: Sequence[Question]) -> None:
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="conversation"):
        st.caption("In this conversation:", width="content", help=help_for("conversation"))
        for one in others:
            st.button(
                plain(one.text, 60),
                key=f"conversation-{one.id}",
                type="tertiary",
                on_click=frame.open_question,
                args=(one.id,),
            )
