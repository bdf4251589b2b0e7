"""An answer of an experiment, or a judgement of one, as a task: names, ids and texts to be sent anywhere."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.answering.answering import Answering
from app.answering.ending import pending
from app.answering.lane import Lane
from app.backends.registry import Registry
from app.domain import Answer, Candidate, Cost, FoundPassage, Timing, Usage
from app.evaluation.scorers.judge import SCHEMA, prompt_for
from app.evaluation.votes import pair_judge
from app.settings import load


@dataclass(frozen=True)
class AskTask:
    """Ask ``candidate`` a question with these passages. ``run`` is the experiment's id.

    It holds no key: whoever does it builds the backend from settings of their own.
    """

    run: str
    answer_id: str
    question_id: str
    question: str
    candidate: Candidate
    passages: tuple[FoundPassage, ...]


@dataclass(frozen=True)
class JudgeTask:
    """Ask the judge (``candidate``) about an answer; ``question`` has both. The rest as in AskTask."""

    run: str
    answer_id: str
    question_id: str
    question: str
    candidate: Candidate


@dataclass(frozen=True)
class PairTask:
    """Ask the judge (``candidate``) which of two answers is better; ``question`` has both."""

    run: str
    answer_id: str
    question_id: str
    question: str
    candidate: Candidate


Task = AskTask | JudgeTask | PairTask


class Worker(Protocol):
    """Does tasks, wherever they are done."""

    def __call__(self, task: Task) -> Answer:
        """Do it. The answer has no cost and no scores yet. Raises nothing of its own."""

    def stop(self, run: str) -> None:
        """Break off what is being asked for the run, and whatever of it begins later."""

    def allow(self, run: str) -> None:
        """The run goes on."""


class Here:
    """Does tasks in this process, in the same fair queues as what people ask; can be stopped by run."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._lanes: dict[str, set[Lane]] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, task: Task) -> Answer:
        """Do it."""
        lane = Lane(_pending(task))
        with self._lock:
            self._lanes.setdefault(task.run, set()).add(lane)
            if task.run in self._stopped:
                lane.cancel.cancel()
        try:
            return _done(self._answering, lane, task)
        finally:
            with self._lock:
                self._lanes[task.run].discard(lane)

    def stop(self, run: str) -> None:
        """Break off what is being asked for the run, and whatever of it begins later."""
        with self._lock:
            self._stopped.add(run)
            lanes = list(self._lanes.get(run, ()))
        for lane in lanes:
            lane.cancel.cancel()

    def allow(self, run: str) -> None:
        """The run goes on."""
        with self._lock:
            self._stopped.discard(run)


class _Unpriced:
    """Elsewhere nothing is known of assumptions; the coordinator puts the price."""

    def cost(
        self, provider: str, model: str, usage: Usage, timing: Timing, at: object, *, backend: str = ""
    ) -> Cost:
        raise NotImplementedError


def anywhere(task: Task) -> Answer:
    """Do it in a process of its own, with a backend built from that process's settings."""
    registry = Registry.build(load())
    try:
        answering = Answering(registry.get, _Unpriced())
        return _done(answering, Lane(_pending(task)), task)
    finally:
        registry.close()


def _done(answering: Answering, lane: Lane, task: Task) -> Answer:
    if isinstance(task, JudgeTask):
        return answering.prompted(lane, partial(prompt_for, task.candidate, task.question), task.run, SCHEMA)
    if isinstance(task, PairTask):
        pair = partial(pair_judge.prompt_for, task.candidate, task.question)
        return answering.prompted(lane, pair, task.run, pair_judge.SCHEMA)
    return answering.answer(lane, task.question, lambda: task.passages, task.run)


def _pending(task: Task) -> Answer:
    return pending(task.question_id, 0, task.candidate, task.answer_id)
