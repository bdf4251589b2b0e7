"""Drawing of the Costs page: what was spent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from statistics import median

import streamlit as st

from app.domain import AnswerPoint, AnswerState, CandidateSummary, Money, Rate, SpendDay, currency_sign
from app.ui import figures
from app.ui.charts import Axis, Row, Stack, days_chart, finding_chart, rows_chart, thousand_mark
from app.ui.findings import Finding
from app.ui.safe import plain
from app.ui.shown import mean_cost
from app.ui.tables import Table, table_expander
from app.ui.theme import LaneStyle
from app.ui.verdict_tables import costs_table
from app.ui.words import help_for

GUESSED_SECONDS = 5.0
LONGEST = 400
"""Days in one chart."""


def totals(days: Sequence[SpendDay]) -> str:
    """What was spent so far, in one sentence."""
    spent: dict[str, Money] = {}
    for one in days:
        if one.costed:
            spent[one.currency] = spent.get(one.currency, 0) + one.amount
    answers = sum(one.answers for one in days)
    unknown = sum(one.uncosted for one in days)
    if not spent:
        return f"What the {figures.count(answers, 'answer')} asked here so far cost is not known."
    told = " and ".join(figures.money(amount, currency) for currency, amount in sorted(spent.items()))
    left = f" The cost of {figures.count(unknown, 'answer')} is unknown and not in it." if unknown else ""
    return f"{told} for {figures.count(answers, 'answer')} asked here so far.{left}"


def draw_rates(days: Sequence[SpendDay]) -> None:
    """The rates by which any of it was converted, and what to do where there are several currencies still."""
    told = [figures.exchanged(rate for one in days for rate in one.rates)]
    if len({one.currency for one in days if one.costed}) > 1:
        told.append("Type an exchange rate below, and all of it is told in one currency.")
    if any(told):
        st.caption(plain(" ".join(one for one in told if one), 600))


def usual_seconds(points: Iterable[AnswerPoint]) -> float:
    """How long an answer takes here: the middle of the candidates' medians, or a guess.

    From those of these answers that are complete and ran alone on their machine.
    """
    walls: defaultdict[str, list[float]] = defaultdict(list)
    for one in points:
        if one.wall and one.state is AnswerState.COMPLETE and one.shared <= 1:
            walls[one.candidate_hash].append(one.wall)
    known = sorted(median(own) for own in walls.values())
    return known[len(known) // 2] if known else GUESSED_SECONDS


def spend_charts(
    days: Sequence[SpendDay], names: Mapping[str, str], styles: Mapping[str, LaneStyle]
) -> dict[str, Table]:
    """Spend by day and candidate: one chart a currency, since amounts in two must not be added.

    Returns the charts' tables by what they are about.
    """
    tables: dict[str, Table] = {}
    for currency in sorted({one.currency for one in days if one.costed}):
        mine = [one for one in days if one.currency == currency]
        finding = spend_finding(mine, names, currency)
        axis = all_days([one.day for one in mine])
        stacks = [
            _stack(mine, axis, candidate, names[candidate], styles[candidate])
            for candidate in dict.fromkeys(one.candidate_hash for one in mine)
        ]
        figure = days_chart(finding, [one.isoformat() for one in axis], stacks, currency_sign(currency))
        finding_chart(figure, finding, key=f"spend-{currency}")
        tables[f"spend in {currency}"] = spend_table(mine, names)
    return tables


def spend_finding(days: Sequence[SpendDay], names: Mapping[str, str], currency: str) -> Finding:
    """Who most of the money went to."""
    spent: dict[str, Money] = {}
    for one in days:
        spent[one.candidate_hash] = spent.get(one.candidate_hash, 0) + one.amount
    total, unknown = sum(spent.values()), sum(one.uncosted for one in days)
    left = f"; {figures.count(unknown, 'answer')} of unknown cost not in it" if unknown else ""
    answers = figures.count(sum(one.costed for one in days), "answer")
    subtitle = f"Spend by day (UTC) and candidate, {answers}{left}"
    told = figures.money(total, currency)
    most = max(spent, key=lambda one: spent[one])
    if len(spent) == 1:
        return Finding(f"{told} went to {names[most]}", subtitle)
    if total == 0 or spent[most] * 2 <= total:
        return Finding(f"{told} spent, no candidate took more than half", subtitle)
    return Finding(f"{figures.percent(float(spent[most] / total))} of {told} went to {names[most]}", subtitle)


def all_days(days: Sequence[date]) -> list[date]:
    """Every day from the first to the last, so that days without answers show as gaps."""
    first, last = max(min(days), max(days) - timedelta(days=LONGEST)), max(days)
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def spend_table(days: Sequence[SpendDay], names: Mapping[str, str]) -> Table:
    """The days as a table."""
    return Table(
        ("Day", "Candidate", "Answers", "Spend", "Currency", "No cost"),
        tuple(
            (
                one.day.isoformat(),
                names[one.candidate_hash],
                one.answers,
                figures.exact(one.amount),
                one.currency,
                one.uncosted,
            )
            for one in days
        ),
        {"Spend": help_for("spend")},
    )


def answer_costs(
    summaries: Sequence[CandidateSummary],
    names: Mapping[str, str],
    styles: Mapping[str, LaneStyle],
    different: int,
    costs: Mapping[str, Rate],
) -> dict[str, Table]:
    """The mean cost of an answer by candidate, over all their answers; returns the chart's table.

    ``different`` questions were not put to all of them. ``costs`` by hash, of those that have any.
    """
    known = sorted((one for one in summaries if one.costed), key=mean_cost)
    unknown = [one for one in summaries if not one.costed]
    rows = [
        _cost_row(one, names[one.candidate_hash], styles[one.candidate_hash], costs.get(one.candidate_hash))
        for one in [*known, *unknown]
    ]
    finding = answer_finding(known, summaries, names, different)
    currencies = ", ".join(sorted({one.currency for one in known})) or "unknown"
    figure = rows_chart(finding, rows, Axis(f"Cost for 1,000 questions ({currencies})"), shape="bar")
    finding_chart(figure, finding, key="answer-cost")
    return {"cost of an answer": costs_table(summaries, names, costs)}


def draw_tables(tables: Mapping[str, Table]) -> None:
    """The charts' tables, over the whole width."""
    for name, table in tables.items():
        table_expander(table, key=name.replace(" ", "-"), label=f"Table: {name}")


def answer_finding(
    known: Sequence[CandidateSummary],
    summaries: Sequence[CandidateSummary],
    names: Mapping[str, str],
    different: int = 0,
) -> Finding:
    """What an answer costs. ``known`` have a cost, the cheapest first.

    ``different`` questions were not put to all of them.
    """
    unknown = sum(one.uncosted for one in summaries)
    left = f"; {figures.count(unknown, 'answer')} of unknown cost not in it" if unknown else ""
    answers = figures.count(sum(one.costed for one in known), "answer")
    unlike = f". Not all answered the same: {figures.count(different, 'question')} not answered by all"
    subtitle = f"Mean cost, told for 1,000 questions, {answers}{left}{unlike if different else ''}"
    if not known:
        return Finding("What an answer costs is unknown", subtitle)
    if len({one.currency for one in known}) > 1:
        return Finding("Costs in different currencies, not a comparison", subtitle)
    low = figures.money(mean_cost(known[0]) * 1000, known[0].currency)
    if len(known) == 1:
        name = names[known[0].candidate_hash]
        return Finding(f"1,000 questions to {name} cost {low}", subtitle)
    high = figures.money(mean_cost(known[-1]) * 1000, known[-1].currency)
    if low == high:
        return Finding(f"1,000 questions cost {low} with each of them", subtitle)
    return Finding(f"1,000 questions cost from {low} to {high}", subtitle)


def _stack(
    days: Sequence[SpendDay], axis: Sequence[date], candidate: str, name: str, style: LaneStyle
) -> Stack:
    by_day = {one.day: one for one in days if one.candidate_hash == candidate}
    values, words = [], []
    for day in axis:
        one = by_day.get(day)
        values.append(float(figures.exact(one.amount)) if one else 0.0)
        told = figures.money(one.amount, one.currency) if one else "nothing"
        answers = figures.count(one.answers, "answer") if one else "no answers"
        words.append(f"{name}, {figures.day(day)}: {told}, {answers}")
    return Stack(name, style, values, words)


def _cost_row(one: CandidateSummary, name: str, style: LaneStyle, rate: Rate | None) -> Row:
    words = f"{name}: {figures.rate(rate, one.currency)} for 1,000 questions"
    told = figures.money(rate.times(1000) if rate else None, one.currency)
    marks = (thousand_mark(rate, words),) if rate else ()
    return Row(one.candidate_hash, name, told, style, marks)
