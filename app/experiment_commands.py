"""What the commands `run`, `judge` and `experiments` do."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from app.commands import (
    AskOptions,
    agree,
    backend_and_model,
    called,
    candidate_of,
    collection_named,
    share_row,
    told_of,
)
from app.domain import (
    MONEY_SCALE,
    Again,
    Candidate,
    CandidateCost,
    Comparison,
    Costs,
    Dataset,
    Drift,
    DriftPlan,
    Experiment,
    ExperimentState,
    JudgeCheck,
    Limit,
    Measured,
    Results,
    Retrieval,
    RunPhase,
    RunView,
    Upload,
    drifted,
    outcome_of,
    rate_words,
    sentence,
)
from app.errors import NotAllowed, NotFound
from app.evaluation.datasets.importing import preview
from app.evaluation.experiments.experimenting import Wanted
from app.evaluation.experiments.results import results_of
from app.evaluation.scorers.judge import judge_of
from app.evaluation.verdict import verdict_of
from app.services import Services
from storage.experiments import INTERRUPTED

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class RunOptions:
    """How `run` was called; see its help."""

    dataset: str
    collections: tuple[str, ...]
    models: tuple[str, ...]
    no_documents_too: bool
    repeats: int
    limit: str
    one_at_a_time: bool
    name: str
    k: int
    temperature: float
    seed: int
    max_tokens: int
    schema: bool
    instruction: str
    drift: str
    judge: str
    agree: bool
    resumed: str
    again: str
    fail_under: tuple[str, ...]
    json: bool
    no_reask: bool

    @property
    def asking(self) -> AskOptions:
        """How each question is asked."""
        return AskOptions(
            no_documents=False,
            k=self.k,
            temperature=self.temperature,
            seed=self.seed,
            max_tokens=self.max_tokens,
            schema=self.schema,
            agree=self.agree,
            instruction=self.instruction,
        )


@dataclass(frozen=True)
class Ended:
    """How a run ended. ``trouble`` are the reasons why it does not count as passed."""

    services: Services
    experiment: Experiment
    results: Results
    trouble: tuple[str, ...]

    def rows(self, *, as_json: bool) -> Iterator[dict[str, object] | str]:
        """What is printed: answers and candidates as objects, or a summary in words."""
        collections = self.services.collections.names()
        if not as_json:
            yield from verdict_words(self.services, self.experiment)
            yield from summary_words(self.experiment, self.results, collections)
            yield from self._drift_words()
            return
        yield from answer_rows(self.services, self.experiment)
        words = verdict_words(self.services, self.experiment)
        examining = self.services.examining
        measures, examined = examining.measures(self.experiment.id), examining.of(self.experiment.id)
        rows = summary_rows(self.experiment, self.results, collections, examined.costs)
        names = called(self.experiment.candidates, collections)
        for row, own, who in zip(rows, measures, self.experiment.candidates, strict=True):
            drift = drift_row(examined.drift, who.hash, names)
            yield {**row, "measures": measure_rows(own), "drift": drift, "verdict": words}

    def _drift_words(self) -> Iterator[str]:
        """What came of places and lengths, as the screen tells it; nothing where none were tried."""
        drift = self.services.examining.of(self.experiment.id).drift
        if drift is None:
            return
        from app.ui.drift_chart import of_base

        names = called(self.experiment.candidates, self.services.collections.names())
        for base in dict.fromkeys(one.base for one in drift.points):
            own = of_base(drift, base, names)
            yield f"  {own.finding.title}"
            yield from (f"    {one}" for one in own.sentences)


def planned(plan: Path | None, options: Mapping[str, object], typed: Collection[str]) -> RunOptions:
    """The options of the file, where they were not typed. Raises NotAllowed for one that does not exist."""
    told = _from_toml(plan) if plan else {}
    names = {"collection": "collections", "model": "models", "resume": "resumed"}
    told = {names.get(key, key): value for key, value in told.items()}
    for key, value in told.items():
        if key not in options:
            raise NotAllowed(f"{plan} has “{key}”, which `run` does not know.", "`run --help` lists them.")
        fitting = _fitting(value, type(options[key]))
        if fitting is None or (key == "again" and fitting not in set(Again)):
            raise NotAllowed(f"“{key}” in {plan} cannot be {value!r}.", "`run --help` says what it is.")
        told[key] = fitting
    chosen = {**options, **{key: value for key, value in told.items() if key not in typed}}
    return RunOptions(**cast("Any", chosen))


def _fitting(value: object, wanted: type) -> object:
    """The value as an option of that type takes it; None for one that it cannot be."""
    if isinstance(value, bool) or wanted is bool:
        return value if isinstance(value, bool) and wanted is bool else None
    if wanted is tuple:
        several = value if isinstance(value, list) else [value]
        return tuple(several) if all(isinstance(one, str) for one in several) else None
    if wanted is str:
        return str(value) if isinstance(value, str | int | float) else None
    kinds = (int, float) if wanted is float else (int,)
    return wanted(value) if isinstance(value, kinds) else None


def _from_toml(path: Path) -> dict[str, object]:
    try:
        return {key.replace("-", "_"): value for key, value in tomllib.loads(path.read_text("utf-8")).items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotAllowed(f"{path} could not be read: {error}.", "It must be a TOML file.") from None


def run_experiment(services: Services, options: RunOptions, report: Callable[[str], None]) -> Ended:
    """Start or resume, wait and say how far it is. Raises NotAllowed and NotFound."""
    _below_any(options.fail_under)
    if options.resumed:
        limit = limit_of(options.limit)
        services.experimenting.resume(options.resumed, Again(options.again), limit)
        experiment_id = options.resumed
    else:
        experiment_id = begin(services, options, report)
    return _seen_through(services, experiment_id, options.fail_under, report)


def judge_again(services: Services, experiment_id: str, by: str, report: Callable[[str], None]) -> Ended:
    """Have the recorded answers judged by BACKEND/MODEL, wait and say how far it is.

    Raises NotAllowed and NotFound.
    """
    services.experimenting.judge_again(experiment_id, judge_of(*backend_and_model("--by", by)))
    return _seen_through(services, experiment_id, (), report)


def _seen_through(
    services: Services, experiment_id: str, thresholds: Sequence[str], report: Callable[[str], None]
) -> Ended:
    report(f"experiment {experiment_id}")
    last = ""
    for view in watched(services, experiment_id):
        if (words := progress_words(view)) != last:
            report(words)
            last = words
    if words := spent_words(services.experimenting.view(experiment_id)):
        report(words)
    experiment, trials = services.experiments.with_trials(experiment_id)
    results = results_of(experiment, trials)
    names = called(experiment.candidates, services.collections.names())
    trouble = [*_all_failed(results, names), *missed(results, thresholds, names)]
    if experiment.state is not ExperimentState.FINISHED:
        trouble.insert(0, _stopped_words(experiment))
    return Ended(services, experiment, results, tuple(trouble))


def _stopped_words(experiment: Experiment) -> str:
    """Why an experiment did not come to its end; at its limit also how it goes on."""
    words = f"The experiment is {experiment.state.value}. {experiment.words}".strip()
    if experiment.state is not ExperimentState.AT_LIMIT or experiment.limit is None:
        return words
    higher = f'--limit "AMOUNT {experiment.limit.currency}"'
    return f"{words} Raise the limit to go on: `run --resume {experiment.id} {higher}`."


def _all_failed(results: Results, names: Mapping[str, str]) -> Iterator[str]:
    """Of whom there is nothing but failures: then the run tells nothing, though it came to its end."""
    for one in results.candidates:
        if one.answers and one.failed == one.answers:
            what = "The only answer" if one.answers == 1 else f"Each of the {one.answers} answers"
            yield f"{what} of {names[one.candidate.hash]} failed."


def begin(services: Services, options: RunOptions, report: Callable[[str], None]) -> str:
    """Start the experiment; returns its id. Raises NotAllowed and NotFound."""
    needed = {"dataset": options.dataset, "collection": options.collections, "model": options.models}
    if missing := [f"--{name}" for name, value in needed.items() if not value]:
        raise NotAllowed(f"`run` needs {' and '.join(missing)}.", "`python -m app run --help` says more.")
    dataset = _dataset(services, options.dataset, report)
    wanted = Wanted(
        name=options.name,
        dataset_id=dataset.id,
        candidates=_askable(services, dataset, tuple(dict.fromkeys(_candidates(services, options))), report),
        repeats=options.repeats,
        one_at_a_time=options.one_at_a_time,
        limit=limit_of(options.limit),
        reask=not options.no_reask,
        judge=_judge(services, options),
    )
    _refuse_missing(services, wanted)
    for words in estimate_words(services, wanted):
        report(words)
    if services.experimenting.unbilled(wanted):
        report("Nobody bills these models' answers: --limit has nothing to stop.")
    return services.experimenting.start(wanted)


def _refuse_missing(services: Services, wanted: Wanted) -> None:
    """Raise NotFound for a model that its server does not have, BackendError for a server that is away.

    Every answer would fail. A server that lists no models is believed to have what it is asked for.
    """
    asked = dict.fromkeys((one.backend, one.model) for one in (*wanted.candidates, *_judges(wanted)))
    known = {name: {one.name for one in services.backends.models(name)} for name, _ in asked}
    for name, model in asked:
        if known[name] and not known[name] & {model, f"{model}:latest"}:
            raise NotFound(
                f"{name} has no model {model}. It has {', '.join(sorted(known[name]))}.",
                "Choose one of these, or fetch it first (`python -m app pull`). Nothing was asked.",
            )


def _judges(wanted: Wanted) -> list[Candidate]:
    return [wanted.judge] if wanted.judge else []


def estimate_words(services: Services, wanted: Wanted) -> Iterator[str]:
    """What it will take, each figure with its basis, as the form tells it; and that repeats bring nothing."""
    from app.ui.estimates import figures_of, repeats_words

    for one in figures_of(wanted, services.experimenting.estimate(wanted)):
        yield f"{one.name.lower()}: {one.value}. {one.basis}".rstrip(". ") + "."
    if words := repeats_words(wanted.candidates, wanted.repeats):
        yield words


def _candidates(services: Services, options: RunOptions) -> Iterator[Candidate]:
    plan = drift_plan(options.drift)
    for name in options.collections:
        collection = collection_named(services, name)
        made = [candidate_of(one, collection, options.asking) for one in options.models]
        if options.agree and not collection.local_only:
            agree(services, collection, made)
        for one in made:
            yield from drifted(one, plan) if plan else [one]
            if options.no_documents_too:
                yield one.bare


def _askable(
    services: Services, dataset: Dataset, candidates: tuple[Candidate, ...], report: Callable[[str], None]
) -> tuple[Candidate, ...]:
    """Without the lengths of prompts that do not fit, and says so. Raises NotAllowed where none does."""
    check = services.experimenting.drift_check(dataset.id, candidates)
    if len(check.cases) < check.of:
        asked = f"{len(check.cases)} of {check.of} questions are asked"
        report(f"{asked}: those whose gold text stands within one passage.")
    for words in check.left_out:
        report(words)
    return check.candidates


def _judge(services: Services, options: RunOptions) -> Candidate | None:
    if not options.judge:
        return None
    judge = judge_of(*backend_and_model("--judge", options.judge))
    for name in options.collections if options.agree else ():
        collection = collection_named(services, name)
        if not collection.local_only:
            # What it reads are answers made from passages.
            agree(services, collection, [replace(judge, retrieval=Retrieval(collection.id))])
    return judge


def drift_plan(text: str) -> DriftPlan | None:
    """The lengths of a text such as "1,4,16"; None for "". Raises NotAllowed."""
    if not text.strip():
        return None
    try:
        return DriftPlan(tuple(sorted({int(one) for one in text.split(",")})))
    except ValueError:
        raise NotAllowed(
            f"--drift {text} is no list of lengths.", 'Write it as "1,4,16": 1, or 3 and more passages.'
        ) from None


def limit_of(text: str) -> Limit | None:
    """The limit of a text such as "5 EUR", dollars where it names none; None for "". Raises NotAllowed."""
    if not text.strip():
        return None
    amount, _, currency = text.strip().partition(" ")
    try:
        value = Decimal(amount)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise NotAllowed(f"--limit {text} is no amount of money.", 'Write it as "5" or "5 EUR".')
    return Limit(int(value * MONEY_SCALE), currency.strip().upper() or "USD")


def watched(services: Services, experiment_id: str) -> Iterator[RunView]:
    """The run as it goes on, and as it ended, last."""
    while (view := services.experimenting.view(experiment_id)).busy:
        yield view
        time.sleep(POLL_SECONDS)
    yield view


def progress_words(view: RunView) -> str:
    """How far a run is, in a line."""
    done, size = sum(one.done for one in view.progress), sum(one.of for one in view.progress)
    failed = sum(one.failed for one in view.progress)
    left = f", about {view.seconds_left:.0f} s left" if view.seconds_left is not None and view.busy else ""
    then = {
        RunPhase.ASKING: "",
        RunPhase.JUDGING: f", {view.judged.done} of {view.judged.of} judged",
        RunPhase.LOOKING: f", {view.causes.found} of {view.causes.of} causes found",
    }[view.phase]
    return f"{done} of {size} answers, {failed} failed{then}{left}"


def spent_words(view: RunView) -> str:
    """What was spent, and the limit, as the screens tell it."""
    from app.ui.spans import money_so_far

    return ", ".join(money_so_far(view))


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


def missed(results: Results, thresholds: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """What stays below ``--fail-under right=0.7``, in words. Raises NotAllowed for what is no threshold.

    Where candidates are given documents, it is for these: the same ones without are there to be compared.
    """
    return [words for one in thresholds for words in _below(results, one, names)]


def _below_any(thresholds: Sequence[str]) -> None:
    """Raise NotAllowed for what is no threshold, before anything is asked."""
    missed(Results((), (), ()), thresholds, {})


def _below(results: Results, threshold: str, names: Mapping[str, str]) -> Iterator[str]:
    measure, _, text = threshold.partition("=")
    try:
        wanted = float(text)
    except ValueError:
        wanted = -1.0
    if measure.strip() != "right" or not 0 <= wanted <= 1:
        raise NotAllowed(
            f"--fail-under {threshold} is no threshold.", "Write right=0.7, with a share from 0 to 1."
        )
    given = [one for one in results.candidates if one.candidate.with_documents]
    for one in given or results.candidates:
        value = one.right.value if one.right.of else 0.0
        if value < wanted:
            name = names[one.candidate.hash]
            yield f"{name} was right {value:.0%} of the time, and {wanted:.0%} were wanted."


def _dataset(services: Services, told: str, report: Callable[[str], None]) -> Dataset:
    """The dataset of that name, or the file of it, which is kept under its own name. Raises NotAllowed.

    What may not be what was meant in it is told before it is saved.
    """
    path = Path(told)
    if not path.is_file():
        found = services.datasets.by_name(told)
        if found is None:
            names = ", ".join(f"“{one.name}”" for one in services.datasets.list()) or "none yet"
            raise NotFound(f"There is no dataset and no file called “{told}”.", f"Datasets: {names}.")
        return found
    read = preview(Upload(path.name, path.read_bytes()))
    if read.bad:
        first = "; ".join(f"row {one.number}: {one.reason}" for one in read.bad[:5])
        raise NotAllowed(
            f"{len(read.bad)} {'row' if len(read.bad) == 1 else 'rows'} of {path.name} cannot be questions. "
            f"{first}",
            "Nothing was saved.",
        )
    for one in read.doubtful:
        report(f"{path.name}, row {one.number}: {one.reason}")
    known = services.datasets.by_name(path.stem)
    if known is None:
        return services.datasets.create(path.stem, read.cases)
    return services.datasets.save(known.id, read.cases, read=known.version)


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
