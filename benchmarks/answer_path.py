"""(a) Assay's way of asking beside the bare HTTP call to the same server, in pairs of random order.

Assay's span runs from before the prompt is built until the answer is committed, the bare one from
before the request until the last token. A fresh nonce stands at the front of every prompt, so that
no cache helps either. Finding the passages is measured apart.
"""

from __future__ import annotations

import json
import random
import secrets
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from ulid import ULID

from app.answering.answering import Answering
from app.answering.ending import NO_COST
from app.answering.lane import Lane
from app.answering.prompting import WITH_DOCUMENTS, build
from app.backends.embedded import MODEL, EmbeddedBackend
from app.commands import follow
from app.costs.energy import energy
from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Checks,
    FoundPassage,
    Message,
    Options,
    Question,
    Retrieval,
    StreamEvent,
    TextDelta,
    Timing,
    Usage,
)
from app.evaluation.scorers.registry import scorers
from app.services import Services, open_services
from app.settings import Settings
from benchmarks.running import NOWHERE
from benchmarks.tables import goal, median, print_table, ratio_of_medians, seconds

PAIRS = 20
TOKENS = 64
GOAL_RATIO = 1.03
QUESTION = "List what the passages say, one sentence after the other, and leave nothing out."
"""Long answers, so that both ways end at the token limit and write equally much."""


@dataclass(frozen=True)
class Spans:
    """Seconds from the beginning to the first text and to the end, and the tokens written."""

    first: float
    total: float
    tokens: int


class TimedLane(Lane):
    """A lane that notes when its first text came."""

    first_text: float | None = None

    def hear(self, event: StreamEvent) -> None:
        """Take one event of the stream."""
        if isinstance(event, TextDelta) and self.first_text is None:
            self.first_text = time.monotonic()
        super().hear(event)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch), ollama_url=NOWHERE)
        with open_services(settings, "a benchmark") as services:
            collection, job = services.load_sample()
            follow(services, job)
            found, retrieval = searched(services, collection.id)
            ours, bare = pairs(services, found, collection.id)
    report(ours, bare, retrieval)


def searched(services: Services, collection_id: str) -> tuple[list[FoundPassage], list[float]]:
    """The passages to give, and how long finding them took each time."""
    spans: list[float] = []
    found: list[FoundPassage] = []
    for example in [*services.sample.examples(), *(one.question for one in services.sample.questions())][
        :PAIRS
    ]:
        began = time.monotonic()
        found = services.searching.search(collection_id, example, 4)
        spans.append(time.monotonic() - began)
    return found, spans


def pairs(
    services: Services, found: Sequence[FoundPassage], collection_id: str
) -> tuple[list[Spans], list[Spans]]:
    """PAIRS measurements of both ways, in random order within each pair, after one of each to warm up."""
    backend = services.backends.get("embedded")
    assert isinstance(backend, EmbeddedBackend)
    question = Question(str(ULID()), QUESTION, QUESTION, str(ULID()), collection_id, (), datetime.now(UTC))
    services.answers.begin(question, [])
    counters = energy()
    measured_by = counters if counters.counters else None
    answering = Answering(services.backends.get, services.pricing, scorers(), measured_by)

    def ours() -> Spans:
        return by_assay(services, answering, question, found)

    def bare() -> Spans:
        return by_http(backend, found, collection_id)

    ours()
    bare()
    chance = random.Random(1)
    measured: tuple[list[Spans], list[Spans]] = ([], [])
    for _ in range(PAIRS):
        for which in chance.sample((0, 1), 2):
            measured[which].append((ours, bare)[which]())
    return measured


def by_assay(
    services: Services, answering: Answering, question: Question, found: Sequence[FoundPassage]
) -> Spans:
    """One answer as ``Comparing`` makes it: prompt and its commit, stream, checks, cost, scores, commit."""
    pending = _pending(question, _candidate(question.collection_id))
    services.answers.add(question.id, pending)
    lane = TimedLane(pending)
    began = time.monotonic()
    answer = answering.answer(
        lane, question.text, lambda: found, "benchmark", sending=services.answers.prompted
    )
    services.answers.finish(answering.scored(answering.priced(answer)))
    total = time.monotonic() - began
    assert lane.first_text is not None, answer.error
    return Spans(lane.first_text - began, total, answer.usage.completion or 0)


def by_http(backend: EmbeddedBackend, found: Sequence[FoundPassage], collection_id: str) -> Spans:
    """The same messages in one HTTP call, as plainly as it can be written."""
    candidate = _candidate(collection_id)
    prompt = build(QUESTION, found, candidate, backend.context, lambda _messages: 0)
    running = backend._process.running if backend._process else None  # noqa: SLF001 - its address
    assert running is not None
    body = _body(candidate, prompt.rendered())
    headers = {"Authorization": f"Bearer {running.key}"}
    first, tokens = 0.0, 0
    # Made before the clock starts: reading certificates takes 15 ms, and Assay's client is made once, too.
    client = httpx.Client(timeout=300)
    began = time.monotonic()
    with (
        client,
        client.stream("POST", f"{running.address}/v1/chat/completions", json=body, headers=headers) as reply,
    ):
        for line in reply.iter_lines():
            if not line.startswith("data: {"):
                continue
            event = json.loads(line[6:])
            if not first and event["choices"] and event["choices"][0]["delta"].get("content"):
                first = time.monotonic() - began
            tokens = (event.get("usage") or {}).get("completion_tokens", tokens)
    return Spans(first, time.monotonic() - began, tokens)


def _body(candidate: Candidate, messages: Sequence[Message]) -> dict[str, object]:
    return {
        "model": candidate.model,
        "messages": [{"role": one.role, "content": one.content} for one in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": candidate.options.max_tokens,
        "temperature": candidate.options.temperature,
        "seed": candidate.options.seed,
    }


def _candidate(collection_id: str) -> Candidate:
    instruction = f"{secrets.token_hex(8)} {WITH_DOCUMENTS}"
    return Candidate("embedded", MODEL, Options(instruction, max_tokens=TOKENS), Retrieval(collection_id))


def _pending(question: Question, candidate: Candidate) -> Answer:
    return Answer(
        id=str(ULID()), question_id=question.id, position=0, candidate=candidate, state=AnswerState.PENDING,
        text="", thinking="", prompt=None, checks=Checks(), usage=Usage(), timing=Timing(), cost=NO_COST,
        error="", remedy="", attempts=0, backend_version="", asked_at=datetime.now(UTC),
    )  # fmt: skip


def report(ours: Sequence[Spans], bare: Sequence[Spans], retrieval: Sequence[float]) -> None:
    """Print both ways, their ratios and the goals."""
    rows = [
        (name, seconds(median([one.first for one in spans])), seconds(median([one.total for one in spans])),
         f"{median([one.tokens for one in spans]):.0f}")
        for name, spans in (("Assay", ours), ("bare HTTP call", bare))
    ]  # fmt: skip
    print_table(
        f"Median of {PAIRS} pairs in random order, embedded model",
        ("way", "first token", "total", "tokens"),
        rows,
    )
    first = ratio_of_medians([one.first for one in ours], [one.first for one in bare])
    total = ratio_of_medians([one.total for one in ours], [one.total for one in bare])
    ratios = [
        (name, f"{value:.3f}", f"{low:.3f} to {high:.3f}")
        for name, (value, low, high) in (("first token", first), ("total", total))
    ]
    print_table("Ratio of medians, Assay over bare", ("span", "ratio", "95% interval"), ratios)
    slowest = seconds(max(retrieval))
    print_table("Finding four passages, apart", ("median", "most"), [(seconds(median(retrieval)), slowest)])
    goal("first token, Assay over bare", first[0], at_most=GOAL_RATIO)
    goal("total, Assay over bare", total[0], at_most=GOAL_RATIO)


if __name__ == "__main__":
    main()
