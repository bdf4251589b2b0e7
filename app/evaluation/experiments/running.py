"""One run of an experiment: its coordinator, which alone reads and writes the database."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ulid import ULID

from app.answering.answering import Answering
from app.answering.ending import broken, failed, pending
from app.answering.lane import Lane
from app.answering.retrieving import Searching
from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    CandidateProgress,
    Case,
    Collection,
    Experiment,
    ExperimentState,
    FoundPassage,
    Judged,
    Latest,
    PosedCase,
    Question,
    Retrieval,
    RunView,
    Slot,
    Trial,
)
from app.errors import AppError, DatabaseTrouble
from app.evaluation.experiments.asking import AskTask, Worker, for_repeat
from app.evaluation.experiments.budget import Budget
from storage.experiments import Experiments, question_id

log = logging.getLogger(__name__)

FAILED_IN_A_ROW = 5
"""After so many failures of one candidate one after the other, asking on would only fail."""
RECENT = 60
"""So many answers tell how fast a run is just now."""
SHOWN = 5
"""So many of the last answers are told while it runs."""
BROKEN = "Something went wrong inside Assay; its log says more. What was answered is kept."
CLOSING = "Assay was closed before all questions were asked."
Judging = Callable[[PosedCase, Answer], Judged]


@dataclass(frozen=True)
class Rooms:
    """What a run needs of the house. ``places`` tells how many answers a backend makes at once."""

    experiments: Experiments
    searching: Searching
    answering: Answering
    executor: Executor
    worker: Worker
    judge: Judging
    places: Callable[[str], int]
    collection: Callable[[str], Collection]
    pose: Callable[[str, Sequence[Case]], Sequence[PosedCase]]


class Run:
    """Sees an experiment through on a thread of its own, until all is asked or something ends it."""

    def __init__(
        self,
        rooms: Rooms,
        experiment: Experiment,
        *,
        cases: Sequence[Case],
        lines: dict[str, deque[Slot]],
        progress: Sequence[CandidateProgress],
        budget: Budget,
    ) -> None:
        """``lines`` are what is left to ask, by backend; ``progress`` is what there is already.

        Raises NotFound for a collection that is gone.
        """
        self.experiment = experiment
        self.done = threading.Event()
        self._rooms = rooms
        self._cases = cases
        self._lines = lines
        self._progress = list(progress)
        self._budget = budget
        self._revisions = {one: rooms.collection(one).revision for one in collections_of(experiment)}
        self._posed: dict[str, Sequence[PosedCase]] = {}
        self._results: queue.SimpleQueue[tuple[Slot, Future[Answer]] | None] = queue.SimpleQueue()
        self._flying: dict[Slot, str] = {}
        self._found: dict[tuple[Retrieval, int], tuple[FoundPassage, ...]] = {}
        self._in_a_row: Counter[int] = Counter()
        self._ends: deque[float] = deque(maxlen=RECENT)
        self._latest: deque[Latest] = deque(maxlen=SHOWN)
        self._end: tuple[ExperimentState, str] | None = None
        self._unsaved: list[tuple[Slot, Judged, bool]] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name=f"experiment-{experiment.id}", daemon=True)

    # ----------------------------------------------------------------- from any thread

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, state: ExperimentState = ExperimentState.STOPPED, words: str = "") -> None:
        """Begin nothing more. What is being asked must be broken off by whoever asks it."""
        with self._lock:
            self._end = self._end or (state, words)
        self._results.put(None)

    def view(self) -> RunView:
        """The run as it stands now."""
        with self._lock:
            left = sum(len(line) for line in self._lines.values()) + len(self._flying)
            return RunView(
                experiment=self.experiment,
                progress=tuple(self._progress),
                spend=self._budget.spend,
                asking=len(self._flying),
                seconds_left=self._seconds_for(left),
                busy=not self.done.is_set(),
                stopping=self._end is not None,
                latest=tuple(self._latest),
            )

    @property
    def unsaved(self) -> int:
        """How many answers could not be written to the database."""
        with self._lock:
            return len(self._unsaved)

    # ----------------------------------------------------------------- the coordinator

    def _work(self) -> None:
        try:
            self._ask_all()
        except AppError as error:
            self.stop(words=str(error))
            self._drain()
        finally:
            if self._flying or any(self._lines.values()):
                self.stop(words=BROKEN)
            self._close()
            self.done.set()

    def _ask_all(self) -> None:
        self._posed = {one: self._rooms.pose(one, self._cases) for one in self._revisions}
        self._fill()
        while self._flying:
            self._take_next()
            self._fill()

    def _drain(self) -> None:
        """Wait for what is being made."""
        while self._flying:
            self._take_next()

    def _take_next(self) -> None:
        result = self._results.get()
        if result is not None:
            self._take(*result)

    def _close(self) -> None:
        state, words = self._end or (ExperimentState.FINISHED, "")
        try:
            self._save_again()
            self._rooms.experiments.set_state(self.experiment.id, state, words)
        except DatabaseTrouble as error:
            log.error("the end of an experiment was not saved: %s", error.message)  # noqa: TRY400 - in words

    def _fill(self) -> None:
        """Begin as many answers as have a place."""
        for backend, line in self._lines.items():
            while line and self._has_place(backend) and self._may_begin(line[0]):
                self._begin(backend, line)

    def _has_place(self, backend: str) -> bool:
        if self.experiment.one_at_a_time:
            return not self._flying
        taken = sum(one == backend for one in self._flying.values())
        return taken < self._rooms.places(backend)

    def _may_begin(self, slot: Slot) -> bool:
        """Not after the end, not over changed documents, and not where the limit could be passed."""
        candidate = self._candidate(slot)
        if candidate.retrieval is not None:
            collection = self._rooms.collection(candidate.retrieval.collection_id)
            if collection.revision != self._revisions[collection.id]:
                self.stop(words=changed(collection.name))
        if self._end is not None:
            return False
        words = self._budget.refusal(slot, candidate, self._cases[slot.case])
        # What is being made now may cost less than was kept back for it: only then it is the end.
        if words and not self._flying:
            self.stop(ExperimentState.AT_LIMIT, words)
        return not words

    def _begin(self, backend: str, line: deque[Slot]) -> None:
        with self._lock:
            slot = line.popleft()
            self._flying[slot] = backend
        candidate, case = self._candidate(slot), self._cases[slot.case]
        answer_id, question = str(ULID()), question_id(self.experiment.id, slot.case)
        try:
            passages = self._passages(candidate.retrieval, slot.case)
        except AppError as error:
            answer = pending(question, 0, candidate, answer_id)
            future: Future[Answer] = Future()
            future.set_result(failed(answer, Lane(answer).heard(), error, 0))
            self._results.put((slot, future))
            return
        self._submit(
            slot, AskTask(self.experiment.id, answer_id, question, case.question, candidate, passages)
        )

    def _candidate(self, slot: Slot) -> Candidate:
        return for_repeat(self.experiment.candidates[slot.candidate], slot.repeat)

    def _submit(self, slot: Slot, task: AskTask) -> None:
        future = self._rooms.executor.submit(self._rooms.worker, task)
        future.add_done_callback(lambda ended: self._results.put((slot, ended)))

    def _passages(self, retrieval: Retrieval | None, case: int) -> tuple[FoundPassage, ...]:
        """One search for all candidates that share it. Raises AppError."""
        if retrieval is None:
            return ()
        found = self._found.get((retrieval, case))
        if found is None:
            query = self._cases[case].question
            found = tuple(self._rooms.searching.search(retrieval.collection_id, query, retrieval.k))
            self._found[retrieval, case] = found
        return found

    def _take(self, slot: Slot, future: Future[Answer]) -> None:
        """Price, judge and commit one answer."""
        candidate = self._candidate(slot)
        error = future.exception()
        if error is None:
            answer = future.result()
        else:
            # A lost task: whatever broke there, the answer says so and can be asked again.
            log.error("a task of an experiment was lost: %s", type(error).__name__)
            empty = pending(question_id(self.experiment.id, slot.case), 0, candidate)
            answer = broken(empty, Lane(empty).heard())
        answer = self._rooms.answering.priced(answer)
        judged = self._rooms.judge(self._posed_case(candidate, slot.case), answer)
        broken_off = self._end is not None and answer.state is AnswerState.STOPPED
        counts = not (self._other_weights(slot, answer) or broken_off)
        self._commit(slot, judged, counts=counts)
        self._watch(slot, judged, counts=counts)

    def _posed_case(self, candidate: Candidate, case: int) -> PosedCase:
        if candidate.retrieval is None:
            return PosedCase(self._cases[case])
        return self._posed[candidate.retrieval.collection_id][case]

    def _commit(self, slot: Slot, judged: Judged, *, counts: bool) -> None:
        try:
            self._save(slot, judged, counts=counts)
        except DatabaseTrouble as error:
            with self._lock:
                self._unsaved.append((slot, judged, counts))
            self.stop(words=f"{error.message} {error.remedy}".strip())

    def _save(self, slot: Slot, judged: Judged, *, counts: bool) -> None:
        case = self._cases[slot.case]
        question = Question(
            id=question_id(self.experiment.id, slot.case),
            text=case.question,
            standalone=case.question,
            conversation_id=self.experiment.id,
            collection_id="",
            only_documents=(),
            asked_at=datetime.now(UTC),
        )
        self._rooms.experiments.commit(self.experiment.id, slot, question, judged, counts=counts)

    def _save_again(self) -> None:
        with self._lock:
            left, self._unsaved = self._unsaved, []
        for place, (slot, judged, counts) in enumerate(left):
            try:
                self._save(slot, judged, counts=counts)
            except DatabaseTrouble:
                with self._lock:
                    self._unsaved = left[place:]
                raise

    def _watch(self, slot: Slot, judged: Judged, *, counts: bool) -> None:
        """Count the answer, and end the run where one candidate does nothing but fail."""
        answer = judged.answer
        bad = answer.state is AnswerState.FAILED
        with self._lock:
            del self._flying[slot]
            self._budget.settle(slot, answer)
            self._ends.append(time.monotonic())
            if counts:
                was = self._progress[slot.candidate]
                unscored = was.unscored + (judged.right is None)
                self._progress[slot.candidate] = replace(
                    was, done=was.done + 1, failed=was.failed + bad, unscored=unscored
                )
                question = self._cases[slot.case].question
                self._latest.appendleft(Latest(slot.candidate, question, answer.state, judged.right))
        self._in_a_row[slot.candidate] = self._in_a_row[slot.candidate] + 1 if bad else 0
        if self._in_a_row[slot.candidate] >= FAILED_IN_A_ROW:
            label = self.experiment.candidates[slot.candidate].label
            why = f"{answer.error} {answer.remedy}".strip()
            self.stop(words=f"{label} failed {FAILED_IN_A_ROW} times in a row: {why}")

    def _other_weights(self, slot: Slot, answer: Answer) -> bool:
        """Whether the model was replaced under its name: answers of two digests are never merged."""
        planned, now = self.experiment.candidates[slot.candidate].digest, answer.candidate.digest
        other = bool(planned and now) and planned != now
        if other:
            words = f"{answer.candidate.model} was replaced by another version of it."
            self.stop(words=f"{words} Start a new experiment with that.")
        return other

    def _seconds_for(self, answers: int) -> float | None:
        if len(self._ends) < 2 or self._ends[-1] <= self._ends[0]:
            return None
        return answers * (self._ends[-1] - self._ends[0]) / (len(self._ends) - 1)


def changed(name: str) -> str:
    """Why a run over a collection ends, or cannot go on."""
    return (
        f"The documents of “{name}” were changed since the experiment began, so its remaining answers could "
        "not be compared with those there are. Start a new experiment."
    )


def collections_of(experiment: Experiment) -> list[str]:
    """The collections that its candidates search, each once."""
    found = (one.retrieval.collection_id for one in experiment.candidates if one.retrieval is not None)
    return list(dict.fromkeys(found))


def progress_of(experiment: Experiment, trials: Sequence[Trial]) -> list[CandidateProgress]:
    """How far each candidate is."""
    done = Counter(one.slot.candidate for one in trials)
    bad = Counter(one.slot.candidate for one in trials if one.state is AnswerState.FAILED)
    unscored = Counter(one.slot.candidate for one in trials if one.right is None)
    each = experiment.cases * experiment.repeats
    return [CandidateProgress(done[i], bad[i], each, unscored[i]) for i in range(len(experiment.candidates))]
