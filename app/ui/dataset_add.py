"""An asked question put into a dataset: with the right answer that the person gives, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Answer, Case, Dataset, Gold, Judgement, LaneView, Question
from app.ui import figures
from app.ui.dataset_head import LONGEST_NAME
from app.ui.dialogs import close_dialog, is_open, open_dialog
from app.ui.experiments import address
from app.ui.frame import DATASET
from app.ui.passages import Group, cited_numbers, cited_span, citing_sentences
from app.ui.safe import plain
from app.ui.words import help_for
from app.ui.work import try_it

NEW = ""
"""Stands for a dataset that is made for the question."""
MOST_PROPOSED = 4
LONGEST_QUESTION = 20_000
LONGEST_SHOWN = 300
_LAST = "add-last"


@dataclass(frozen=True)
class AddTo:
    """The datasets there are, and the ways to put a case into one (by its id) or into a new one.

    Both check the case; they raise NotAllowed in words, also where the question is there already.
    """

    datasets: Callable[[], Sequence[Dataset]]
    add: Callable[[str, Case], Dataset]
    create: Callable[[str, Case], Dataset]


def button(answer: Answer) -> None:
    """The button of a lane, and below it where its question was added."""
    st.button(
        "Add to a dataset",
        key=f"add-{answer.id}",
        icon=":material/playlist_add:",
        type="tertiary",
        help=help_for("add to a dataset"),
        on_click=open_dialog,
        args=(_dialog(answer.id),),
    )
    if added := st.session_state.get(_added(answer.id)):
        _told(added)


def _dialog(answer_id: str) -> str:
    return f"add-{answer_id}"


def _added(answer_id: str) -> str:
    return f"added-{answer_id}"


def _told(dataset: Dataset) -> None:
    st.page_link(
        "pages/dataset.py",
        label=f"Added to “{plain(dataset.name, 80)}”, as question {dataset.size:,}",
        icon=":material/check:",
        query_params=address(DATASET, dataset.id),
    )


def draw(question: Question, lanes: Sequence[LaneView], add_to: AddTo) -> None:
    """The dialog of the lane whose button was pressed; nothing where none was."""
    for one in lanes:
        if one.answer is not None and is_open(_dialog(one.answer.id)):
            dialog(question, one.answer, add_to)


def right_answer(answer: Answer) -> str:
    """What is known to be right: the correction, or the answer that was marked as right; else ""."""
    if answer.mark is None:
        return ""
    if answer.mark.correct_answer:
        return answer.mark.correct_answer
    return _unmarked(answer) if answer.mark.judgement is Judgement.RIGHT else ""


def _unmarked(answer: Answer) -> str:
    """The answer's text without its citations."""
    text, at, pieces = answer.text, 0, []
    for one in sorted(answer.checks.citations, key=lambda citation: citation.start):
        pieces.append(text[at : one.start])
        at = max(at, one.end)
    left = "".join([*pieces, text[at:]]).replace("[]", "")
    return " ".join(left.split()).replace(" .", ".").replace(" ,", ",")


def proposed(answer: Answer) -> list[Gold]:
    """The sentences of the passages that the answer cites, as far as it is clear which are meant."""
    if answer.prompt is None:
        return []
    group = Group(1, answer.prompt.given, (answer,))
    cited = cited_numbers(group)
    golds: list[Gold] = []
    for one in group.given:
        if one.number in cited and one.fitted and not one.deleted:
            span = cited_span(one.passage.text, citing_sentences(answer, one.number))
            golds += [Gold(one.passage.document_name, one.passage.text[slice(*span)])] if span else []
    return golds[:MOST_PROPOSED]


@st.dialog("Add to a dataset", on_dismiss=close_dialog)
def dialog(question: Question, answer: Answer, add_to: AddTo) -> None:
    """What is added, and to which dataset. All of it is the person's to change."""
    known = {one.id: one for one in add_to.datasets()}
    last = str(st.session_state.get(_LAST, ""))
    chosen = st.selectbox(
        "Dataset",
        [*known, NEW],
        index=list(known).index(last) if last in known else 0,
        format_func=lambda one: _called(known[one]) if one in known else "A new dataset",
        key="add-dataset",
    )
    name = st.text_input("Its name", max_chars=LONGEST_NAME, key="add-name") if chosen == NEW else ""
    case = _case(question, answer)
    if st.button("Add", key="add-confirm", type="primary", icon=":material/playlist_add:"):
        made: list[Dataset] = []
        if try_it(lambda: made.append(add_to.add(chosen, case) if chosen else add_to.create(name, case))):
            st.session_state[_added(answer.id)] = made[0]
            st.session_state[_LAST] = made[0].id
            close_dialog()
            st.rerun()


def _called(one: Dataset) -> str:
    return f"{one.name} ({figures.count(one.size, 'question')})"


def _case(question: Question, answer: Answer) -> Case:
    text = st.text_area(
        "Question", question.standalone, max_chars=LONGEST_QUESTION, height=80, key=f"add-text-{answer.id}"
    )
    missing = st.checkbox(
        "Not in the documents", key=f"add-missing-{answer.id}", help=help_for("not in the documents")
    )
    if missing:
        return Case(text, unanswerable=True)
    typed = st.text_area(
        "Right answers, one a line",
        right_answer(answer),
        height=80,
        key=f"add-answers-{answer.id}",
        placeholder="What would be right? A few words are best.",
        help=help_for("right answers"),
    )
    return Case(text, tuple(typed.split("\n")), tuple(_golds(answer)))


def _golds(answer: Answer) -> list[Gold]:
    """What the person ticks of that which the answer cites."""
    offered = proposed(answer)
    if offered:
        st.markdown("Does the right answer stand here? Tick what holds it.", help=help_for("gold text"))
    return [
        one
        for at, one in enumerate(offered)
        if st.checkbox(
            f"{plain(one.document, 80)}: “{plain(one.text, LONGEST_SHOWN)}”", key=f"add-gold-{answer.id}-{at}"
        )
    ]
