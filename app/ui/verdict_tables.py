"""The tables behind the charts of the home page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain import CandidateSummary, Rate
from app.ui import figures
from app.ui.shown import Rights, Shown, Spread, Spreads
from app.ui.tables import Cell, Table
from app.ui.words import help_for


def right_table(shown: Shown, order: Sequence[CandidateSummary], rights: Rights) -> Table:
    """How often each was judged right, and what that is made of."""
    helping = {
        "Share right": "share right",
        "From": "interval",
        "To": "interval",
        "Questions": "questions judged",
        "Right": "judged",
        "Wrong": "judged",
        "Failed": "not right",
        "Cut short": "not right",
    }
    rows = tuple((shown.name(one), *_right_cells(rights, one)) for one in order)
    return Table(("Candidate", *helping), rows, {column: help_for(name) for column, name in helping.items()})


def _right_cells(rights: Rights, one: CandidateSummary) -> tuple[Cell, ...]:
    share, tally = rights.shares.get(one.candidate_hash), rights.tallies.get(one.candidate_hash)
    if share is None or tally is None:
        return None, None, None, 0, 0, 0, 0, 0
    ends = (round(share.value, 3), round(share.low, 3), round(share.high, 3))
    return *ends, share.of, tally.right, tally.wrong, tally.failed, tally.cut_short


def cost_table(shown: Shown, order: Sequence[CandidateSummary]) -> Table:
    """Mean cost, told for 1,000 questions."""
    return costs_table(order, shown.names, shown.costs)


def costs_table(
    order: Sequence[CandidateSummary], names: Mapping[str, str], costs: Mapping[str, Rate]
) -> Table:
    """What 1,000 answers of each candidate cost, with the interval; ``costs`` by hash."""
    rows = (
        (
            names[one.candidate_hash],
            *thousand(costs.get(one.candidate_hash)),
            figures.exact(one.cost_total) if one.costed else None,
            one.currency,
            one.costed,
            one.uncosted,
        )
        for one in order
    )
    columns = (
        *("Candidate", "Per 1,000 questions", "From", "To", "In all", "Currency"),
        *("Answers with a cost", "No cost"),
    )
    helping = {"Per 1,000 questions": "cost per 1,000", "From": "interval", "To": "interval"}
    return Table(columns, tuple(rows), {column: help_for(name) for column, name in helping.items()})


def thousand(rate: Rate | None) -> tuple[Cell, Cell, Cell]:
    """The mean cost and its ends, for 1,000."""
    if rate is None:
        return None, None, None
    low, high = (None if end is None else figures.mean(end * 1000) for end in (rate.low, rate.high))
    return figures.mean(rate.mean() * 1000), low, high


def spread_table(
    shown: Shown,
    order: Sequence[CandidateSummary],
    measures: Mapping[str, tuple[Spreads, str]],
    crowded: Mapping[str, Spreads],
) -> Table:
    """Medians with their intervals, a row for each candidate and measure.

    ``measures`` are of answers that ran alone, each with the name of its help; ``crowded`` of the others.
    """
    helping = {
        "Measure": " ".join(help_for(what) for _, what in measures.values()),
        "Median": help_for("median"),
        "Answers": help_for("alone"),
        "Sharing": help_for("sharing"),
        "How many": help_for("sharing"),
    }
    columns = ("Candidate", "Measure", "Median", "From", "To", "Answers", "Sharing", "How many")
    rows = [
        _spread_row(shown, one, name, measures[name][0], crowded[name]) for one in order for name in measures
    ]
    return Table(columns, tuple(rows), helping)


def _spread_row(
    shown: Shown, one: CandidateSummary, measure: str, alone: Spreads, crowded: Spreads
) -> tuple[Cell, ...]:
    value, _, _, of = _spread_cells(crowded.get(one.candidate_hash))
    return (shown.name(one), measure, *_spread_cells(alone.get(one.candidate_hash)), value, of)


def _spread_cells(spread: Spread | None) -> list[Cell]:
    if spread is None:
        return [None, None, None, 0]
    return [_rounded(spread.value), _rounded(spread.low), _rounded(spread.high), spread.of]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
