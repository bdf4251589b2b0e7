"""In which order the slots of an experiment are asked."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Mapping

from app.domain import BackendKind, Candidate, Experiment, Slot

LOADS = frozenset({BackendKind.OLLAMA, BackendKind.EMBEDDED})
"""Backends that load one model after the other: there, going to and fro between models costs minutes."""


def lines_of(
    experiment: Experiment, done: Container[Slot], kinds: Mapping[str, BackendKind]
) -> dict[str, deque[Slot]]:
    """What is left to ask, a line for each backend, which run beside each other.

    The candidates of a line are interleaved, case by case, so that whatever drifts (a machine that gets
    warm, a server that gets busy) hits all alike. Only where the backend has to load models do all
    questions of one model stand together. ``kinds`` are those of the backends; an unknown one loads.
    """
    lines: dict[str, list[Slot]] = defaultdict(list)
    for repeat in range(experiment.repeats):
        for case in range(experiment.cases):
            for place, candidate in enumerate(experiment.candidates):
                slot = Slot(place, case, repeat)
                if slot not in done:
                    lines[candidate.backend].append(slot)
    loading = {name for name in lines if kinds.get(name, BackendKind.OLLAMA) in LOADS}
    models = _first_places(experiment.candidates)
    for name in loading:
        # Stable: within a model the order stays as it was.
        lines[name].sort(key=lambda slot: models[experiment.candidates[slot.candidate].model])
    return {name: deque(line) for name, line in lines.items()}


def _first_places(candidates: tuple[Candidate, ...]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, one in enumerate(candidates):
        places.setdefault(one.model, place)
    return places
