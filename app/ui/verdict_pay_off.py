"""When one's own machine pays off, as home tells it: the figure, the chart, and the marks of list prices."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.domain import MONEY_SCALE, PayOff, PaysOff, PriceMark
from app.ui import figures
from app.ui.breakeven_chart import draw_breakeven, measured_in
from app.ui.experiments import address
from app.ui.frame import EXPERIMENT
from app.ui.safe import plain
from app.ui.theme import LaneStyle

NO_MACHINE = "No answer here was made on a machine of your own."
NEVER, NOT_KNOWN = "never", "not known yet"


def figure_of(found: PayOff) -> PaysOff:
    """From how many questions a day, against the first API."""
    if not found.against:
        return PaysOff(NOT_KNOWN, NO_MACHINE)
    first = found.against[0]
    usual = first.usual
    whose = f"{first.work.name} on your own machine, against {first.rival.name}"
    if usual.at is not None:
        figure = f"{figures.significant(usual.at, 2)} a day" if usual.at >= 1 else "the first question"
        return PaysOff(figure, whose, first.rates)
    if usual.never:
        return PaysOff(NEVER, f"{whose}: {usual.words}", first.rates)
    return PaysOff(NOT_KNOWN, f"{whose}: {usual.words}")


def marks_of(found: PayOff) -> tuple[PriceMark, ...]:
    """What 1,000 questions would cost with the models whose list price is known, but not their answers.

    In the machine's currency, in which all costs are told, where the rate for that was typed.
    """
    unasked = (one for one in found.against if not one.rival.measured)
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
    draw_breakeven(found.against, styles, key="home-breakeven")
    measured_in(found)
    st.page_link(
        "pages/costs.py",
        label="Set your machine's figures under Costs",
        icon=":material/arrow_forward:",
        query_params=address(EXPERIMENT, experiment_id),
    )
