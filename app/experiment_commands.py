"""What the commands `run`, `judge` and `experiments` do."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
)
from app.domain import (
    MONEY_SCALE,
    Again,
    Candidate,
    Dataset,
    DriftPlan,
    Experiment,
    ExperimentState,
    Limit,
    Results,
    Retrieval,
    RunPhase,
    RunView,
    Upload,
    drifted,
)
from app.errors import NotAllowed, NotFound
from app.evaluation.datasets.importing import preview
from app.evaluation.experiments.experimenting import Wanted
from app.evaluation.experiments.results import results_of
from app.evaluation.scorers.judge import judge_of
from app.experiment_rows import (
    answer_rows,
    drift_row,
    measure_rows,
    summary_rows,
    summary_words,
    verdict_words,
)
from app.services import Services

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
    asked = dict.fromkeys((one.backend, one.model) for one in wanted.everybody)
    known = {name: {one.name for one in services.backends.models(name)} for name, _ in asked}
    for name, model in asked:
        if known[name] and not known[name] & {model, f"{model}:latest"}:
            raise NotFound(
                f"{name} has no model {model}. It has {', '.join(sorted(known[name]))}.",
                "Choose one of these, or fetch it first (`python -m app pull`). Nothing was asked.",
            )


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
