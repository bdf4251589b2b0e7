"""What came of an experiment: shares right, and every pair compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.domain import AnswerState, CandidateResult, Experiment, Results, Trial
from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare, uplifts


def results_of(experiment: Experiment, trials: Sequence[Trial]) -> Results:
    """Of the answers that there are; what is unscored or was not asked is in no share and in no pair."""
    shape = (len(experiment.candidates), experiment.cases, experiment.repeats)
    values = np.full(shape, np.nan)
    for one in trials:
        if one.right is not None:
            values[one.slot] = float(one.right)
    outcomes = Outcomes.of([one.hash for one in experiment.candidates], values)
    comparisons = compare(outcomes)
    return Results(
        candidates=tuple(
            CandidateResult(
                candidate=candidate,
                right=outcomes.share(candidate.hash),
                answers=len(own := [one for one in trials if one.slot.candidate == place]),
                unscored=sum(one.right is None for one in own),
                failed=sum(one.state is AnswerState.FAILED for one in own),
            )
            for place, candidate in enumerate(experiment.candidates)
        ),
        comparisons=comparisons,
        uplifts=uplifts(comparisons, experiment.candidates),
    )
