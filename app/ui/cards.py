"""The three figures at the top of the home page."""

from __future__ import annotations

import streamlit as st

from app.ui.findings import ASK_IN_TURN, assumed, pricing_notes
from app.ui.leading import DIFFERENT, ONLY_ONE, Lead, cheapest, most_right, quickest
from app.ui.safe import plain
from app.ui.shown import Shown
from app.ui.verdict_charts import Picture
from app.ui.words import help_for

MARK = "Mark answers right or wrong on the Ask page."
NO_COST = "No answer has a known cost yet."


def draw_cards(picture: Picture) -> None:
    """Who is right most often, who begins first and who costs least, as far as that is decided."""
    shown = picture.shown
    cards = (
        ("Most often right", most_right(shown, picture.rights), "share right", MARK),
        ("Begins to answer first", quickest(shown, picture.alone.firsts), "first token", f"{ASK_IN_TURN}."),
        ("Costs least for 1,000 questions", cheapest(shown), "cost per 1,000", NO_COST),
    )
    notes: tuple[list[str], ...] = ([], [], cost_notes(shown, cards[2][1]))
    for column, (name, lead, helping, missing), more in zip(st.columns(3), cards, notes, strict=True):
        with column, st.container(border=True, height="stretch"):
            figure, words = card(shown, lead, missing)
            st.metric(name, figure, help=help_for(helping))
            st.caption(plain("; ".join([words, *more])))


def cost_notes(shown: Shown, lead: Lead) -> list[str]:
    """How far the leading cost is one of an answer alone, at one price, and whether that is assumed."""
    if lead.best is None:
        return []
    mine = [one for one in shown.priced if one.candidate_hash == lead.best.candidate_hash]
    machines = [one for one in pricing_notes(shown.priced) if "machine descriptions" in one]
    shared = [one for one in pricing_notes(mine) if one not in machines and "shared" in one]
    return ["its costs are assumed"] * assumed(mine) + shared + machines


def card(shown: Shown, lead: Lead, missing: str) -> tuple[str, str]:
    """What a card says in large and in small: the leading figure in large only where it is decided.

    ``missing`` says what to do where nothing is known.
    """
    if lead.best is None:
        return "not known yet", missing
    name = shown.name(lead.best)
    if not lead.doubt:
        return lead.figure, name
    if not lead.figure:
        return lead.doubt, "The figures are in different currencies."
    if lead.doubt == ONLY_ONE:
        return lead.doubt, f"{name}: {lead.figure}"
    why = "different questions; " if lead.doubt == DIFFERENT else ""
    return lead.doubt, f"In front so far: {name}, {why}{lead.figure}"
