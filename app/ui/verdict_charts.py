"""The four charts of the home page: right, times, speed, cost. Each is first made, then drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import MONEY_SCALE, AnswerPoint, CandidateSummary, Share
from app.ui import figures
from app.ui.charts import Axis, Mark, Opened, Row, Shape, Speck, finding_chart, rows_chart, title_lines
from app.ui.findings import (
    Finding,
    Shown,
    Spread,
    cost_finding,
    mean_cost,
    share_finding,
    speed_finding,
    time_finding,
)
from app.ui.tables import Cell, Table
from app.ui.theme import LaneStyle
from app.ui.words import help_for

NOT_KNOWN = "not known yet"
Spreads = Mapping[str, Spread]


@dataclass(frozen=True)
class Picture:
    """Everything the page draws, by candidate hash; ``points`` are the newest answers that ran alone."""

    shown: Shown
    shares: Mapping[str, Share]
    first_tokens: Spreads
    walls: Spreads
    speeds: Spreads
    points: Sequence[AnswerPoint]
    styles: Mapping[str, LaneStyle]

    def row(
        self,
        one: CandidateSummary,
        figure: str,
        marks: Sequence[Mark] = (),
        specks: Sequence[Speck] = (),
    ) -> Row:
        """A candidate's row of a chart."""
        key = one.candidate_hash
        return Row(key, self.shown.name(one), figure, self.styles[key], tuple(marks), tuple(specks))


@dataclass(frozen=True)
class Panel:
    """One chart before it is drawn."""

    key: str
    finding: Finding
    rows: Sequence[Row]
    axis: Axis
    table: Table
    shape: Shape = "dot"


def draw_charts(picture: Picture, opened: Opened) -> None:
    """The four charts, two in a row where there is room; ``opened`` is called when a point is chosen."""
    panels = [share_panel(picture), time_panel(picture), speed_panel(picture), cost_panel(picture)]
    for pair in (panels[:2], panels[2:]):
        room = max(title_lines(panel.finding) for panel in pair)
        for column, panel in zip(st.columns(2, gap="medium"), pair, strict=True):
            with column:
                figure = rows_chart(panel.finding, panel.rows, panel.axis, shape=panel.shape, room=room)
                finding_chart(figure, panel.finding, panel.table, key=panel.key, opened=opened)


def share_panel(picture: Picture) -> Panel:
    """How often each candidate was judged right, the best on top."""
    shown, shares = picture.shown, picture.shares
    order = _ranked(shown.summaries, lambda one: _share(shares[one.candidate_hash]), largest=True)
    rows = []
    for one in order:
        share = shares[one.candidate_hash]
        words = f"{shown.name(one)}: judged right {figures.share(share)}, {share.hits} of {share.of}"
        marks = [Mark(share.value, words, share.low, share.high)] if share.of else []
        rows.append(picture.row(one, figures.share(share), marks))
    table = Table(
        ("Candidate", "Judged right", "Judged", "Share right", "From", "To"),
        tuple(
            (shown.name(one), one.right, one.marked, *_share_cells(shares[one.candidate_hash]))
            for one in order
        ),
        {"Share right": help_for("share right"), "From": help_for("interval"), "To": help_for("interval")},
    )
    axis = Axis("Share judged right", top=1.0, percent=True)
    return Panel("right", share_finding(shown, shares), rows, axis, table)


def time_panel(picture: Picture) -> Panel:
    """Seconds to the first token and in all, the quickest on top."""
    shown, firsts, walls = picture.shown, picture.first_tokens, picture.walls
    order = _ranked(shown.summaries, lambda one: _value(firsts.get(one.candidate_hash)))
    rows = []
    for one in order:
        first, wall = firsts.get(one.candidate_hash), walls.get(one.candidate_hash)
        name = shown.name(one)
        marks = _median_marks(first, f"{name}: first token after", figures.seconds)
        marks += _median_marks(wall, f"{name}: whole answer after", figures.seconds, hollow=True)
        told = f"{_told(first, figures.seconds)} / {_told(wall, figures.seconds)}" if marks else NOT_KNOWN
        specks = _specks(picture, one, lambda point: point.wall, figures.seconds)
        rows.append(picture.row(one, told, marks, specks))
    table = _spread_table(
        shown, order, {"First token, s": (firsts, "first token"), "Total, s": (walls, "total")}
    )
    axis = Axis("Seconds to the first token (filled) and to the end (hollow)")
    return Panel("times", time_finding(shown, firsts), rows, axis, table)


def speed_panel(picture: Picture) -> Panel:
    """Tokens per second, the fastest on top."""
    shown, speeds = picture.shown, picture.speeds
    order = _ranked(shown.summaries, lambda one: _value(speeds.get(one.candidate_hash)), largest=True)
    rows = []
    for one in order:
        speed = speeds.get(one.candidate_hash)
        marks = _median_marks(speed, f"{shown.name(one)}:", figures.speed)
        specks = _specks(picture, one, lambda point: point.tokens_per_second, figures.speed)
        rows.append(picture.row(one, _told(speed, figures.speed), marks, specks))
    table = _spread_table(shown, order, {"Tokens per second": (speeds, "tokens per second")})
    return Panel("speed", speed_finding(shown, speeds), rows, Axis("Tokens per second"), table)


def cost_panel(picture: Picture) -> Panel:
    """Mean cost, told for 1,000 questions, the cheapest on top."""
    shown = picture.shown
    order = _ranked(shown.summaries, lambda one: mean_cost(one) if one.costed else None)
    rows = []
    for one in order:
        told = figures.money(round(mean_cost(one) * 1000), one.currency) if one.costed else "unknown"
        words = f"{shown.name(one)}: {told} for 1,000 questions"
        rows.append(picture.row(one, told, [Mark(_thousand(one), words)] if one.costed else []))
    table = Table(
        ("Candidate", "Per 1,000 questions", "Currency", "Answers with a cost", "Cost unknown"),
        tuple(
            (
                shown.name(one),
                _rounded(_thousand(one)) if one.costed else None,
                one.currency,
                one.costed,
                one.uncosted,
            )
            for one in order
        ),
        {"Per 1,000 questions": help_for("cost per 1,000")},
    )
    currencies = {one.currency for one in order if one.costed}
    axis = Axis(f"Cost for 1,000 questions ({', '.join(sorted(currencies)) or 'unknown'})")
    return Panel("cost", cost_finding(shown), rows, axis, table, "bar")


def _ranked(
    summaries: Sequence[CandidateSummary],
    value: Callable[[CandidateSummary], float | None],
    *,
    largest: bool = False,
) -> list[CandidateSummary]:
    """By value, those without one last."""
    known = [one for one in summaries if value(one) is not None]
    known.sort(key=lambda one: value(one) or 0.0, reverse=largest)
    return known + [one for one in summaries if value(one) is None]


def _specks(
    picture: Picture,
    one: CandidateSummary,
    value: Callable[[AnswerPoint], float | None],
    tell: Callable[[float], str],
) -> list[Speck]:
    mine = [point for point in picture.points if point.candidate_hash == one.candidate_hash]
    known = [(point, value(point)) for point in mine]
    return [
        Speck(number, point.question_id, f"{point.question[:80]}: {tell(number)}")
        for point, number in known
        if number is not None
    ]


def _median_marks(
    spread: Spread | None, words: str, tell: Callable[[float], str], *, hollow: bool = False
) -> list[Mark]:
    if spread is None:
        return []
    told = f"{words} {tell(spread.value)} (median of {spread.of})"
    return [Mark(spread.value, told, spread.low, spread.high, hollow=hollow)]


def _told(spread: Spread | None, tell: Callable[[float], str]) -> str:
    return tell(spread.value) if spread else NOT_KNOWN


def _value(spread: Spread | None) -> float | None:
    return spread.value if spread else None


def _share(share: Share) -> float | None:
    return share.value if share.of else None


def _share_cells(share: Share) -> tuple[Cell, Cell, Cell]:
    if not share.of:
        return None, None, None
    return round(share.value, 3), round(share.low, 3), round(share.high, 3)


def _thousand(one: CandidateSummary) -> float:
    return mean_cost(one) * 1000 / MONEY_SCALE


def _spread_table(
    shown: Shown, order: Sequence[CandidateSummary], measures: Mapping[str, tuple[Spreads, str]]
) -> Table:
    columns: list[str] = ["Candidate"]
    helping: dict[str, str] = {}
    for name, (_, what) in measures.items():
        columns += [f"{name} (median)", f"{name}, from", f"{name}, to", f"{name}, answers"]
        helping[f"{name} (median)"] = help_for(what)
    rows: list[tuple[Cell, ...]] = []
    for one in order:
        cells: list[Cell] = [shown.name(one)]
        for spreads, _ in measures.values():
            cells += _spread_cells(spreads.get(one.candidate_hash))
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows), helping)


def _spread_cells(spread: Spread | None) -> list[Cell]:
    if spread is None:
        return [None, None, None, 0]
    return [_rounded(spread.value), _rounded(spread.low), _rounded(spread.high), spread.of]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
