"""The debate's claim that retrieval makes models hallucinate more, put to an experiment's answers.

For each model that was asked with documents and without: how often it was wrong and how often it invented,
on the same questions, and which answers changed sides. A refusal is no hallucination, nor is a failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.domain import (
    Case,
    Claim,
    ClaimMeasure,
    Comparison,
    Experiment,
    Outcome,
    Share,
    Trial,
    outcome_of,
    twins,
)
from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare
from app.evaluation.shares import share_of

Values = NDArray[np.float64]
KINDS = list(Outcome)
ABSENT = -1
WRONG, INVENTED = "wrong", "invented"


def claims_of(experiment: Experiment, cases: Sequence[Case], trials: Sequence[Trial]) -> tuple[Claim, ...]:
    """One for each candidate with documents that was asked without them, too.

    All differences are tested and corrected together, and apart from those of being right: they answer
    another question, put beforehand. Where the right passage was put in a place nothing was retrieved.
    """
    pairs = _twins(experiment)
    if not pairs:
        return ()
    kinds = _kinds(experiment, trials)
    known = np.isin(kinds, [place for place, kind in enumerate(KINDS) if kind.told])
    wrong = np.where(known, kinds == KINDS.index(Outcome.WRONG), np.nan)
    unanswerable = np.array([one.unanswerable for one in cases], dtype=bool)
    invented = np.where(unanswerable[:, np.newaxis], wrong, np.nan)
    measured = _measured(experiment, pairs, {WRONG: wrong, INVENTED: invented})
    return tuple(
        Claim(
            experiment.candidates[given].hash,
            experiment.candidates[bare].hash,
            measured[WRONG, place],
            measured[INVENTED, place],
            *_changed(kinds[given], kinds[bare], known[given] & known[bare]),
        )
        for place, (given, bare) in enumerate(pairs)
    )


def _twins(experiment: Experiment) -> list[tuple[int, int]]:
    """The places of each candidate with documents and of the same without."""
    places = {one.hash: place for place, one in enumerate(experiment.candidates)}
    pairs = twins(one for one in experiment.candidates if not (one.retrieval and one.retrieval.gold_at))
    return [(places[given.hash], places[bare.hash]) for given, bare in pairs]


def _kinds(experiment: Experiment, trials: Sequence[Trial]) -> NDArray[np.int8]:
    """Candidates x cases x repeats: the place of each answer's outcome in KINDS."""
    shape = (len(experiment.candidates), experiment.cases, experiment.repeats)
    kinds = np.full(shape, ABSENT, dtype=np.int8)
    numbers = {kind: number for number, kind in enumerate(KINDS)}
    for one in trials:
        kinds[one.slot] = numbers[outcome_of(one)]
    return kinds


def _measured(
    experiment: Experiment, pairs: Sequence[tuple[int, int]], values: dict[str, Values]
) -> dict[tuple[str, int], ClaimMeasure]:
    """By measure and place among ``pairs``."""
    names = [f"{one.hash}-{kind}" for kind in values for one in experiment.candidates]
    outcomes = Outcomes.of(names, np.concatenate(list(values.values())))
    size, found = len(experiment.candidates), {}
    wanted = [(kind, place) for kind in values for place in range(len(pairs))]
    rows = [tuple(number * size + one for one in pair) for number in range(len(values)) for pair in pairs]
    tested = compare(outcomes, [(names[given], names[bare]) for given, bare in rows])
    for key, (given, bare), comparison in zip(wanted, rows, tested, strict=True):
        both = (outcomes.counts[given] > 0) & (outcomes.counts[bare] > 0)
        found[key] = ClaimMeasure(
            _share(outcomes, given, both), _share(outcomes, bare, both), _plain(comparison)
        )
    return found


def _share(outcomes: Outcomes, row: int, both: NDArray[np.bool_]) -> Share:
    """On the questions that both were scored on, as the difference is."""
    return share_of(outcomes.means[row], np.where(both, outcomes.counts[row], 0))


def _plain(comparison: Comparison) -> Comparison:
    """With the candidates' own hashes."""
    first, second = (one.rpartition("-")[0] for one in (comparison.first, comparison.second))
    return replace(comparison, first=first, second=second)


def _changed(
    given: NDArray[np.int8], bare: NDArray[np.int8], both: NDArray[np.bool_]
) -> tuple[int, int, int, int, int]:
    """Pairs of answers; wrong with documents, of these right without; wrong without, of these right with."""
    wrong, right = KINDS.index(Outcome.WRONG), KINDS.index(Outcome.RIGHT)

    def count(mask: NDArray[np.bool_]) -> int:
        return int((mask & both).sum())

    return (
        int(both.sum()),
        count(given == wrong),
        count((given == wrong) & (bare == right)),
        count(bare == wrong),
        count((bare == wrong) & (given == right)),
    )
