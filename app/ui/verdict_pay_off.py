"""When one's own machine pays off, as home tells it: the figure, the chart, and the marks of list prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import streamlit as st

from app.domain import MONEY_SCALE, BreakEven, Crossing, PayOff, PaysOff, PriceMark
from app.ui import figures
from app.ui.breakeven_chart import (
    draw_breakeven,
    measured_in,
    others_words,
    range_words,
    told_apart,
    unless_words,
)
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT
from app.ui.safe import plain
from app.ui.theme import LaneStyle

NO_MACHINE = "No answer here was made on a machine of your own."
NO_API = "It is set against no other model: choose one under Costs."
IF_ASSUMED = "if all that is assumed is {}% better, or worse"
NEVER, NOT_KNOWN = "never", "not known yet"


def figure_of(found: PayOff) -> PaysOff:
    """From how many questions a day, against the first API; of the others in words."""
    if not found.against:
        return PaysOff(NOT_KNOWN, NO_MACHINE if found.chosen is None else NO_API)
    first, others = found.against[0], others_words(found.against)
    told = _against(first)
    if others and first.usual.at is None:  # Else the large figure would be taken for all of them.
        told = replace(told, words=f"{told.words.rstrip('.')}. Your own machine is cheaper {others}.")
    return replace(told, candidate=first.work.candidate)


def _against(one: BreakEven) -> PaysOff:
    usual = one.usual
    price = "what its answers cost" if one.rival.measured else "its list price"
    whose = f"{one.work.name} on your own machine, against {one.rival.name} at {price}"
    if usual.at is not None:
        return _from_on(one, usual.at, whose)
    if usual.never:
        unless = f". {told}" if (told := unless_words(one)) else ""
        return PaysOff(NEVER, f"{whose}: {usual.words}{unless}", rates=one.rates)
    return PaysOff(NOT_KNOWN, f"{whose}: {usual.words}")


def _from_on(one: BreakEven, at: Decimal, whose: str) -> PaysOff:
    """From ``at`` questions a day on, or up to where the machine is full and the API is cheaper again."""
    usual, between, doubt = one.usual, range_words(one), f"{one.doubt:f}"
    if usual.dearer_again is not None:
        low, full = told_apart(at, usual.dearer_again[0])
        unsure = between.strip(" ()")
        by = f"; the first figure may be {unsure}, {IF_ASSUMED.format(doubt)}" if unsure else ""
        return PaysOff(f"from {low} to {full} a day", f"{whose}{by}. {_full(usual)}", rates=one.rates)
    by = f"; in brackets, {IF_ASSUMED.format(doubt)}" if between else ""
    if at < 1:
        words = f"{whose}{between and f'{between} a day'}{by}"
        return PaysOff("from the first question", words, rates=one.rates)
    figure = f"from {figures.significant(at, 2)}{between} a day"
    return PaysOff(figure, f"{whose}{by}", rates=one.rates)


def _full(usual: Crossing) -> str:
    """What comes after the last question that one machine can answer."""
    again = usual.dearer_again[1] if usual.dearer_again else None
    told = f"Then it is full, and the API is cheaper up to {figures.significant(again, 2)}"
    if usual.for_good == again:
        return f"{told}."
    last = f", for the last time up to {figures.significant(usual.for_good, 2)}" if usual.for_good else ""
    return f"{told}; so with each further machine{last}."


def marks_of(found: PayOff) -> tuple[PriceMark, ...]:
    """What 1,000 questions would cost with the models whose list price is known, but not their answers.

    In the machine's currency, in which all costs are told, where the rate for that was typed.
    """
    unasked = (one for one in found.against if not (one.rival.measured or one.rival.asked))
    told = (
        (one, one.rival.each, one.rival.currency)
        if one.usual.api_each is None
        else (one, one.usual.api_each, one.currency)
        for one in unasked
    )
    return tuple(
        PriceMark(one.rival.name, int((each * 1000 * MONEY_SCALE).to_integral_value()), currency, one.rates)
        for one, each, currency in told
        if each is not None
    )


def draw_pay_off(found: PayOff, styles: Mapping[str, LaneStyle], experiment_id: str) -> None:
    """The chart with its sentences, and the way to where its figures are set."""
    st.markdown("#### When does your own machine pay off?")
    if found.chosen is None:
        st.markdown(plain(NO_MACHINE))
        return
    if found.against:
        draw_breakeven(found.against, styles, key="home-breakeven")
        measured_in(found)
    else:
        st.markdown(plain(NO_API))
    st.page_link(
        "pages/costs.py",
        label="Set your machine's figures under Costs",
        icon=":material/arrow_forward:",
        query_params=address(EXPERIMENT, experiment_id),
    )
