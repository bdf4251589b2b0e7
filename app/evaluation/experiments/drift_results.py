"""What an experiment on context drift came to: shares by place and length, and whether either matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.domain import Candidate, Drift, DriftPoint, Experiment, Trial
from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare

Values = NDArray[np.float64]
PLACES = {"front": "at the front", "middle": "in the middle", "end": "at the end"}


def drift_of(experiment: Experiment, trials: Sequence[Trial]) -> Drift | None:
    """What came of its answers so far; None for an experiment on something else.

    A question counts with the mean over all its answers of a kind, so that a place is compared over all
    lengths and a length over all places, on the same questions.
    """
    placed = [number for number, one in enumerate(experiment.candidates) if _is_placed(one)]
    if not placed:
        return None
    values = _values(experiment, trials)
    outcomes = Outcomes.of([one.hash for one in experiment.candidates], values)
    points = {number: _point(experiment.candidates[number], outcomes) for number in placed}
    groups, names, pairs = _groups(points)
    pooled = Outcomes.of(list(groups), _pooled(values, groups))
    return Drift(tuple(points.values()), compare(pooled, pairs), names)


def _is_placed(candidate: Candidate) -> bool:
    return candidate.retrieval is not None and candidate.retrieval.gold_at is not None


def _values(experiment: Experiment, trials: Sequence[Trial]) -> Values:
    values = np.full((len(experiment.candidates), experiment.cases, experiment.repeats), np.nan)
    for one in trials:
        if one.right is not None:
            values[one.slot] = float(one.right)
    return values


def _point(candidate: Candidate, outcomes: Outcomes) -> DriftPoint:
    retrieval = candidate.retrieval
    assert retrieval is not None  # noqa: S101 - tells the type checker
    at = retrieval.gold_at or 1
    base = replace(candidate, retrieval=replace(retrieval, k=1, gold_at=None)).hash
    right = outcomes.share(candidate.hash)
    return DriftPoint(base, candidate.model, candidate.hash, retrieval.k, at, right)


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
