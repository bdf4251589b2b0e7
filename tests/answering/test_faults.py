"""Nothing that breaks or hangs around an answer loses it, keeps a lane busy for ever, or ignores a stop."""

from __future__ import annotations

import threading
from datetime import datetime
from unittest.mock import patch

import pytest

from app.domain import (
    Answer,
    AnswerState,
    Cost,
    Model,
    Phase,
    PhaseChange,
    Question,
    TextDelta,
    Timing,
    Usage,
)
from app.errors import DatabaseTrouble, NotAllowed
from tests.answering.conftest import FreeOfCharge, World
from tests.fakes import Gate, completed
from tests.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
def mill(world: World) -> World:
    world.add("mill.txt", "the mill has seven stones", "oak wheel in the river")
    return world


def ask(mill: World, lanes: int = 1, *, in_turn: bool = False) -> str:
    candidates = [mill.candidate()] * lanes
    return mill.comparing.ask("Stones?", candidates, mill.collection.id, "me", one_at_a_time=in_turn)


def only(mill: World, question: str) -> Answer:
    (lane,) = mill.ended(question).lanes
    assert lane.answer
    return lane.answer


# ------------------------------------------------------------------ after the answer


class Broken(FreeOfCharge):
    """Prices that cannot be had."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def cost(
        self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime, backend: str = ""
    ) -> Cost:
        raise self._error


def test_a_price_that_cannot_be_read_leaves_the_answer_whole(mill: World) -> None:
    mill.comparing._answering._pricing = Broken(DatabaseTrouble("Another program keeps the database locked."))
    answer = only(mill, ask(mill))
    assert (answer.state, answer.text) == (AnswerState.COMPLETE, "The fake answer [1].")
    assert (answer.cost.amount, answer.usage.completion) == (None, 7)
    assert "locked" in answer.cost.words


def test_an_error_of_our_own_keeps_what_was_heard(
    mill: World, crashes: list[type[BaseException]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Answer:
        raise ZeroDivisionError

    monkeypatch.setattr("app.answering.answering.ended", broken)
    question = ask(mill)
    answer = only(mill, question)
    assert (answer.state, answer.text) == (AnswerState.FAILED, "The fake answer [1].")
    assert "inside Assay" in answer.error
    until(lambda: crashes == [ZeroDivisionError])
    assert mill.answers.answers(question) == [answer]


def test_an_error_of_our_own_in_the_price_leaves_the_answer_whole(
    mill: World, crashes: list[type[BaseException]]
) -> None:
    mill.comparing._answering._pricing = Broken(ZeroDivisionError())
    question = ask(mill)
    answer = only(mill, question)
    assert (answer.state, answer.text) == (AnswerState.COMPLETE, "The fake answer [1].")
    assert (answer.cost.amount, answer.cost.words) == (None, "What it cost was not worked out.")
    until(lambda: crashes == [ZeroDivisionError])
    assert mill.answers.answers(question) == [answer]


def test_an_answer_that_no_database_can_hold_ends_its_lane_and_lets_the_next_begin(mill: World) -> None:
    """No backend of ours lets such a number through; whatever else cannot be written ends like this."""
    mill.backends["fake"].say("Seven.", end=completed(usage=Usage(10**25, 7)))
    question = ask(mill, 2, in_turn=True)
    first, second = mill.ended(question).lanes
    assert first.answer
    assert (first.answer.text, first.saved) == ("Seven.", False)
    assert second.answer
    assert (second.answer.state, second.saved) == (AnswerState.COMPLETE, True)


def test_what_could_not_be_saved_is_saved_with_the_next_answer(mill: World) -> None:
    finish = mill.answers.finish
    refused = [DatabaseTrouble("The disk is full.")]

    def full(answer: Answer, question: Question | None = None) -> None:
        if refused:
            raise refused.pop()
        finish(answer, question)

    with patch.object(mill.answers, "finish", full):
        first = ask(mill)
        lost = mill.ended(first).lanes[0]
        assert not lost.saved
        mill.ended(ask(mill))
        until(lambda: mill.answers.answers(first) == [lost.answer])
    view = mill.comparing.view(first)
    assert view
    assert view.lanes[0].saved


# ------------------------------------------------------------------ stops


def test_a_stop_need_not_wait_for_a_search_that_hangs(mill: World) -> None:
    mill.embedder.gate = gate = Gate()
    question = ask(mill, 2)
    assert gate.reached.wait(10)
    mill.comparing.stop_all(question)
    view = mill.ended(question)
    assert [one.answer.state for one in view.lanes if one.answer] == [AnswerState.STOPPED] * 2
    assert mill.backends["fake"].requests == []
    gate.open()


def test_a_stopped_lane_leaves_the_search_to_the_other(mill: World) -> None:
    mill.embedder.gate = gate = Gate()
    question = ask(mill, 2)
    assert gate.reached.wait(10)
    first, second = mill.comparing._lanes()
    mill.comparing.stop(first.pending.id)
    assert first.done.wait(10)
    assert not second.done.is_set()
    gate.open()
    states = [one.answer.state for one in mill.ended(question).lanes if one.answer]
    assert states == [AnswerState.STOPPED, AnswerState.COMPLETE]


def test_a_stop_need_not_wait_for_a_server_that_does_not_tell_its_models(mill: World) -> None:
    asked, let = threading.Event(), threading.Event()

    def models() -> list[Model]:
        asked.set()
        let.wait(20)
        return []

    with patch.object(mill.backends["fake"], "models", models):
        question = ask(mill)
        assert asked.wait(10)
        mill.comparing.stop_all(question)
        assert only(mill, question).state is AnswerState.STOPPED
        let.set()


def test_a_lane_that_waits_for_its_turn_says_so_and_counts_it(mill: World) -> None:
    gate = mill.backends["fake"].hold("one ")
    question = ask(mill, 2, in_turn=True)
    assert gate.reached.wait(10)
    first, second = mill.comparing._lanes()
    until(lambda: second.view().phase is Phase.QUEUED)
    gate.open()
    waited = mill.ended(question).lanes[1].answer
    assert first.done.is_set()
    assert waited
    assert waited.timing.queue
    assert waited.timing.queue > 0


# ------------------------------------------------------------------ models that change, lanes that race


def test_the_digest_is_that_of_the_model_that_answered(mill: World) -> None:
    """It is pulled anew while a lane waits in the queue."""
    backend = mill.backends["fake"]
    backend.concurrency = 1
    gate = backend.hold("one ")
    first = ask(mill)
    assert gate.reached.wait(10)
    second = ask(mill)
    until(lambda: mill.comparing._answering.queue(backend).waiting() == 1)
    backend.change_digest("tiny", "sha256:new")
    gate.open()
    mill.ended(second)
    assert mill.answers.answers(second)[0].candidate.digest == "sha256:new"
    # The first answered while its model was replaced: it belongs to neither.
    digest = mill.answers.answers(first)[0].candidate.digest
    assert digest == "sha256:tiny or sha256:new"
    assert "replaced" in mill.answers.answers(first)[0].checks.note


def test_of_two_who_ask_again_at_once_one_is_refused(mill: World) -> None:
    question = ask(mill)
    answer = only(mill, question)
    mill.backends["fake"].hold("again ")
    barrier = threading.Barrier(4)
    ends: list[str] = []

    def again() -> None:
        barrier.wait(10)
        try:
            ends.append(mill.comparing.again(answer.id, "me"))
        except NotAllowed:
            ends.append("refused")

    threads = [threading.Thread(target=again) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert ends.count("refused") == 3
    assert len(mill.comparing._lanes()) == 1
    mill.comparing.stop_all(question)
    assert len(mill.ended(question).lanes) == 2


def test_phases_of_a_retry_are_told(mill: World) -> None:
    backend = mill.backends["fake"]
    gate = Gate()
    backend.script(PhaseChange(Phase.LOADING), gate, TextDelta("Seven."), completed())
    question = ask(mill)
    assert gate.reached.wait(10)
    view = mill.comparing.view(question)
    assert view
    assert view.lanes[0].phase is Phase.LOADING
    gate.open()
    assert only(mill, question).state is AnswerState.COMPLETE
