"""The head of a question's page: the question, what is right, and the text that says so in its document."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from app.domain import Case, CaseSeen, Gold, GoldSeen, GoldState
from app.ui.case_words import gold_line
from app.ui.experiments import address
from app.ui.frame import ANSWER, CASE, COLLECTION, EXPERIMENT
from app.ui.reading import passage_address
from app.ui.safe import answer_markdown, excerpt, plain
from app.ui.words import help_for

PURPOSE = "What each candidate answered, what it was given, and why that was right or not."
LONGEST = 4000
"""Characters of a question or an answer."""


def asked_for() -> tuple[str, int]:
    """The experiment and the place of the question that the address names; -1 for what is no place."""
    place = st.query_params.get(CASE, "0")
    known = place.isascii() and place.isdigit() and len(place) < 9
    return st.query_params.get(EXPERIMENT, ""), int(place) if known else -1


def draw_way(seen: CaseSeen) -> None:
    """The way back to the experiment, and to the questions before and after."""
    with st.container(horizontal=True, vertical_alignment="center", key="case-way"):
        st.page_link(
            "pages/experiment.py",
            label=plain(seen.experiment.name, 60),
            icon=":material/arrow_back:",
            query_params=address(EXPERIMENT, seen.experiment.id),
        )
        # Together, so that on a phone neither stands alone.
        with st.container(horizontal=True, width="content"):
            _step(seen, "Previous", "chevron_left", -1)
            _step(seen, "Next", "chevron_right", 1)


def _step(seen: CaseSeen, label: str, icon: str, step: int) -> None:
    to = seen.place + step
    st.button(
        label,
        key=f"case-{label.lower()}",
        icon=f":material/{icon}:",
        icon_position="left" if step < 0 else "right",
        type="tertiary",
        disabled=not 0 <= to < seen.experiment.cases,
        on_click=_go,
        args=(to,),
    )


def _go(place: int) -> None:
    st.query_params[CASE] = str(place)
    st.query_params.pop(ANSWER, None)


def draw_question(case: Case) -> None:
    """The question as typed, with what is right of it and its tags."""
    with st.container(border=True, key="case-question"):
        st.markdown(f"#### {plain(case.question, LONGEST)}")
        st.markdown(right_line(case))
        if case.tags:
            with st.container(horizontal=True, gap="xsmall"):
                for tag in case.tags:
                    st.badge(plain(tag, 60), color="gray")


def right_line(case: Case) -> str:
    """What is right, as Markdown."""
    if case.unanswerable:
        return "**Right:** to say that the documents do not contain it."
    told = " or ".join(f"“{plain(one, LONGEST)}”" for one in case.answers)
    return f"**Right:** {told}" if told else "Nobody said what is right."


def draw_golds(seen: CaseSeen) -> None:
    """Each gold text where it stands in its document, or why it cannot be shown."""
    if not seen.case.gold:
        if not seen.case.unanswerable:
            st.caption("Nobody said where in the documents the answer stands.", help=help_for("gold text"))
        return
    for name in seen.changed:
        st.caption(
            f"The documents of “{plain(name)}” were changed since the experiment began; "
            "this is how they are now."
        )
    if not seen.golds:
        _draw_alone(seen.case.gold)
    for _, golds in groupby(seen.golds, lambda one: one.gold):
        _draw_gold(list(golds))


def _draw_alone(golds: Sequence[Gold]) -> None:
    """Where no candidate was given documents, none is looked into."""
    for one in golds:
        where = f" in **{plain(one.document)}**" if one.document else ""
        with st.expander("Where the answer stands", icon=":material/find_in_page:"):
            st.markdown(f"No candidate was given documents. The answer is said to stand{where}:")
            st.markdown(excerpt(one.text))


def _draw_gold(golds: Sequence[GoldSeen]) -> None:
    """One gold text: in the first collection that has it, and a line for each other."""
    shown = next((one for one in golds if one.place is GoldState.FOUND), None)
    others = [one for one in golds if one is not shown]
    title = "Where the answer stands" if shown else "Where the answer stands: not found here"
    with st.expander(title, expanded=shown is not None, icon=":material/find_in_page:"):
        if shown:
            st.markdown(gold_line(shown), help=help_for("gold text"))
            with st.container(border=True):
                st.markdown(excerpt(shown.text, shown.mark))
            st.page_link(
                "pages/documents.py",
                label="Open the document",
                icon=":material/description:",
                query_params={
                    COLLECTION: shown.collection_id,
                    **passage_address(shown.document_id, shown.passage),
                },
            )
        for line in dict.fromkeys(gold_line(one) for one in others):
            st.markdown(line)
        if not shown:
            st.caption("The text that was looked for:", help=help_for("gold text"))
            st.markdown(excerpt(golds[0].gold.text))
            if others and others[0].place is GoldState.ELSEWHERE:
                st.caption(answer_markdown("What the models were given stands below."))
