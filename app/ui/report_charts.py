"""A report's charts of how often each was right and at what cost, and their table."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import CandidateCost, PriceMark
from app.ui import breakeven_chart, figures, frontier_chart, right_chart
from app.ui.report_data import Report, known
from app.ui.report_html import HALF, WHOLE, Chart, chart, element, folding, listed, section, sign, table, text
from app.ui.result_look import ranked
from app.ui.tables import Cell, Table
from app.ui.verdict_pay_off import NO_API, NO_MACHINE
from app.ui.words import help_for

LISTED = "The dashed line is {} at its list price: no answer of it was measured."
SEVERAL = "The lines with numbers are list prices of models of which no answer was measured: {}."
LOWER = 22
"""Pixels that a row of the shares is lower on paper where there are many."""
PLOT = 290
"""Pixels of the plot of costs on paper, about as high as the chart beside it."""
DENSER = 50
"""So many fewer where there are many candidates."""
OVERVIEW = {
    "Candidate": "candidate",
    "Right": "experiment right",
    "Questions": "",
    "Unscored": "unscored",
    "Failed": "failed answers",
    "1,000 questions": "cost per 1,000",
    "1,000 right answers": "cost per right",
    "Costs are": "basis",
    "Machine seconds": "machine seconds",
}
"""The columns of the first table, and whose help sentence explains each."""


def right(one: Report, charts: list[Chart]) -> str:
    """How often was each right? The chart is added to ``charts``."""
    found = right_chart.right_finding(one.examined, one.look.names)
    figure = right_chart.right_figure(one.examined, one.look, found)
    width = HALF if one.few else WHOLE
    charts.append(Chart(right_chart.KEY, figure, found, width, lower=one.lower(LOWER)))
    rules = element("p", text(right_chart.rules_words(one.examined.rules)), kind="small")
    return section("How often was each right?", chart(charts[-1]), rules)


def costs(one: Report, charts: list[Chart]) -> str:
    """What does a right answer cost? The chart, where anything has a price, is added to ``charts``."""
    title, costs = "What does a right answer cost?", one.examined.costs
    if not any(cost.priced for cost in costs.candidates):
        return section(title, element("p", text(frontier_chart.NOTHING_KNOWN)))
    found = frontier_chart.frontier_finding(one.examined, one.look.names)
    if frontier_chart.drawn(one.examined):
        figure = frontier_chart.frontier_figure(one.examined, one.look, found, one.marks)
        # In half of the width the signs beside it name the marks.
        paper = (HALF, PLOT - round(DENSER * one.crowded)) if one.few else (WHOLE, 0)
        charts.append(Chart(frontier_chart.KEY, figure, found, *paper))
        first = chart(charts[-1])
    else:
        first = element("p", text(f"{found.title}."))
    lines = price_words(frontier_chart.price_lines(one.examined, one.marks))
    lines += frontier_chart.beside_words(one.examined, one.look.names, one.marks)
    return section(title, first, element("p", text(" ".join(lines)), kind="small"))


def price_words(marks: Sequence[PriceMark]) -> list[str]:
    """Which line is which model's list price, for paper, where nothing can be pointed at."""
    if len(marks) < 2:
        return [LISTED.format(mark.name) for mark in marks]
    numbers = (frontier_chart.price_number(place, alone=False) for place in range(len(marks)))
    told = (f"{number} {mark.name}" for number, mark in zip(numbers, marks, strict=True))
    return [SEVERAL.format(", ".join(told))]


def pay_off(one: Report, charts: list[Chart]) -> str:
    """When does your own machine pay off? "" where nobody asked. Of the chart paper has the words only."""
    title = "When does your own machine pay off?"
    if one.pay_off is None:
        return ""
    against = one.pay_off.against
    if not against:
        return section(title, element("p", text(NO_API if one.pay_off.chosen else NO_MACHINE)))
    found = breakeven_chart.finding(against)
    lines = listed([text(breakeven_chart.sentence(each)) for each in against])
    if not breakeven_chart.can_be_drawn(against):
        return section(title, element("p", text(f"{found.title}: {found.subtitle}.")), lines)
    figure = breakeven_chart.breakeven_figure(found, against, one.look.styles)
    charts.append(Chart("breakeven", figure, found, WHOLE))
    read = element("p", text(breakeven_chart.how_to_read(against[0])), kind="small screen")
    notes = element("p", text(breakeven_chart.notes_words(against)), kind="small paper")
    rows = folding("Table: cost of a month", table(breakeven_chart.month_table(against)))
    shown = element("div", chart(charts[-1]), kind="screen")
    return section(title, shown, lines, read, notes, rows, kind="pays")


def tables(one: Report) -> str:
    """The table of both charts, and behind a click all of it."""
    examined, names, order = one.examined, one.look.names, right_chart.right_order(one.examined)
    signs = [sign(one.look.styles[each.candidate.hash]) for each in order]
    whole = [table(right_chart.right_table(order, names))]
    if any(cost.priced for cost in examined.costs.candidates):
        whole.append(table(known(frontier_chart.cost_table(examined, names, ranked(examined)))))
    if pairs := examined.results.comparisons:
        whole += [element("h3", "Every pair compared"), table(right_chart.pairs_table(pairs, names))]
    more = folding("Table: every figure, and every pair compared", *whole)
    return element("section", table(known(overview(one)), signs=signs), more)


def overview(one: Report) -> Table:
    """What the two charts show, a row for each candidate."""
    places = {candidate.hash: at for at, candidate in enumerate(one.examined.experiment.candidates)}
    rows = []
    for result in right_chart.right_order(one.examined):
        name = one.look.names[result.candidate.hash]
        told = figures.share(result.right) if result.right.of else None
        cost = one.examined.costs.candidates[places[result.candidate.hash]]
        rows.append((name, told, result.right.of, result.unscored, result.failed, *_cost_cells(cost)))
    columns = tuple(OVERVIEW)
    return Table(columns, tuple(rows), {name: help_for(key) for name, key in OVERVIEW.items() if key})


def _cost_cells(cost: CandidateCost) -> tuple[Cell, ...]:
    each = figures.rate(cost.each, cost.currency) if cost.each else None
    right = frontier_chart.right_words(cost) if cost.each else None
    return (each, right, cost.basis, cost.machine.value)
