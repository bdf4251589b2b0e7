"""What the commands tell of an experiment: objects for programs, lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

from app.commands import called, share_row, told_of
from app.domain import (
    CandidateCost,
    Comparison,
    Costs,
    Drift,
    Experiment,
    ExperimentState,
    JudgeCheck,
    Measured,
    Results,
    outcome_of,
    rate_words,
    sentence,
)
from app.evaluation.verdict import verdict_of
from app.services import Services
from storage.experiments import INTERRUPTED


def answer_rows(services: Services, experiment: Experiment) -> Iterator[dict[str, object]]:
    """One object an answer, in the order of candidates, questions and repeats."""
    cases, collections = services.datasets.cases(experiment.version), services.collections.names()
    for trial in services.experiments.trials(experiment.id):
        answer = services.answers.answer(trial.answer_id)
        if answer is not None:
            yield {
                "question": cases[trial.slot.case].question,
                **told_of(experiment.candidates[trial.slot.candidate], collections),
                "repeat": trial.slot.repeat,
                "answer": answer.text,
                "state": answer.state.value,
                "scores": {one.scorer: one.value for one in answer.scores},
                "right": trial.right,
                "outcome": outcome_of(trial).value,
                "rule": trial.rule,
                "cause": trial.cause,
                "attempts": trial.attempts,
                "error": f"{answer.error} {answer.remedy}".strip(),
            }


def summary_rows(
    experiment: Experiment, results: Results, collections: Mapping[str, str], costs: Costs
) -> Iterator[dict[str, object]]:
    """One object a candidate, with its share, its cost and every comparison that it is part of."""
    names = called(experiment.candidates, collections)
    paid = {one.candidate: one for one in costs.candidates}
    for one in results.candidates:
        mine = [pair for pair in results.comparisons if one.candidate.hash in {pair.first, pair.second}]
        yield {
            "experiment": experiment.id,
            "state": experiment.state.value,
            **told_of(one.candidate, collections),
            "name": names[one.candidate.hash],
            "repeats": experiment.repeats,
            "answers": one.answers,
            "failed": one.failed,
            "unscored": one.unscored,
            "unjudged": one.unjudged,
            "right": share_row(one.right),
            "judge": _judged(experiment, one.judge),
            "cost": _cost_row(paid[one.candidate.hash], costs),
            "differences": [_difference(pair, one.candidate.hash) for pair in mine],
        }


def drift_row(drift: Drift | None, candidate: str, names: Mapping[str, str]) -> dict[str, object] | None:
    """A candidate's place with its share there, and what came of its model; None for one without a place.

    ``finding`` and ``comparisons`` are the same for all places of one model.
    """
    point = next((one for one in drift.points if one.candidate == candidate), None) if drift else None
    if drift is None or point is None:
        return None
    from app.ui.drift_chart import of_base

    own = of_base(drift, point.base, names)
    told = zip(own.comparisons, own.sentences, strict=True)
    return {
        "passages": point.k,
        "at": point.at,
        "place": point.place,
        "right": share_row(point.right),
        "left_out": point.left_out,
        "finding": own.finding.title,
        "comparisons": [{**asdict(one), "decisive": one.decisive, "words": words} for one, words in told],
    }


def measure_rows(measures: Mapping[str, Measured]) -> dict[str, object]:
    """By scorer the mean with its interval, and of how many answers it is."""
    return {
        name: {
            "mean": one.mean.value,
            "low": one.mean.low,
            "high": one.mean.high,
            "questions": one.mean.of,
            "answers": one.answers,
            "unscored": one.unscored,
        }
        for name, one in measures.items()
    }


def verdict_words(services: Services, experiment: Experiment) -> list[str]:
    """The verdict in the words of the screens: its sentence, then what is said besides."""
    from app.ui.figures import exchanged
    from app.ui.verdict_words import Voice, below, headline

    voice = Voice(called(experiment.candidates, services.collections.names()))
    examined = services.examining.of(experiment.id)
    verdict = verdict_of(examined, services.assumptions.verdict())
    note = exchanged(examined.costs.rates)
    return [
        headline(verdict, experiment, voice),
        *below(verdict, experiment, voice),
        *([note] if note else []),
    ]


def _cost_row(one: CandidateCost, costs: Costs) -> dict[str, object]:
    """What its answers cost in all, exactly, as decimal text by currency, and how many have a known cost."""
    from app.ui.figures import exact

    return {
        "total": {currency: format(exact(amount), "f") for currency, amount in one.totals.items()},
        "priced": one.priced,
        "unknown": one.unknown,
        "basis": one.basis,
        "converted": [rate_words(rate) for rate in costs.rates],
    }


def summary_words(experiment: Experiment, results: Results, collections: Mapping[str, str]) -> Iterator[str]:
    """The same as a person reads it on a terminal."""
    from app.ui.figures import count

    names = called(experiment.candidates, collections)
    yield f"{experiment.name} ({experiment.id}): {experiment.state.value}. {experiment.words}".strip()
    for one in results.candidates:
        share = one.right
        told = "nothing scored"
        if share.of:
            told = f"right {share.value:.0%} ({share.low * 100:.0f}-{share.high * 100:.0f})"
        waiting = f", {one.unjudged} not judged yet" if one.unjudged else ""
        left = f"{count(one.unscored, 'answer')} unscored{waiting}"
        yield f"  {names[one.candidate.hash]}: {told}, {count(share.of, 'question')}, {left}"
        yield from _judged_words(one.judge)
    for pair in results.comparisons:
        yield f"  {sentence(pair, names)}"


def as_it_is(one: Experiment, *, held: bool) -> Experiment:
    """What a killed run left as running is interrupted: nobody who could run it has the data folder."""
    if held or one.state is not ExperimentState.RUNNING:
        return one
    return replace(one, state=ExperimentState.INTERRUPTED, words=INTERRUPTED)


def experiment_row(one: Experiment) -> dict[str, object]:
    """An experiment as the one JSON object that scripts read."""
    return {
        "experiment": one.id,
        "name": one.name,
        "dataset": one.dataset_name,
        "version": one.version,
        "state": one.state.value,
        "words": one.words,
        "candidates": [f"{who.backend}/{who.label}" for who in one.candidates],
        "judge": f"{one.judge.backend}/{one.judge.model}" if one.judge else None,
        "questions": one.cases,
        "repeats": one.repeats,
        "made_at": one.made_at.isoformat(),
        "snapshot": dict(one.snapshot),
    }


def experiment_words(one: Experiment) -> str:
    """The same as a person reads it on a terminal."""
    asked = f"{one.cases} questions x {len(one.candidates)} candidates x {one.repeats}"
    return f"{one.id}  {one.made_at:%Y-%m-%d %H:%M}  {one.state.value}  {one.name}: {asked}"


def _judged(experiment: Experiment, check: JudgeCheck | None) -> dict[str, object] | None:
    if check is None or experiment.judge is None:
        return None
    return {
        "backend": experiment.judge.backend,
        "model": experiment.judge.model,
        "digest": experiment.judge.digest,
        "said_right": share_row(check.said),
        "sensitivity": share_row(check.sensitivity),
        "specificity": share_row(check.specificity),
        "corrected": None
        if check.value is None
        else {"value": check.value, "low": check.low, "high": check.high},
        "words": check.words,
    }


def _judged_words(check: JudgeCheck | None) -> Iterator[str]:
    if check is None or not check.said.of:
        return
    if check.value is None or check.low is None or check.high is None:
        yield f"    the judge: {check.said.value:.0%} of {check.said.of} questions. {check.words}"
    else:
        within = f"({check.low * 100:.0f}-{check.high * 100:.0f})"
        yield (
            f"    the judge: {check.said.value:.0%} of {check.said.of} questions, "
            f"{check.value:.0%} {within} with its mistakes taken out"
        )


def _difference(pair: Comparison, candidate: str) -> dict[str, object]:
    own = pair if pair.first == candidate else pair.swapped()
    return {**asdict(own), "decisive": own.decisive, "words": own.words}
