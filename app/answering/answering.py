"""Making one answer: prompt, stream with retries, checks, cost. Knows no threads and no database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.answering.citations import check_quotes, find_citations
from app.answering.facts import Facts
from app.answering.lane import Heard, Lane
from app.answering.prompting import build
from app.answering.queueing import FairQueue, MachineClock
from app.answering.structured import MAX_RETRIES, SCHEMA, parse
from app.backends.base import Backend
from app.backends.retrying import stream_with_retries
from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Cost,
    FoundPassage,
    Message,
    Phase,
    Prompt,
    Request,
    Score,
    Timing,
    Usage,
)
from app.errors import AppError, InvalidAnswer

log = logging.getLogger(__name__)

NO_COST = Cost(None, "USD", "unknown", "Nothing was sent, so nothing is known about the cost.")


class Pricer(Protocol):
    """Tells what an answer cost (``costs.pricing.Pricing``)."""

    def cost(self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime) -> Cost:
        """The cost of one answer; unknown where there is no price."""


class Scorer(Protocol):
    """Measures an answer that has ended (``evaluation.scorers.base``)."""

    name: str
    version: str

    def score(self, answer: Answer) -> Score:
        """What it says of the answer."""


class Answering:
    """Runs one lane to its end. One of these serves the whole process."""

    def __init__(
        self, backend_of: Callable[[str], Backend], pricing: Pricer, scorers: Sequence[Scorer] = ()
    ) -> None:
        self._backend_of = backend_of
        self._pricing = pricing
        self._scorers = scorers
        self._queues: dict[str, FairQueue] = {}
        self._machines: dict[str, MachineClock] = {}
        self._facts = Facts()

    def answer(
        self, lane: Lane, question: str, passages: Callable[[], Sequence[FoundPassage]], asker: str
    ) -> Answer:
        """The finished answer, whatever happens to it: an error of a backend becomes its state.

        ``passages`` is called once and may wait for a search that other lanes share.
        """
        answer = replace(lane.pending, cost=NO_COST)
        try:
            backend = self._backend_of(answer.candidate.backend)
            answer = replace(answer, candidate=self._facts.candidate(answer.candidate, backend))
            found = _found(lane, answer.candidate, passages)
            lane.waiting(Phase.PREPARING)
            window = self._facts.window(answer.candidate, backend)
            prompt = build(question, found, answer.candidate, window, _counter(answer.candidate, backend))
            answer = replace(answer, prompt=prompt)
            return self._in_turn(lane, answer, prompt, backend, asker)
        except AppError as error:
            return _failed(answer, lane.heard(), error, lane.attempts)

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

    def queue(self, backend: Backend) -> FairQueue:
        """The queue of a backend."""
        return self._queues.setdefault(backend.name, FairQueue(backend.concurrency))

    def _in_turn(self, lane: Lane, answer: Answer, prompt: Prompt, backend: Backend, asker: str) -> Answer:
        lane.waiting(Phase.QUEUED)
        began = time.monotonic()
        with self.queue(backend).place(asker, lane.cancel) as granted:
            queue = time.monotonic() - began
            if not granted:
                return replace(answer, state=AnswerState.STOPPED, timing=Timing(queue=queue))
            answer = replace(answer, timing=Timing(queue=queue))
            return self._measured(lane, answer, prompt, backend)

    def _measured(self, lane: Lane, answer: Answer, prompt: Prompt, backend: Backend) -> Answer:
        """Generate, and put the share of the machine and the cost to whatever came of it."""
        machine = self._machines.setdefault("here" if backend.local else backend.host, MachineClock())
        began, number = time.monotonic(), machine.start()
        try:
            made = self._generate(lane, answer, prompt, backend)
        finally:
            share = machine.stop(number)
        # Loading the model is told apart (METRICS, "Cost"): take its part out of the share. Some servers
        # load before the request and some within it, so it is compared with the whole time here.
        elapsed = time.monotonic() - began
        part = 1.0 - min((made.timing.load or 0.0) / elapsed, 1.0) if elapsed else 1.0
        timing = replace(made.timing, machine=share.seconds * part, shared=share.shared)
        cost = self._pricing.cost(backend.provider, made.candidate.model, made.usage, timing, made.asked_at)
        return replace(made, timing=timing, cost=cost)

    def _generate(self, lane: Lane, answer: Answer, prompt: Prompt, backend: Backend) -> Answer:
        """One generation, and for strict JSON at most MAX_RETRIES more while it is invalid."""
        spent, waited = Usage(0, 0, 0, 0), 0.0
        for retry in range(MAX_RETRIES + 1):
            try:
                made = self._stream(lane, answer, prompt, backend, seed_offset=retry)
            except AppError as error:
                made = _failed(answer, lane.heard(), error, lane.attempts)
            spent = _sum(spent, made.usage)
            waited += made.timing.wall or 0.0
            # What invalid attempts cost in tokens and time belongs to this answer too.
            made = replace(made, usage=spent, timing=replace(made.timing, wall=waited))
            if not answer.candidate.options.schema or made.state is not AnswerState.COMPLETE:
                return _checked(made, None)
            try:
                return _structured(made, retry)
            except InvalidAnswer as error:
                invalid = error
        held = replace(made.checks, schema_held=False, schema_retries=MAX_RETRIES)
        return replace(
            made, state=AnswerState.FAILED, error=invalid.message, remedy=invalid.remedy, checks=held
        )

    def _stream(
        self, lane: Lane, answer: Answer, prompt: Prompt, backend: Backend, seed_offset: int
    ) -> Answer:
        options = answer.candidate.options
        request = Request(
            model=answer.candidate.model,
            messages=prompt.rendered(),
            temperature=options.temperature,
            seed=options.seed + seed_offset,
            max_tokens=options.max_tokens,
            schema=SCHEMA if options.schema else "",
        )
        lane.waiting(Phase.READING)
        lane.sending()
        for event in stream_with_retries(backend, request, lane.cancel, on_attempt=lane.attempt):
            lane.hear(event)
        return _ended(answer, lane.heard(), lane.attempts)


def _score(scorer: Scorer, answer: Answer) -> Score:
    try:
        return scorer.score(answer)
    except AppError as error:
        return Score(scorer.name, scorer.version, None, error.message)


def _found(
    lane: Lane, candidate: Candidate, passages: Callable[[], Sequence[FoundPassage]]
) -> Sequence[FoundPassage]:
    if not candidate.with_documents:
        return ()
    lane.waiting(Phase.SEARCHING)
    return passages()


def _counter(candidate: Candidate, backend: Backend) -> Callable[[Sequence[Message]], int | None]:
    def count(messages: Sequence[Message]) -> int | None:
        try:
            return backend.count_tokens(candidate.model, messages)
        except AppError:
            return None

    return count


def _ended(answer: Answer, heard: Heard, attempts: int) -> Answer:
    """The answer as the stream left it: complete, cut short, or stopped where it has no end."""
    text = heard.text.strip()
    made = replace(answer, text=text, thinking=heard.thinking.strip(), attempts=attempts)
    done = heard.completed
    if done is None:
        return replace(made, state=AnswerState.STOPPED, timing=_timing(answer, heard))
    timing = replace(
        done.timing,
        queue=answer.timing.queue,
        first_token=done.timing.first_token or heard.first_token,
        wall=done.timing.wall or heard.wall,
    )
    checks = replace(made.checks, note=done.note)
    made = replace(made, usage=done.usage, timing=timing, backend_version=done.backend_version, checks=checks)
    if done.finish == "length":
        return replace(made, state=AnswerState.CUT_SHORT)
    if not text:
        return replace(
            made,
            state=AnswerState.FAILED,
            error="The model ended without writing an answer.",
            remedy="Ask again, or try another model.",
        )
    return replace(made, state=AnswerState.COMPLETE)


def _failed(answer: Answer, heard: Heard, error: AppError, attempts: int) -> Answer:
    """The answer with the error in words; the partial text is kept and checked like any other."""
    made = replace(
        answer,
        state=AnswerState.FAILED,
        text=heard.text.strip(),
        thinking=heard.thinking.strip(),
        timing=_timing(answer, heard) if attempts else answer.timing,
        error=error.message,
        remedy=error.remedy,
        attempts=attempts,
    )
    return _checked(made, None)


def _timing(answer: Answer, heard: Heard) -> Timing:
    return Timing(queue=answer.timing.queue, first_token=heard.first_token, wall=heard.wall)


def _structured(made: Answer, retry: int) -> Answer:
    parsed = parse(made.text)
    checked = _checked(replace(made, text=parsed.as_text()), parsed.found)
    checks = replace(checked.checks, schema_held=True, schema_retries=retry)
    return replace(checked, checks=checks)


def _checked(made: Answer, found: bool | None) -> Answer:
    given = made.prompt.given if made.prompt else ()
    citations, quotes = find_citations(made.text, given), check_quotes(made.text, given)
    return replace(made, checks=replace(made.checks, citations=citations, quotes=quotes, found=found))


def _sum(first: Usage, second: Usage) -> Usage:
    """Tokens of both; what one of them does not know is unknown in all."""

    def add(a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else a + b

    return Usage(
        add(first.prompt, second.prompt),
        add(first.completion, second.completion),
        add(first.thinking, second.thinking),
        add(first.cached, second.cached),
    )
