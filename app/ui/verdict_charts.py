"""The four charts of the home page: right, times, speed, cost. Each is first made, then drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import AnswerPoint, CandidateSummary, Share
from app.ui import figures
from app.ui.charts import (
    Axis,
    Mark,
    Opened,
    Row,
    Shape,
    Speck,
    finding_chart,
    rows_chart,
    thousand_mark,
    title_lines,
)
from app.ui.findings import (
    ASK_IN_TURN,
    Finding,
    cost_finding,
    share_finding,
    speed_finding,
    time_finding,
)
from app.ui.safe import plain
from app.ui.shown import Rights, Shown, Spread, Times, mean_cost
from app.ui.tables import Table, opening_table
from app.ui.theme import LaneStyle
from app.ui.verdict_tables import cost_table, right_table, spread_table
from app.ui.words import UNKNOWN

NOT_KNOWN = "not known yet"
TABLES = {"right": "share judged right", "times": "seconds", "speed": "tokens per second", "cost": "cost"}
"""What each chart's table is about."""


@dataclass(frozen=True)
class Picture:
    """Everything the page draws. ``crowded`` are times of answers that shared their machine."""

    shown: Shown
    rights: Rights
    alone: Times
    crowded: Times
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
    """One chart before it is drawn. ``keys`` are the candidates of the table's rows, by hash."""

    key: str
    finding: Finding
    rows: Sequence[Row]
    axis: Axis
    table: Table
    keys: Sequence[str]
    shape: Shape = "dot"
    fair_times_missing: bool = False


def draw_charts(picture: Picture, opened: Opened) -> None:
    """The four charts, two in a row where there is room; ``opened`` is called when a point is chosen."""
    panels = [share_panel(picture), time_panel(picture), speed_panel(picture), cost_panel(picture)]
    for pair in (panels[:2], panels[2:]):
        room = max(title_lines(panel.finding) for panel in pair)
        for column, panel in zip(st.columns(2, gap="medium"), pair, strict=True):
            with column:
                figure = rows_chart(panel.finding, panel.rows, panel.axis, shape=panel.shape, room=room)
                finding_chart(figure, panel.finding, key=panel.key, opened=opened)
                if panel.fair_times_missing:
                    st.page_link("pages/ask.py", label=ASK_IN_TURN, icon=":material/timer:")
        for panel in pair:
            opening_table(
                panel.table,
                panel.keys,
                lambda one: opened(one, ""),
                key=panel.key,
                label=f"Table: {TABLES[panel.key]}",
                alt=f"By candidate: {TABLES[panel.key]}",
            )
    st.caption("Choose a mark or a bar to see its answers.")
    if note := figures.exchanged(rate for one in picture.shown.summaries for rate in one.rates):
        st.caption(plain(note, 400))


def share_panel(picture: Picture) -> Panel:
    """How often each candidate was judged right, the best on top."""
    shown, rights = picture.shown, picture.rights
    order = _ranked(shown.summaries, lambda one: _share(rights, one), largest=True)
    rows = []
    for one in order:
        share = rights.shares.get(one.candidate_hash)
        told = figures.share(share)
        words = (
            f"{shown.name(one)}: judged right {told}, {figures.count(share.of if share else 0, 'question')}"
        )
        marks = [Mark(share.value, words, share.low, share.high)] if share else []
        rows.append(picture.row(one, told, marks))
    axis = Axis("Share judged right", top=1.0, percent=True)
    table = right_table(shown, order, rights)
    return Panel("right", share_finding(shown, rights), rows, axis, table, _keys(order))


def time_panel(picture: Picture) -> Panel:
    """Seconds to the first token and in all, the quickest on top."""
    shown, alone, crowded = picture.shown, picture.alone, picture.crowded
    order = _ranked(shown.summaries, lambda one: _value(alone.firsts.get(one.candidate_hash)))
    rows = []
    for one in order:
        first, wall = alone.firsts.get(one.candidate_hash), alone.walls.get(one.candidate_hash)
        name = shown.name(one)
        marks = _median_marks(first, f"{name}: first token after", figures.seconds)
        marks += _median_marks(wall, f"{name}: whole answer after", figures.seconds, hollow=True)
        told = _pair(first, wall) or _beside(picture, _pair(*_both(crowded, one))) or NOT_KNOWN
        specks = _specks(picture, one, lambda point: point.wall, figures.seconds, hollow=True)
        if not marks:
            specks += _specks(picture, one, lambda point: point.first_token, figures.seconds)
        rows.append(picture.row(one, told, marks, specks))
    table = spread_table(
        shown,
        order,
        {"First token, s": (alone.firsts, "first token"), "Total, s": (alone.walls, "total")},
        {"First token, s": crowded.firsts, "Total, s": crowded.walls},
    )
    axis = Axis("Seconds: filled to the first token, hollow to the end")
    finding = time_finding(shown, alone, crowded)
    return Panel("times", finding, rows, axis, table, _keys(order, 2), fair_times_missing=not alone.walls)


def speed_panel(picture: Picture) -> Panel:
    """Tokens per second, the fastest on top."""
    shown, speeds, crowded = picture.shown, picture.alone.speeds, picture.crowded.speeds
    order = _ranked(shown.summaries, lambda one: _value(speeds.get(one.candidate_hash)), largest=True)
    rows = []
    for one in order:
        speed, beside = speeds.get(one.candidate_hash), crowded.get(one.candidate_hash)
        marks = _median_marks(speed, f"{shown.name(one)}:", figures.speed)
        told = _told(speed, figures.speed) or _beside(picture, _told(beside, figures.speed)) or NOT_KNOWN
        specks = _specks(picture, one, lambda point: point.tokens_per_second, figures.speed)
        rows.append(picture.row(one, told, marks, specks))
    measure = "Tokens/s"
    table = spread_table(shown, order, {measure: (speeds, "tokens per second")}, {measure: crowded})
    finding = speed_finding(shown, picture.alone, picture.crowded)
    return Panel("speed", finding, rows, Axis("Tokens per second"), table, _keys(order))


def cost_panel(picture: Picture) -> Panel:
    """Mean cost, told for 1,000 questions, the cheapest on top."""
    shown = picture.shown
    order = _ranked(shown.summaries, lambda one: float(mean_cost(one)) if one.costed else None)
    rows = []
    for one in order:
        rate = shown.costs.get(one.candidate_hash)
        words = f"{shown.name(one)}: {figures.rate(rate, one.currency)} for 1,000 questions"
        told = figures.money(rate.times(1000) if rate else None, one.currency)
        rows.append(picture.row(one, told, [thousand_mark(rate, words)] if rate else []))
    currencies = {one.currency for one in order if one.costed}
    axis = Axis(f"Cost for 1,000 questions ({', '.join(sorted(currencies)) or 'unknown'})")
    return Panel("cost", cost_finding(shown), rows, axis, cost_table(shown, order), _keys(order), "bar")


def _keys(order: Sequence[CandidateSummary], each: int = 1) -> list[str]:
    """Whose each row of a table is, which has so many for ``each`` candidate."""
    return [one.candidate_hash for one in order for _ in range(each)]


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
    *,
    hollow: bool = False,
) -> list[Speck]:
    """The answers behind the candidate's row: those that ran alone, else those that shared their machine."""
    alone = one.candidate_hash in picture.alone.walls
    how = "" if alone else ", sharing its machine"
    points = (picture.alone if alone else picture.crowded).points
    known = [(point, value(point)) for point in points if point.candidate_hash == one.candidate_hash]
    return [
        Speck(number, point.question_id, f"{point.question[:80]}: {tell(number)}{how}{_known(point)}", hollow)
        for point, number in known
        if number is not None
    ]


def _known(point: AnswerPoint) -> str:
    return ", its prompt still in the server's memory" if point.remembered else ""


def _median_marks(
    spread: Spread | None, words: str, tell: Callable[[float], str], *, hollow: bool = False
) -> list[Mark]:
    if spread is None:
        return []
    told = f"{words} {tell(spread.value)} (median of {spread.of})"
    return [Mark(spread.value, told, spread.low, spread.high, hollow=hollow)]


def _told(spread: Spread | None, tell: Callable[[float], str]) -> str:
    return tell(spread.value) if spread else ""


def _both(times: Times, one: CandidateSummary) -> tuple[Spread | None, Spread | None]:
    return times.firsts.get(one.candidate_hash), times.walls.get(one.candidate_hash)


def _pair(first: Spread | None, wall: Spread | None) -> str:
    """The seconds to the first token and in all; "" where neither is known."""
    if first is None and wall is None:
        return ""
    return f"{_told(first, figures.seconds) or UNKNOWN} / {_told(wall, figures.seconds) or UNKNOWN}"


def _beside(picture: Picture, told: str) -> str:
    """A figure of answers that shared their machine, told apart where others did not."""
    return f"{told} (shared)" if told and picture.alone.walls else told


def _value(spread: Spread | None) -> float | None:
    return spread.value if spread else None


def _share(rights: Rights, one: CandidateSummary) -> float | None:
    share: Share | None = rights.shares.get(one.candidate_hash)
    return share.value if share else None
