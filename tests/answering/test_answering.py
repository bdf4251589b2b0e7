"""One lane from the question to the finished answer, with a fake model and everything else real."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import pytest

from app.answering.answering import Answering
from app.answering.ending import pending
from app.answering.lane import Lane
from app.domain import (
    Answer,
    AnswerState,
    BackendKind,
    Candidate,
    Cost,
    FoundPassage,
    Model,
    Question,
    Score,
    Timing,
    Usage,
)
from app.errors import BackendDown, BackendTimeout, IndexDamaged, NotFound, StreamBroken
from tests.answering.examples import candidate, found
from tests.fakes import FakeBackend, FakeScorer, completed

PASSAGES = found("The mill has seven stones.", "The wheel is made of oak.")


class Price:
    """A price of one unit a second of machine time."""

    def cost(
        self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime, backend: str = ""
    ) -> Cost:
        assert at.tzinfo is UTC
        return Cost(int(timing.machine or 0), "USD", "assumed", f"{provider}/{model}")


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


def lane_for(asked: Candidate) -> Lane:
    question = Question("q1", "How many stones?", "How many stones?", "q1", "c1", (), datetime.now(UTC))
    return Lane(pending(question.id, 0, asked))


def run(backend: FakeBackend, lane: Lane, passages: Sequence[FoundPassage] = PASSAGES) -> Answer:
    answering = Answering({"fake": backend}.__getitem__, Price())
    return answering.priced(answering.answer(lane, "How many stones?", lambda: passages, "somebody"))


def test_a_complete_answer_carries_everything(backend: FakeBackend) -> None:
    backend.say("It has “seven stones here” ", "[1][7].", thinking="Let me see.", loading=True)
    answer = run(backend, lane_for(candidate()))
    assert answer.state is AnswerState.COMPLETE
    assert answer.text == "It has “seven stones here” [1][7]."
    assert answer.thinking == "Let me see."
    assert [(one.number, one.valid) for one in answer.checks.citations] == [(1, True), (7, False)]
    assert [one.number for one in answer.checks.quotes] == [0]
    assert answer.usage == Usage(11, 7, None, 0)
    assert answer.timing.queue is not None
    assert answer.timing.machine is not None
    assert answer.timing.shared == 1
    assert answer.cost.words == "/tiny"
    assert answer.attempts == 1
    assert answer.candidate.digest == "sha256:tiny"
    assert answer.backend_version == "fake 1"
    assert answer.prompt is not None
    assert backend.requests[0].messages == answer.prompt.rendered()


def test_without_documents_nothing_is_searched(backend: FakeBackend) -> None:
    def forbidden() -> Sequence[FoundPassage]:
        raise AssertionError("a lane without documents must not search")

    lane = lane_for(candidate(documents=False))
    answer = Answering({"fake": backend}.__getitem__, Price()).answer(lane, "Why?", forbidden, "a")
    assert answer.prompt is not None
    assert answer.prompt.given == ()


def test_cut_short_by_the_token_limit(backend: FakeBackend) -> None:
    backend.say("It has", end=completed(finish="length"))
    answer = run(backend, lane_for(candidate()))
    assert (answer.state, answer.text) == (AnswerState.CUT_SHORT, "It has")


def test_a_broken_stream_keeps_the_partial_text(backend: FakeBackend) -> None:
    backend.fail(StreamBroken("The stream ended.", "Ask again."), "It has sev", "en [1]")
    answer = run(backend, lane_for(candidate()))
    assert (answer.state, answer.text) == (AnswerState.FAILED, "It has seven [1]")
    assert (answer.error, answer.remedy) == ("The stream ended.", "Ask again.")
    assert answer.checks.citations[0].valid
    assert answer.timing.wall is not None
    assert answer.attempts == 1


def test_a_retry_before_the_first_token_is_counted(backend: FakeBackend) -> None:
    backend.fail(BackendDown("Nobody answers."))
    backend.say("Seven.")
    answer = run(backend, lane_for(candidate()))
    assert (answer.state, answer.attempts) == (AnswerState.COMPLETE, 2)


def test_no_retry_after_a_timeout(backend: FakeBackend) -> None:
    backend.fail(BackendTimeout("No token came in time."))
    answer = run(backend, lane_for(candidate()))
    assert (answer.state, answer.attempts) == (AnswerState.FAILED, 1)


def test_an_empty_answer_is_a_failure_and_says_so(backend: FakeBackend) -> None:
    backend.say("  ", "\n")
    answer = run(backend, lane_for(candidate()))
    assert answer.state is AnswerState.FAILED
    assert "without writing" in answer.error


def test_a_missing_backend_is_the_lanes_error() -> None:
    def nothing(_name: str) -> FakeBackend:
        raise NotFound("There is no backend called fake.", "Connect it.")

    answer = Answering(nothing, Price()).answer(lane_for(candidate()), "Why?", lambda: PASSAGES, "a")
    assert (answer.state, answer.error) == (AnswerState.FAILED, "There is no backend called fake.")
    assert answer.cost.amount is None


def test_a_failed_search_is_the_lanes_error(backend: FakeBackend) -> None:
    def broken() -> Sequence[FoundPassage]:
        raise IndexDamaged("The index does not answer.", "Rebuild it.")

    lane = lane_for(candidate())
    answer = Answering({"fake": backend}.__getitem__, Price()).answer(lane, "Why?", broken, "a")
    assert (answer.state, answer.error) == (AnswerState.FAILED, "The index does not answer.")
    assert backend.requests == []


def test_a_prompt_too_long_sends_nothing(backend: FakeBackend) -> None:
    lane = lane_for(candidate(max_tokens=4090))
    assert run(backend, lane).state is AnswerState.FAILED
    assert backend.requests == []


def test_stop_keeps_what_came(backend: FakeBackend) -> None:
    gate = backend.hold("It has ", then="seven.")
    lane = lane_for(candidate())
    results: list[Answer] = []
    thread = threading.Thread(target=lambda: results.append(run(backend, lane)))
    thread.start()
    assert gate.reached.wait(10)
    lane.cancel.cancel()
    thread.join(10)
    assert (results[0].state, results[0].text) == (AnswerState.STOPPED, "It has")
    assert results[0].timing.wall is not None


class TestStructured:
    VALID = '{"answer": "Seven stones.", "citations": [1], "found": true}'

    def test_valid_at_once(self, backend: FakeBackend) -> None:
        backend.say(self.VALID)
        answer = run(backend, lane_for(candidate(schema=True)))
        assert (answer.text, answer.checks.schema_held) == ("Seven stones. [1]", True)
        assert answer.checks.found is True
        assert answer.checks.schema_retries == 0
        assert backend.requests[0].schema

    def test_two_retries_are_counted_with_their_tokens(self, backend: FakeBackend) -> None:
        backend.say("Seven.")
        backend.say("{}")
        backend.say(self.VALID)
        answer = run(backend, lane_for(candidate(schema=True)))
        assert answer.state is AnswerState.COMPLETE
        assert answer.checks.schema_retries == 2
        assert answer.attempts == 3
        assert answer.usage.completion == 21
        assert answer.timing.wall == pytest.approx(2.1)

    def test_never_more_than_two_retries(self, backend: FakeBackend) -> None:
        for _ in range(5):
            backend.say("no json")
        answer = run(backend, lane_for(candidate(schema=True)))
        assert answer.state is AnswerState.FAILED
        assert answer.checks.schema_held is False
        assert "schema" in answer.error
        assert len(backend.requests) == 3
        assert answer.text == "no json"

    def test_cut_short_is_not_asked_again(self, backend: FakeBackend) -> None:
        backend.say('{"answer": "Sev', end=completed(finish="length"))
        answer = run(backend, lane_for(candidate(schema=True)))
        assert answer.state is AnswerState.CUT_SHORT
        assert len(backend.requests) == 1


def test_without_loading_the_share_is_the_time_it_took(backend: FakeBackend) -> None:
    answer = run(backend, lane_for(candidate()))
    assert answer.timing.machine
    assert answer.timing.machine > 0


def test_the_smaller_window_of_backend_and_model_counts(backend: FakeBackend) -> None:
    small = backend.models()[0]
    backend._models["tiny"] = replace(small, context=500)
    answer = run(backend, lane_for(candidate(max_tokens=100)))
    assert answer.prompt
    assert answer.prompt.window == 500


def test_what_the_server_refused_is_kept(backend: FakeBackend) -> None:
    end = replace(completed(), note="The server refuses seed; it used its own.")
    backend.say("Seven.", end=end)
    assert run(backend, lane_for(candidate())).checks.note == end.note


def an_ended(backend: FakeBackend, *pieces: str, finish: Literal["stop", "length"] = "stop") -> Answer:
    backend.say(*pieces, end=completed(finish=finish))
    return run(backend, lane_for(candidate()))


def scored(answer: Answer, *scorers: FakeScorer) -> Answer:
    return Answering({"fake": FakeBackend()}.__getitem__, Price(), scorers or [FakeScorer()]).scored(answer)


def test_an_ended_answer_is_scored(backend: FakeBackend) -> None:
    complete = scored(an_ended(backend, "Seven stones."))
    cut = scored(an_ended(backend, "Seven", finish="length"))
    assert complete.scores == (Score("length", "1", 0.013, "counted"),)
    assert cut.state is AnswerState.CUT_SHORT
    assert cut.scores == (Score("length", "1", 0.005, "counted"),)


def test_what_did_not_end_or_had_no_documents_has_no_scores(backend: FakeBackend) -> None:
    whole = an_ended(backend, "Seven stones.")
    backend.fail(StreamBroken("The stream ended."), "Seven")
    broken = run(backend, lane_for(candidate()))
    stopped = replace(whole, state=AnswerState.STOPPED)
    empty = replace(whole, state=AnswerState.CUT_SHORT, text="")
    bare = run(backend, lane_for(candidate(documents=False)))
    scorer = FakeScorer()
    for one in (broken, stopped, empty, bare):
        assert scored(one, scorer) is one
    assert scorer.scored == []


def test_scores_are_in_the_order_in_which_they_are_logged(backend: FakeBackend) -> None:
    scorers = [FakeScorer() for _ in range(3)]
    for one, name in zip(scorers, "bca", strict=True):
        one.name = name
    answer = scored(an_ended(backend, "Seven."), *scorers)
    assert [one.scorer for one in answer.scores] == ["a", "b", "c"]


def test_a_scorer_that_cannot_says_why(backend: FakeBackend) -> None:
    failing = FakeScorer(BackendDown("The judge does not answer.", "Start it."))
    answer = scored(an_ended(backend, "Seven."), failing)
    assert answer.scores == (Score("length", "1", None, "The judge does not answer."),)


def test_a_new_digest_under_the_same_name_is_another_candidate(backend: FakeBackend) -> None:
    first = run(backend, lane_for(candidate()))
    backend.change_digest("tiny", "sha256:newer")
    second = run(backend, lane_for(candidate()))
    assert first.candidate.hash != second.candidate.hash


def test_a_far_server_is_not_asked_for_its_models_at_every_answer() -> None:
    far = FakeBackend()
    far.kind = BackendKind.OPENAI
    asked = 0
    models = far.models

    def counted() -> list[Model]:
        nonlocal asked
        asked += 1
        return models()

    far.models = counted  # type: ignore[method-assign]
    answering = Answering({"fake": far}.__getitem__, Price())
    for _ in range(3):
        answering.answer(lane_for(candidate()), "Why?", lambda: PASSAGES, "a")
    assert asked == 1
