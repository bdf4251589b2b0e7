"""One question of a dataset as a form: room for long texts, several gold texts, and where these stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from app.domain import Case, Gold, TypedCase
from app.ui import dataset_gold
from app.ui.dataset_draft import Draft, begin_row, change, remove
from app.ui.dataset_gold import Looking
from app.ui.words import help_for

LONGEST_QUESTION, LONGEST_TEXT = 20_000, 100_000
ANYWHERE = ""
"""No document is named: the text may stand in any."""


@dataclass(frozen=True)
class _Field:
    """A widget of the form: its key, and what it should show as long as nobody types into it."""

    key: str
    value: object

    def settle(self) -> str:
        """Let it show the draft's value; returns the key."""
        if st.session_state.get(self.key) != self.value:
            st.session_state[self.key] = self.value
        return self.key

    @property
    def ticked(self) -> bool:
        """Whether it is ticked now."""
        return bool(st.session_state[self.key])

    @property
    def typed(self) -> str:
        """What stands in it now."""
        return str(st.session_state[self.key] or "").strip()


def add_button(draft: Draft) -> None:
    """A new question, which opens."""
    st.button(
        "Add a question", key="question-add", icon=":material/add:", on_click=_add, args=(draft.dataset,)
    )


def _add(dataset: str) -> None:
    dataset_gold.open_row(begin_row(dataset))


def draw(draft: Draft, number: int, looking: Looking | None) -> None:
    """The form of the row of that number. What is typed is in the draft at once."""
    place = next(place for place, one in enumerate(draft.rows) if one.number == number)
    row = draft.rows[place]
    _bar(draft, place)
    with st.container(border=True, key="question-form"):
        _texts(draft.dataset, row)
    st.markdown("#### Where the answer stands", help=help_for("gold text"))
    if looking is not None and row.case.gold:
        dataset_gold.progress(looking)
    for at, gold in enumerate(row.case.gold):
        with st.container(border=True, key=f"gold-box-{at}"):
            _gold(draft, row, at, gold)
            if looking is not None and gold != Gold("", ""):
                dataset_gold.draw_place(gold, looking)
    st.button(
        "Add a gold text" if row.case.gold else "Tell where it stands",
        key="gold-add",
        icon=":material/add:",
        on_click=change,
        args=(draft.dataset, number, lambda case: replace(case, gold=(*case.gold, Gold("", "")))),
    )


def _bar(draft: Draft, place: int) -> None:
    rows, number = draft.rows, draft.rows[place].number
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="question-bar"):
        st.button(
            "All questions",
            key="question-close",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=dataset_gold.close_row,
        )
        st.space("stretch")
        _step("Previous", ":material/arrow_upward:", rows[place - 1].number if place else None)
        _step("Next", ":material/arrow_downward:", rows[place + 1].number if place + 1 < len(rows) else None)
        st.button(
            "Take out",
            key="question-out",
            icon=":material/delete:",
            type="tertiary",
            on_click=_take_out,
            args=(draft.dataset, number),
        )
    st.markdown(f"#### Question {number}")


def _take_out(dataset: str, number: int) -> None:
    remove(dataset, number)
    dataset_gold.close_row()


def _step(label: str, icon: str, number: int | None) -> None:
    st.button(
        label,
        key=f"question-{label.lower()}",
        icon=icon,
        type="tertiary",
        disabled=number is None,
        on_click=dataset_gold.open_row,
        args=(number,),
    )


def _texts(dataset: str, row: TypedCase) -> None:
    case, number, name = row.case, row.number, f"question-{dataset}-{row.number}"
    question = _Field(f"{name}-text", case.question)
    st.text_area(
        "Question",
        key=question.settle(),
        height=80,
        max_chars=LONGEST_QUESTION,
        on_change=change,
        args=(dataset, number, lambda one: replace(one, question=question.typed)),
    )
    missing = _Field(f"{name}-missing", case.unanswerable)
    st.checkbox(
        "Not in the documents",
        key=missing.settle(),
        help=help_for("not in the documents"),
        on_change=change,
        args=(dataset, number, lambda one: replace(one, unanswerable=missing.ticked)),
    )
    answers = _Field(f"{name}-answers", "\n".join(case.answers))
    if not case.unanswerable or case.answers:
        st.text_area(
            "Right answers, one a line",
            key=answers.settle(),
            height=100,
            help=help_for("right answers"),
            on_change=change,
            args=(dataset, number, lambda one: replace(one, answers=_split(answers.typed, "\n"))),
        )
    tags = _Field(f"{name}-tags", ", ".join(case.tags))
    st.text_input(
        "Tags",
        key=tags.settle(),
        help=help_for("tags"),
        on_change=change,
        args=(dataset, number, lambda one: replace(one, tags=_split(tags.typed, ","))),
    )


def _gold(draft: Draft, row: TypedCase, at: int, gold: Gold) -> None:
    name, place = f"gold-{draft.dataset}-{row.number}-{at}", (draft.dataset, row.number)
    document, text = _Field(f"{name}-document", gold.document), _Field(f"{name}-text", gold.text)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"gold-head-{at}"):
        st.selectbox(
            "Gold document",
            _choices(draft, gold.document),
            format_func=lambda one: one or "Any document",
            key=document.settle(),
            help=help_for("gold document"),
            on_change=change,
            args=(*place, lambda case: _with_gold(case, at, Gold(document.typed, case.gold[at].text))),
        )
        st.button(
            "Remove",
            key=f"gold-out-{at}",
            icon=":material/close:",
            type="tertiary",
            on_click=change,
            args=(*place, lambda case: _with_gold(case, at)),
        )
    st.text_area(
        "Gold text",
        key=text.settle(),
        height=100,
        max_chars=LONGEST_TEXT,
        help=help_for("gold text"),
        on_change=change,
        args=(*place, lambda case: _with_gold(case, at, Gold(case.gold[at].document, text.typed))),
    )


def _with_gold(case: Case, at: int, *made: Gold) -> Case:
    """The case with another gold text in that place, or without it."""
    return replace(case, gold=(*case.gold[:at], *made, *case.gold[at + 1 :]))


def _choices(draft: Draft, own: str) -> list[str]:
    return [ANYWHERE, *sorted({*draft.documents, *filter(None, [own])}, key=str.casefold)]


def _split(text: str, sign: str) -> tuple[str, ...]:
    parts = [one.strip() for one in text.split(sign)]
    return tuple(dict.fromkeys(filter(None, parts)))
