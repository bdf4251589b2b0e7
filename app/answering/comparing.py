"""Asking several candidates side by side: one thread and one buffer per lane, the same passages."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from ulid import ULID

from app.answering.answering import Answering
from app.answering.ending import broken, pending
from app.answering.followups import candidate_for, usable
from app.answering.lane import Lane, lane_of
from app.answering.leaving import Leaving
from app.answering.retrieving import Searching
from app.backends.base import Backend, Cancel
from app.domain import (
    Answer,
    AnswerState,
    AskView,
    Candidate,
    Collection,
    FoundPassage,
    Phase,
    Question,
    Retrieval,
    StandAlone,
    stable_hash,
)
from app.errors import AppError, BackendError, DatabaseTrouble, NotAllowed, NotFound
from storage.answer_rows import FOLLOW_UP
from storage.answers import Answers

log = logging.getLogger(__name__)

MAX_LANES = 6
LONGEST_QUESTION = 20_000

Search = Callable[[], Sequence[FoundPassage]]


@dataclass
class _Live:
    """A question whose lanes still run, or could not be saved."""

    question: Question
    lanes: list[Lane]
    earlier: tuple[Answer, ...] = ()
    read: dict[str, int] = field(default_factory=dict)
    """How many characters of the question each embedder read, by the collection."""


class Comparing:
    """Asks, watches and stops. Threads belong to the process: no rerun or closed tab ends an answer."""

    def __init__(
        self,
        answers: Answers,
        searching: Searching,
        answering: Answering,
        collection_of: Callable[[str], Collection],
        backend_of: Callable[[str], Backend],
    ) -> None:
        self._answers = answers
        self._searching = searching
        self._answering = answering
        self._leaving = Leaving(collection_of, backend_of)
        self._live: dict[str, _Live] = {}
        self._apart: set[Lane] = set()
        self._lock = threading.Lock()

    def ask(
        self,
        text: str,
        candidates: Sequence[Candidate],
        collection_id: str,
        asker: str,
        *,
        conversation_id: str = "",
        standalone: str = "",
        only_documents: Sequence[str] = (),
        one_at_a_time: bool = False,
        blind: bool = False,
    ) -> str:
        """Start one lane per candidate and return the question's id at once.

        ``asker`` groups what one person asks, for the fair queue. ``one_at_a_time`` runs the lanes one
        after another, for fair times. ``blind``: who answers is hidden from each person until they
        voted. Raises NotAllowed for an empty or endless question, too many lanes, or passages that may not
        leave this machine.
        """
        question = _question(text, collection_id, conversation_id, standalone, only_documents)
        question = replace(question, blind=blind)
        self._refuse(candidates, question)
        if blind:
            # Whoever chose the lanes in an order must not tell them by which of them writes first.
            candidates = sorted(candidates, key=lambda one: stable_hash("blind", question.id, one.hash))
        lanes = [Lane(pending(question.id, place, one)) for place, one in enumerate(candidates)]
        self._log(lambda: self._answers.begin(question, [lane.pending for lane in lanes]))
        self._run(_Live(question, lanes), asker, one_at_a_time=one_at_a_time)
        return question.id

    def again(self, answer_id: str, asker: str) -> str:
        """Ask the same candidate the same question once more, as a further lane; returns its id."""
        old = self._answers.answer(answer_id)
        question = self._answers.question(old.question_id) if old else None
        if old is None or question is None:
            raise NotFound("That answer is no longer there.", "Ask the question anew.")
        candidate = replace(old.candidate, digest="")
        self._refuse([candidate], question)
        with self._lock:
            if question.id in self._live:
                raise NotAllowed("This question is still being answered.", "Wait until its lanes have ended.")
            # Reserved before anything else is read, so that of two who ask at once one is refused.
            live = self._live[question.id] = _Live(question, [])
        try:
            live.earlier = tuple(self._answers.answers(question.id))
            lane = Lane(pending(question.id, len(live.earlier), candidate))
            live.lanes.append(lane)
            self._log(lambda: self._answers.add(question.id, lane.pending))
        except AppError:
            self._drop(live)
            raise
        self._run(live, asker, one_at_a_time=False)
        return lane.pending.id

    def standalone(
        self, text: str, conversation_id: str, candidate: Candidate, asker: str, cancel: Cancel | None = None
    ) -> StandAlone:
        """A follow-up in words that need no earlier question, by the candidate's model.

        Queued, logged and priced like every generation, but part of no comparison. The text itself where
        there is no earlier question, where the model makes another one of it, and where ``cancel`` ends it.
        Raises BackendError.
        """
        earlier = [one.text for one in self._answers.conversation(conversation_id)]
        if not earlier:
            return StandAlone(text)
        apart = _question(text, "", FOLLOW_UP, "", ())
        lane = Lane(pending(apart.id, 0, candidate_for(candidate)))
        if cancel is not None:
            cancel.on_cancel(lane.cancel.cancel)
        with self._lock:
            self._apart.add(lane)
        try:
            made = self._answering.priced(self._answering.rewritten(lane, text, earlier, asker))
        finally:
            with self._lock:
                self._apart.discard(lane)
        self._log(lambda: self._answers.finish(made, apart, origin=FOLLOW_UP))
        if made.state is AnswerState.FAILED:
            raise BackendError(made.error, made.remedy)
        if made.state is AnswerState.STOPPED:
            return StandAlone(text, candidate.model, stopped=True)
        return usable(made.text, text, earlier, candidate.model)

    def view(self, question_id: str) -> AskView | None:
        """The question as it stands: live, or from the log; None where there is no such question."""
        with self._lock:
            live = self._live.get(question_id)
        if live is not None:
            lanes = [lane_of(one) for one in live.earlier] + [lane.view() for lane in live.lanes]
            return AskView(live.question, tuple(lanes), busy=any(one.answer is None for one in lanes))
        question = self._answers.question(question_id)
        if question is None:
            return None
        logged = tuple(lane_of(one) for one in self._answers.answers(question_id))
        return AskView(question, logged, busy=False)

    def stop(self, answer_id: str) -> None:
        """Ask one lane to stop; its partial text is kept."""
        for lane in self._lanes():
            if lane.pending.id == answer_id:
                lane.cancel.cancel()

    def stop_all(self, question_id: str) -> None:
        """Ask every lane of a question to stop, at once."""
        with self._lock:
            live = self._live.get(question_id)
        for lane in live.lanes if live else ():
            lane.cancel.cancel()

    def close(self, seconds: float = 5.0) -> bool:
        """Stop everything and wait up to so long for it to be logged; False where a lane still runs."""
        until = time.monotonic() + seconds
        lanes = self._lanes()
        with self._lock:
            apart = list(self._apart)
        for lane in [*lanes, *apart]:
            lane.cancel.cancel()
        for lane in lanes:
            lane.done.wait(max(0.0, until - time.monotonic()))
        self.save_again()
        return all(lane.done.is_set() for lane in lanes)

    def _lanes(self) -> list[Lane]:
        with self._lock:
            return [lane for live in self._live.values() for lane in live.lanes]

    def _refuse(self, candidates: Sequence[Candidate], question: Question) -> None:
        if not 1 <= len(candidates) <= MAX_LANES:
            raise NotAllowed(f"Between 1 and {MAX_LANES} lanes can be asked at once.")
        for candidate in candidates:
            if candidate.imported:
                raise NotAllowed(
                    f"{candidate.model} was asked and recorded elsewhere: it cannot be asked here."
                )
            self._leaving.refuse(candidate)
        if question.only_documents and not any(one.with_documents for one in candidates):
            raise NotAllowed(
                "“Only these documents” was chosen, but no lane gets documents.",
                "Turn documents on for a lane, or clear the choice.",
            )

    def _run(self, live: _Live, asker: str, *, one_at_a_time: bool) -> None:
        searches = self._searches(live)
        with self._lock:
            self._live[live.question.id] = live
        gates = [threading.Event() for _ in range(len(live.lanes) + 1)]
        for place, lane in enumerate(live.lanes):
            if place == 0 or not one_at_a_time:
                gates[place].set()
            search = searches.get(lane.pending.candidate.retrieval, _nothing)
            threading.Thread(
                target=self._lane,
                args=(live, lane, search, asker, gates[place : place + 2]),
                name=f"lane-{lane.pending.id}",
                daemon=True,
            ).start()

    def _searches(self, live: _Live) -> dict[Retrieval | None, Search]:
        """One search per distinct retrieval setting, made by whichever lane comes first."""
        question = live.question
        wanted = {lane.pending.candidate.retrieval for lane in live.lanes} - {None}

        def search(one: Retrieval) -> list[FoundPassage]:
            found = self._searching.search(
                one.collection_id, question.standalone, one.k, question.only_documents
            )
            if found:
                live.read[one.collection_id] = self._searching.read(one.collection_id, question.standalone)
            return found

        return {one: _Once(lambda one=one: search(one)).get for one in wanted if one}  # type: ignore[misc]

    def _lane(
        self, live: _Live, lane: Lane, search: Search, asker: str, gates: Sequence[threading.Event]
    ) -> None:
        """The body of a lane's thread. Whatever happens, the lane ends and the person is told.

        It begins once its gate, the first of two, is open, and opens the second when it has ended.
        """
        gate, next_gate = gates
        answer: Answer | None = None
        saved = False
        try:
            waited = _at_the_gate(lane, gate)
            answer = self._answering.answer(
                lane, live.question.standalone, search, asker, waited, sending=self._sending
            )
            answer = self._answering.priced(answer)
            answer = self._answering.scored(_searched(live, answer))
        finally:
            # What was heard is kept, whatever broke: also where an error of our own ends this thread.
            made = answer or broken(lane.pending, lane.heard())
            try:
                saved = self._log(lambda: self._answers.finish(made, live.question))
            finally:
                lane.end(made, saved=saved)
                next_gate.set()
                self._forget(live)
        if saved:
            self.save_again()

    def _sending(self, answer: Answer) -> None:
        """What a model is about to be sent is logged first, so that a kill leaves it behind."""
        self._log(lambda: self._answers.prompted(answer))

    def _forget(self, live: _Live) -> None:
        """Drop a question from memory once all of it is in the database."""
        if all(lane.settled for lane in live.lanes):
            self._drop(live)

    def _drop(self, live: _Live) -> None:
        with self._lock:
            if self._live.get(live.question.id) is live:
                del self._live[live.question.id]

    def save_again(self) -> int:
        """Try again to save answers that could not be saved; returns how many still are not."""
        with self._lock:
            lives = list(self._live.values())
        left = 0
        for live in lives:
            for lane in live.lanes:
                answer = lane.unsaved
                if answer is not None:
                    saved = self._log(partial(self._answers.finish, answer, live.question))
                    lane.end(answer, saved=saved)
                    left += not saved
            self._forget(live)
        return left

    def _log(self, write: Callable[[], None]) -> bool:
        """Write to the database; where that fails the answer stays on the screen, marked unsaved."""
        try:
            write()
        except DatabaseTrouble as error:
            log.error("an answer was not saved: %s", error.message)  # noqa: TRY400 - said in words
            return False
        return True


class _Once:
    """Calls a function at most once, in the first thread that asks; the others wait for its result."""

    def __init__(self, make: Search) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._future: Future[Sequence[FoundPassage]] | None = None

    def get(self) -> Sequence[FoundPassage]:
        with self._lock:
            mine = self._future is None
            if self._future is None:
                self._future = Future()
            future = self._future
        if mine:
            try:
                future.set_result(self._make())
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()


def _searched(live: _Live, answer: Answer) -> Answer:
    """The answer with a note where only a part of the question was searched for."""
    retrieval, asked = answer.candidate.retrieval, len(live.question.standalone)
    read = live.read.get(retrieval.collection_id, asked) if retrieval else asked
    if read == asked:
        return answer
    told = f"Passages were searched for by the first {read:,} of its {asked:,} characters only."
    note = f"{answer.checks.note} {told}".strip()
    return replace(answer, checks=replace(answer.checks, note=note))


def _at_the_gate(lane: Lane, gate: threading.Event) -> float:
    """Wait for the lane's turn, or for a stop; returns how many seconds that took."""
    if gate.is_set():
        return 0.0
    began = time.monotonic()
    lane.waiting(Phase.QUEUED)
    lane.cancel.on_cancel(gate.set)
    gate.wait()
    return time.monotonic() - began


def _nothing() -> Sequence[FoundPassage]:
    return ()


def _question(
    text: str, collection_id: str, conversation_id: str, standalone: str, only_documents: Sequence[str]
) -> Question:
    text = text.strip()
    if not text:
        raise NotAllowed("The question is empty.", "Type a question first.")
    if len(text) > LONGEST_QUESTION:
        raise NotAllowed(
            f"The question has {len(text):,} characters; at most {LONGEST_QUESTION:,} can be asked.",
            "Upload long texts as documents.",
        )
    new = str(ULID())
    return Question(
        id=new,
        text=text,
        standalone=standalone.strip() or text,
        conversation_id=conversation_id or new,
        collection_id=collection_id,
        only_documents=tuple(only_documents),
        asked_at=datetime.now(UTC),
    )
