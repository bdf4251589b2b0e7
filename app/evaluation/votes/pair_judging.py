"""Asking a judge about pairs, in the background: both ways, logged and paid for like other rulings."""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from ulid import ULID

from app.answering.leaving import Leaving
from app.backends.base import Backend
from app.domain import Answer, AnswerState, Candidate, Case, Estimate, Experiment, PairView, Slot
from app.errors import AppError, DatabaseTrouble, NotAllowed
from app.evaluation.experiments.asking import PairTask
from app.evaluation.experiments.budget import Budget, Worst
from app.evaluation.experiments.estimating import JudgeWork, estimate
from app.evaluation.experiments.pieces import Piece
from app.evaluation.experiments.running import Rooms
from app.evaluation.votes.pair_judge import PREFIX, prompt_for, question_of, ruling_of, scorer_of
from app.evaluation.votes.pairs import AnswerPair
from app.evaluation.votes.polling import Polling
from storage.datasets import Datasets
from storage.experiments import question_id
from storage.votes import Votes

log = logging.getLogger(__name__)

FAILED_IN_A_ROW = 5
"""After so many failures one after the other, asking on would only fail."""
MOST_PAIRS = 2000
JUDGING = "Pairs of this experiment are being judged."
Alone = Callable[[str, str], AbstractContextManager[None]]
LOST = "Something went wrong inside Assay; its log says more. What was judged is kept."


@dataclass(frozen=True)
class _Ask:
    """One question to the judge: the pair as it is shown, first and second. ``number`` counts from 0."""

    pair: AnswerPair
    turned: bool
    number: int = 0

    @property
    def ids(self) -> tuple[str, str]:
        """Of the answer that stands first, and of the other."""
        first, second = self.pair.key
        return (second, first) if self.turned else (first, second)

    @property
    def piece(self) -> Piece:
        """What the budget keeps money back for."""
        one = self.pair.first
        return Piece(Slot(one.candidate, one.case, 0), number=self.number, judges=True)


class PairJudging:
    """Judges of pairs at work, at most one for each experiment."""

    def __init__(
        self,
        rooms: Rooms,
        *,
        datasets: Datasets,
        votes: Votes,
        polling: Polling,
        backend_of: Callable[[str], Backend],
        alone: Alone,
        worst: Worst,
    ) -> None:
        """``alone`` keeps everybody else from an experiment, or raises NotAllowed.

        ``worst`` is for its spending limit.
        """
        self._rooms = rooms
        self._datasets = datasets
        self._votes = votes
        self._polling = polling
        self._leaving = Leaving(rooms.collection, backend_of)
        self._alone = alone
        self._worst = worst
        self._works: dict[str, _Work] = {}
        self._closing = False
        self._lock = threading.Lock()

    def start(self, experiment_id: str, judge: Candidate, pairs: int) -> None:
        """Begin to have so many pairs judged both ways: first those with votes, then others by chance.

        What this judge said before holds. It ends before the experiment's spending limit is passed. Raises
        NotFound, NotAllowed and DatabaseTrouble.
        """
        experiment = self._rooms.experiments.get(experiment_id)
        self._refuse(experiment, judge, pairs)
        judge = self._rooms.answering.pinned(judge)
        asks = self._asks(experiment, judge, min(pairs, MOST_PAIRS))
        if not asks:
            raise NotAllowed("This judge was asked about so many pairs already.", "Choose more pairs.")
        cases = self._datasets.cases(experiment.version)
        work = _Work(
            self._rooms,
            self._votes,
            experiment=experiment,
            judge=judge,
            cases=cases,
            asks=asks,
            alone=self._alone,
            budget=Budget(experiment, self._rooms.experiments.spend(experiment_id), self._worst),
        )
        with self._lock:
            now = self._works.get(experiment_id)
            if self._closing or (now is not None and now.view.busy):
                raise NotAllowed("A judge is reading pairs of this experiment already.", "Wait for its end.")
            self._works[experiment_id] = work
        work.start()

    def estimate(self, experiment_id: str, judge: Candidate, pairs: int) -> Estimate:
        """What ``start`` will take, as far as earlier pairs tell, each both ways. Raises NotFound."""
        judge = self._rooms.answering.pinned(judge)
        asks = self._asks(self._rooms.experiments.get(experiment_id), judge, min(pairs, MOST_PAIRS))
        work = JudgeWork(judge, self._rooms.experiments.recorded(judge, judging=True), len(asks))
        return estimate((), (), 0, self._rooms.places, one_at_a_time=False, judging=work)

    def view(self, experiment_id: str) -> PairView | None:
        """How far it is; None where nothing was begun since the start."""
        with self._lock:
            work = self._works.get(experiment_id)
        return work.view if work else None

    def stop(self, experiment_id: str = "") -> None:
        """End the judging of an experiment, or ("") all of it; what was said is kept."""
        with self._lock:
            works = [one for name, one in self._works.items() if experiment_id in {"", name}]
            self._closing = self._closing or not experiment_id
        for one in works:
            one.stop()

    def close(self, seconds: float) -> bool:
        """Wait for what was stopped; False where it still runs."""
        with self._lock:
            works = list(self._works.values())
        return all(one.wait(seconds) for one in works)

    def _asks(self, experiment: Experiment, judge: Candidate, most: int) -> list[_Ask]:
        voted = {(one.vote.first, one.vote.second) for one in self._votes.of_experiment(experiment.id)}
        pairs = sorted(self._polling.pairs(experiment.id).pairs, key=lambda one: one.key not in voted)[:most]
        rulings = (ruling_of(*one) for one in self._votes.pair_rulings(experiment.id, PREFIX))
        known = {
            (one.left, one.right) for one in rulings if one.judge == judge.hash and one.preferred is not None
        }
        both = [_Ask(pair, turned) for pair in pairs for turned in (False, True)]
        left = (one for one in both if one.ids not in known)
        return [replace(one, number=number) for number, one in enumerate(left)]

    def _refuse(self, experiment: Experiment, judge: Candidate, pairs: int) -> None:
        if pairs < 1:
            raise NotAllowed("At least one pair has to be judged.")
        if self._rooms.experiments.imported(experiment.id):
            raise NotAllowed("This experiment was run elsewhere: nothing of it is judged here.")
        for one in experiment.candidates:
            if one.retrieval is not None:
                try:
                    self._leaving.refuse(replace(judge, retrieval=one.retrieval))
                except NotAllowed as refused:
                    raise NotAllowed(
                        f"The judge would read answers made from passages. {refused.message}",
                        "Choose a judge on this machine, or agree to it for this collection.",
                    ) from None


class _Work:
    """One judging: its coordinator alone writes."""

    def __init__(
        self,
        rooms: Rooms,
        votes: Votes,
        *,
        experiment: Experiment,
        judge: Candidate,
        cases: Sequence[Case],
        asks: Sequence[_Ask],
        alone: Alone,
        budget: Budget,
    ) -> None:
        self._budget = budget
        self._rooms = rooms
        self._votes = votes
        self._experiment = experiment
        self._judge = judge
        self._cases = cases
        self._left = deque(asks)
        self._alone = alone
        # Of its own, so that to stop it stops no run of the experiment, nor keeps one from going on.
        self._run = f"{experiment.id} pairs"
        self._stopped = threading.Event()
        self._done = threading.Event()
        self._results: queue.SimpleQueue[tuple[_Ask, Future[Answer]]] = queue.SimpleQueue()
        self.view = PairView(0, len(asks), busy=True)
        self._thread = threading.Thread(target=self._work, name=f"pairs-{experiment.id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._rooms.worker.allow(self._run)
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more, and break off what is asked."""
        self._stopped.set()
        self._rooms.worker.stop(self._run)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds."""
        return self._done.wait(seconds)

    def _work(self) -> None:
        words = LOST
        try:
            with self._alone(self._experiment.id, JUDGING):
                words = self._all()
        except AppError as error:
            words = str(error)
        finally:
            self.view = replace(self.view, busy=False, words=words)
            self._done.set()

    def _all(self) -> str:
        """Why it ended early, in words. Raises DatabaseTrouble."""
        flying, failed, words = 0, 0, ""
        places = self._rooms.places(self._judge.backend)
        while flying or (self._left and not self._over(words)):
            while self._left and flying < places and not self._over(words):
                words = self._submit(self._left[0])
                if not words:
                    self._left.popleft()
                    flying += 1
            if not flying:
                break
            answer, saved = self._take(*self._results.get())
            flying -= 1
            words = words or saved
            failed = failed + 1 if answer.state is AnswerState.FAILED else 0
            if failed >= FAILED_IN_A_ROW:
                why = f"{answer.error} {answer.remedy}".strip()
                words = words or f"The judge failed {FAILED_IN_A_ROW} times in a row: {why}"
        return words or ("It was stopped; what was said is kept." if self._stopped.is_set() else "")

    def _over(self, words: str) -> bool:
        return bool(words) or self._stopped.is_set()

    def _submit(self, ask: _Ask) -> str:
        """Ask it; or in words why the spending limit forbids that."""
        texts: Mapping[str, str] = {one.answer_id: one.text for one in (ask.pair.first, ask.pair.second)}
        first, second = ask.ids
        question = question_of(self._cases[ask.pair.first.case], texts[first], texts[second])
        # All that is sent counts as the question, since the judge is told more than others are.
        sent = prompt_for(self._judge, question, sys.maxsize, lambda _messages: 0).rendered()
        refusal = self._budget.refusal(ask.piece, self._judge, Case("\n".join(one.content for one in sent)))
        if refusal:
            return f"{refusal} What was said is kept."
        task = PairTask(
            self._run,
            str(ULID()),
            question_id(self._experiment.id, ask.pair.first.case),
            question,
            self._judge,
        )
        future = self._rooms.executor.submit(self._rooms.worker, task)
        future.add_done_callback(lambda ended: self._results.put((ask, ended)))
        return ""

    def _take(self, ask: _Ask, future: Future[Answer]) -> tuple[Answer, str]:
        """Log what was said; with why it could not be, in words."""
        answer = self._rooms.answering.priced(future.result())
        self._budget.settle(ask.piece, answer)
        first, second = ask.ids
        try:
            self._votes.commit_ruling(first, scorer_of(self._judge.hash, second), answer)
        except DatabaseTrouble as error:
            log.error("a judgement of a pair was not saved: %s", error.message)  # noqa: TRY400 - in words
            return answer, f"{error.message} {error.remedy}".strip()
        self.view = replace(self.view, done=self.view.done + 1)
        return answer, ""
