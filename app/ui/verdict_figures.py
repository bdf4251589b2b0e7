"""The three figures of an experiment on the home page, and what a person asks of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from app.domain import (
    DECISIVE,
    NOT_DECISIVE,
    CandidateCost,
    Examined,
    PaysOff,
    Verdict,
    VerdictKind,
    VerdictSettings,
)
from app.ui import figures
from app.ui.charts import Opened
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT, guard
from app.ui.safe import plain, unbroken
from app.ui.words import help_for

NOT_KNOWN, NO_WINNER = "not known yet", "no winner"
CLOSE = "too close to call"
SET_MACHINE = "Set your machine's figures under Costs."
_NO_LEAD: Mapping[VerdictKind, str] = {
    VerdictKind.TIE: NO_WINNER,
    VerdictKind.EQUAL: NO_WINNER,
    VerdictKind.NEVER: "none",
    VerdictKind.TOO_FEW: NOT_DECISIVE,
    VerdictKind.REVERSED: NOT_DECISIVE,
    VerdictKind.UNSCORED: NOT_KNOWN,
}
ENOUGH_KEY, MARGIN_KEY = "verdict-enough", "verdict-margin"
SEEN = "verdict-settings-seen"
"""In the session: what the sliders were last drawn for."""


@dataclass(frozen=True)
class Card:
    """A figure in large, what it rests on in small, and whose answers are behind it ("" for nobody's)."""

    figure: str
    words: str
    candidate: str = ""


def draw_figures(
    examined: Examined, verdict: Verdict, names: Mapping[str, str], opened: Opened, pays_off: PaysOff | None
) -> None:
    """Most accurate, cheapest right answer, and from when one's own machine pays off."""
    cards = cards_of(examined, verdict, names, pays_off)
    for column, (name, card, helping) in zip(st.columns(3), cards, strict=True):
        with column, st.container(border=True, height="stretch"):
            # No metric: that cuts a figure off where a column is narrow, and with it its interval.
            st.markdown(name, help=help_for(helping))
            st.subheader(unbroken(plain(card.figure)), anchor=False)
            st.caption(unbroken(plain(card.words)))
            if card.candidate and st.button(
                "Show the answers", key=f"figure-{helping.replace(' ', '-')}", type="tertiary"
            ):
                opened(card.candidate, "")
            if helping == "pays off":
                it = address(EXPERIMENT, examined.experiment.id)
                st.page_link(
                    "pages/costs.py",
                    label="To the costs",
                    icon=":material/arrow_forward:",
                    query_params=it,
                )


def cards_of(
    examined: Examined, verdict: Verdict, names: Mapping[str, str], pays_off: PaysOff | None
) -> tuple[tuple[str, Card, str], ...]:
    """The three: what each is called, the figure, and the name of its help sentence."""
    return (
        ("Most often right", most_right(examined, verdict, names), "most often right"),
        ("Cheapest right answer, for 1,000", cheapest(examined, names), "cheapest right"),
        ("Your own machine pays off", pays_off_card(pays_off), "pays off"),
    )


def most_right(examined: Examined, verdict: Verdict, names: Mapping[str, str]) -> Card:
    """The share of whoever is ahead; where nobody is, that in its place."""
    head = verdict.head
    if not head.who:
        return Card(NOT_KNOWN, "No answer is judged yet.")
    best = head.who[0]
    share, name = figures.share(best.right), names[best.candidate.hash]
    if head.kind is VerdictKind.NEVER:
        return Card(_NO_LEAD[head.kind], f"No answer was right: {share}", best.candidate.hash)
    if instead := _NO_LEAD.get(head.kind):
        return Card(instead, f"Highest so far: {name}, {share}", best.candidate.hash)
    only = "; the only one asked" if len(examined.results.candidates) == 1 else ""
    return Card(share, f"{name}{only}", best.candidate.hash)


def cheapest(examined: Examined, names: Mapping[str, str]) -> Card:
    """What right answers cost at the least, with its interval; where that is not decided, that instead."""
    costs = examined.costs
    found = next((one for one in costs.candidates if one.candidate == costs.cheapest), None)
    if found is None:
        if any(one.priced for one in costs.candidates):
            return Card("none", "No right answer has a known cost.")
        return Card(NOT_KNOWN, "No answer has a known cost. " + SET_MACHINE)
    told, name = figures.rate(found.right, found.currency), names[found.candidate]
    assumed = f"{_left_out(found)}{'; its costs are assumed' if found.basis == 'assumed' else ''}"
    others = [one for one in costs.compared if one.right and one.right.of and one is not found]
    if not others:
        more = "; no other gave a right answer at a known cost" if len(costs.candidates) > 1 else ""
        return Card(told, f"{name}{more}{assumed}", found.candidate)
    if costs.decisive:
        return Card(told, f"{name}; {DECISIVE}{assumed}", found.candidate)
    return Card(CLOSE, f"Lowest so far: {name}, {told}; {NOT_DECISIVE}{assumed}", found.candidate)


def _left_out(one: CandidateCost) -> str:
    """What of its answers the cost of a right one leaves out: those that are not told right or wrong."""
    many = one.priced - one.told
    if not many:
        return ""
    answers = figures.count(many, "answer")
    return f"; {answers} not told right or wrong {'is' if many == 1 else 'are'} left out"


def pays_off_card(pays_off: PaysOff | None) -> Card:
    """From how many questions a day; what is missing for that where it is not known."""
    if pays_off is None:
        return Card(NOT_KNOWN, SET_MACHINE)
    return Card(pays_off.figure, pays_off.words, pays_off.candidate)


def draw_settings(settings: VerdictSettings, save: Callable[[str, float], VerdictSettings]) -> None:
    """What is accurate enough, and as good as: a person's own choice, kept for all.

    ``save`` keeps one of them by its name, and returns both as they are then: the other may have been moved
    in another tab.
    """
    # What is kept counts, whoever set it: only a move of one's own is saved, by its callback. It is put into
    # the sliders only where it is new to this tab, so that quick moves are not set back by their own echo.
    keys = {ENOUGH_KEY: round(100 * settings.enough), MARGIN_KEY: round(100 * settings.margin)}
    if st.session_state.get(SEEN) != settings or not keys.keys() <= set(st.session_state):
        st.session_state.update(keys)
    st.session_state[SEEN] = settings

    def moved(name: str, key: str) -> None:
        st.session_state.pop(SEEN, None)
        with guard():
            kept = save(name, st.session_state[key] / 100)
            if kept == replace(settings, **{name: getattr(kept, name)}):
                st.session_state[SEEN] = kept

    name = f"Enough is {figures.percent(settings.enough)}"
    with st.popover(name, icon=":material/tune:", key="verdict-settings"):
        st.slider(
            "Accurate enough: right on",
            5,
            100,
            step=5,
            format="%d%%",
            key=ENOUGH_KEY,
            on_change=moved,
            args=("enough", ENOUGH_KEY),
            help=help_for("accurate enough"),
        )
        st.slider(
            "As good as the best: points behind, at most",
            1,
            20,
            format="%d",
            key=MARGIN_KEY,
            on_change=moved,
            args=("margin", MARGIN_KEY),
            help=help_for("margin"),
        )
