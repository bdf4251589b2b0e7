"""Presenter mode: the verdict large and without controls, for a wall or a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import streamlit as st

from app.domain import Examined, PaysOff, Verdict, VerdictKind
from app.ui import figures
from app.ui.charts import ROW
from app.ui.result_look import Look
from app.ui.right_chart import right_figure, right_finding
from app.ui.safe import plain, unbroken
from app.ui.verdict_figures import cards_of
from app.ui.verdict_words import below, headline, on_screen
from app.ui.words import help_for, lowered

PRESENT, YES = "present", "yes"
"""In the address of home, so that it can be shared."""
STYLE = Path(__file__).with_name("presenting.css")
NARROW_ROW = 42
"""Pixels of a row: the chart is enlarged, and has to fit below the sentence."""
SIZES = ((230, "usual"), (340, "smaller"))
"""Up to how many characters a sentence has which letters."""
LONG = 18
"""A figure of more characters has smaller letters: in large ones it takes two lines."""
NOT_WITHOUT = frozenset(
    {
        VerdictKind.ENOUGH,
        VerdictKind.NOT_ENOUGH,
        VerdictKind.ENOUGH_UNTOLD,
        VerdictKind.RECORDED,
        VerdictKind.ELSEWHERE,
        VerdictKind.MACHINES,
        VerdictKind.FEWER,
        VerdictKind.UNFINISHED,
    }
)
BRACKETS = f"In brackets: {lowered(help_for('interval'))}"
MOST = 6
"""So many rows are read from afar; the others are counted."""


def wanted() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get(PRESENT) == YES


def draw_button() -> None:
    """The button that begins it."""
    st.button(
        "Present",
        key="present-begin",
        icon=":material/present_to_all:",
        help="This verdict alone and large, for a wall or a meeting. Esc leaves it.",
        on_click=_begin,
    )


def draw_presented(examined: Examined, verdict: Verdict, look: Look, pays_off: PaysOff | None = None) -> None:
    """The sentence, the three figures, and how often each was right; Esc or Leave goes back."""
    st.html(STYLE)
    sentence = headline(verdict, examined.experiment, on_screen(look.names))
    with st.container(key=PRESENT):
        # Nobody scrolls a wall: a longer sentence has smaller letters.
        with st.container(key=f"{PRESENT}-{size_of(sentence)}"):
            st.markdown(f"### {unbroken(sentence)}")
        with st.container(key=f"{PRESENT}-beside"):
            st.caption(unbroken(beside_words(examined, verdict, look)))
        first, second = st.columns([10, 21], gap="medium")
        with first:
            _figures(examined, verdict, look.names, pays_off)
        with second:
            _chart(examined, look)
    st.button("Leave", key="present-leave", type="tertiary", shortcut="Esc", on_click=_leave)


def size_of(sentence: str) -> str:
    """The letters that a sentence fits in: "usual", "smaller" or "small"."""
    return next((size for longest, size in SIZES if len(sentence) <= longest), "small")


def beside_words(examined: Examined, verdict: Verdict, look: Look) -> str:
    """What the sentence may not be read without, as Markdown: is it enough, where was it, what is meant."""
    voice = on_screen(look.names)
    kept = replace(verdict, below=tuple(one for one in verdict.below if one.kind in NOT_WITHOUT))
    return " ".join([*below(kept, examined.experiment, voice), plain(BRACKETS)])


def _figures(
    examined: Examined, verdict: Verdict, names: Mapping[str, str], pays_off: PaysOff | None
) -> None:
    for place, (name, card, _) in enumerate(cards_of(examined, verdict, names, pays_off)):
        size = "long" if len(card.figure) > LONG else "short"
        with st.container(border=True, gap="xxsmall", key=f"{PRESENT}-{size}-{place}"):
            st.metric(name, unbroken(card.figure))
            st.caption(unbroken(plain(card.words)))
    if note := figures.exchanged([*examined.costs.rates, *(pays_off.rates if pays_off else ())]):
        st.caption(plain(note, 400))


def _chart(examined: Examined, look: Look) -> None:
    found = right_finding(examined, look.names)
    figure = right_figure(examined, look, found, MOST)
    rows = min(MOST, len(examined.results.candidates))
    figure.update_layout(height=figure.layout.height - rows * (ROW - NARROW_ROW))
    asked = len(examined.results.candidates)
    if asked > MOST:
        st.caption(f"The first {MOST} of {figures.count(asked, 'candidate')}.")
    with st.container(key="present-chart"):
        st.plotly_chart(
            figure,
            key="present-right",
            config={"staticPlot": True},
            alt=f"{found.title}. {found.subtitle}.",
        )


def _begin() -> None:
    st.query_params[PRESENT] = YES


def _leave() -> None:
    st.query_params.pop(PRESENT, None)
