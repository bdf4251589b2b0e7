"""How often each candidate of an experiment was right: dots with intervals, the best on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.domain import (
    DECIDEDLY,
    DECISIVE,
    UNDECIDED,
    CandidateResult,
    Comparison,
    Examined,
    Outcome,
    Results,
    sentence,
    twins,
)
from app.ui import figures
from app.ui.case_words import RULES
from app.ui.charts import Axis, Mark, Opened, Row, finding_chart, rows_chart
from app.ui.findings import Finding
from app.ui.result_look import Look, join, ranked, share, twin_hashes
from app.ui.safe import plain
from app.ui.tables import Table, opening_table, table_expander
from app.ui.words import help_for, lowered

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

KEY = "result-right"
NOTHING = "nothing scored"
UNJUDGED = "Not judged yet"


def draw_right(examined: Examined, look: Look, opened: Opened) -> None:
    """The chart, by which rule it was judged, and its tables."""
    st.markdown("#### How often was each right?")
    results, order = examined.results, right_order(examined)
    found = right_finding(examined, look.names)
    finding_chart(right_figure(examined, look, found), found, key=KEY, opened=opened)
    st.caption(plain(rules_words(examined.rules), 600))
    if any(one.unscored for one in order):
        st.caption(f"Unscored: {lowered(help_for('unscored'))}")
    opening_table(
        right_table(order, look.names),
        [one.candidate.hash for one in order],
        lambda one: opened(one, ""),
        key=KEY,
        label="Table: share right",
        alt="How often each candidate was right",
    )
    if results.comparisons:
        table_expander(
            pairs_table(results.comparisons, look.names),
            key="result-pairs",
            label="Table: every pair compared",
        )


def right_order(examined: Examined) -> list[CandidateResult]:
    """The candidates as the chart has them, the best on top."""
    return [examined.results.candidates[place] for place in ranked(examined)]


def right_figure(examined: Examined, look: Look, found: Finding, most: int | None = None) -> Figure:
    """A row for each candidate, or for the first ``most`` of them."""
    order = right_order(examined)
    asked = max(one.right.of for one in order)
    rows = [_row(one, look, asked) for one in order[:most]]
    figure = rows_chart(found, rows, Axis("Share right", top=1.0, percent=True))
    join(figure, rows, twin_hashes(examined.experiment))
    return figure


def _row(one: CandidateResult, look: Look, most: int = 0) -> Row:
    """``most`` is how many questions any candidate was scored on: with fewer a share is of other ones."""
    told = figures.share(one.right) if one.right.of else NOTHING
    fewer = [f"on {one.right.of:,} of them"] if 0 < one.right.of < most else []
    figure = ", ".join([told, *(untold_words(one) or fewer)])
    asked = figures.count(one.right.of, "question")
    words = f"{look.names[one.candidate.hash]}: right {told}, {asked}"
    marks = [Mark(one.right.value, words, one.right.low, one.right.high)] if one.right.of else []
    return look.row(one.candidate.hash, figure, marks)


def untold_words(one: CandidateResult) -> list[str]:
    """The shares that are in no figure: "5% unscored", "30% not judged yet"; none where nothing is told."""
    kinds = ((one.unscored, Outcome.UNSCORED), (one.unjudged, Outcome.UNJUDGED))
    told = kinds if one.right.of else kinds[1:]
    return [f"{figures.percent(many / one.answers)} {kind.value}" for many, kind in told if many]


def right_finding(examined: Examined, names: Mapping[str, str]) -> Finding:
    """What the corrected tests decide of all candidates, and nothing more."""
    results, experiment = examined.results, examined.experiment
    scored = [one for one in results.candidates if one.right.of]
    asked = figures.count(max((one.right.of for one in scored), default=0), "question")
    repeats = f", each asked {experiment.repeats} times" if experiment.repeats > 1 else ""
    joined = (
        "; a dotted line joins one model with and without documents" if twins(experiment.candidates) else ""
    )
    subtitle = f"Share right with its 95% interval, {asked}{repeats}{joined}"
    return Finding(_title(results, scored, names), subtitle)


def _title(results: Results, scored: Sequence[CandidateResult], names: Mapping[str, str]) -> str:
    if not scored:
        waiting = any(one.unjudged for one in results.candidates)
        return "Nothing was judged yet" if waiting else "Nothing could be scored yet"
    if len(scored) == 1:
        return f"{names[scored[0].candidate.hash]} was right {figures.share(scored[0].right)}"
    return uplift_words(results.uplifts, len(scored)) or _lead(results, scored, names)


def uplift_words(uplifts: Sequence[Comparison], scored: int) -> str:
    """What documents did, where every candidate has its twin; "" where that decides nothing."""
    candidates = {name for one in uplifts for name in (one.first, one.second)}
    if not uplifts or len(candidates) != scored:
        return ""
    helped = sum(one.decisive and (one.difference or 0) > 0 for one in uplifts)
    hurt = sum(one.decisive and (one.difference or 0) < 0 for one in uplifts)
    every = len(uplifts) > 1
    if helped == len(uplifts):
        return "Adding documents helped every model" if every else "Adding documents helped"
    if hurt == len(uplifts):
        return "Adding documents hurt every model" if every else "Adding documents hurt"
    if helped and not hurt:
        return f"Adding documents helped in {helped} of {len(uplifts)} cases, and {DECIDEDLY} hurt in none"
    if hurt and not helped:
        return f"Adding documents hurt in {hurt} of {len(uplifts)} cases, and {DECIDEDLY} helped in none"
    return ""


def _lead(results: Results, scored: Sequence[CandidateResult], names: Mapping[str, str]) -> str:
    best = max(scored, key=share).candidate.hash
    others = [one for one in results.comparisons if best in {one.first, one.second}]
    ahead = [one for one in others if one.decisive and one.better_first.first == best]
    if ahead and len(ahead) == len(scored) - 1:
        return f"{names[best]} was right most often"
    if any(one.decisive for one in results.comparisons):
        return f"Some differences are {DECISIVE}, but nobody is ahead of all others"
    return f"{UNDECIDED}: none was right more often than another beyond chance"


def rules_words(rules: Mapping[str, int]) -> str:
    """What decided whether an answer is right, and how often."""
    if not rules:
        return "No answer has been judged yet."
    often = sorted(rules.items(), key=lambda one: -one[1])
    told = "; ".join(f"{RULES.get(name, name)}: {figures.count(count, 'answer')}" for name, count in often)
    return f"What told whether an answer is right: {told}."


def right_table(order: Sequence[CandidateResult], names: Mapping[str, str]) -> Table:
    """The same as rows, with what is in no share."""
    helping = {
        "Share right": "experiment right",
        "From": "interval",
        "To": "interval",
        "Unscored": "unscored",
        "Failed": "failed answers",
    }
    rows = tuple((names[one.candidate.hash], *_cells(one)) for one in order)
    columns: tuple[str, ...] = ("Candidate", "Share right", "From", "To", "Questions", "Answers")
    columns = (*columns, "Unscored", "Failed")
    if any(one.unjudged for one in order):
        helping[UNJUDGED] = "not judged yet"
        rows = tuple((*row, one.unjudged) for row, one in zip(rows, order, strict=True))
        columns = (*columns, UNJUDGED)
    return Table(columns, rows, {column: help_for(name) for column, name in helping.items()})


def _cells(one: CandidateResult) -> tuple[float | int | None, ...]:
    share = one.right
    ends = (share.value, share.low, share.high) if share.of else (None, None, None)
    told = tuple(None if end is None else round(end, 3) for end in ends)
    return (*told, share.of, one.answers, one.unscored, one.failed)


def pairs_table(comparisons: Sequence[Comparison], names: Mapping[str, str]) -> Table:
    """Every pair, the clearest first, each in words, too."""
    order = sorted(comparisons, key=lambda one: (one.adjusted is None, one.adjusted or 0.0))
    rows = tuple(
        (
            names[one.first],
            names[one.second],
            *(None if part is None else round(part, 3) for part in (one.difference, one.low, one.high)),
            figures.probability(one.adjusted),
            one.questions,
            sentence(one, names),
        )
        for one in (pair.better_first for pair in order)
    )
    columns = ("First", "Second", "Difference", "From", "To", "Corrected p", "Questions", "In words")
    helping = {
        "Difference": "paired difference",
        "From": "interval",
        "To": "interval",
        "Corrected p": "corrected p",
    }
    return Table(columns, rows, {column: help_for(name) for column, name in helping.items()})
