"""Context drift drawn: share right by the place of the right passage, a line for each length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from app.domain import DECISIVE, Comparison, Drift, DriftPoint, sentence
from app.ui import figures
from app.ui.charts import Opened, finding_chart, framed_figure, label
from app.ui.findings import Finding
from app.ui.safe import plain
from app.ui.tables import Table, opening_table
from app.ui.theme import CHART_INK, CHART_MUTED

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WHAT_IT_IS = (
    "The passage with the right answer was put at the front, in the middle and at the end of prompts of "
    "different lengths. A model that uses all of its prompt is right equally often everywhere."
)
AXIS = {"alone": "alone", "front": "at the front", "middle": "in the middle", "end": "at the end"}
TICKS = {"alone": "alone", "front": "front", "middle": "middle", "end": "end"}
"""The same below the chart, where a phone has little room."""
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
SHIFT = 0.1
"""How far the lines stand beside each other, so that no interval hides another."""


def draw_drift(drift: Drift, names: Mapping[str, str], opened: Opened) -> None:
    """A chart a model, with what its comparisons say below; a mark opens its questions, and so does a row.

    ``names`` are those of the candidates by their hashes.
    """
    st.markdown("#### Does it matter where the right passage stands?")
    st.markdown(WHAT_IT_IS)
    bases = list(dict.fromkeys(one.base for one in drift.points))
    for pair in (bases[start : start + 2] for start in range(0, len(bases), 2)):
        for column, base in zip(st.columns(2, gap="medium"), pair, strict=False):
            with column:
                _draw_model(drift, base, names, opened)
    if together := corrected_words(drift):
        st.caption(together)


def corrected_words(drift: Drift) -> str:
    """Which comparisons are corrected together, "" where there is but one."""
    pairs = max((one.pairs for one in drift.comparisons), default=0)
    if pairs < 2:
        return ""
    return (
        f"{DECISIVE.capitalize()} or not is told by a test that is corrected for these {pairs} comparisons "
        "of places and of lengths together, and not for those of the candidates one by one, which have a "
        "correction of their own."
    )


def left_out_words(points: Sequence[DriftPoint]) -> str:
    """How many questions are not counted at which lengths, "" where all are."""
    lengths = {one.k: one.left_out for one in points if one.left_out}
    told = [f"{figures.count(left, 'question')} with {_passages(k)}" for k, left in sorted(lengths.items())]
    if not told:
        return ""
    return (
        f"Not counted at any place: {', '.join(told)}. One of their prompts did not hold all passages, so "
        "that it tells nothing of the model."
    )


def _passages(k: int) -> str:
    return "the passage alone" if k == 1 else f"{k} passages"


@dataclass(frozen=True)
class ModelDrift:
    """What came of one model: its places and lengths, their comparisons, and each of these in words."""

    model: str
    points: Sequence[DriftPoint]
    comparisons: Sequence[Comparison]
    sentences: Sequence[str]

    @property
    def finding(self) -> Finding:
        """What is decided."""
        return finding(self.model, self.points, self.comparisons)


def of_base(drift: Drift, base: str, names: Mapping[str, str]) -> ModelDrift:
    """What came of the model of that base; ``names`` are those of the candidates by their hashes."""
    points = [one for one in drift.points if one.base == base]
    pairs = [one for one in drift.comparisons if one.first.startswith(f"{base}-")]
    model = model_of(points, names)
    told = {key: f"{model}{words.removeprefix(points[0].model)}" for key, words in drift.names.items()}
    return ModelDrift(model, points, pairs, [sentence(one, told) for one in pairs])


def _draw_model(drift: Drift, base: str, names: Mapping[str, str], opened: Opened) -> None:
    own = of_base(drift, base, names)
    model, points = own.model, own.points
    found, key = own.finding, f"drift-{base}"
    finding_chart(drift_figure(found, points), found, key=key, opened=opened)
    if left_out := left_out_words(points):
        st.caption(left_out)
    st.markdown("\n".join(f"- {plain(one, 400)}" for one in own.sentences))
    opening_table(
        drift_table(points),
        [one.candidate for one in in_order(points)],
        lambda one: opened(one, ""),
        key=key,
        label="Table: share right by place and length",
        alt=f"Share right of {model} by place and length",
    )


def model_of(points: Sequence[DriftPoint], names: Mapping[str, str]) -> str:
    """The model, and what tells it from others of its name: the names of its candidates without the place."""
    given = ((one, f" with the right passage at {one.at} of {one.k}") for one in points)
    return max((names[one.candidate].replace(words, "", 1) for one, words in given), key=len)


def in_order(points: Sequence[DriftPoint]) -> list[DriftPoint]:
    """The shortest prompt first, from its front to its end."""
    return sorted(points, key=lambda one: (one.k, one.at))


def finding(model: str, points: Sequence[DriftPoint], pairs: Sequence[Comparison]) -> Finding:
    """What the data decide of place and length of one model, and nothing more."""
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
    """Lines from front to end; the passage alone stands before them, since it has one place only."""
    figure, lay_out = framed_figure(found)
    lengths = sorted({one.k for one in points})
    ticks = [one for one in AXIS if one != "alone" or lengths[0] == 1]
    for number, k in enumerate(lengths):
        own = sorted((one for one in points if one.k == k), key=lambda one: one.at)
        _add_line(figure, own, number - (len(lengths) - 1) / 2, number)
    lay_out(
        height=280,
        xaxis={
            "tickvals": [_level(one) for one in ticks],
            "ticktext": [TICKS[one] for one in ticks],
            "range": [_level(ticks[0]) - 0.35, 2.35],
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
    told = [one for one in own if one.right.of]
    if not told:
        return
    alone = own[0].k == 1
    figure.add_scatter(
        x=[_level(one.place) + (0 if alone else shift * SHIFT) for one in told],
        y=[one.right.value for one in told],
        mode="markers" if alone else "lines+markers",
        name=label(_passages(own[0].k)),
        line={"color": CHART_INK, "dash": _DASHES[number % len(_DASHES)], "width": 2},
        marker={"color": CHART_INK, "symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 9},
        error_y=_interval(told),
        customdata=[(one.candidate, "") for one in told],
        text=[label(_words(one)) for one in told],
        hovertemplate="%{text}<extra></extra>",
    )


def _level(place: str) -> int:
    """Where a place stands on the axis: the front at 0, the passage alone before it."""
    return list(AXIS).index(place) - 1


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
        ("Passages", "Place of the right one", "Right", "From", "To", "Questions", "Not counted"),
        tuple(
            (
                one.k,
                f"{one.at} ({one.place})",
                one.right.value if one.right.of else None,
                one.right.low if one.right.of else None,
                one.right.high if one.right.of else None,
                one.right.of,
                one.left_out,
            )
            for one in in_order(points)
        ),
    )
