"""Stop ends a run within seconds and keeps what is done, wherever the model's server hangs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import pytest

from app.backends.openai_compatible import OpenAICompatibleBackend
from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Case,
    ExperimentState,
    Gold,
    Options,
    PosedCase,
    ReadDocument,
    ReadPage,
)
from app.evaluation.datasets.locating import Locating, posed
from app.settings import BackendSettings, Timeouts
from tests.evaluation.experiments.conftest import Laboratory
from tests.fakes import FakeBackend
from tests.scripted_server import HANG, Reply, ScriptedServer, json_reply, sse
from tests.waiting import until

pytestmark = pytest.mark.integration  # whole runs, over a real database and index

CHAT = "/v1/chat/completions"
SECONDS = 5
BEGUN = b'data: {"choices": [{"delta": {"content": "It has "}}]}\n\n'
SAID = sse(
    {"choices": [{"delta": {"content": "nine beds"}}]}, {"choices": [{"delta": {}, "finish_reason": "stop"}]}
)
HANGS = {
    "before the first byte": Reply(before=(HANG,)),
    "before the first token": Reply(parts=(HANG,)),
    "within the text": Reply(parts=(BEGUN, HANG)),
}
READ = ReadDocument((ReadPage(1, "The mill has seven stones.\nThe inn has nine beds."),), "text")
CASES = tuple(Case(f"Stones {n}?", ("seven",), (Gold("mill.txt", "has seven stones"),)) for n in range(8))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        made.always("/v1/models", json_reply({"data": [{"id": "tiny"}]}))
        yield made


@pytest.fixture
def hanging(server: ScriptedServer, laboratory: Laboratory) -> Iterator[Candidate]:
    """A candidate with documents at a server; Assay waits five minutes for its first token."""
    settings = BackendSettings(kind="openai", url=f"{server.address}/v1", concurrency=2)
    backend = OpenAICompatibleBackend("server", settings, Timeouts())
    laboratory.world.backends["server"] = cast("FakeBackend", backend)
    yield replace(laboratory.world.candidate("server"), options=Options(temperature=0.5))
    backend.close()


def begin(laboratory: Laboratory, who: Candidate) -> str:
    dataset = laboratory.datasets.create("Stones", CASES)
    return laboratory.experimenting.start(replace(laboratory.wanted(who), dataset_id=dataset.id))


def stopped(laboratory: Laboratory, name: str) -> None:
    """Ended in so many seconds, where each of two hanging answers would take minutes."""
    laboratory.experimenting.stop(name)
    assert laboratory.experimenting._runs[name].done.wait(SECONDS)
    assert laboratory.experimenting.view(name).experiment.state is ExperimentState.STOPPED


@pytest.mark.parametrize("how", HANGS)
def test_while_it_asks(how: str, server: ScriptedServer, laboratory: Laboratory, hanging: Candidate) -> None:
    server.on(CHAT, SAID, SAID, SAID)
    server.always(CHAT, HANGS[how])
    name = begin(laboratory, hanging)
    until(lambda: len(laboratory.experiments.trials(name)) == 3 and len(server.sent_to(CHAT)) == 5)
    stopped(laboratory, name)
    trials = laboratory.experiments.trials(name)
    assert [one.state for one in trials] == [AnswerState.COMPLETE] * 3
    until(server.gone.is_set)
    server.always(CHAT, SAID)
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).experiment.state is ExperimentState.FINISHED
    # Of the first five two were broken off; five more are all that were not done.
    assert len(server.sent_to(CHAT)) == 5 + 5
    assert {one.answer_id for one in trials} < {one.answer_id for one in laboratory.experiments.trials(name)}


@pytest.mark.parametrize("how", HANGS)
def test_while_it_looks_for_causes(
    how: str, server: ScriptedServer, laboratory: Laboratory, hanging: Candidate
) -> None:
    def located(collection: str, cases: Sequence[Case]) -> list[PosedCase]:
        return list(posed(Locating(laboratory.world.documents, collection), cases))

    laboratory.world.documents.save_reading("doc-mill.txt", READ)
    laboratory.pose = located
    server.on(CHAT, *[SAID] * (len(CASES) + 3))
    server.always(CHAT, HANGS[how])
    name = begin(laboratory, hanging)
    until(lambda: len(server.sent_to(CHAT)) == len(CASES) + 5)
    until(lambda: len(probes(laboratory, name)) == 3)
    stopped(laboratory, name)
    assert len(laboratory.experiments.trials(name)) == len(CASES)
    assert len([one for one in probes(laboratory, name) if one.state is AnswerState.COMPLETE]) == 3
    before = len(server.sent_to(CHAT))
    server.always(CHAT, SAID)
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).experiment.state is ExperimentState.FINISHED
    assert {one.cause for one in laboratory.experiments.trials(name)} == {"model wrong"}
    # Each is asked the same again and then with the gold alone, of which three were done.
    assert len(server.sent_to(CHAT)) - before == 2 * len(CASES) - 3


def probes(laboratory: Laboratory, name: str) -> list[Answer]:
    """The re-askings that are committed."""
    ids = [one.answer_id for one in laboratory.experiments.trials(name)]
    found = [one.answer_id for each in laboratory.experiments.probes(ids).values() for one in each]
    return list(laboratory.experiments.answers(found).values())
