"""Making one answer: prompt, stream with retries, checks, cost. Knows no threads and no database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from app.answering.ending import NO_COST, UNPRICED, after, checked, ended, failed, structured
from app.answering.facts import Facts
from app.answering.followups import prompt_for
from app.answering.interrupting import Stopped, unless_stopped
from app.answering.lane import Lane
from app.answering.prompting import Counter, build, fits
from app.answering.queueing import EnergyCounter, FairQueue, MachineClock, MachineShare, Meter
from app.answering.structured import MAX_RETRIES, SCHEMA
from app.backends.base import Backend
from app.backends.retrying import stream_with_retries
from app.costs.price_lists import KIND
from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Cost,
    FoundPassage,
    Message,
    Phase,
    PhaseChange,
    Prompt,
    Request,
    Score,
    Timing,
    Usage,
)
from app.errors import AppError, InvalidAnswer

log = logging.getLogger(__name__)

IDLE = frozenset({Phase.QUEUED, Phase.LOADING})
"""Phases of a stream in which its machine computes nothing for it."""


class Pricer(Protocol):
    """Tells what an answer cost (``costs.pricing.Pricing``)."""

    def cost(
        self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime, *, backend: str = ""
    ) -> Cost:
        """The cost of one answer of a backend; unknown where there is no price."""


class Scorer(Protocol):
    """Measures an answer that has ended (``evaluation.scorers.base``)."""

    name: str
    version: str

    def score(self, answer: Answer) -> Score:
        """What it says of the answer."""


Sending = Callable[[Answer], object]
"""Is told of an answer whose prompt is about to be sent."""


def _nothing(_answer: Answer) -> None:
    """Who need not be told."""


class Answering:
    """Runs one lane to its end. One of these serves the whole process."""

    def __init__(
        self,
        backend_of: Callable[[str], Backend],
        pricing: Pricer,
        scorers: Sequence[Scorer] = (),
        energy: EnergyCounter | None = None,
    ) -> None:
        """``energy`` counts what this machine draws, for the backends on it."""
        self._backend_of = backend_of
        self._pricing = pricing
        self._scorers = scorers
        self._energy = energy
        self._queues: dict[str, FairQueue] = {}
        self._machines: dict[str, MachineClock] = {}
        self._facts = Facts()

    def answer(
        self,
        lane: Lane,
        question: str,
        passages: Callable[[], Sequence[FoundPassage]],
        asker: str,
        waited: float = 0.0,
        *,
        sending: Sending = _nothing,
    ) -> Answer:
        """The finished answer but for its cost, whatever happens: an error of a backend becomes its state.

        ``passages`` is called once and may wait for a search that other lanes share; ``waited`` are the
        seconds that the lane stood in line before; ``sending`` is told what is about to be sent.
        """
        candidate = lane.pending.candidate

        def prompt(backend: Backend) -> Prompt:
            return self._prompt(lane, candidate, question, passages, backend)

        return self._made(lane, prompt, asker, waited, sending=sending)

    def rewritten(self, lane: Lane, question: str, earlier: Sequence[str], asker: str) -> Answer:
        """A follow-up in words that need no earlier question, as the answer of ``followups``' candidate."""
        return self._made(lane, lambda backend: prompt_for(question, earlier, backend.context), asker, 0.0)

    def prompted(
        self, lane: Lane, prompt: Callable[[int, Counter], Prompt], asker: str, schema: str = ""
    ) -> Answer:
        """The answer to a prompt of one's own, made like any other; with a ``schema``, its JSON as it came.

        ``prompt`` is told the window in tokens and what counts them, and may raise AppError.
        """
        candidate = lane.pending.candidate

        def build(backend: Backend) -> Prompt:
            return prompt(self._facts.window(candidate, backend), _counter(candidate, backend))

        return self._made(lane, build, asker, 0.0, schema=schema)

    def _made(
        self,
        lane: Lane,
        prompt: Callable[[Backend], Prompt],
        asker: str,
        waited: float,
        *,
        schema: str = "",
        sending: Sending = _nothing,
    ) -> Answer:
        answer = replace(lane.pending, cost=NO_COST, timing=Timing(queue=waited or None))
        try:
            backend = self._backend_of(answer.candidate.backend)
            answer = replace(answer, prompt=unless_stopped(lane.cancel, partial(prompt, backend)))
            return self._in_turn(lane, answer, backend, asker, schema=schema, sending=sending)
        except Stopped:
            return replace(answer, state=AnswerState.STOPPED)
        except AppError as error:
            return failed(answer, lane.heard(), error, lane.attempts)

    def priced(self, answer: Answer) -> Answer:
        """The answer with its cost, where anything was sent; ``answer`` may have run elsewhere."""
        if answer.timing.machine is None:
            return answer
        try:
            backend = self._backend_of(answer.candidate.backend)
            cost = self._pricing.cost(
                backend.provider,
                answer.candidate.model,
                answer.usage,
                answer.timing,
                answer.asked_at,
                backend=answer.candidate.backend,
            )
        except AppError as error:
            cost = replace(NO_COST, words=f"The cost is unknown: {error.message}")
            return replace(answer, cost=cost)
        if not backend.provider and not backend.local and cost.entry.get("kind") != KIND:
            words = f"{backend.host} taken for the machine that is described under Costs. {cost.words}"
            cost = replace(cost, words=words)
        return replace(answer, cost=cost)

    def scored(self, answer: Answer) -> Answer:
        """The answer with its scores, where it ended with a text and was to be made from passages.

        Apart from ``answer``, so that the answer is in safe hands before anything can go wrong here, and
        its time counts for no lane and no machine.
        """
        ended = answer.state in {AnswerState.COMPLETE, AnswerState.CUT_SHORT}
        if not (ended and answer.text and answer.candidate.with_documents):
            return answer
        scores = [_score(one, answer) for one in self._scorers]
        return replace(answer, scores=tuple(sorted(scores, key=lambda one: (one.scorer, one.version))))

    def pinned(self, candidate: Candidate) -> Candidate:
        """The candidate with the digest that its model has now, if its server tells. Raises NotFound."""
        return self._facts.candidate(candidate, self._backend_of(candidate.backend))

    def window(self, candidate: Candidate) -> int:
        """The tokens that its prompt and answer must fit. Raises NotFound."""
        return self._facts.window(candidate, self._backend_of(candidate.backend))

    def fit(self, candidate: Candidate, asked: Sequence[tuple[str, Sequence[FoundPassage]]]) -> list[bool]:
        """For each question with its passages, whether all of them would be given.

        Where the server's tokenizer fails once, the safe bound is taken for all the others: it would only be
        waited for again. Raises NotFound.
        """
        backend = self._backend_of(candidate.backend)
        count = _while_it_tells(_counter(candidate, backend))
        window = self._facts.window(candidate, backend)
        return [fits(question, found, candidate, window, count) for question, found in asked]

    def queue(self, backend: Backend) -> FairQueue:
        """The queue of a backend."""
        return self._queues.setdefault(backend.name, FairQueue(backend.concurrency))

    def _prompt(
        self,
        lane: Lane,
        candidate: Candidate,
        question: str,
        passages: Callable[[], Sequence[FoundPassage]],
        backend: Backend,
    ) -> Prompt:
        found: Sequence[FoundPassage] = ()
        if candidate.with_documents:
            lane.waiting(Phase.SEARCHING)
            found = passages()
        asleep = self._facts.asleep(candidate, backend)
        lane.waiting(Phase.LOADING if asleep else Phase.PREPARING)
        window = self._facts.window(candidate, backend)
        return build(question, found, candidate, window, _counter(candidate, backend))

    def _in_turn(
        self, lane: Lane, answer: Answer, backend: Backend, asker: str, *, schema: str, sending: Sending
    ) -> Answer:
        lane.waiting(Phase.QUEUED)
        began = time.monotonic()
        with self.queue(backend).place(asker, lane.cancel) as granted:
            queue = (answer.timing.queue or 0.0) + time.monotonic() - began
            answer = replace(answer, timing=Timing(queue=queue))
            if not granted:
                return replace(answer, state=AnswerState.STOPPED)
            # Only now, since a model may be replaced while one waits.
            asked = partial(self._facts.candidate, answer.candidate, backend)
            answer = replace(answer, candidate=unless_stopped(lane.cancel, asked))
            sending(replace(answer, cost=UNPRICED))
            return self._measured(lane, answer, backend, schema)

    def _measured(self, lane: Lane, answer: Answer, backend: Backend, schema: str) -> Answer:
        """Generate, and put the share of the machine to whatever came of it."""
        meter = self._machine(backend).meter()
        try:
            made = self._generate(lane, answer, backend, meter, schema)
        finally:
            meter.off()
        return _timed(self._of_one_model(made, backend), meter.share())

    def _machine(self, backend: Backend) -> MachineClock:
        """The clock of the machine that the backend runs on; only this one's energy can be measured here."""
        if backend.local:
            return self._machines.setdefault("here", MachineClock(self._energy))
        return self._machines.setdefault(backend.host, MachineClock())

    def _of_one_model(self, made: Answer, backend: Backend) -> Answer:
        """An answer during which its model was replaced belongs to neither of the two."""
        now = self._facts.candidate(made.candidate, backend).digest if made.usage.completion else ""
        before = made.candidate.digest
        if now in {"", before}:
            return made
        note = f"{made.checks.note} The model was replaced under its name while it answered.".strip()
        candidate = replace(made.candidate, digest=f"{before} or {now}")
        return replace(made, candidate=candidate, checks=replace(made.checks, note=note))

    def _generate(self, lane: Lane, answer: Answer, backend: Backend, meter: Meter, schema: str) -> Answer:
        """One generation, and for strict JSON at most MAX_RETRIES more while it is invalid."""
        spent: Answer | None = None
        asked = schema or (SCHEMA if answer.candidate.options.schema else "")
        for retry in range(MAX_RETRIES + 1):
            try:
                made = self._stream(lane, answer, backend, meter, schema=asked, seed_offset=retry)
            except AppError as error:
                made = failed(answer, lane.heard(), error, lane.attempts)
            made = after(spent, made)
            if schema or not answer.candidate.options.schema or made.state is not AnswerState.COMPLETE:
                return checked(made, None)
            try:
                return structured(made, retry)
            except InvalidAnswer as error:
                invalid = error
            # Waiting adds up in ``queue`` from one attempt to the next.
            spent, answer = made, replace(answer, timing=Timing(queue=made.timing.queue))
        held = replace(made.checks, schema_held=False, schema_retries=MAX_RETRIES)
        return replace(
            made, state=AnswerState.FAILED, error=invalid.message, remedy=invalid.remedy, checks=held
        )

    def _stream(
        self, lane: Lane, answer: Answer, backend: Backend, meter: Meter, *, schema: str, seed_offset: int
    ) -> Answer:
        options = answer.candidate.options
        request = Request(
            model=answer.candidate.model,
            messages=answer.prompt.rendered() if answer.prompt else (),
            temperature=options.temperature,
            seed=options.seed + seed_offset,
            max_tokens=options.max_tokens,
            schema=schema,
        )
        lane.waiting(Phase.READING)
        lane.sending()
        meter.on()
        for event in stream_with_retries(backend, request, lane.cancel, on_attempt=lane.attempt):
            lane.hear(event)
            if isinstance(event, PhaseChange):
                meter.off() if event.phase in IDLE else meter.on()
        return ended(answer, lane.heard(), lane.attempts)


def _timed(made: Answer, share: MachineShare) -> Answer:
    """The answer with its share of the machine.

    A server that loads its model within the request tells so: ``wall`` is without it (METRICS, "Cost": load
    time apart), and without attempts that came to nothing. Its energy is taken to be spread evenly then.
    """
    wall = made.timing.wall
    part = 1.0 if wall is None or not share.active else min(wall / share.active, 1.0)
    joules = None if share.joules is None else share.joules * part
    timing = replace(made.timing, machine=share.seconds * part, shared=share.shared, joules=joules)
    return replace(made, timing=timing, cost=UNPRICED)


def _score(scorer: Scorer, answer: Answer) -> Score:
    try:
        return scorer.score(answer)
    except AppError as error:
        return Score(scorer.name, scorer.version, None, error.message)


def _counter(candidate: Candidate, backend: Backend) -> Counter:
    def count(messages: Sequence[Message]) -> int | None:
        try:
            return backend.count_tokens(candidate.model, messages)
        except AppError:
            return None

    return count


def _while_it_tells(count: Counter) -> Counter:
    """The same until it tells nothing once."""
    tells = True

    def counted(messages: Sequence[Message]) -> int | None:
        nonlocal tells
        found = count(messages) if tells else None
        tells = found is not None
        return found

    return counted
