"""What does a right answer cost? Cost of 1,000 questions against the share right, and the frontier."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.domain import UNDECIDED, Average, CandidateCost, CandidateResult, Examined, Money, PriceMark
from app.ui import figures
from app.ui.charts import Opened, finding_chart, framed_figure, label, shortened
from app.ui.findings import Finding
from app.ui.result_look import Look, ranked
from app.ui.safe import plain, unbroken
from app.ui.tables import Cell, Table, opening_table
from app.ui.theme import CHART_INK, CHART_MUTED
from app.ui.words import help_for

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

KEY = "result-costs"
HEIGHT = 320
NO_RIGHT = "no right answer"
TENTHS = (1, 2, 5)
MOST_TICKS = 7
DASHES = ("dash", "dashdot", "longdash", "longdashdot", "dot")
LONGEST_LISTED = 24
"""Characters of a model's name beside a list price: what that is has to fit beside it on a phone."""
STEPS, STEP = 3, 0.07
"""How many list prices' numbers stand one below the other, and how much of the height each takes."""
ONE_PRICE = (
    "These answers come from {} machines, but all machine time is priced by the figures of one, under Costs."
)
TYPE_THE_RATE = "Type the exchange rate under Costs to compare them."
NOTHING_KNOWN = (
    "No answer has a known cost. Say under Costs what your machine costs before the next run: an answer "
    "keeps the price that it was logged with."
)


def draw_frontier(examined: Examined, look: Look, opened: Opened, prices: Sequence[PriceMark] = ()) -> None:
    """The chart, what is left out of it, and its table. ``prices`` are of models that were not measured."""
    st.markdown("#### What does a right answer cost?")
    costs = examined.costs
    if not any(one.priced for one in costs.candidates):
        st.markdown(NOTHING_KNOWN)
        st.page_link("pages/costs.py", label="To the costs", icon=":material/arrow_forward:")
        return
    found = frontier_finding(examined, look.names)
    if drawn(examined):
        finding_chart(frontier_figure(examined, look, found, prices), found, key=KEY, opened=opened)
    else:
        st.markdown(f"{plain(found.title)}.")
    for line in beside_words(examined, look.names, prices):
        st.caption(unbroken(plain(line, 900)))
    order = ranked(examined)
    opening_table(
        cost_table(examined, look.names, order),
        [examined.experiment.candidates[place].hash for place in order],
        lambda one: opened(one, ""),
        key=KEY,
        label="Table: costs, tokens and times",
        alt="What the answers of each candidate cost and took",
    )


def drawn(examined: Examined) -> list[tuple[CandidateCost, CandidateResult]]:
    """Those that the chart can show, the best first: priced in its currency, above 0, and scored."""
    currency = examined.costs.currency
    costs = {one.candidate: one for one in examined.costs.compared if one.totals[currency]}
    results = [examined.results.candidates[place] for place in ranked(examined)]
    return [
        (costs[one.candidate.hash], one) for one in results if one.right.of and one.candidate.hash in costs
    ]


def frontier_finding(examined: Examined, names: Mapping[str, str]) -> Finding:
    """Whose right answers cost least, as far as that is decided."""
    costs = examined.costs
    line = "; whoever is off the dotted line is beaten by one on it"
    subtitle = (
        "Cost of 1,000 questions, on a scale of powers of ten, against the share right, both with 95% "
        f"intervals{line if len(_frontier(examined, drawn(examined))) > 1 else ''}"
    )
    cheapest = next((one for one in costs.candidates if one.candidate == costs.cheapest), None)
    if cheapest is None:
        return Finding("None gave a right answer at a known cost", subtitle)
    with_any = [one for one in costs.compared if one.right is not None and one.right.of]
    told = f"{figures.rate(cheapest.right, cheapest.currency)} for 1,000"
    if len(with_any) == 1 or costs.decisive:
        only = "Only" if len(with_any) == 1 and len(costs.compared) > 1 else ""
        verb = "gave right answers" if only else "gives the cheapest right answers"
        return Finding(f"{only} {names[cheapest.candidate]} {verb}: {told}".strip(), subtitle)
    return Finding(f"{UNDECIDED} whose right answers cost least", subtitle)


def frontier_figure(
    examined: Examined, look: Look, found: Finding, prices: Sequence[PriceMark] = ()
) -> Figure:
    """A mark for each candidate with both intervals; list prices as lines across."""
    figure, lay_out = framed_figure(found)
    known = drawn(examined)
    _add_frontier(figure, examined, known)
    for cost, result in known:
        _add_point(figure, cost, result, look)
    currency = examined.costs.currency
    marks = price_lines(examined, prices)
    ends = [end for cost, _ in known for end in _span(cost)] + [_money(one.per_1000) for one in marks]
    low, high = math.log10(min(ends)) - 0.12, math.log10(max(ends)) + 0.12
    for place, mark in enumerate(marks):
        _add_price(figure, mark, place, alone=len(marks) == 1)
    ticks = tick_values(low, high)
    lay_out(
        height=HEIGHT + 44,
        hovermode="closest",
        xaxis={
            "type": "log",
            "range": [low, high],
            "tickvals": ticks,
            "ticktext": [_tick(one, currency) for one in ticks],
            "title": {"text": "Cost of 1,000 questions", "font": {"size": 12, "color": CHART_MUTED}},
            "tickfont": {"color": CHART_MUTED},
            "fixedrange": True,
            "automargin": False,
            "showgrid": True,
        },
        yaxis={
            "range": [-0.03, 1.03],
            "tickformat": ".0%",
            "title": {"text": "Share right", "font": {"size": 12, "color": CHART_MUTED}},
            "tickfont": {"color": CHART_MUTED},
            "fixedrange": True,
            "showgrid": True,
        },
    )
    figure.update_layout(legend={"y": -0.24})
    return figure


def _add_point(figure: Figure, cost: CandidateCost, result: CandidateResult, look: Look) -> None:
    low, value, high = _span(cost)
    right, style = result.right, look.styles[cost.candidate]
    bar = {"type": "data", "symmetric": False, "color": style.chart, "thickness": 1.5, "width": 4}
    figure.add_scatter(
        x=[value],
        y=[right.value],
        mode="markers",
        name=label(shortened(look.names[cost.candidate])),
        error_x={**bar, "array": [high - value], "arrayminus": [value - low]},
        error_y={**bar, "array": [right.high - right.value], "arrayminus": [right.value - right.low]},
        marker={
            "color": style.chart,
            "symbol": style.symbol,
            "size": 13,
            "line": {"width": 1, "color": CHART_INK},
        },
        customdata=[(cost.candidate, "")],
        text=["<br>".join(label(line) for line in hover_lines(cost, result, look.names))],
        hovertemplate="%{text}<extra></extra>",
    )


def hover_lines(cost: CandidateCost, result: CandidateResult, names: Mapping[str, str]) -> list[str]:
    """What a mark says."""
    return [
        names[cost.candidate],
        f"right {figures.share(result.right)}",
        f"1,000 questions cost {figures.rate(cost.each, cost.currency)}",
        f"1,000 right answers: {right_words(cost)}",
    ]


def right_words(cost: CandidateCost) -> str:
    """What 1,000 right answers cost, "no right answer", or "unknown"."""
    if cost.right is not None and not cost.right.of:
        return NO_RIGHT
    return figures.rate(cost.right, cost.currency)


def _add_frontier(
    figure: Figure, examined: Examined, known: Sequence[tuple[CandidateCost, CandidateResult]]
) -> None:
    """A line from one to the next; it is drawn as steps, since nothing lies between two candidates."""
    line = _frontier(examined, known)
    if len(line) > 1:
        figure.add_scatter(
            x=[x for x, _ in line],
            y=[y for _, y in line],
            mode="lines",
            name="The frontier: best for its cost",
            line={"color": CHART_MUTED, "width": 1.5, "dash": "dot", "shape": "hv"},
            hoverinfo="skip",
        )


def _frontier(
    examined: Examined, known: Sequence[tuple[CandidateCost, CandidateResult]]
) -> list[tuple[float, float]]:
    """Where the candidates of the frontier stand that the chart can show: cost and share right."""
    points = {cost.candidate: (_span(cost)[1], result.right.value) for cost, result in known}
    return [points[one] for one in examined.costs.frontier if one in points]


def price_lines(examined: Examined, prices: Sequence[PriceMark]) -> list[PriceMark]:
    """The list prices that the chart has a line for: those in its currency, above 0."""
    return [one for one in prices if one.currency == examined.costs.currency and one.per_1000 > 0]


def price_number(place: int, *, alone: bool) -> str:
    """What tells the lines apart where there are several: "1", "2"; "" for the only one."""
    return "" if alone else str(place + 1)


def _add_price(figure: Figure, mark: PriceMark, place: int, *, alone: bool) -> None:
    """A line at a list price: how often that model is right nobody measured.

    Of several each has its number at its top, one lower than the other, since they may be close together.
    """
    at, number = _money(mark.per_1000), price_number(place, alone=alone)
    words = (
        f"{mark.name}: 1,000 such questions would cost "
        f"{figures.money(mark.per_1000, mark.currency)} at its list price; no answer of it was measured"
    )
    figure.add_scatter(
        x=[at, at],
        y=[0, 1],
        mode="lines+markers",
        name=label(f"{number} {shortened(mark.name, LONGEST_LISTED)}: list price, not measured".strip()),
        line={"color": CHART_MUTED, "width": 1, "dash": DASHES[place % len(DASHES)]},
        marker={"size": 6, "symbol": "line-ew", "color": CHART_MUTED},
        text=[label(words)] * 2,
        hovertemplate="%{text}<extra></extra>",
    )
    if number:
        figure.add_annotation(
            x=math.log10(at),
            y=1 - STEP * (place % STEPS),
            text=number,
            showarrow=False,
            xanchor="left",
            yanchor="top",
            xshift=2,
            font={"size": 12, "color": CHART_MUTED},
        )


def _span(cost: CandidateCost) -> tuple[float, float, float]:
    """The low end, the value and the high end of what 1,000 questions cost, for drawing."""
    each = cost.each
    value = _money((each.times(1000) if each else None) or 1)
    if each is None or each.low is None or each.high is None:
        return value, value, value
    # A low end of nothing has no place on the scale.
    return _money(max(each.low * 1000, 1)), value, _money(each.high * 1000)


def _money(amount: int) -> float:
    return amount / 10**12


def tick_values(low: float, high: float) -> list[float]:
    """Round numbers between two powers of ten (their exponents), so many as a phone has room for."""
    first, last = math.floor(low), math.ceil(high)
    every = [part * 10.0**power for power in range(first, last + 1) for part in TENTHS]
    fitting = [one for one in every if low <= math.log10(one) <= high]
    if len(fitting) <= MOST_TICKS:
        return fitting
    tens = [10.0**power for power in range(first, last + 1) if low <= power <= high]
    return tens[:: math.ceil(len(tens) / MOST_TICKS)]


def _tick(value: float, currency: str) -> str:
    return label(figures.money(round(value * 10**12), currency).removesuffix(".00"))


# ------------------------------------------------------------------------ in words, and as a table


def beside_words(examined: Examined, names: Mapping[str, str], prices: Sequence[PriceMark] = ()) -> list[str]:
    """What is in no mark of the chart: unknown costs, other currencies, and what was spent besides.

    Then by which rates it was converted, its list ``prices`` too.
    """
    costs = examined.costs
    lines = []
    unknown = [names[one.candidate] for one in costs.candidates if one.answers and not one.priced]
    if unknown:
        lines.append(f"Of unknown cost, so not in the chart: {'; '.join(unknown)}.")
    partly = [one for one in costs.candidates if one.priced and one.unknown]
    lines += [
        f"{names[one.candidate]}: {figures.count(one.unknown, 'answer')} of {one.answers:,} "
        f"{'has no known cost and is' if one.unknown == 1 else 'have no known cost and are'} in no sum."
        for one in partly
    ]
    other = [one for one in costs.candidates if one.priced and one.currency != costs.currency]
    if other:
        told = "; ".join(f"{names[one.candidate]} ({' and '.join(sorted(one.totals))})" for one in other)
        lines.append(
            f"In another currency than {costs.currency}, so not in the chart: {told}. {TYPE_THE_RATE}"
        )
    free = [names[one.candidate] for one in costs.compared if not one.totals[costs.currency]]
    if free:
        lines.append(f"Free of cost, which this scale has no place for: {'; '.join(free)}.")
    if (many := len(set(examined.experiment.machines.values()))) > 1:
        lines.append(ONE_PRICE.format(many))
    lines.append(_sum_words(examined))
    if apart := apart_words(examined):
        lines.append(apart)
    if note := figures.exchanged([*costs.rates, *(rate for mark in prices for rate in mark.rates)]):
        lines.append(note)
    return lines


def _sum_words(examined: Examined) -> str:
    costs = examined.costs
    bases = {one.basis for one in costs.candidates if one.priced}
    partly = "" if bases == {"assumed"} else "partly "
    assumed = f", {partly}by assumptions" if "assumed" in bases else ""
    left = f"; {figures.count(costs.unknown, 'answer')} of unknown cost left out" if costs.unknown else ""
    return f"All answers that count cost {_amounts(costs.totals)}{assumed}{left}."


def apart_words(examined: Examined) -> str:
    """What the experiment cost beside its answers; "" for nothing."""
    apart = examined.costs.apart
    if not apart.amounts and not apart.unknown:
        return ""
    told = _amounts(apart.amounts) if apart.amounts else "an unknown amount"
    left = f"; {apart.unknown:,} more have no known cost" if apart.unknown else ""
    return f"Attempts that did not count, asking again for causes and judging cost {told} besides{left}."


def _amounts(amounts: Mapping[str, Money]) -> str:
    return " and ".join(figures.money(amount, currency) for currency, amount in amounts.items()) or "nothing"


def cost_table(examined: Examined, names: Mapping[str, str], order: Sequence[int]) -> Table:
    """A row for each candidate: what its answers cost, and what they took."""
    rows = tuple(
        (
            names[one.candidate],
            *_cost_cells(one),
            *(_rounded(part.value) for part in (*_tokens(one), one.machine)),
            one.machine.of,
            _rounded(one.load_seconds),
        )
        for one in (examined.costs.candidates[place] for place in order)
    )
    columns = (
        *("Candidate", "1,000 questions", "1,000 right answers", "All its answers", "Currency"),
        *("Priced", "Unknown"),
        *("Basis", "Tokens in", "Tokens out", "Thinking", "Cached", "Machine seconds", "Alone"),
        "Load seconds",
    )
    helping = {
        "1,000 questions": "cost per 1,000",
        "1,000 right answers": "cost per right",
        "Unknown": "no cost",
        "Basis": "basis",
        "Tokens in": "tokens in",
        "Tokens out": "tokens out",
        "Thinking": "thinking tokens",
        "Cached": "cached tokens",
        "Machine seconds": "machine seconds",
        "Alone": "alone",
        "Load seconds": "load",
    }
    return Table(columns, rows, {column: help_for(name) for column, name in helping.items()})


def _cost_cells(one: CandidateCost) -> tuple[Cell, ...]:
    each = figures.rate(one.each, one.currency) if one.each else None
    right = right_words(one) if one.each else None
    return (each, right, *_total_cells(one), one.priced, one.unknown, one.basis)


def _total_cells(one: CandidateCost) -> tuple[Cell, Cell]:
    """All that was paid, exactly, and its currency; of several currencies each with its own in one cell."""
    if one.currency:
        return figures.exact(one.totals[one.currency]), one.currency
    told = " + ".join(f"{figures.exact(amount):f} {name}" for name, amount in sorted(one.totals.items()))
    return told or None, None


def _tokens(one: CandidateCost) -> tuple[Average, ...]:
    return one.tokens.prompt, one.tokens.completion, one.tokens.thinking, one.tokens.cached


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
