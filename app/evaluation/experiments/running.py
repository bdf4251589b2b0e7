"""One run of an experiment: its coordinator, which alone reads and writes the database.

It asks all there is to ask, has it judged where a judge was chosen, and then looks for the causes of what is
not right, which may take asking again.

Answers are measured here too, and not by a task as DESIGN ("Long work") has it. That takes about 22 ms of the
processor for one with documents (and of the one interpreter: four threads measured 1.1 to 1.5 times as many a
second as one), so that more than some 40 answers a second, of all backends together, would wait here.
``judging.Judging`` takes plain data and touches no database, so it can go into the task once an executor on
other machines takes the place of the threads.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

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
    CauseProgress,
    Collection,
    Experiment,
    ExperimentState,
    FoundPassage,
    Judged,
    JudgeProgress,
    Latest,
    Outcome,
    PosedCase,
    Question,
    Retrieval,
    RunPhase,
    RunView,
    Slot,
    Trial,
    outcome_of,
)
from app.errors import AppError, DatabaseTrouble, NotFound
from app.evaluation.experiments.asking import AskTask, Task, Worker
from app.evaluation.experiments.budget import Budget
from app.evaluation.experiments.causing import Causes, untold
from app.evaluation.experiments.drift import Placing
from app.evaluation.experiments.pieces import Piece, asked_as
from app.evaluation.experiments.ruling import Rulings, unjudged
from app.evaluation.experiments.tracing import CollectionSearch
from app.evaluation.judging import by_judge
from storage.experiments import INTERRUPTED, Experiments, question_id

log = logging.getLogger(__name__)

FAILED_IN_A_ROW = 5
"""After so many failures of one candidate one after the other, asking on would only fail."""
RECENT = 60
"""So many answers tell how fast a run is just now."""
SHOWN = 5
"""So many of the last answers are told while it runs."""
BROKEN = "Something went wrong inside Assay; its log says more. What was answered is kept."
CLOSING = INTERRUPTED
TOLD = frozenset({AnswerState.COMPLETE, AnswerState.CUT_SHORT})
"""How a re-asking must end to tell anything."""
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
    pose: Callable[[str, Sequence[Case]], Iterable[PosedCase]]
    search: Callable[[Collection], CollectionSearch]
    placing: Placing


class Run:
    """Sees an experiment through on a thread of its own, until all is asked or something ends it."""

    def __init__(
        self,
        rooms: Rooms,
        experiment: Experiment,
        *,
        cases: Sequence[Case],
        lines: dict[str, deque[Piece]],
        progress: Sequence[CandidateProgress],
        budget: Budget,
        was: Experiment | None = None,
        judge_again: bool = False,
    ) -> None:
        """``lines`` are what is left to ask, by backend; ``progress`` is what there is already.

        ``was``: nothing is asked but the judge, and what causes take; then the experiment stands again as it
        was. ``judge_again``: what the judge could not tell is put to it once more.
        """
        self.experiment = experiment
        self.done = threading.Event()
        self._rooms = rooms
        self._cases = cases
        self._lines = lines
        self._was = was
        self._judge_again = judge_again
        self._rulings: Rulings | None = None
        self._causes: Causes | None = None
        self._progress = list(progress)
        self._budget = budget
        self._posed: dict[str, Sequence[PosedCase]] = {}
        self._results: queue.SimpleQueue[tuple[Piece, Future[Answer]] | None] = queue.SimpleQueue()
        self._flying: dict[Piece, str] = {}
        self._found: dict[tuple[Retrieval, int], tuple[FoundPassage, ...]] = {}
        self._in_a_row: Counter[int] = Counter()
        self._ends: deque[float] = deque(maxlen=RECENT)
        self._latest: deque[Latest] = deque(maxlen=SHOWN)
        self._end: tuple[ExperimentState, str] | None = None
        self._unsaved: list[Callable[[], None]] = []
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
            causes, rulings = self._causes, self._rulings
            left = sum(len(line) for line in self._lines.values()) + len(self._flying)
            return RunView(
                experiment=self.experiment,
                progress=tuple(self._progress),
                spend=self._budget.spend,
                asking=len(self._flying),
                seconds_left=self._seconds_for(causes.most_left if causes else left),
                busy=not self.done.is_set(),
                stopping=self._end is not None,
                phase=self._phase(),
                causes=causes.progress if causes else CauseProgress(),
                latest=tuple(self._latest),
                judged=rulings.progress if rulings else JudgeProgress(),
            )

    def _phase(self) -> RunPhase:
        if self._causes is not None:
            return RunPhase.LOOKING
        return RunPhase.JUDGING if self._rulings else RunPhase.ASKING

    @property
    def over(self) -> bool:
        """Whether it has ended, with everything in the database."""
        with self._lock:
            return self.done.is_set() and not self._unsaved

    def save_left(self) -> None:
        """Once it has ended: write what could not be written then. Raises DatabaseTrouble."""
        self._save_again()

    # ----------------------------------------------------------------- the coordinator

    def _work(self) -> None:
        words = BROKEN
        try:
            if self._was is None:
                self._ask_all()
            self._judge_all()
            self._find_causes()
            words = ""
        except AppError as error:
            words = str(error)
        finally:
            if words:
                self.stop(words=words)
            try:
                self._drain()
            finally:
                self._close()
                self.done.set()

    def _ask_all(self) -> None:
        self._locate()
        self._work_off()

    def _locate(self) -> None:
        """Where the gold text stands in each collection; that may take a while, so an end is heard."""
        for name in collections_of(self.experiment):
            found: list[PosedCase] = []
            for one in () if name in self._posed else self._rooms.pose(name, self._cases):
                if self._end is not None:
                    return
                found.append(one)
            self._posed.setdefault(name, found)

    def _work_off(self) -> None:
        self._fill()
        while self._flying:
            self._take_next()
            self._fill()

    def _judge_all(self) -> None:
        """Raises DatabaseTrouble."""
        if self._end is not None or (self.experiment.judge is None and self._was is None):
            return
        experiments, name = self._rooms.experiments, self.experiment.id
        again = self._judge_again
        rulings = Rulings(experiments, self.experiment, experiments.trials(name), self._cases, again=again)
        with self._lock:
            self._rulings, self._lines = rulings, rulings.lines
            self._ends.clear()
        rulings.look(lambda: self._end is not None)
        progress = progress_of(self.experiment, experiments.trials(name), rulings.waiting)
        with self._lock:
            self._progress = progress
        self._work_off()

    def _find_causes(self) -> None:
        """Raises AppError."""
        trials = self._rooms.experiments.trials(self.experiment.id) if self._end is None else []
        if untold(self.experiment, trials):
            self._locate()
        if self._end is not None:
            return
        causes = Causes(
            self._rooms.experiments,
            self.experiment,
            trials,
            pose=self._posed_case,
            search=lambda one: self._rooms.search(self._rooms.collection(one)),
            unusable=self._unusable,
        )
        with self._lock:
            self._causes, self._lines = causes, causes.lines
            self._ends.clear()
        causes.look(lambda: self._end is not None)
        self._work_off()

    def _unusable(self, collection_id: str) -> str:
        """Why a collection tells nothing about this experiment any more; "" where it does."""
        try:
            collection = self._rooms.collection(collection_id)
        except NotFound as error:
            return error.message
        same = revision_of(self.experiment, collection_id) == str(collection.revision)
        return "" if same else changed(collection.name)

    def _drain(self) -> None:
        """Wait for what is being made: it is paid for, whatever ended the run."""
        while self._flying:
            try:
                self._take_next()
            except AppError as error:
                log.error("after the end of a run: %s", error)  # noqa: TRY400 - told in words

    def _take_next(self) -> None:
        result = self._results.get()
        if result is None:
            return
        try:
            self._take(*result)
        finally:
            # Whatever went wrong with it, nobody may wait for it any more.
            with self._lock:
                self._flying.pop(result[0], None)

    def _close(self) -> None:
        state, words = self._last()
        try:
            self._save_again()
            self._rooms.experiments.set_state(self.experiment.id, state, words)
        except DatabaseTrouble as error:
            log.error("the end of an experiment was not saved: %s", error.message)  # noqa: TRY400 - in words

    def _last(self) -> tuple[ExperimentState, str]:
        """How the experiment stands when the run has ended."""
        told = self._causes.words if self._causes else ""
        if self._was is not None:
            words = self._end[1] if self._end else told
            all_there = all(one.done == one.of and not one.unjudged for one in self._progress)
            finished = self._was.state is ExperimentState.FINISHED
            # At the limit it must be told so, or nobody could raise it.
            kept = self._end is None or (finished and self._end[0] is not ExperimentState.AT_LIMIT)
            if all_there and kept:
                return ExperimentState.FINISHED, words
            return self._end or (self._was.state, self._was.words)
        if self._end is None or self._all_told():
            return ExperimentState.FINISHED, told
        return self._end

    def _all_told(self) -> bool:
        """Whether the end came when there was nothing left: then nobody could go on with it."""
        causes = self._causes.progress if self._causes else None
        all_there = all(one.done == one.of and not one.unjudged for one in self._progress)
        return all_there and causes is not None and causes.found == causes.of

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

    def _may_begin(self, piece: Piece) -> bool:
        """Not after the end, not over changed documents, and not where the limit could be passed."""
        candidate = asked_as(self.experiment, piece)
        if candidate.retrieval is not None:
            collection = self._rooms.collection(candidate.retrieval.collection_id)
            if str(collection.revision) != revision_of(self.experiment, collection.id):
                self.stop(words=changed(collection.name))
        if self._end is not None:
            return False
        words = self._budget.refusal(piece, candidate, self._sent(piece))
        # What is being made now may cost less than was kept back for it: only then it is the end.
        if words and not self._flying:
            self.stop(ExperimentState.AT_LIMIT, words)
        return not words

    def _sent(self, piece: Piece) -> Case:
        """The case with all that is sent for it beside passages, whose length tells the most it can cost."""
        case = self._cases[piece.slot.case]
        if not piece.judges or self._rulings is None or self.experiment.limit is None:
            return case
        return replace(case, question=self._rulings.question(piece))

    def _begin(self, backend: str, line: deque[Piece]) -> None:
        piece = line[0]
        candidate, case = asked_as(self.experiment, piece), self._cases[piece.slot.case]
        answer_id, question = str(ULID()), question_id(self.experiment.id, piece.slot.case)
        # Before it is in flight: whatever raises here, nobody would wait for it in vain.
        if piece.judges and self._rulings is not None:
            self._submit(piece, self._rulings.task(piece, answer_id, question))
        else:
            self._ask(piece, candidate, case, answer_id, question)
        with self._lock:
            line.popleft()
            self._flying[piece] = backend

    def _ask(self, piece: Piece, candidate: Candidate, case: Case, answer_id: str, question: str) -> None:
        try:
            passages = self._passages(piece, candidate.retrieval)
        except AppError as error:
            answer = pending(question, 0, candidate, answer_id)
            future: Future[Answer] = Future()
            future.set_result(failed(answer, Lane(answer).heard(), error, 0))
            self._results.put((piece, future))
            return
        self._submit(
            piece, AskTask(self.experiment.id, answer_id, question, case.question, candidate, passages)
        )

    def _submit(self, piece: Piece, task: Task) -> None:
        future = self._rooms.executor.submit(self._rooms.worker, task)
        future.add_done_callback(lambda ended: self._results.put((piece, ended)))

    def _passages(self, piece: Piece, retrieval: Retrieval | None) -> tuple[FoundPassage, ...]:
        """One search for all candidates that share it. Raises AppError."""
        if self._causes is not None:
            return self._causes.passages(piece)
        if retrieval is None:
            return ()
        case = piece.slot.case
        found = self._found.get((retrieval, case))
        if found is None:
            found = self._found[retrieval, case] = self._search(retrieval, case)
        return found

    def _search(self, retrieval: Retrieval, case: int) -> tuple[FoundPassage, ...]:
        if retrieval.gold_at is not None:
            return self._rooms.placing.passages(retrieval, self._posed_case(retrieval, case))
        query = self._cases[case].question
        return tuple(self._rooms.searching.search(retrieval.collection_id, query, retrieval.k))

    def _take(self, piece: Piece, future: Future[Answer]) -> None:
        """Price, score and commit one answer; or what the judge says of one."""
        answer = self._rooms.answering.priced(self._made(piece, future))
        broken_off = self._end is not None and answer.state is AnswerState.STOPPED
        counts = not (self._other_weights(piece, answer) or broken_off)
        if piece.judges and self._rulings is not None:
            judged, save = self._rulings.take(piece, answer, counts=counts)
        else:
            judged = self._scored(piece, answer)
            save = self._saving(piece, judged, counts=counts)
        self._commit(save)
        self._landed(piece, answer)
        if counts and judged is not None and piece.kind is None:
            self._count(piece, judged)
        if self._causes is not None and piece.kind is not None:
            self._tell(self._causes, piece, judged)

    def _made(self, piece: Piece, future: Future[Answer]) -> Answer:
        error = future.exception()
        if error is None:
            return future.result()
        # A lost task: whatever broke there, the answer says so and can be asked again.
        log.error("a task of an experiment was lost: %s", type(error).__name__)
        candidate = asked_as(self.experiment, piece)
        empty = pending(question_id(self.experiment.id, piece.slot.case), 0, candidate)
        # Whether it was sent nobody knows any more; the limit takes it for that.
        return replace(broken(empty, Lane(empty).heard()), attempts=1)

    def _scored(self, piece: Piece, answer: Answer) -> Judged:
        """With the rule "" where the judge has to be asked."""
        retrieval = asked_as(self.experiment, piece).retrieval
        judged = self._rooms.judge(self._posed_case(retrieval, piece.slot.case), answer)
        if self.experiment.judge is None:
            return judged
        return by_judge(self._cases[piece.slot.case], judged, self.experiment.judge)

    def _tell(self, causes: Causes, piece: Piece, judged: Judged | None) -> None:
        """A re-asking is back; first the judge is asked whether it was right, where one was chosen."""
        if judged is not None and not judged.rule:
            causes.judge(piece)
        else:
            causes.came(piece, ended=self._end is not None)

    def _posed_case(self, retrieval: Retrieval | None, case: int) -> PosedCase:
        if retrieval is None:
            return PosedCase(self._cases[case])
        return self._posed_in(retrieval.collection_id)[case]

    def _posed_in(self, collection_id: str) -> Sequence[PosedCase]:
        if collection_id not in self._posed:
            self._posed[collection_id] = list(self._rooms.pose(collection_id, self._cases))
        return self._posed[collection_id]

    def _saving(self, piece: Piece, judged: Judged, *, counts: bool) -> Callable[[], None]:
        if self._causes is None or piece.kind is None:
            return partial(self._save, piece, judged, counts=counts)
        # What failed says nothing of what the model would have answered.
        tells = counts and judged.answer.state in TOLD
        right, waits = judged.right if tells else None, tells and not judged.rule
        of = self._causes.of(piece)
        save = self._rooms.experiments.commit_probe
        return partial(save, of, piece.kind, piece.number, judged.answer, right=right, unjudged=waits)

    def _commit(self, save: Callable[[], None]) -> None:
        try:
            save()
        except DatabaseTrouble as error:
            with self._lock:
                self._unsaved.append(save)
            self.stop(words=f"{error.message} {error.remedy}".strip())

    def _save(self, piece: Piece, judged: Judged, *, counts: bool) -> None:
        case = self._cases[piece.slot.case]
        question = Question(
            id=question_id(self.experiment.id, piece.slot.case),
            text=case.question,
            standalone=case.question,
            conversation_id=self.experiment.id,
            collection_id="",
            only_documents=(),
            asked_at=datetime.now(UTC),
        )
        self._rooms.experiments.commit(self.experiment.id, piece.slot, question, judged, counts=counts)

    def _save_again(self) -> None:
        with self._lock:
            left, self._unsaved = self._unsaved, []
        for place, save in enumerate(left):
            try:
                save()
            except DatabaseTrouble:
                with self._lock:
                    self._unsaved = left[place:]
                raise

    def _landed(self, piece: Piece, answer: Answer) -> None:
        """It is made and paid for; the run ends where one candidate, or the judge, does nothing but fail."""
        with self._lock:
            del self._flying[piece]
            self._budget.settle(piece, answer)
            self._ends.append(time.monotonic())
        bad = answer.state is AnswerState.FAILED
        self._in_a_row[piece.whose] = self._in_a_row[piece.whose] + 1 if bad else 0
        if self._in_a_row[piece.whose] >= FAILED_IN_A_ROW:
            asked = asked_as(self.experiment, piece)
            label = f"The judge {asked.model}" if piece.judges else asked.label
            why = f"{answer.error} {answer.remedy}".strip()
            self.stop(words=f"{label} failed {FAILED_IN_A_ROW} times in a row: {why}")

    def _count(self, piece: Piece, judged: Judged) -> None:
        """Of the answer of a slot: that it is there, and what is known of it; judged, it is no second one."""
        slot, state, waits = piece.slot, judged.answer.state, not judged.rule
        case = self._cases[slot.case]
        told = Trial(slot, judged.answer.id, state, right=judged.right, rule=judged.rule)
        outcome = outcome_of(replace(told, unanswerable=case.unanswerable))
        new = not piece.judges
        with self._lock:
            was = self._progress[slot.candidate]
            self._progress[slot.candidate] = replace(
                was,
                done=was.done + new,
                failed=was.failed + (new and outcome is Outcome.FAILED),
                unscored=was.unscored + (judged.right is None and not waits),
                unjudged=was.unjudged + (waits if new else -1),
            )
            self._latest.appendleft(Latest(slot.candidate, case.question, state, judged.right, waits))

    def _other_weights(self, piece: Piece, answer: Answer) -> bool:
        """Whether the model was replaced under its name: answers of two digests are never merged."""
        planned, now = asked_as(self.experiment, piece).digest, answer.candidate.digest
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


def revision_key(collection_id: str) -> str:
    """Where the snapshot has the revision that a collection had at the start."""
    return f"revision {collection_id}"


def revision_of(experiment: Experiment, collection_id: str) -> str:
    """That revision; "" where the experiment does not search the collection."""
    return experiment.snapshot.get(revision_key(collection_id), "")


def collections_of(experiment: Experiment) -> list[str]:
    """The collections that its candidates search, each once."""
    found = (one.retrieval.collection_id for one in experiment.candidates if one.retrieval is not None)
    return list(dict.fromkeys(found))


def progress_of(
    experiment: Experiment, trials: Sequence[Trial], judging: Container[Slot] = ()
) -> list[CandidateProgress]:
    """How far each candidate is; the answers in the slots ``judging`` are about to be judged again.

    An imported one has what it has: nothing of it is missing, or can be asked again.
    """
    done = Counter(one.slot.candidate for one in trials)
    bad = Counter(one.slot.candidate for one in trials if outcome_of(one) is Outcome.FAILED)
    waiting = {one.slot for one in trials if unjudged(experiment, one) or one.slot in judging}
    waits = Counter(slot.candidate for slot in waiting)
    # What a person could not tell either is nothing to ask again for.
    none = (one for one in trials if one.right is None and one.judgement is None)
    unscored = Counter(one.slot.candidate for one in none if one.slot not in waiting)
    each = experiment.cases * experiment.repeats
    return [
        CandidateProgress(done[i], unjudged=waits[i], failed=0, of=done[i])
        if one.imported
        else CandidateProgress(done[i], bad[i], each, unscored[i], waits[i])
        for i, one in enumerate(experiment.candidates)
    ]
