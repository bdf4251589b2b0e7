"""The threads of long work: order, lines, and an end that waits, but not for ever."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from app.workers import Workers

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    made = threading.Event()
    yield made
    made.set()


def test_results_and_errors_reach_the_one_who_waits() -> None:
    workers = Workers(2, "test")
    assert workers.submit(divmod, 7, 2).result(10) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        workers.submit(lambda: 1 // 0).result(10)

    class Odd(BaseException):
        pass

    def odd() -> None:
        raise Odd

    with pytest.raises(Odd):
        workers.submit(odd).result(10)
    assert workers.submit(lambda: "still there").result(10) == "still there"
    assert workers.close(10)


def test_a_line_keeps_its_order_and_has_one_at_a_time() -> None:
    workers, done, inside = Workers(4, "test"), [], threading.Lock()

    def piece(number: int) -> None:
        assert inside.acquire(blocking=False), "two of one line at once"
        done.append(number)
        inside.release()

    futures = [workers.in_line("a", lambda number=number: piece(number)) for number in range(300)]  # type: ignore[misc]
    for one in futures:
        one.result(20)
    assert done == list(range(300))


def test_who_waits_in_a_line_takes_no_thread(gate: threading.Event) -> None:
    workers = Workers(2, "test")
    workers.in_line("a", gate.wait)
    waiting = [workers.in_line("a", lambda: "late") for _ in range(50)]
    assert workers.in_line("b", lambda: "now").result(10) == "now"
    assert workers.submit(lambda: "now").result(10) == "now"
    assert not any(one.done() for one in waiting)
    gate.set()
    assert {one.result(10) for one in waiting} == {"late"}


def test_no_more_threads_than_allowed() -> None:
    workers, running, most, lock = Workers(3, "test"), 0, 0, threading.Lock()
    together = threading.Barrier(3)

    def piece() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(20)
        with lock:
            running -= 1

    for one in [workers.submit(piece) for _ in range(30)]:
        one.result(20)
    assert most == 3


def test_what_was_cancelled_is_left_out(gate: threading.Event) -> None:
    workers, done = Workers(1, "test"), []
    first = workers.in_line("a", gate.wait)
    second = workers.in_line("a", lambda: done.append(2))
    third = workers.in_line("a", lambda: done.append(3))
    assert second.cancel()
    gate.set()
    third.result(10)
    assert done == [3]
    assert first.result(10)


def test_the_end_waits_for_what_runs_and_begins_nothing(gate: threading.Event) -> None:
    workers, began = Workers(1, "test"), threading.Event()

    def running() -> str:
        began.set()
        gate.wait()
        return "ended"

    first, second = workers.submit(running), workers.submit(lambda: "never")
    assert began.wait(10)
    assert not workers.close(0.05)
    with pytest.raises(CancelledError):
        second.result(10)
    for begin in (
        lambda: workers.submit(print),
        lambda: workers.in_line("a", print),
        workers.here().__enter__,
    ):
        with pytest.raises(RuntimeError, match="no more work"):
            begin()
    gate.set()
    assert workers.close(10)
    assert first.result(0) == "ended"


def test_work_on_the_callers_own_thread_is_waited_for(gate: threading.Event) -> None:
    workers, inside = Workers(1, "test"), threading.Event()

    def mine() -> None:
        with workers.here():
            inside.set()
            gate.wait()

    thread = threading.Thread(target=mine)
    thread.start()
    assert inside.wait(10)
    assert not workers.close(0.05)
    gate.set()
    assert workers.close(10)
    thread.join(10)


def test_the_usual_end_of_an_executor() -> None:
    done: list[int] = []
    with Workers(1, "test") as workers:
        for number in range(20):
            workers.submit(done.append, number)
    assert done == list(range(20))


def test_what_never_ends_does_not_keep_the_process() -> None:
    code = (
        "import threading\nfrom app.workers import Workers\nbegan = threading.Event()\n"
        "def never():\n    began.set()\n    threading.Event().wait()\n"
        "Workers(1, 'test').submit(never)\nbegan.wait()\nprint('the end')"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "the end\n"
    assert time.monotonic() - began < 30
