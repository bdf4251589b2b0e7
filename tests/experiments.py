"""Experiments made for tests: their answers are told by a letter each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from app.domain import (
    AnswerState,
    ArchivedExperiment,
    Basis,
    Candidate,
    Case,
    Cause,
    Examined,
    Exchange,
    Experiment,
    ExperimentState,
    Gold,
    Judged,
    PaidAnswer,
    Retrieval,
    RightRule,
    Score,
    Slot,
    Spend,
    Trial,
)
from app.evaluation.abstentions import abstentions_of
from app.evaluation.claims import claims_of
from app.evaluation.costing import AS_PAID, costs_of
from app.evaluation.experiments.drift_results import drift_of
from app.evaluation.experiments.results import outcomes_of, results_of, right_of
from app.evaluation.tallies import remedies_of, tallies_of
from app.evaluation.verdict import sure_of
from storage.archives import Archives
from storage.datasets import Datasets
from storage.experiments import Experiments, question_id
from tests.storage.examples import NOON, answer, question

LETTERS: Mapping[str, dict[str, object]] = {
    "r": {"right": True, "abstained": False},
    "w": {"right": False, "abstained": False},
    "a": {"right": False, "abstained": True},
    "k": {"right": True, "abstained": True},
    "f": {"right": False, "state": AnswerState.FAILED, "rule": RightRule.END.value},
    "e": {"right": False, "rule": RightRule.END.value},
    "u": {"right": None},
    "j": {"right": None, "rule": ""},
}
"""r(ight), w(rong), a(bstained, not right), k (knew to abstain: right), f(ailed), e(mpty), u(nscored).

j: the judge was not asked yet.
"""


def given(model: str = "small", **more: object) -> Candidate:
    """A candidate with documents."""
    return Candidate("fake", model, retrieval=Retrieval("c", **more))  # type: ignore[arg-type]


def bare(model: str = "small") -> Candidate:
    """The same without."""
    return Candidate("fake", model)


def cases_of(number: int, unanswerable: int = 0) -> tuple[Case, ...]:
    """The last ``unanswerable`` ones have no answer in the documents."""
    usual = [Case(f"Question {n}?", (f"answer {n}",), (Gold("mill.txt", "stones"),)) for n in range(number)]
    cut = number - unanswerable
    return tuple(one if n < cut else Case(one.question, unanswerable=True) for n, one in enumerate(usual))


def trials_of(*letters: str, repeats: int = 1, causes: Mapping[str, Cause] | None = None) -> list[Trial]:
    """A word of LETTERS for each candidate, one a slot; "." for what was not asked.

    ``causes`` tell the cause of each answer with that letter.
    """
    made = []
    for candidate, word in enumerate(letters):
        for place, letter in enumerate(word):
            if letter == ".":
                continue
            slot = Slot(candidate, *divmod(place, repeats))
            told = {"state": AnswerState.COMPLETE, "rule": RightRule.CONTAINS.value, **LETTERS[letter]}
            one = Trial(slot, f"A{candidate}-{place}", **told)  # type: ignore[arg-type]
            cause = (causes or {}).get(letter)
            made.append(replace(one, cause=cause.value) if cause and one.right is False else one)
    return made


def experiment_of(
    candidates: Sequence[Candidate],
    cases: int,
    repeats: int = 1,
    state: ExperimentState = ExperimentState.FINISHED,
) -> Experiment:
    """An experiment on so many cases."""
    return Experiment("E", "First", "D", "Mill", "v", tuple(candidates), repeats, cases, NOON, state=state)


def examined(
    candidates: Sequence[Candidate],
    *letters: str,
    repeats: int = 1,
    unanswerable: int = 0,
    state: ExperimentState = ExperimentState.FINISHED,
    causes: Mapping[str, Cause] | None = None,
    costed: Callable[[Sequence[Trial]], Sequence[PaidAnswer]] | None = None,
    spent: Mapping[str, int] | None = None,
    elsewhere: Iterable[str] = (),
    exchange: Exchange = AS_PAID,
) -> Examined:
    """An experiment with these answers, looked at. ``costed`` is what they cost, ``spent`` what all did."""
    number = len(letters[0]) // repeats
    cases = cases_of(number, unanswerable)
    one = experiment_of(candidates, number, repeats, state)
    trials = [
        replace(trial, unanswerable=cases[trial.slot.case].unanswerable)
        for trial in trials_of(*letters, repeats=repeats, causes=causes)
    ]
    results, right = results_of(one, trials), right_of(one, trials)
    answers = [] if costed is None else costed(trials)
    told = costs_of(one, results, right, answers, Spend(spent or {}, 0), exchange=exchange)
    return Examined(
        experiment=one,
        cases=cases,
        trials=tuple(trials),
        results=results,
        tallies=tallies_of(len(candidates), trials),
        claims=claims_of(one, cases, trials),
        abstentions=abstentions_of(one, cases, trials),
        rules={},
        drift=drift_of(one, trials),
        sure=sure_of(outcomes_of(one, right), results),
        remedies=remedies_of(one, right, trials),
        costs=told,
        elsewhere=frozenset(elsewhere),
    )


def paid(*prices: float | None, currency: str = "USD") -> Callable[[Sequence[Trial]], list[PaidAnswer]]:
    """Each answer costs its candidate's price, in millionths of the currency; None: unknown."""

    def costed(trials: Sequence[Trial]) -> list[PaidAnswer]:
        return [cost(one.slot, prices[one.slot.candidate], currency) for one in trials]

    return costed


def cost(slot: Slot, price: float | None, currency: str = "USD") -> PaidAnswer:
    """What the answer in a slot cost, in millionths of the currency."""
    amount = None if price is None else round(price * 10**6)
    basis: Basis = "unknown" if amount is None else "listed"
    paid_in = currency if amount is not None else ""
    return PaidAnswer(*slot, amount, paid_in, basis, prompt=100, completion=10, machine=1.0)


def kept(
    experiments: Experiments,
    datasets: Datasets,
    candidates: Sequence[Candidate],
    *letters: str,
    name: str = "First",
    repeats: int = 1,
    unanswerable: int = 0,
    state: ExperimentState = ExperimentState.FINISHED,
    causes: Mapping[str, Cause] | None = None,
    **more: object,
) -> Experiment:
    """The same in a database, with a dataset of the experiment's name; ``more`` are fields of Experiment."""
    cases = cases_of(len(letters[0]) // repeats, unanswerable)
    dataset = datasets.create(name, cases)
    made = experiment_of(candidates, len(cases), repeats, state)
    made = replace(made, id=f"E-{name}", name=name, dataset_id=dataset.id, version=dataset.version)
    made = replace(made, **more)  # type: ignore[arg-type]
    experiments.create(made)
    for one in trials_of(*letters, repeats=repeats, causes=causes):
        asked = replace(question(cases[one.slot.case].question, ""), id=question_id(made.id, one.slot.case))
        reply = replace(
            answer(asked, who=candidates[one.slot.candidate], state=one.state),
            id=f"{name}-{one.answer_id}",
            mark=None,
            scores=() if one.abstained is None else (Score("abstention", "1", float(one.abstained), ""),),
        )
        experiments.commit(made.id, one.slot, asked, Judged(reply, one.right, one.rule))
        if one.cause:
            experiments.set_causes({reply.id: (one.cause, "as it was made")})
    return made


def moved(archives: Archives, experiment_id: str) -> str:
    """The same as it is after it went into a file and was read on another machine; its id there."""
    archive = archives.read(experiment_id)
    # Where it was run all names of it are taken.
    experiment = replace(archive.experiment, id=f"{experiment_id}-away")
    trials = [replace(one, answer=replace(one.answer, id=f"{one.answer.id}-away")) for one in archive.trials]
    return archives.write(ArchivedExperiment(experiment, archive.cases, tuple(trials))).id
