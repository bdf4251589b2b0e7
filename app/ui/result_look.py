"""How the candidates of an experiment are called and marked, and what a chart's row of one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain import Collection, Experiment, twins
from app.ui.charts import Mark, Row
from app.ui.naming import candidate_names
from app.ui.theme import CHART_MUTED, LaneStyle, colours

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Look:
    """Names and styles of an experiment's candidates by their hashes."""

    names: Mapping[str, str]
    styles: Mapping[str, LaneStyle]

    def row(self, candidate: str, figure: str, marks: Sequence[Mark] = ()) -> Row:
        """A candidate's row of a chart."""
        return Row(candidate, self.names[candidate], figure, self.styles[candidate], tuple(marks))


def look_of(
    experiment: Experiment,
    collections: Sequence[Collection],
    order: Sequence[tuple[str, ...]],
    *,
    dark: bool = False,
) -> Look:
    """How they look: ``order`` are all candidates by their first answers, so that each keeps its colour."""
    candidates = {one.hash: one for one in experiment.candidates}
    names = candidate_names(candidates, {one.id: one.name for one in collections})
    return Look(names, colours([*order, *candidates], dark=dark))


def twin_hashes(experiment: Experiment) -> list[tuple[str, str]]:
    """The hashes of each candidate with documents and of the same without, where both were asked."""
    return [(given.hash, bare.hash) for given, bare in twins(experiment.candidates)]


def join(figure: Figure, rows: Sequence[Row], pairs: Sequence[tuple[str, str]]) -> None:
    """A thin line between the marks of each pair (of candidates' hashes), behind them."""
    places = {row.key: (row.marks[0].value, -level) for level, row in enumerate(rows) if row.marks}
    for one, other in pairs:
        if one in places and other in places:
            (x0, y0), (x1, y1) = places[one], places[other]
            figure.add_shape(
                type="line",
                layer="below",
                opacity=0.6,
                x0=x0,
                y0=y0,
                x1=x1,
                y1=y1,
                line={"color": CHART_MUTED, "width": 1.5, "dash": "dot"},
            )
