"""In which order the slots of an experiment are asked."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Mapping

from app.domain import BackendKind, Candidate, Experiment, Slot, Trial
from app.evaluation.experiments.pieces import Piece

LOADS = frozenset({BackendKind.OLLAMA, BackendKind.EMBEDDED})
"""Backends that load one model after the other: there, going to and fro between models costs minutes."""


def lines_of(
    experiment: Experiment, done: Container[Slot], kinds: Mapping[str, BackendKind]
) -> dict[str, deque[Piece]]:
    """What is left to ask, a line for each backend, which run beside each other.

    The candidates of a line are interleaved, case by case, so that whatever drifts (a machine that gets
    warm, a server that gets busy) hits all alike. Only where the backend has to load models do all
    questions of one model stand together. ``kinds`` are those of the backends; an unknown one loads. Of
    imported candidates nothing is left: they cannot be asked here.
    """
    lines: dict[str, list[Slot]] = defaultdict(list)
    for repeat in range(experiment.repeats):
        for case in range(experiment.cases):
            for place, candidate in enumerate(experiment.candidates):
                slot = Slot(place, case, repeat)
                if slot not in done and not candidate.imported:
                    lines[candidate.backend].append(slot)
    loading = {name for name in lines if kinds.get(name, BackendKind.OLLAMA) in LOADS}
    models = _first_places(experiment.candidates)
    for name in loading:
        # Stable: within a model the order stays as it was.
        lines[name].sort(key=lambda slot: models[experiment.candidates[slot.candidate].model])
    return {name: deque(map(Piece, line)) for name, line in lines.items()}


def by_model(experiment: Experiment, trials: Iterable[Trial]) -> list[Trial]:
    """The trials with those of one model together."""
    models = _first_places(experiment.candidates)
    return sorted(trials, key=lambda one: (models[experiment.candidates[one.slot.candidate].model], one.slot))


def _first_places(candidates: tuple[Candidate, ...]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, one in enumerate(candidates):
        places.setdefault(one.model, place)
    return places
