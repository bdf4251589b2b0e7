"""Starting, watching, stopping and resuming experiments."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ulid import ULID

from app.answering.leaving import Leaving
from app.backends.base import Backend
from app.domain import (
    Again,
    BackendKind,
    Candidate,
    Case,
    Collection,
    Dataset,
    DriftCheck,
    Estimate,
    Experiment,
    ExperimentState,
    Limit,
    Outcome,
    RunView,
    Trial,
    is_placed,
    outcome_of,
    version_of,
    with_judge,
)
from app.errors import AppError, NotAllowed, NotFound
from app.evaluation.experiments.budget import Budget, Worst
from app.evaluation.experiments.causing import cause_progress
from app.evaluation.experiments.drift_check import FEWER, Checking
from app.evaluation.experiments.estimating import JudgeWork, estimate, most_reasks
from app.evaluation.experiments.measuring import Measuring
from app.evaluation.experiments.order import lines_of
from app.evaluation.experiments.pieces import MOST_CANDIDATES, MOST_REPEATS
from app.evaluation.experiments.ruling import judge_progress, unclear
from app.evaluation.experiments.running import (
    CLOSING,
    Rooms,
    Run,
    changed,
    collections_of,
    progress_of,
    revision_key,
    revision_of,
)
from app.evaluation.experiments.snapshot import MACHINE, machine, snapshot_of
from app.evaluation.scorers.judge import scorer_of, stable_text
from storage.collections import Collections
from storage.datasets import Datasets
from storage.documents import Documents

JUDGE_PROMPT = "prompt of the judge"
"""Where the snapshot has what the judge is told."""
ELSEWHERE = "This experiment was run elsewhere: what is asked or judged here would not compare with that."
SCORED = "This experiment is being scored anew."
WAIT = "Wait for its end."


@dataclass(frozen=True)
class Wanted:
    """What a person chose for a new experiment; fields as in Experiment.

    ``reask`` tells whether what is not right is asked again to find its cause, ``judge`` who says what is
    right (None: "contains").
    """

    name: str
    dataset_id: str
    candidates: tuple[Candidate, ...]
    repeats: int = 1
    one_at_a_time: bool = False
    limit: Limit | None = None
    reask: bool = True
    judge: Candidate | None = None

    @property
    def everybody(self) -> tuple[Candidate, ...]:
        """Its candidates, and the judge where a model is one."""
        return with_judge(self.candidates, self.judge)


class Experimenting:
    """Runs belong to the process: no rerun, other page or closed tab ends one."""

    def __init__(
        self,
        rooms: Rooms,
        *,
        backend_of: Callable[[str], Backend],
        datasets: Datasets,
        collections: Collections,
        documents: Documents,
        worst: Worst,
    ) -> None:
        self._rooms = rooms
        self._backend_of = backend_of
        self._datasets = datasets
        self._collections = collections
        self._documents = documents
        self._worst = worst
        self._leaving = Leaving(collections.get, backend_of)
        self.measuring = Measuring(rooms, self._leaving.refuse)
        self._checking = Checking(rooms, self._leaving.refuse)
        self._runs: dict[str, Run] = {}
        self._scored: dict[str, str] = {}
        self._at_rest: tuple[Experiment, RunView] | None = None
        self._closing = False
        self._lock = threading.Lock()
        self._starting = threading.Lock()

    def start(self, wanted: Wanted) -> str:
        """Begin a new experiment; returns its id. Raises NotAllowed, NotFound and DatabaseTrouble."""
        dataset = self._datasets.get(wanted.dataset_id)
        self._refuse(wanted)
        cases = self._placeable(dataset, wanted.candidates)
        experiment = Experiment(
            id=str(ULID()),
            name=wanted.name.strip() or dataset.name,
            dataset_id=dataset.id,
            dataset_name=dataset.name,
            version=version_of(cases) if cases else dataset.version,
            candidates=tuple(self._rooms.answering.pinned(one) for one in wanted.candidates),
            repeats=wanted.repeats,
            cases=len(cases) or dataset.size,
            made_at=datetime.now(UTC),
            one_at_a_time=wanted.one_at_a_time,
            limit=wanted.limit,
            reask=wanted.reask,
            judge=self._rooms.answering.pinned(wanted.judge) if wanted.judge else None,
        )
        experiment = replace(experiment, snapshot=self._snapshot(experiment))
        # It runs from when its run begins: where that fails, it can be resumed.
        self._rooms.experiments.create(replace(experiment, state=ExperimentState.INTERRUPTED), cases)
        self._run(experiment, ())
        return experiment.id

    def _placeable(self, dataset: Dataset, candidates: Sequence[Candidate]) -> tuple[Case, ...]:
        """The cases whose right passage can be put in its place; none where no candidate asks for that.

        Raises NotAllowed where there is no such case, or where prompts of some length fit for none.
        """
        if not any(is_placed(one) for one in candidates):
            return ()
        check = self._checked(dataset, candidates)
        if check.left_out:
            raise NotAllowed(" ".join(check.left_out), FEWER)
        return check.cases

    def drift_check(self, dataset_id: str, candidates: Sequence[Candidate]) -> DriftCheck:
        """What of these candidates can be asked where right passages are put in a place.

        Raises NotFound, NotAllowed where nothing can, and AppError where it cannot be searched.
        """
        return self._checked(self._datasets.get(dataset_id), candidates)

    def _checked(self, dataset: Dataset, candidates: Sequence[Candidate]) -> DriftCheck:
        return self._checking.check(dataset.version, self._datasets.cases(dataset.version), candidates)

    def estimate(self, wanted: Wanted) -> Estimate:
        """What it will take, as far as earlier answers tell. Raises as ``drift_check``."""
        dataset, recorded = self._datasets.get(wanted.dataset_id), self._rooms.experiments.recorded
        cases = self._checked(dataset, wanted.candidates).cases
        answerable = [one for one in cases if not one.unanswerable]
        judging = None
        if wanted.judge is not None:
            most = len(answerable) * wanted.repeats * len(wanted.candidates)
            judging = JudgeWork(wanted.judge, recorded(wanted.judge, judging=True), most)
        traceable = sum(bool(one.gold) for one in answerable) if wanted.reask else 0
        found = estimate(
            wanted.candidates,
            [recorded(one) for one in wanted.candidates],
            len(cases) * wanted.repeats,
            self._rooms.places,
            one_at_a_time=wanted.one_at_a_time,
            judging=judging,
            reasks=[most_reasks(one, traceable, wanted.repeats) for one in wanted.candidates],
        )
        return replace(found, questions=len(cases))

    def unbilled(self, wanted: Wanted) -> bool:
        """Whether there is a limit, and no bill comes that it could stop."""
        limit = wanted.limit
        return limit is not None and all(
            self._worst(one, Case("?"), limit.currency) == 0 for one in wanted.everybody
        )

    def estimate_judging(self, experiment_id: str, judge: Candidate | None) -> Estimate:
        """What ``judge_again`` will take at most, as far as earlier judgements tell. Raises NotFound.

        What looking for causes may take beside it is in ``more``.
        """
        kept, judging = self._rooms.experiments, None
        experiment = kept.get(experiment_id)
        if judge is not None:
            judge = self._rooms.answering.pinned(judge)
            most = kept.unasked(experiment_id, scorer_of(judge))
            judging = JudgeWork(judge, kept.recorded(judge, judging=True), most)
        cases = self._datasets.cases(experiment.version) if experiment.reask else ()
        traceable = sum(bool(one.gold) and not one.unanswerable for one in cases)
        asked = [one for one in experiment.candidates if not one.imported]
        recorded, places = [kept.recorded(one) for one in asked], self._rooms.places
        reasks = [most_reasks(one, traceable, experiment.repeats) for one in asked]
        manner = experiment.one_at_a_time
        more = estimate(asked, recorded, 0, places, one_at_a_time=manner, judging=judging, reasks=reasks)
        own = estimate((), (), 0, places, one_at_a_time=manner, judging=judging)
        return replace(own, reasks=more.reasks, more=more.more)

    def measure(self, wanted: Wanted) -> None:
        """Begin a short probe of those of which nothing is recorded. Raises NotFound, NotAllowed."""
        cases = self._datasets.cases(self._datasets.get(wanted.dataset_id).version)
        recorded = self._rooms.experiments.recorded
        judge = wanted.judge
        known = judge is None or recorded(judge, judging=True).seconds is not None
        unknown = [one for one in wanted.candidates if recorded(one).seconds is None]
        self.measuring.start(cases, unknown, None if known else judge)

    def resume(self, experiment_id: str, again: Again = Again.NOTHING, limit: Limit | None = None) -> None:
        """Go on with what was not asked yet, with what is asked ``again``, and with looking for causes.

        ``limit`` takes the place of the one that was set, where one is given. Raises NotFound, and NotAllowed
        where it is running, or where its documents are not what they were.
        """
        with self._starting:
            self._refuse_asking(experiment_id)
            self._go_on(experiment_id, again, limit)

    def _go_on(self, experiment_id: str, again: Again, limit: Limit | None) -> None:
        self._save_left(experiment_id)
        experiment = self._rooms.experiments.get(experiment_id)
        self._refuse_leaving(experiment.candidates, experiment.judge)
        self._refuse_unpriced(experiment.everybody, limit)
        done = not_asked_again(experiment, self._rooms.experiments.trials(experiment_id), again)
        if sum(one.slot.candidate not in experiment.imported for one in done) < experiment.size:
            self._refuse_changed(experiment)
        if limit is not None:
            self._rooms.experiments.set_limit(experiment_id, limit)
        if (here := machine()) not in experiment.snapshot.values() and MACHINE in experiment.snapshot:
            since = f"{MACHINE} since {datetime.now(UTC).date()}"
            self._rooms.experiments.add_facts(experiment_id, {since: here})
        again_judged = again is Again.UNSCORED
        self._run(self._rooms.experiments.get(experiment_id), done, judge_again=again_judged)

    def judge_again(self, experiment_id: str, judge: Candidate | None) -> None:
        """Have the recorded answers judged by another judge, or (None) told by "contains" again.

        Nothing else is asked, but what causes take. What this judge said before still holds. Raises as
        ``resume``.
        """
        if judge is not None:
            # Before anybody else has to wait: a server may take its time.
            judge = self._rooms.answering.pinned(judge)
        with self._starting:
            self._refuse_asking(experiment_id)
            self._save_left(experiment_id)
            was = self._rooms.experiments.get(experiment_id)
            self._refuse_leaving(was.candidates, judge)
            self._refuse_unpriced(with_judge((), judge), was.limit)
            self._rooms.experiments.set_judge(experiment_id, judge, _with_prompt(was.snapshot, judge))
            self._only_tell(was)

    def trace(self, experiment_id: str, *, reask: bool | None = None) -> None:
        """Look for the causes of what is not right and lacks one; nothing that was never asked is asked.

        Also of an experiment that has finished: after marks or scores changed, or to ask again where that
        was switched off (``reask`` takes the place of what was set). Raises as ``resume``.
        """
        with self._starting:
            self._refuse_asking(experiment_id)
            self._save_left(experiment_id)
            was = self._rooms.experiments.get(experiment_id)
            self._refuse_leaving(was.candidates, was.judge)
            if reask is not None:
                self._rooms.experiments.set_reask(experiment_id, reask=reask)
            self._only_tell(was)

    def _only_tell(self, was: Experiment) -> None:
        """A run that asks for no answer that was never asked for; then it stands as it was."""
        self._run(self._rooms.experiments.get(was.id), self._rooms.experiments.trials(was.id), was)

    def stop(self, experiment_id: str) -> None:
        """End the run within seconds; what is done is kept. Nothing happens where it does not run."""
        with self._lock:
            run = self._runs.get(experiment_id)
        if run is not None:
            run.stop()
            self._rooms.worker.stop(experiment_id)

    def delete(self, experiment_id: str) -> None:
        """Delete it; its answers stay in the log.

        Raises NotFound, and NotAllowed where it is running, or being scored anew.
        """
        with self._starting:
            self._refuse_busy(experiment_id, "Stop it first.")
            self._rooms.experiments.delete(experiment_id)
            with self._lock:
                self._runs.pop(experiment_id, None)

    @contextmanager
    def alone(self, experiment_id: str, words: str = SCORED) -> Iterator[None]:
        """Meanwhile nobody else runs it, scores it anew or deletes it. Raises NotAllowed where one does.

        ``words`` tell others what is done.
        """
        with self._starting:
            self._refuse_busy(experiment_id, "Wait for its end, or stop it first.")
            self._scored[experiment_id] = words
        try:
            yield
        finally:
            with self._lock:
                self._scored.pop(experiment_id, None)

    def view(self, experiment_id: str, known: tuple[Experiment, Sequence[Trial]] | None = None) -> RunView:
        """The experiment as it stands, running or not. Raises NotFound.

        ``known`` are it and its answers, where the caller has just read them. While it is the same object, so
        is all that is told of one that does not run: a page is drawn anew at every click.
        """
        with self._lock:
            run = self._runs.get(experiment_id)
        if run is not None and not run.done.is_set():
            return run.view()
        if known is None:
            return self._resting(*self._rooms.experiments.with_trials(experiment_id))
        kept = self._at_rest
        if kept is None or kept[0] is not known[0]:
            self._at_rest = kept = known[0], self._resting(*known)
        return kept[1]

    def _resting(self, experiment: Experiment, trials: Sequence[Trial]) -> RunView:
        spend = self._rooms.experiments.spend(experiment.id)
        progress = tuple(progress_of(experiment, trials))
        judged = judge_progress(experiment, trials)
        elsewhere = self._rooms.experiments.imported(experiment.id)
        causes = cause_progress(trials)
        return RunView(experiment, progress, spend, causes=causes, judged=judged, elsewhere=elsewhere)

    def running(self) -> list[str]:
        """The ids of the experiments that run."""
        with self._lock:
            return [one for one, run in self._runs.items() if not run.done.is_set()]

    def close(self, seconds: float) -> bool:
        """End every run as interrupted and wait; False where one still runs after ``seconds``."""
        until = time.monotonic() + seconds
        self.measuring.stop()
        with self._lock:
            self._closing = True
            runs = dict(self._runs)
        for name, run in runs.items():
            run.stop(ExperimentState.INTERRUPTED, CLOSING)
            self._rooms.worker.stop(name)
        ended = all(run.done.wait(max(0.0, until - time.monotonic())) for run in runs.values())
        ended = self.measuring.close(max(0.0, until - time.monotonic())) and ended
        self._rooms.executor.shutdown(wait=False)
        return ended

    # ----------------------------------------------------------------- inside

    def _run(
        self,
        experiment: Experiment,
        kept: Sequence[Trial],
        was: Experiment | None = None,
        *,
        judge_again: bool = False,
    ) -> None:
        self._rooms.worker.allow(experiment.id)
        experiment = replace(experiment, state=ExperimentState.RUNNING, words="", ended_at=None)
        lines = {}
        if was is None:
            lines = lines_of(experiment, {one.slot for one in kept}, self._kinds(experiment))
        spent = self._rooms.experiments.spend(experiment.id)
        run = Run(
            self._rooms,
            experiment,
            cases=self._datasets.cases(experiment.version),
            lines=lines,
            progress=progress_of(experiment, kept),
            budget=Budget(experiment, spent, self._worst),
            was=was,
            judge_again=judge_again,
        )
        self._rooms.experiments.set_state(experiment.id, ExperimentState.RUNNING)
        with self._lock:
            if self._closing:
                raise NotAllowed("Assay is being closed.", "Resume it when Assay is open again.")
            # Of those that have ended only what could not be saved has to be kept.
            going = {name: one for name, one in self._runs.items() if not one.over}
            self._runs = going | {experiment.id: run}
            run.start()

    def _save_left(self, experiment_id: str) -> None:
        """What the run before could not save is saved first: it was paid for. Raises DatabaseTrouble."""
        with self._lock:
            run = self._runs.get(experiment_id)
        if run is not None:
            run.save_left()

    def _kinds(self, experiment: Experiment) -> dict[str, BackendKind]:
        return {one.name: one.kind for one in self._backends_of(experiment)}

    def _backends_of(self, experiment: Experiment) -> list[Backend]:
        """The backends that are there; the lanes of others say in their own words that they are not."""
        found: dict[str, Backend] = {}
        for candidate in experiment.everybody:
            try:
                found[candidate.backend] = self._backend_of(candidate.backend)
            except AppError:
                continue
        return list(found.values())

    def _snapshot(self, experiment: Experiment) -> dict[str, str]:
        collections = [self._collections.get(one) for one in collections_of(experiment)]
        counts = {one.id: len(self._documents.entries(one.id)) for one in collections}
        taken = snapshot_of(collections, counts, self._backends_of(experiment))
        return _with_prompt(taken, experiment.judge) | {
            revision_key(one.id): str(one.revision) for one in collections
        }

    def _refuse(self, wanted: Wanted) -> None:
        if not 1 <= len(wanted.candidates) <= MOST_CANDIDATES:
            raise NotAllowed(f"An experiment has between 1 and {MOST_CANDIDATES} candidates.")
        if not 1 <= wanted.repeats <= MOST_REPEATS:
            raise NotAllowed(f"Each question can be asked between 1 and {MOST_REPEATS} times.")
        if len({one.hash for one in wanted.candidates}) < len(wanted.candidates):
            raise NotAllowed("A candidate is there twice.", "Take one of them away, or change its options.")
        self._refuse_leaving(wanted.candidates, wanted.judge)
        self._refuse_unpriced(wanted.everybody, wanted.limit)

    def _refuse_unpriced(self, asked: Sequence[Candidate], limit: Limit | None) -> None:
        """Raise NotAllowed where a limit could not be kept."""
        if limit is None:
            return
        for candidate in asked:
            if self._worst(candidate, Case("?"), limit.currency) is None:
                raise NotAllowed(
                    f"No price in {limit.currency} is known for {candidate.model}: no limit could be kept.",
                    "Leave that candidate out, set the limit in the currency of its prices, or set none.",
                )

    def _refuse_leaving(self, candidates: Sequence[Candidate], judge: Candidate | None) -> None:
        """Raise NotAllowed where passages may not go where they would; answers, which hold some, neither."""
        for one in candidates:
            self._leaving.refuse(one)
            if judge is not None and one.retrieval is not None:
                try:
                    self._leaving.refuse(replace(judge, retrieval=one.retrieval))
                except NotAllowed as refused:
                    raise NotAllowed(
                        f"The judge would read answers made from passages. {refused.message}",
                        "Choose a judge on this machine, or agree to it for this collection.",
                    ) from None

    def _refuse_busy(self, experiment_id: str, remedy: str = "") -> None:
        with self._lock:
            scored, run = self._scored.get(experiment_id), self._runs.get(experiment_id)
        if scored:
            raise NotAllowed(scored, WAIT)
        if run is not None and not run.done.is_set():
            raise NotAllowed("This experiment is running already.", remedy)

    def _refuse_asking(self, experiment_id: str) -> None:
        """Nor is anything asked of one that was made on another machine: its answers would not compare."""
        self._refuse_busy(experiment_id)
        if self._rooms.experiments.imported(experiment_id):
            raise NotAllowed(ELSEWHERE, "Finish it where it was run, or start a new one with its questions.")

    def _refuse_changed(self, experiment: Experiment) -> None:
        for collection_id in collections_of(experiment):
            collection = self._collection(collection_id)
            if revision_of(experiment, collection_id) != str(collection.revision):
                raise NotAllowed(changed(collection.name))

    def _collection(self, collection_id: str) -> Collection:
        try:
            return self._collections.get(collection_id)
        except NotFound:
            raise NotAllowed("A collection of this experiment was deleted.", "Start a new one.") from None


def not_asked_again(experiment: Experiment, trials: Sequence[Trial], again: Again) -> list[Trial]:
    """What is not asked again: never what was recorded elsewhere."""
    return [one for one in trials if one.slot.candidate in experiment.imported or _stays(one, again)]


def _stays(trial: Trial, again: Again) -> bool:
    if again is Again.FAILED:
        return outcome_of(trial) is not Outcome.FAILED
    if again is Again.UNSCORED:
        # What the judge has not told, or could not tell, is for the judge; what a person looked at is told.
        return _is_told(trial) or not trial.told_by or unclear(trial)
    return True


def _is_told(trial: Trial) -> bool:
    return trial.right is not None or trial.judgement is not None


def _with_prompt(snapshot: Mapping[str, str], judge: Candidate | None) -> dict[str, str]:
    """With what this judge is told, and with nothing that another one was."""
    kept = {key: words for key, words in snapshot.items() if key != JUDGE_PROMPT}
    return kept | ({JUDGE_PROMPT: stable_text(judge)} if judge else {})
