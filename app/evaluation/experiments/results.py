"""What came of an experiment: shares right, and every pair compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain import (
    CandidateResult,
    Experiment,
    JudgeCheck,
    Judgement,
    Outcome,
    Results,
    RightRule,
    Trial,
    outcome_of,
)
from app.evaluation.judge_correction import corrected
from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare, uplifts


def right_of(experiment: Experiment, trials: Sequence[Trial]) -> NDArray[np.float64]:
    """Candidates x cases x repeats: 1 for right, 0 for not right, NaN for what is not told."""
    shape = (len(experiment.candidates), experiment.cases, experiment.repeats)
    values = np.full(shape, np.nan)
    for one in trials:
        if one.right is not None:
            values[one.slot] = float(one.right)
    return values


def outcomes_of(experiment: Experiment, right: NDArray[np.float64]) -> Outcomes:
    """The same as what is compared."""
    return Outcomes.of([one.hash for one in experiment.candidates], right)


def results_of(experiment: Experiment, trials: Sequence[Trial], outcomes: Outcomes | None = None) -> Results:
    """Of the answers that there are; what is not told yet, or cannot be, is in no share and in no pair.

    ``outcomes`` are those of the trials, where they are at hand already.
    """
    outcomes = outcomes or outcomes_of(experiment, right_of(experiment, trials))
    comparisons = compare(outcomes)
    checks: Sequence[JudgeCheck | None] = [None] * len(experiment.candidates)
    if experiment.judge is not None:
        checks = judge_checks(experiment, trials)
    return Results(
        candidates=tuple(
            CandidateResult(
                candidate=candidate,
                right=outcomes.share(candidate.hash),
                answers=len(own := [one for one in trials if one.slot.candidate == place]),
                unscored=sum(one.right is None and not one.unjudged for one in own),
                failed=sum(outcome_of(one) is Outcome.FAILED for one in own),
                judge=checks[place],
                unjudged=sum(one.unjudged for one in own),
            )
            for place, candidate in enumerate(experiment.candidates)
        ),
        comparisons=comparisons,
        uplifts=uplifts(comparisons, experiment.candidates),
    )


def judge_checks(experiment: Experiment, trials: Sequence[Trial]) -> list[JudgeCheck]:
    """For each candidate what the judge said of its answers, against the person's marks on them."""
    shape = (len(experiment.candidates), experiment.cases, experiment.repeats)
    said, marked = np.full(shape, np.nan), np.full(shape, np.nan)
    for one in trials:
        if one.told_by == RightRule.JUDGE.value and one.by_rule is not None:
            said[one.slot] = float(one.by_rule)
            if one.judgement in {Judgement.RIGHT, Judgement.WRONG}:
                marked[one.slot] = float(one.judgement is Judgement.RIGHT)
    return [corrected(*pair) for pair in zip(said, marked, strict=True)]
