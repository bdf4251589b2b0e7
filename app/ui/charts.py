"""Charts with Plotly: one row a candidate, its name and figure written above its mark.

Names stand above their marks instead of beside them, so that a chart reads well at any width. Texts that
come from outside go through ``label``, since Plotly reads tags such as <a> and <b> in every text.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from app.domain import MONEY_SCALE, Rate
from app.ui.escaping import clean
from app.ui.findings import Finding
from app.ui.sketch import Sketch
from app.ui.theme import CHART_INK, CHART_MUTED, CHART_PAPER, LaneStyle

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW = 58
"""Pixels of a candidate's row."""
LINE = 20
DAYS_LEFT = 64
ROWS_LEFT = 12
TITLE_WIDTH = 38
SUBTITLE_WIDTH = 58
LONGEST_NAME = 40
SHORT_FIGURE = 15
PLACED = " the right passage at "
MODEL, READABLE, SHORT_MODEL = 170, 120, 90
"""So much room of a model's name stays, whatever follows it."""
USUAL = 11.5
"""Up to here the letters of a text are as wide as those of English sentences."""
Shape = Literal["dot", "bar"]
Opened = Callable[[str, str], None]
"""Called with a candidate's hash and a question's id ("" for the candidate as a whole)."""


@dataclass(frozen=True)
class Speck:
    """One answer: its value and the question that it opens; ``hollow`` for a second measure.

    Faint behind a mark, which tells more; plain where there is none.
    """

    value: float
    question_id: str
    words: str
    hollow: bool = False


@dataclass(frozen=True)
class Mark:
    """A candidate's mark: its value, interval and the words for hovering; ``hollow`` for a second measure."""

    value: float
    words: str
    low: float | None = None
    high: float | None = None
    hollow: bool = False


@dataclass(frozen=True)
class Row:
    """One candidate in a chart; ``figure`` is written before its name."""

    key: str
    name: str
    figure: str
    style: LaneStyle
    marks: tuple[Mark, ...] = ()
    specks: tuple[Speck, ...] = ()


@dataclass(frozen=True)
class Stack:
    """A candidate's parts of the bars, one for each day, with the words for hovering."""

    name: str
    style: LaneStyle
    values: Sequence[float]
    words: Sequence[str]


@dataclass(frozen=True)
class Axis:
    """The one axis of a chart, from 0 on. ``top`` is its end, None to fit the data."""

    title: str
    top: float | None = None
    percent: bool = False
    prefix: str = ""
    suffix: str = ""


def label(text: str) -> str:
    """An untrusted text as Plotly shows it exactly."""
    text = " ".join(clean(text).split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u2060{")


def shortened(name: str, longest: int = LONGEST_NAME) -> str:
    """A name cut in the middle of its model, since what follows tells whether the documents were given.

    Where a collection is named that goes without saying. What is too long even then loses its end, but not
    the place of a right passage, which may be all that differs.
    """
    room = 10 * longest
    if _room(name) <= room:
        return name
    name = name.replace(" with documents, collection ", " with ")
    model, given, rest = name.partition(" with")
    if SHORT_MODEL + _room(given + rest) > room:
        rest = rest.replace(PLACED, " passage at ")
    # What follows may be all that differs: where it fits beside a model that can be read it stays whole.
    told = rest.startswith((PLACED, " passage at ")) or _room(given + rest) + READABLE <= room
    least = SHORT_MODEL if told else MODEL
    short = f"{_middle_cut(model, max(least, room - _room(given + rest)))}{given}{rest}"
    return short if _room(short) <= room else _end_cut(short, room)


def _middle_cut(text: str, room: int) -> str:
    """The text without its middle, where it takes more than this room."""
    cuts = ((text[: kept - kept // 3], text[len(text) - kept // 3 :]) for kept in range(len(text) - 1, 1, -1))
    fitting = (f"{head}…{tail}" for head, tail in cuts if _room(f"{head}…{tail}") <= room)
    return text if _room(text) <= room else next(fitting, "…")


def _end_cut(text: str, room: int) -> str:
    cuts = (text[:kept] for kept in range(len(text) - 1, 0, -1))
    return next((f"{one}…" for one in cuts if _room(f"{one}…") <= room), "…")


def _room(text: str) -> int:
    """The room that the text takes, in tenths of a usual letter, by the widths in a sans-serif."""
    return sum(_width(one) for one in text)


def _width(letter: str) -> int:
    if unicodedata.east_asian_width(letter) in "WF":
        return 20
    if letter in "mwMW@%&":
        return 16
    if letter in "iljtfrI.,:;'|()- ":
        return 6
    return 12 if letter.isupper() else 10


def rows_chart(
    finding: Finding, rows: Sequence[Row], axis: Axis, *, shape: Shape = "dot", room: int = 0
) -> Figure:
    """Dots with intervals, or zero-based bars: one row a candidate, the first on top.

    ``room`` is how many lines the title gets at least, so that charts side by side line up.
    """
    figure = Sketch()
    for place, row in enumerate(rows):
        _add_row(figure, row, -place, shape=shape)
    top = _title(figure, finding, room=room, left=ROWS_LEFT)
    _lay_out(figure, len(rows), axis, top)
    return figure.made()


def days_chart(finding: Finding, days: Sequence[str], stacks: Sequence[Stack], sign: str) -> Figure:
    """Bars by day, one part a candidate; ``days`` are ISO dates, ``sign`` stands before the values."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for stack in stacks:
        figure.add_bar(
            x=list(days),
            y=list(stack.values),
            name=label(shortened(stack.name)),
            marker={"color": stack.style.chart, "line": {"width": 1, "color": CHART_PAPER}},
            text=[label(one) for one in stack.words],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    top = _title(figure, finding, left=DAYS_LEFT)
    figure.update_layout(
        barmode="stack",
        height=260 + top + 22 * len(stacks),
        margin={"l": DAYS_LEFT, "r": 16, "t": top, "b": 8},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -0.15,
            "yanchor": "top",
            "font": {"color": CHART_INK},
        },
        xaxis={
            "type": "date",
            "automargin": True,
            "tickformat": "%-d %b",
            "nticks": 6,
            "fixedrange": True,
            "tickfont": {"color": CHART_MUTED},
        },
        yaxis={
            "tickfont": {"color": CHART_MUTED},
            "tickprefix": sign,
            "rangemode": "tozero",
            "automargin": False,
            "tickformat": ".3~g",
            "showgrid": True,
            "fixedrange": True,
        },
        showlegend=True,
        dragmode=False,
        bargap=0.35,
    )
    return figure


def framed_figure(finding: Finding) -> tuple[Figure, Callable[..., None]]:
    """An empty figure with its title, and what lays it out: ``height`` is that of the plot, in pixels.

    For a chart that has no row a candidate; lines that are named get a legend below.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    top = _title(figure, finding, left=DAYS_LEFT)

    def lay_out(*, height: int, **layout: object) -> None:
        named = sum(one.showlegend is not False for one in figure.data)
        figure.update_layout(
            height=height + top + 40 + 22 * named,
            margin={"l": DAYS_LEFT, "r": 16, "t": top, "b": 8},
            legend={
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": -0.15,
                "yanchor": "top",
                "font": {"color": CHART_INK},
            },
            showlegend=True,
            dragmode=False,
            **layout,
        )

    return figure, lay_out


def chart_config(key: str) -> dict[str, object]:
    """How Plotly shows a chart: the PNG download is the only tool, and the wheel scrolls the page."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": f"assay-{key}", "scale": 2},
        "scrollZoom": False,
    }


def finding_chart(figure: Figure, finding: Finding, *, key: str, opened: Opened | None = None) -> None:
    """Draw a chart with its PNG download and its words for screen readers.

    ``opened`` is called when a point is chosen. Its table stands below, over the whole width.
    """
    # Another key draws the chart anew, so that the same point can be chosen again.
    turn = int(st.session_state.get(f"{key}-turn", 0))
    config = chart_config(key)
    spoken = f"{finding.title}. {finding.subtitle}. The table below has the figures."
    if opened is None:
        st.plotly_chart(figure, key=f"{key}-{turn}", config=config, alt=spoken)
    else:
        state = st.plotly_chart(
            figure, key=f"{key}-{turn}", config=config, alt=spoken, on_select="rerun", selection_mode="points"
        )
        _open_chosen(state.selection.points, key, turn, opened)


def _open_chosen(points: Sequence[dict[str, object]], key: str, turn: int, opened: Opened) -> None:
    for point in points:
        data = point.get("customdata")
        if isinstance(data, list | tuple) and len(data) >= 2:
            st.session_state[f"{key}-turn"] = turn + 1
            opened(str(data[0]), str(data[1]))
            return


def _add_row(figure: Sketch, row: Row, level: float, *, shape: Shape) -> None:
    if row.specks:
        figure.add_scatter(
            x=[one.value for one in row.specks],
            y=[level + _scattered(one.question_id) for one in row.specks],
            mode="markers",
            cliponaxis=False,
            marker={
                "color": row.style.chart,
                "opacity": 0.6 if row.marks else 0.85,
                "size": 7,
                "symbol": [_symbol(row.style, hollow=one.hollow) for one in row.specks],
            },
            customdata=[(row.key, one.question_id) for one in row.specks],
            text=[label(one.words) for one in row.specks],
            hovertemplate="%{text}<extra></extra>",
        )
    for mark in row.marks:
        (_add_bar if shape == "bar" else _add_dot)(figure, row, mark, level)
    sign = f'<span style="color:{row.style.chart}">{row.style.sign}</span>'
    # On a phone there is room for a short figure and a name; a longer figure takes it from the name.
    room = LONGEST_NAME - max(0, len(row.figure) - SHORT_FIGURE)
    name = f'<span style="font-size:12px">{label(shortened(row.name, room))}</span>'
    told = f"{sign} <b>{label(row.figure)}</b>  {name}"
    _write(figure, told, level)


def thousand_mark(rate: Rate, words: str, *, hollow: bool = False) -> Mark:
    """What 1,000 answers cost, with its interval; ``rate`` is of at least one. The ends stand in ``words``:
    before a name there is no room for them on a phone.
    """
    value = float(rate.mean() * 1000 / MONEY_SCALE)
    if rate.low is None or rate.high is None:
        return Mark(value, words, hollow=hollow)
    low, high = (end * 1000 / MONEY_SCALE for end in (rate.low, rate.high))
    return Mark(value, words, low, high, hollow=hollow)


def _interval(mark: Mark, colour: str) -> dict[str, object] | None:
    if mark.low is None or mark.high is None:
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [mark.high - mark.value],
        "arrayminus": [mark.value - mark.low],
        "color": colour,
        "thickness": 2.5,
        "width": 5,
    }


def _add_dot(figure: Sketch, row: Row, mark: Mark, level: float) -> None:
    figure.add_scatter(
        x=[mark.value],
        y=[level],
        mode="markers",
        cliponaxis=False,
        error_x=_interval(mark, row.style.chart),
        marker={
            "color": row.style.chart,
            "symbol": _symbol(row.style, hollow=mark.hollow),
            "size": 13,
            "line": {
                "width": 2.5 if mark.hollow else 1,
                "color": row.style.chart if mark.hollow else CHART_INK,
            },
        },
        customdata=[(row.key, "")],
        text=[label(mark.words)],
        hovertemplate="%{text}<extra></extra>",
    )


def _symbol(style: LaneStyle, *, hollow: bool) -> str:
    return f"{style.symbol}-open" if hollow else style.symbol


def _add_bar(figure: Sketch, row: Row, mark: Mark, level: float) -> None:
    figure.add_bar(
        x=[mark.value],
        y=[level],
        orientation="h",
        width=0.3,
        # Half of it lies on the bar, so that it has the colour of the words.
        error_x=_interval(mark, CHART_INK),
        marker={
            "color": CHART_PAPER if mark.hollow else row.style.chart,
            "line": {"width": 2, "color": row.style.chart}
            if mark.hollow
            else {"width": 1, "color": CHART_INK},
        },
        customdata=[(row.key, "")],
        text=[label(mark.words)],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )


def _write(figure: Sketch, text: str, level: float) -> None:
    figure.add_annotation(
        text=text,
        x=0,
        xref="paper",
        xanchor="left",
        y=level + 0.18,
        yanchor="bottom",
        showarrow=False,
        font={"size": 13, "color": CHART_INK},
        # So that no line runs through the words.
        bgcolor=CHART_PAPER,
        borderpad=0,
    )


def _lay_out(figure: Sketch, rows: int, axis: Axis, top: int) -> None:
    figure.update_layout(
        height=top + max(1, rows) * ROW + 56,
        margin={"l": ROWS_LEFT, "r": 16, "t": top, "b": 44},
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        barmode="overlay",
        xaxis={
            "title": {"text": axis.title, "font": {"size": 12, "color": CHART_MUTED}},
            "tickfont": {"color": CHART_MUTED},
            "range": [0, axis.top] if axis.top else None,
            "rangemode": "tozero",
            "tickformat": ".0%" if axis.percent else ".3~g",
            "tickprefix": axis.prefix,
            "ticksuffix": axis.suffix,
            "nticks": 6,
            "automargin": False,
            "showgrid": True,
            "zeroline": True,
            "fixedrange": True,
        },
        yaxis={"visible": False, "range": [-max(1, rows) + 0.55, 0.75], "fixedrange": True},
    )


def title_lines(finding: Finding) -> int:
    """How many lines a finding takes above its chart."""
    return len(_wrapped(finding.title, TITLE_WIDTH)) + len(_filled(finding.subtitle))


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of about equal length, as few as ``width`` characters allow."""
    width = _narrowed(text, width)
    lines = textwrap.wrap(text, width)
    for narrower in range(width - 1, len(text) // max(1, len(lines)), -1):
        tried = textwrap.wrap(text, narrower)
        if len(tried) > len(lines):
            break
        lines = tried
    return [label(line) for line in lines]


def _filled(text: str) -> list[str]:
    """Lines as full as can be read on a phone."""
    return [label(line) for line in textwrap.wrap(text, _narrowed(text, SUBTITLE_WIDTH))]


def _narrowed(text: str, width: int) -> int:
    """So many characters of this text take the room of ``width`` usual ones."""
    wide = _room(text) / max(1, len(text))
    return int(width * 10 / wide) if wide > USUAL else width


def _title(figure: Figure | Sketch, finding: Finding, *, left: int, room: int = 0) -> int:
    """Write title and subtitle on the figure, so that the PNG carries them; returns their height in pixels.

    They are an annotation: Plotly's own title does not make room for several lines.
    """
    title = [f"<b>{line}</b>" for line in _wrapped(finding.title, TITLE_WIDTH)]
    small = "<br>".join(_filled(finding.subtitle))
    height = max(title_lines(finding), room) * LINE + 20
    figure.add_annotation(
        text="<br>".join([*title, f'<span style="font-size:13px">{small}</span>']),
        align="left",
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref="paper",
        yanchor="top",
        xshift=-left,
        yshift=height,
        showarrow=False,
        font={"size": 16, "color": CHART_INK},
    )
    return height


def _scattered(seed: str) -> float:
    """A place within the row, the same for the same question: -0.2 to 0.1."""
    return (sum(map(ord, seed)) * 7919 % 97) / 97 * 0.3 - 0.2
