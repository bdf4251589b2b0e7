"""Context drift drawn: share right by the place of the right passage, a line for each length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.domain import DECISIVE, Comparison, Drift, DriftPoint, sentence
from app.ui import figures
from app.ui.charts import finding_chart, framed_figure, label
from app.ui.findings import Finding
from app.ui.safe import plain
from app.ui.tables import Table, table_expander
from app.ui.theme import CHART_INK, CHART_MUTED

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WHAT_IT_IS = (
    "The passage with the right answer was put at the front, in the middle and at the end of prompts of "
    "different lengths. A model that uses all of its prompt is right equally often everywhere."
)
AXIS = {"front": "at the front", "middle": "in the middle", "end": "at the end"}
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
SHIFT = 0.05
"""How far the lines stand beside each other, so that no interval hides another."""


def draw_drift(drift: Drift) -> None:
    """A chart a model, with what its comparisons say below."""
    st.markdown("#### Does it matter where the right passage stands?")
    st.markdown(WHAT_IT_IS)
    bases = list(dict.fromkeys(one.base for one in drift.points))
    for pair in (bases[start : start + 2] for start in range(0, len(bases), 2)):
        for column, base in zip(st.columns(2, gap="medium"), pair, strict=False):
            with column:
                _draw_model(drift, base)


def _draw_model(drift: Drift, base: str) -> None:
    points = [one for one in drift.points if one.base == base]
    pairs = [one for one in drift.comparisons if one.first.startswith(f"{base}-")]
    found, key = finding(points, pairs), f"drift-{base}"
    finding_chart(drift_figure(found, points), found, key=key)
    st.markdown("\n".join(f"- {plain(sentence(one, drift.names), 400)}" for one in pairs))
    table_expander(drift_table(points), key=key, label="Table: share right by place and length")


def finding(points: Sequence[DriftPoint], pairs: Sequence[Comparison]) -> Finding:
    """What the data decide of place and length of one model, and nothing more."""
    model = points[0].model
    places = [one for one in pairs if one.decisive and one.first.rpartition("-")[2] in AXIS]
    lengths = [one for one in pairs if one.decisive and one.first.rpartition("-")[2] not in AXIS]
    if places and lengths:
        title = f"{model}: both the place of the passage and the length of the prompt mattered"
    elif places:
        title = f"{model}: where the passage stood mattered"
    elif lengths:
        title = f"{model}: how much stood around the passage mattered"
    else:
        title = f"{model}: no {DECISIVE} difference by place or by length"
    asked = figures.count(max(one.right.of for one in points), "question")
    return Finding(title, f"Share right with the right passage among others, {asked}, 95% intervals")


def drift_figure(found: Finding, points: Sequence[DriftPoint]) -> Figure:
    """Lines from front to end; the passage alone is a level line, since it has one place only."""
    figure, lay_out = framed_figure(found)
    lengths = sorted({one.k for one in points})
    for number, k in enumerate(lengths):
        own = sorted((one for one in points if one.k == k), key=lambda one: one.at)
        _add_line(figure, own, number - (len(lengths) - 1) / 2, number)
    lay_out(
        height=280,
        xaxis={
            "tickvals": list(range(len(AXIS))),
            "ticktext": list(AXIS.values()),
            "range": [-0.35, 2.35],
            "tickfont": {"color": CHART_MUTED},
            "fixedrange": True,
            "showgrid": False,
        },
        yaxis={
            "range": [0, 1.04],
            "tickformat": ".0%",
            "tickfont": {"color": CHART_MUTED},
            "fixedrange": True,
            "showgrid": True,
            "zeroline": True,
        },
    )
    return figure


def _add_line(figure: Figure, own: Sequence[DriftPoint], shift: float, number: int) -> None:
    alone = own[0].k == 1
    told = [one for one in own if one.right.of]
    if not told:
        return
    places = list(AXIS) if alone else [one.place for one in told]
    shown = told * len(AXIS) if alone else told
    figure.add_scatter(
        x=[list(AXIS).index(place) + shift * SHIFT for place in places],
        y=[one.right.value for one in shown],
        mode="lines" if alone else "lines+markers",
        name=label("the passage alone" if alone else f"{own[0].k} passages"),
        line={"color": CHART_INK, "dash": _DASHES[number % len(_DASHES)], "width": 2},
        marker={"color": CHART_INK, "symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 9},
        error_y=None if alone else _interval(told),
        text=[label(_words(one)) for one in shown],
        hovertemplate="%{text}<extra></extra>",
    )


def _interval(told: Sequence[DriftPoint]) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [one.right.high - one.right.value for one in told],
        "arrayminus": [one.right.value - one.right.low for one in told],
        "color": CHART_INK,
        "thickness": 1.2,
        "width": 4,
    }


def _words(one: DriftPoint) -> str:
    where = "the passage alone" if one.k == 1 else f"{AXIS[one.place]} of {one.k} passages"
    return f"{where}: right {figures.share(one.right)}, {figures.count(one.right.of, 'question')}"


def drift_table(points: Sequence[DriftPoint]) -> Table:
    """The same as rows."""
    return Table(
        ("Passages", "Place of the right one", "Right", "From", "To", "Questions"),
        tuple(
            (
                one.k,
                f"{one.at} ({one.place})",
                one.right.value if one.right.of else None,
                one.right.low if one.right.of else None,
                one.right.high if one.right.of else None,
                one.right.of,
            )
            for one in sorted(points, key=lambda one: (one.k, one.at))
        ),
    )
