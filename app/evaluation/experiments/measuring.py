"""A short probe before an experiment: how long answers of candidates take of which nothing is recorded."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from ulid import ULID

from app.answering.ending import broken, failed, pending
from app.answering.lane import Lane
from app.domain import Answer, AnswerState, Candidate, Case, FoundPassage, MeasureView, Question, with_judge
from app.errors import AppError, DatabaseTrouble, NotAllowed
from app.evaluation.experiments.asking import AskTask, JudgeTask, Task
from app.evaluation.experiments.running import Rooms
from app.evaluation.scorers.judge import question_of

log = logging.getLogger(__name__)

QUESTIONS = 2
"""So many questions are put to each candidate: the first one may wait for its model, and one is chance."""
UNSAVED = "What was measured could not be saved."


class Measuring:
    """One probe at a time in the process. Its answers are logged and paid for, and in no comparison."""

    def __init__(self, rooms: Rooms, refuse: Callable[[Candidate], None]) -> None:
        """``refuse`` raises NotAllowed where a candidate's passages may not leave this machine."""
        self._rooms = rooms
        self._refuse = refuse
        self._last: _Probe | None = None
        self._lock = threading.Lock()

    def start(
        self, cases: Sequence[Case], candidates: Iterable[Candidate], judge: Candidate | None = None
    ) -> None:
        """Begin in the background; ``judge`` is asked about right answers. Raises NotAllowed."""
        chosen = alike(candidates)
        for one in chosen:
            self._refuse(one)
        with self._lock:
            if self._last is not None and not self._last.done.is_set():
                raise NotAllowed("A probe is running already.", "Wait until it has ended, or cancel it.")
            self._last = _Probe(self._rooms, spread(cases), chosen, judge)
            self._last.start()

    def view(self) -> MeasureView | None:
        """The probe that runs, or else the last one; None where there was none."""
        with self._lock:
            return self._last.view() if self._last else None

    def stop(self) -> None:
        """End the probe that runs within seconds; what it has measured is kept."""
        with self._lock:
            if self._last is not None:
                self._last.stop()

    def close(self, seconds: float) -> bool:
        """Stop and wait; False where it still runs after ``seconds``."""
        self.stop()
        return self._last is None or self._last.done.wait(seconds)


def alike(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate of each model with documents, and one without: the same answers tell of the others."""
    found: dict[tuple[str, str, bool], Candidate] = {}
    for one in candidates:
        found.setdefault((one.backend, one.model, one.with_documents), one)
    return list(found.values())


def spread(cases: Sequence[Case]) -> list[Case]:
    """A few of the cases, from all over the dataset."""
    places = [(2 * number + 1) * len(cases) // (2 * QUESTIONS) for number in range(QUESTIONS)]
    return [cases[place] for place in sorted(set(places))]


class _Probe:
    """Puts the questions to one candidate after the other, each alone, on a thread of its own."""

    def __init__(
        self,
        rooms: Rooms,
        cases: Sequence[Case],
        candidates: Sequence[Candidate],
        judge: Candidate | None,
    ) -> None:
        self.done = threading.Event()
        self._name = str(ULID())
        self._rooms = rooms
        self._questions = [(_question(self._name, one), one) for one in cases]
        self._judge = judge
        self._candidates = with_judge(candidates, judge)
        self._made = 0
        self._asking = ""
        self._failures: list[str] = []
        self._stopping = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name=f"probe-{self._name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._rooms.worker.stop(self._name)

    def view(self) -> MeasureView:
        with self._lock:
            return MeasureView(
                done=self._made,
                of=len(self._candidates) * len(self._questions),
                asking=self._asking,
                failures=tuple(self._failures),
                busy=not self.done.is_set(),
                stopping=self._stopping,
            )

    def _work(self) -> None:
        try:
            for candidate in self._candidates:
                self._measure(candidate)
        except DatabaseTrouble as error:
            self._fail(f"{UNSAVED} {error}")
        finally:
            self._tell("")
            self.done.set()

    def _measure(self, candidate: Candidate) -> None:
        """All questions to one candidate; whoever fails once is not asked again."""
        judges = candidate is self._judge
        label = f"{candidate.model} as a judge" if judges else candidate.label
        for question, case in self._questions:
            if self._stopping:
                return
            self._tell(label)
            answer = self._answer(candidate, question, case)
            self._rooms.experiments.keep_measured(question, answer, judging=judges)
            if answer.state is AnswerState.FAILED:
                self._fail(f"{label}: {answer.error} {answer.remedy}".strip())
                return
            with self._lock:
                self._made += answer.state is not AnswerState.STOPPED

    def _answer(self, candidate: Candidate, question: Question, case: Case) -> Answer:
        made = self._asked(candidate, question, case)
        return self._rooms.answering.priced(made)

    def _asked(self, candidate: Candidate, question: Question, case: Case) -> Answer:
        empty = pending(question.id, 0, candidate)
        try:
            task = self._task(candidate, question, case, empty.id)
        except AppError as error:
            return failed(empty, Lane(empty).heard(), error, 0)
        future = self._rooms.executor.submit(self._rooms.worker, task)
        if (lost := future.exception()) is None:
            return future.result()
        log.error("a task of a probe was lost: %s", type(lost).__name__)
        return broken(empty, Lane(empty).heard())

    def _task(self, candidate: Candidate, question: Question, case: Case, answer_id: str) -> Task:
        if candidate is self._judge:
            text = question_of(case, next(iter(case.answers), ""))
            return JudgeTask(self._name, answer_id, question.id, text, candidate)
        passages = self._passages(candidate, question.text)
        return AskTask(self._name, answer_id, question.id, question.text, candidate, passages)

    def _passages(self, candidate: Candidate, text: str) -> tuple[FoundPassage, ...]:
        given = candidate.retrieval
        if given is None:
            return ()
        return tuple(self._rooms.searching.search(given.collection_id, text, given.k))

    def _tell(self, asking: str) -> None:
        with self._lock:
            self._asking = asking

    def _fail(self, words: str) -> None:
        with self._lock:
            self._failures.append(words)


def _question(probe: str, case: Case) -> Question:
    return Question(
        id=str(ULID()),
        text=case.question,
        standalone=case.question,
        conversation_id=probe,
        collection_id="",
        only_documents=(),
        asked_at=datetime.now(UTC),
    )
