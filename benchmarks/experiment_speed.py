"""(j) Answers a minute of an experiment beside bare calls to the same server, as many at once.

Both ask the sample's first questions with documents, in rounds of random order. An experiment's time runs
from its start until its last answer is committed: finding passages, building prompts, checking, scoring and
writing are in it. The bare calls send the same prompts, made before their clock starts. A fresh nonce stands
at the front of a round's prompts, so that no round finds another's in the server's cache.
"""

from __future__ import annotations

import json
import random
import secrets
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from app.answering.prompting import WITH_DOCUMENTS, build
from app.backends.embedded import MODEL, EmbeddedBackend
from app.commands import follow
from app.domain import AnswerState, Candidate, Case, Message, Options, Retrieval
from app.evaluation.experiments.experimenting import Wanted
from app.services import Services, open_services
from app.settings import Settings
from benchmarks.running import NOWHERE
from benchmarks.tables import goal, median, print_table, ratio_of_medians

QUESTIONS = 8
ROUNDS = 6
TOKENS = 32
GOAL_RATIO = 0.95


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch), ollama_url=NOWHERE)
        with open_services(settings, "a benchmark") as services:
            collection, job = services.load_sample()
            follow(services, job)
            backend = services.backends.get("embedded")
            assert isinstance(backend, EmbeddedBackend)
            cases = services.sample.questions()[:QUESTIONS]
            ours, bare = rounds(services, backend, cases, collection.id)
    report(ours, bare, backend.concurrency)


def rounds(
    services: Services, backend: EmbeddedBackend, cases: Sequence[Case], collection_id: str
) -> tuple[list[float], list[float]]:
    """Answers a minute of both ways, in random order within each round, after one of each to warm up."""
    dataset = services.datasets.create("Benchmark", cases)

    def ours() -> float:
        return by_experiment(services, dataset.id, candidate(collection_id))

    def by_calls() -> float:
        return bare_calls(services, backend, cases, candidate(collection_id))

    ours()
    by_calls()
    chance = random.Random(1)
    measured: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for which in chance.sample((0, 1), 2):
            measured[which].append((ours, by_calls)[which]())
    return measured


def candidate(collection_id: str) -> Candidate:
    """The one that is asked in a round."""
    instruction = f"{secrets.token_hex(8)} {WITH_DOCUMENTS}"
    return Candidate("embedded", MODEL, Options(instruction, max_tokens=TOKENS), Retrieval(collection_id))


def by_experiment(services: Services, dataset_id: str, who: Candidate) -> float:
    """Answers a minute of an experiment."""
    began = time.monotonic()
    name = services.experimenting.start(Wanted("Benchmark", dataset_id, (who,), reask=False))
    while services.experimenting.view(name).busy:
        time.sleep(0.01)
    spent = time.monotonic() - began
    trials = services.experiments.trials(name)
    assert all(one.state in {AnswerState.COMPLETE, AnswerState.CUT_SHORT} for one in trials)
    return 60 * len(trials) / spent


def bare_calls(services: Services, backend: EmbeddedBackend, cases: Sequence[Case], who: Candidate) -> float:
    """Answers a minute of plain HTTP calls with the same prompts, as many at once."""
    assert who.retrieval is not None
    prompts = []
    for case in cases:
        found = services.searching.search(who.retrieval.collection_id, case.question, who.retrieval.k)
        prompts.append(build(case.question, found, who, backend.context, lambda _messages: 0).rendered())
    running = backend._process.running if backend._process else None  # noqa: SLF001 - its address
    assert running is not None
    headers = {"Authorization": f"Bearer {running.key}"}
    # No connection is used twice, as Assay does it: the server may just be closing the one that is kept.
    fresh = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(timeout=300, headers=headers, limits=fresh) as client:

        def call(messages: Sequence[Message]) -> None:
            address = f"{running.address}/v1/chat/completions"
            with client.stream("POST", address, json=body(who, messages)) as reply:
                for line in reply.iter_lines():
                    if line.startswith("data: {"):
                        json.loads(line[6:])

        began = time.monotonic()
        with ThreadPoolExecutor(backend.concurrency) as threads:
            list(threads.map(call, prompts))
        return 60 * len(prompts) / (time.monotonic() - began)


def body(who: Candidate, messages: Sequence[Message]) -> dict[str, object]:
    """The same request that the backend sends."""
    return {
        "model": who.model,
        "messages": [{"role": one.role, "content": one.content} for one in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": who.options.max_tokens,
        "temperature": who.options.temperature,
        "seed": who.options.seed,
    }


def report(ours: Sequence[float], bare: Sequence[float], at_once: int) -> None:
    """Print both ways, their ratio and the goal."""
    rows = [
        (name, f"{median(values):.1f}", f"{min(values):.1f}-{max(values):.1f}")
        for name, values in (("an experiment", ours), ("bare calls", bare))
    ]
    title = f"Answers a minute, {QUESTIONS} questions, {at_once} at once, {ROUNDS} rounds"
    print_table(title, ("how", "median", "range"), rows)
    ratio, low, high = ratio_of_medians(ours, bare)
    print(f"Ratio {ratio:.3f} (95% {low:.3f} to {high:.3f})\n")
    goal("answers a minute over bare calls", ratio, at_least=GOAL_RATIO)


if __name__ == "__main__":
    main()
