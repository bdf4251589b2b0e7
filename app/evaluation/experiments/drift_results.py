"""What an experiment on context drift came to: shares by place and length, and whether either matters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.domain import Candidate, Drift, DriftPoint, Experiment, Slot, Trial, base_of, is_placed
from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare

Values = NDArray[np.float64]
PLACES = {"front": "at the front", "middle": "in the middle", "end": "at the end"}


def drift_of(experiment: Experiment, trials: Sequence[Trial], partial: Collection[Slot] = ()) -> Drift | None:
    """What came of its answers so far; None for an experiment on something else.

    ``partial`` are the slots whose prompts did not hold all of their passages. Which of them a prompt leaves
    out hangs on their places, so that such an answer tells of Assay's budget and not of the model: the
    question counts at no place of that length then. Elsewhere it counts with the mean over all its answers of
    a kind, so that a place is compared over all lengths and a length over all places, on the same questions:
    of each length those that are scored at all its places.

    All of these comparisons are corrected together, and apart from those between candidates (METRICS has one
    correction a page): they are of other quantities, shares pooled over candidates, and of questions put
    beforehand. With them among up to 190 pairs of candidates, most of which nobody asked about, the few that
    the experiment is made for could hardly be decided.
    """
    placed = {place: one for place, one in enumerate(experiment.candidates) if is_placed(one)}
    if not placed:
        return None
    values = _values(experiment, trials)
    out = _left_out(experiment, placed, partial)
    values[out] = np.nan
    outcomes = Outcomes.of([one.hash for one in experiment.candidates], values)
    points = {place: _point(one, outcomes, int(out[place].sum())) for place, one in placed.items()}
    groups, names, pairs = _groups(points)
    pooled = Outcomes.of(list(groups), _pooled(_whole(placed, values), groups))
    return Drift(tuple(points.values()), compare(pooled, pairs), names)


def _values(experiment: Experiment, trials: Sequence[Trial]) -> Values:
    values = np.full((len(experiment.candidates), experiment.cases, experiment.repeats), np.nan)
    for one in trials:
        if one.right is not None:
            values[one.slot] = float(one.right)
    return values


def _left_out(
    experiment: Experiment, placed: Mapping[int, Candidate], partial: Collection[Slot]
) -> NDArray[np.bool_]:
    """Candidates x cases: what is not counted, at all places of a length alike."""
    out = np.zeros((len(experiment.candidates), experiment.cases), dtype=bool)
    for one in partial:
        out[one.candidate, one.case] = True
    for members in _lengths(placed):
        out[members] = out[members].any(axis=0)
    return out


def _whole(placed: Mapping[int, Candidate], values: Values) -> Values:
    """Of each length only the questions that are scored at all its places."""
    whole = values.copy()
    for members in _lengths(placed):
        lacking = np.isnan(values[members]).all(axis=2).any(axis=0)
        for one in members:
            whole[one, lacking] = np.nan
    return whole


def _lengths(placed: Mapping[int, Candidate]) -> list[list[int]]:
    """The places of candidates that differ in the place of the right passage only."""
    found: dict[tuple[str, int], list[int]] = {}
    for place, one in placed.items():
        found.setdefault((base_of(one).hash, one.retrieval.k if one.retrieval else 0), []).append(place)
    return list(found.values())


def _point(candidate: Candidate, outcomes: Outcomes, left_out: int) -> DriftPoint:
    retrieval = candidate.retrieval
    assert retrieval is not None  # noqa: S101 - tells the type checker
    base, right = base_of(candidate).hash, outcomes.share(candidate.hash)
    return DriftPoint(
        base, candidate.model, candidate.hash, retrieval.k, retrieval.gold_at or 1, right, left_out
    )


def _groups(
    points: Mapping[int, DriftPoint],
) -> tuple[dict[str, list[int]], dict[str, str], list[tuple[str, str]]]:
    """What is compared: the candidates of each group, its name, and the pairs of groups."""
    groups: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for base, own in _bases(points).items():
        lengths = sorted({one.k for one in own.values()})
        ends = dict.fromkeys((lengths[0], lengths[-1]))
        model = next(iter(own.values())).model
        for kind in (
            {place: [n for n, one in own.items() if one.place == place] for place in PLACES},
            {str(k): [n for n, one in own.items() if one.k == k] for k in ends},
        ):
            found = {f"{base}-{key}": members for key, members in kind.items() if members}
            names |= {key: f"{model} with {_what(key.rpartition('-')[2])}" for key in found}
            pairs += combinations(found, 2)
            groups |= found
    return groups, names, pairs


def _bases(points: Mapping[int, DriftPoint]) -> dict[str, dict[int, DriftPoint]]:
    found: dict[str, dict[int, DriftPoint]] = {}
    for number, one in points.items():
        found.setdefault(one.base, {})[number] = one
    return found


def _what(key: str) -> str:
    if key in PLACES:
        return f"the passage {PLACES[key]}"
    return "the right passage alone" if key == "1" else f"{key} passages"


def _pooled(values: Values, groups: Mapping[str, Sequence[int]]) -> Values:
    """Of each group the answers of all its candidates, as repeats of one question."""
    _, cases, repeats = values.shape
    widest = max(map(len, groups.values())) * repeats
    pooled = np.full((len(groups), cases, widest), np.nan)
    for row, numbers in enumerate(groups.values()):
        together = np.concatenate([values[one] for one in numbers], axis=1)
        pooled[row, :, : together.shape[1]] = together
    return pooled
