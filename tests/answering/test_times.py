"""Where the seconds of an answer go: by a clock that only the script of the model moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.answering.answering import Answering
from app.answering.ending import pending
from app.answering.lane import Lane
from app.backends import retrying
from app.backends.base import Cancel
from app.domain import Answer, AnswerState, Completed, Phase, PhaseChange, TextDelta, Timing, Usage
from app.errors import BackendBusy, BackendDown
from tests.answering.examples import candidate
from tests.answering.test_answering import PASSAGES, Price, lane_for, run
from tests.fakes import FakeBackend


class Clock:
    """Stands still but where it is told to move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def passes(self, seconds: float) -> Callable[[], None]:
        """A step of a script in which so many seconds pass."""

        def move() -> None:
            self.now += seconds

        return move


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()

    def wait(_cancel: Cancel, seconds: float) -> bool:
        made.now += seconds
        return False

    monkeypatch.setattr(time, "monotonic", lambda: made.now)
    monkeypatch.setattr(Cancel, "wait", wait)
    monkeypatch.setattr(retrying, "_wait", lambda _error, attempt: 10.0 * attempt)
    return made


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


def end(timing: Timing) -> Completed:
    return Completed(Usage(100, 50, None, 0), timing, "stop")


def test_loading_before_the_request_takes_nothing_from_the_machines_share(
    clock: Clock, backend: FakeBackend
) -> None:
    """The embedded server and a first Ollama request load before they answer."""
    backend.script(
        PhaseChange(Phase.LOADING), clock.passes(7), PhaseChange(Phase.READING), clock.passes(2),
        TextDelta("Seven."), clock.passes(1), end(Timing(wall=3.0, load=7.0)),
    )  # fmt: skip
    timing = run(backend, lane_for(candidate())).timing
    assert (timing.load, timing.wall, timing.machine) == (7.0, 3.0, 3.0)
    assert timing.first_token == 2.0


def test_loading_within_the_request_is_taken_out_once(clock: Clock, backend: FakeBackend) -> None:
    """Ollama loads within a request where another program took its model out of memory."""
    backend.script(
        PhaseChange(Phase.READING), clock.passes(9), TextDelta("Seven."), end(Timing(wall=2.0, load=7.0))
    )
    timing = run(backend, lane_for(candidate())).timing
    assert (timing.load, timing.wall, timing.machine) == (7.0, 2.0, 2.0)


def test_waiting_for_a_busy_server_is_queueing_and_costs_no_machine_time(
    clock: Clock, backend: FakeBackend
) -> None:
    busy = BackendBusy("The server is busy.", "Wait.")
    backend.script(PhaseChange(Phase.READING), clock.passes(1), busy)
    backend.script(PhaseChange(Phase.READING), clock.passes(1), busy)
    backend.script(
        PhaseChange(Phase.READING),
        clock.passes(2),
        TextDelta("Seven."),
        clock.passes(3),
        end(Timing(wall=5.0)),
    )
    answer = run(backend, lane_for(candidate()))
    assert answer.attempts == 3
    # Two attempts of a second each, and waits of 10 and 20 seconds between them.
    assert answer.timing.queue == 32.0
    assert (answer.timing.first_token, answer.timing.wall) == (2.0, 5.0)
    assert answer.timing.machine == pytest.approx(5.0)


def test_a_server_that_never_comes_back(clock: Clock, backend: FakeBackend) -> None:
    for _ in range(3):
        backend.script(PhaseChange(Phase.READING), clock.passes(1), BackendDown("Nobody answers."))
    answer = run(backend, lane_for(candidate()))
    assert answer.state is AnswerState.FAILED
    assert (answer.timing.queue, answer.timing.wall) == (32.0, 1.0)


class Watts:
    """A counter of a machine that draws 20 W."""

    last = 0.0

    def since_last(self, now: float) -> float | None:
        spent, self.last = (now - self.last) * 20.0, now
        return spent


@pytest.mark.parametrize(("local", "joules"), [(True, 60.0), (False, None)])
def test_the_energy_of_an_answer_is_measured_on_this_machine_only(
    clock: Clock, local: bool, joules: float | None
) -> None:
    backend = FakeBackend(local=local)
    backend.script(
        PhaseChange(Phase.LOADING), clock.passes(7), PhaseChange(Phase.READING), clock.passes(3),
        TextDelta("Seven."), end(Timing(wall=3.0, load=7.0)),
    )  # fmt: skip
    answering = Answering({"fake": backend}.__getitem__, Price(), energy=Watts())
    answer = answering.answer(lane_for(candidate()), "How many?", lambda: PASSAGES, "somebody")
    assert (answer.timing.machine, answer.timing.joules) == (3.0, joules)


def test_a_stop_while_it_loads(clock: Clock, backend: FakeBackend) -> None:
    lane = lane_for(candidate())
    backend.script(PhaseChange(Phase.LOADING), clock.passes(4), lane.cancel.cancel)
    answer = run(backend, lane)
    assert answer.state is AnswerState.STOPPED
    assert (answer.timing.load, answer.timing.wall, answer.timing.machine) == (4.0, 0.0, 0.0)


def test_invalid_json_before_it_belongs_to_the_answer(clock: Clock, backend: FakeBackend) -> None:
    for text in ("no json", '{"answer": "Seven", "citations": [1], "found": true}'):
        backend.script(
            PhaseChange(Phase.READING), clock.passes(1), TextDelta(text), clock.passes(4),
            end(Timing(wall=5.0, first_token=1.0, prompt=0.5, generation=4.0, load=0.0)),
        )  # fmt: skip
    answer = run(backend, lane_for(candidate(schema=True)))
    assert answer.checks.schema_retries == 1
    assert answer.usage == Usage(200, 100, None, 0)
    assert answer.timing == Timing(
        queue=0.0, load=0.0, first_token=6.0, prompt=1.0, generation=8.0, wall=10.0, machine=10.0
    )
    assert answer.tokens_per_second == 100 / 8


def answered(usage: Usage, timing: Timing, thinking: str = "") -> Answer:
    pending: Lane = lane_for(candidate())
    return replace(pending.pending, usage=usage, timing=timing, thinking=thinking)


def test_pieces_that_came_together_tell_no_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("app.answering.lane.time.monotonic", lambda: now)
    lane = Lane(pending("Q", 0, candidate()))
    for _ in range(5):
        lane.hear(TextDelta("word "))
    assert lane.view().tokens_per_second is None
    now += 2.0
    assert lane.view().tokens_per_second == 2.0, "four pieces after the first, in two seconds"


def test_tokens_per_second() -> None:
    spans = Timing(first_token=2.0, wall=12.0)
    assert answered(Usage(9, 50), spans).tokens_per_second == 4.9, "after the first, which was there"
    assert answered(Usage(9, 50), replace(spans, generation=25.0)).tokens_per_second == 2.0
    # Thinking that never came over the stream was over before the first token.
    hidden = Usage(9, 1050, 1000)
    assert answered(hidden, spans).tokens_per_second == 4.9
    assert answered(hidden, spans, thinking="Let me see.").tokens_per_second == 104.9
    assert answered(hidden, replace(spans, generation=25.0)).tokens_per_second == 42.0
    for unknown in (
        answered(Usage(9, None), spans),
        answered(Usage(9, 50), Timing()),
        answered(Usage(9, 50), Timing(first_token=3.0, wall=3.0)),
        answered(Usage(9, 0), spans),
        answered(Usage(9, 1), spans),
        answered(Usage(9, 2), Timing(first_token=3.0, wall=3.00006)),
        answered(Usage(9, 1), Timing(first_token=3.0, wall=3.0, generation=0.000001)),
    ):
        assert unknown.tokens_per_second is None


@pytest.mark.parametrize(("generation", "first_token"), [(0.5, 3.5), (None, 4.0), (2.0, 2.0), (9.0, 4.0)])
def test_text_that_is_read_late_came_when_its_generation_began(
    clock: Clock, backend: FakeBackend, generation: float | None, first_token: float
) -> None:
    """A busy Assay reads four seconds' stream at its end; the server's own clock knows better."""
    backend.script(clock.passes(4.0), TextDelta("all of it"), end(Timing(generation=generation, load=0.0)))
    timing = run(backend, lane_for(candidate())).timing
    assert (timing.first_token, timing.wall) == (first_token, 4.0)


def test_text_that_is_read_in_time_keeps_its_time(clock: Clock, backend: FakeBackend) -> None:
    steps = TextDelta("some"), clock.passes(2.0), TextDelta(" more")
    backend.script(clock.passes(1.0), *steps, end(Timing(generation=1.9, load=0.0)))
    assert run(backend, lane_for(candidate())).timing.first_token == 1.0
