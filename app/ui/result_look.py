"""How the candidates of an experiment are called and marked, and what a chart's row of one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain import CandidateResult, Examined, Experiment, twins
from app.ui.charts import Mark, Row
from app.ui.naming import candidate_names
from app.ui.theme import CHART_MUTED, LaneStyle, apart, colours

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
    collections: Mapping[str, str],
    order: Sequence[tuple[str, ...]],
    *,
    dark: bool = False,
) -> Look:
    """How they look. ``collections`` are names by id.

    ``order`` are all candidates by their first answers, so that each keeps its colour.
    """
    candidates = {one.hash: one for one in experiment.candidates}
    names = candidate_names(candidates, collections)
    return Look(names, apart(colours([*order, *candidates], dark=dark), candidates))


def twin_hashes(experiment: Experiment) -> list[tuple[str, str]]:
    """The hashes of each candidate with documents and of the same without, where both were asked."""
    return [(given.hash, bare.hash) for given, bare in twins(experiment.candidates)]


def ranked(examined: Examined) -> list[int]:
    """The places of the candidates as charts show them: the best on top, and its twin right below it.

    Twins are the same model with the same settings, with and without documents.
    """
    bare = dict(twin_hashes(examined.experiment))
    results = examined.results.candidates
    groups: dict[str, list[int]] = {}
    for place in sorted(
        range(len(results)), key=lambda one: (not results[one].right.of, -share(results[one]))
    ):
        own = results[place].candidate.hash
        groups.setdefault(bare.get(own, own), []).append(place)
    return [place for group in groups.values() for place in group]


def share(one: CandidateResult) -> float:
    """How often it was right; 0 where nothing was scored."""
    return one.right.value if one.right.of else 0.0


def join(figure: Figure, rows: Sequence[Row], pairs: Sequence[tuple[str, str]]) -> None:
    """A thin line from the mark of each pair's first (of candidates' hashes) to that of its second.

    It runs straight down, and then in the second one's row: across, it would cross the names between them.
    """
    places = {row.key: (row.marks[0].value, -level) for level, row in enumerate(rows) if row.marks}
    for one, other in pairs:
        if one in places and other in places:
            (x0, y0), (x1, y1) = places[one], places[other]
            figure.add_shape(
                type="path",
                path=f"M {x0},{y0} L {x0},{y1} L {x1},{y1}",
                layer="below",
                opacity=0.6,
                line={"color": CHART_MUTED, "width": 1.5, "dash": "dot"},
            )
