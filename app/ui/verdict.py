"""Drawing of the home page: what was asked so far, by candidate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.domain import (
    Answer,
    AnswerFilter,
    AnswerState,
    CandidateSummary,
    Collection,
    Exchange,
    Question,
    collection_names,
)
from app.ui import figures
from app.ui.cards import draw_cards
from app.ui.findings import headline
from app.ui.frame import collection_in_use, empty
from app.ui.lanes import AS_PAID, draw_rates
from app.ui.safe import plain, unbroken
from app.ui.tables import Table, opening_rows
from app.ui.verdict_charts import Picture
from app.ui.words import ANSWER_STATES, JUDGEMENTS, help_for

ALL = "all"
PERIODS: Mapping[str, tuple[str, timedelta | None]] = {
    ALL: ("All time", None),
    "1d": ("Last 24 hours", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
}
OPENED = "verdict-opened"
"""The candidate whose answers are to be shown: in the session until the dialog is open."""
LISTED = 50
WHAT_IT_IS = (
    "Assay measures small and large models on your own documents: "
    "which of them answers right, how fast and at what cost."
)
ASKED = "What was asked so far"
ASKED_FOR = "Which model was right, how fast and at what cost, over everything that was asked."
FOLLOWED = "verdict-followed"
"""The collection that the page began with: when another one comes into use, the page follows."""
ONE_COLLECTION = "Choose one collection below: questions to different collections are never the same."


def now_or_then(value: str, *, now: datetime | None = None) -> datetime | None:
    """The beginning of a period ("7d"), or None for all time and for what is no period."""
    span = PERIODS.get(value, PERIODS[ALL])[1]
    return (now or datetime.now(UTC)) - span if span else None


@dataclass(frozen=True)
class Scopes:
    """The collections that can be chosen: ``asked`` has the answers of each, the newest asked first.

    ``gone`` are the names of those that were deleted, by id, as far as they are kept.
    """

    collections: Sequence[Collection]
    asked: Mapping[str, int]
    gone: Mapping[str, str]

    @property
    def names(self) -> dict[str, str]:
        """All that exist, and those deleted since whose answers are still there, by id."""
        kept = {one: self.gone[one] for one in self.deleted if one in self.gone}
        return collection_names(self.collections, kept, self.deleted)

    @property
    def deleted(self) -> list[str]:
        """The ids of those that were asked about and are deleted."""
        known = {one.id for one in self.collections}
        return [one for one in self.asked if one and one not in known]

    @property
    def several(self) -> bool:
        """Whether more than one was asked about."""
        return len(self.asked) > 1

    def first(self, in_use: str) -> str:
        """Where the page begins: the collection in use, else the one asked about last, else all."""
        known = [one.id for one in self.collections]
        return next((one for one in (in_use, *self.asked) if one in self.asked and one in known), ALL)


def first_start(*, documents: bool) -> bool:
    """Nothing was asked yet: the sample workspace, or one's own documents. True: open the sample."""
    if documents:
        st.markdown("Nothing was asked yet. Ask a question, and what the models answered is summed up here.")
        st.page_link("pages/ask.py", label="Ask the first question", icon=":material/forum:")
        return False
    wanted = empty(
        "**Nothing was asked yet.** The sample workspace shows how this works: the documents of a small "
        "invented company, with example questions. It needs no network and is ready in a few seconds.",
        "Open the sample workspace",
        key="open-sample",
    )
    st.page_link("pages/documents.py", label="Or add your own documents", icon=":material/folder_open:")
    return wanted


def choose_scope(scopes: Scopes) -> str:
    """The collection that the page is about, "" for all. It follows the collection in use."""
    in_use = collection_in_use(scopes.collections)
    start = scopes.first(in_use.id if in_use else "")
    if st.session_state.get(FOLLOWED, start) != start:
        st.session_state["verdict-of"] = start
    st.session_state[FOLLOWED] = start
    chosen = _choice("Collection", "of", {ALL: "All collections"} | scopes.names, start)
    left = sum(scopes.asked[one] for one in scopes.deleted)
    if left and chosen not in scopes.deleted:
        how = "among these" if chosen == ALL else "left out"
        st.caption(f"{figures.count(left, 'answer')} about a deleted collection: {how}.")
    return "" if chosen == ALL else chosen


def forget_question() -> None:
    """Take the question that was opened elsewhere out of the address: this page is about none."""
    for name in ("question", "answer"):
        if name in st.query_params:
            del st.query_params[name]


def filter_places() -> Sequence[DeltaGenerator]:
    """Where the three filters stand."""
    return st.columns([1, 1, 2])


def narrow(
    scope: str, periods: DeltaGenerator, candidates: DeltaGenerator, names: Mapping[str, str]
) -> AnswerFilter:
    """Draw the other filters; what is chosen stands in the address. ``names`` are the candidates by hash."""
    with periods:
        period = _choice("Time", "since", {name: told for name, (told, _) in PERIODS.items()})
    with candidates:
        chosen = _candidates(names)
    return AnswerFilter(collection_id=scope, candidates=tuple(chosen), since=now_or_then(period))


def narrowed(flt: AnswerFilter, candidate_hash: str) -> AnswerFilter:
    """The same filter for one candidate."""
    return replace(flt, candidates=(candidate_hash,))


def answer(picture: Picture, *, several: bool = False) -> None:
    """The sentence that answers the page's question, and its three figures.

    ``several`` collections are shown together.
    """
    st.markdown(f"### {unbroken(plain(headline(picture.shown, picture.rights), 600))}")
    if picture.shown.different:
        st.info(
            "The candidates shown were not asked the same questions, so their figures are not a comparison. "
            + (ONE_COLLECTION if several else "Ask them side by side, or choose fewer candidates."),
            icon=":material/info:",
        )
    elif picture.rights.different:
        st.info(
            "No question was judged for all of them, so how often each was right is not a comparison. "
            "Mark the answers to the same questions.",
            icon=":material/info:",
        )
    draw_cards(picture)


def counts(summaries: Sequence[CandidateSummary], names: Mapping[str, str]) -> None:
    """What was asked of each candidate, as a table whose rows open their answers."""
    st.markdown("#### Everything asked, by candidate")
    columns = (
        *("Candidate", "Answers", "Complete", "Cut short", "Stopped", "Failed"),
        *("Judged", "Right", "No cost"),
    )
    rows = tuple(
        (
            names[one.candidate_hash],
            one.answers,
            one.complete,
            one.cut_short,
            one.stopped,
            one.failed,
            one.marked,
            one.right,
            one.uncosted,
        )
        for one in summaries
    )
    helping = {"Candidate": "candidate", "Judged": "judged", "No cost": "no cost"}
    table = Table(columns, rows, {column: help_for(name) for column, name in helping.items()})
    keys = [one.candidate_hash for one in summaries]
    opening_rows(table, keys, open_candidate, key="asked", alt="What was asked of each candidate")


def open_candidate(candidate_hash: str) -> None:
    """Show a candidate's answers at the next run."""
    st.session_state[OPENED] = candidate_hash
    st.rerun()


def opened(candidate_hash: str, question_id: str) -> None:
    """A point was chosen: one answer's question opens at once, a candidate's answers in a dialog."""
    if question_id:
        st.switch_page("pages/ask.py", query_params={"question": question_id})
    open_candidate(candidate_hash)


def to_open() -> str:
    """The candidate whose answers are to be shown now, or ""; only once."""
    return str(st.session_state.pop(OPENED, ""))


@st.dialog("Answers", width="large")
def answers_dialog(
    name: str,
    answers: Callable[[], Sequence[tuple[Question, Answer]]],
    *,
    common: int = 0,
    exchange: Exchange = AS_PAID,
) -> None:
    """A candidate's newest answers, each with a link to its question.

    ``common``: the charts compare on so many questions only; 0 where they show all. Costs are told as
    ``exchange`` says.
    """
    st.markdown(f"**{plain(name)}**: the newest {LISTED} answers at most, within the filters.")
    if common:
        st.caption(f"The charts compare only the {figures.count(common, 'question')} answered by all.")
    found = answers()
    if not found:
        st.markdown("No answers within the filters.")
    for question, answer in found:
        with st.container(border=True):
            st.markdown(f"**{plain(question.text, 400)}**")
            st.markdown(plain(answer.text or answer.error or "No text.", 300))
            st.caption(_told(answer, exchange))
            st.page_link(
                "pages/ask.py",
                label="Open this answer",
                icon=":material/open_in_new:",
                query_params={"question": question.id, "answer": answer.id},
            )
    draw_rates((answer for _, answer in found), exchange)


def _told(answer: Answer, exchange: Exchange) -> str:
    parts = [
        figures.moment(answer.asked_at),
        ANSWER_STATES[answer.state],
        _judged(answer),
        figures.seconds(answer.timing.wall),
        figures.each(answer.cost.amount, answer.cost.currency, exchange)
        if answer.cost.amount is not None
        else "cost unknown",
    ]
    return plain(" · ".join(parts))


def _judged(answer: Answer) -> str:
    if answer.mark:
        return JUDGEMENTS[answer.mark.judgement].lower()
    failed = answer.state in {AnswerState.FAILED, AnswerState.CUT_SHORT}
    return "counts as not right" if failed else "not judged"


def _choice(name: str, parameter: str, known: Mapping[str, str], start: str = ALL) -> str:
    asked = st.query_params.get(parameter, start)
    key = f"verdict-{parameter}"
    if key not in st.session_state or st.session_state[key] not in known:
        st.session_state[key] = asked if asked in known else start
    chosen = st.selectbox(name, list(known), format_func=lambda one: known.get(one, ""), key=key)
    st.query_params[parameter] = chosen
    return chosen


def _candidates(names: Mapping[str, str]) -> list[str]:
    asked = [one for one in st.query_params.get_all("candidate") if one in names]
    key = "verdict-candidates"
    if key not in st.session_state:
        st.session_state[key] = asked
    st.session_state[key] = [one for one in st.session_state[key] if one in names]
    chosen = st.multiselect(
        "Candidates",
        list(names),
        format_func=lambda one: names.get(one, ""),
        key=key,
        placeholder="All candidates",
        help=help_for("candidate"),
    )
    if chosen:
        st.query_params["candidate"] = chosen
    elif "candidate" in st.query_params:
        del st.query_params["candidate"]
    return list(chosen)
