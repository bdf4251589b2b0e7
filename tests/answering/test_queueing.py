from __future__ import annotations

import threading
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from app.answering.queueing import FairQueue, MachineClock, MachineShare
from app.backends.base import Cancel


class Asker:
    """A thread that takes a place and keeps it until told."""

    def __init__(self, queue: FairQueue, name: str, order: list[str]) -> None:
        self.cancel, self.inside, self.leave = Cancel(), threading.Event(), threading.Event()
        self.granted: bool | None = None
        self._queue, self._name, self._order = queue, name, order
        self.thread = threading.Thread(target=self._run)
        before = queue.waiting()
        self.thread.start()
        while queue.waiting() == before and not self.inside.wait(0.001):
            pass  # until it stands in line or is inside

    def _run(self) -> None:
        with self._queue.place(self._name, self.cancel) as granted:
            self.granted = granted
            self._order.append(self._name)
            self.inside.set()
            assert self.leave.wait(10)

    def go(self) -> None:
        assert self.inside.wait(10)
        self.leave.set()
        self.thread.join(10)


def test_places_go_round_the_askers() -> None:
    order: list[str] = []
    queue = FairQueue(1)
    crowd = [Asker(queue, "many", order) for _ in range(4)]
    single = Asker(queue, "one", order)
    crowd[0].go()
    crowd[1].go()
    single.go()
    for one in crowd[2:]:
        one.go()
    # The second asker had to wait for one place only, not for all four of the first.
    assert order.index("one") == 2
    assert order.count("many") == 4


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from(["join", "stop", "leave"]), st.integers(0, 9)), max_size=25),
)
def test_never_more_inside_than_places_whoever_is_stopped(places: int, acts: list[tuple[str, int]]) -> None:
    queue = FairQueue(places)
    there: list[Asker] = []
    try:
        for act, number in acts:
            if act == "join":
                there.append(Asker(queue, f"asker {number % 3}", []))
            elif there and act == "stop":
                there[number % len(there)].cancel.cancel()
            elif there:
                one = there[number % len(there)]
                one.leave.set()
                if one.inside.is_set():
                    one.thread.join(10)
            for one in [one for one in there if one.cancel.cancelled]:
                assert one.inside.wait(10)
            inside = [one for one in there if one.granted and one.thread.is_alive()]
            assert len([one for one in inside if not one.leave.is_set()]) <= places
    finally:
        for one in there:
            one.leave.set()
        for one in there:
            one.thread.join(10)
    # Whatever happened, every place is free again.
    after = [Asker(queue, f"after {number}", []) for number in range(places)]
    assert all(one.inside.wait(10) for one in after)
    for one in after:
        one.go()


def test_no_more_inside_than_places() -> None:
    order: list[str] = []
    queue = FairQueue(2)
    askers = [Asker(queue, f"a{n}", order) for n in range(4)]
    assert len(order) == 2
    assert queue.waiting() == 2
    for one in askers:
        one.go()
    assert queue.waiting() == 0


def test_a_stop_while_waiting_ends_at_once_and_takes_no_place() -> None:
    order: list[str] = []
    queue = FairQueue(1)
    first, second = Asker(queue, "a", order), Asker(queue, "b", order)
    second.cancel.cancel()
    assert second.inside.wait(10)
    assert second.granted is False
    second.go()
    first.go()
    third, fourth = Asker(queue, "c", order), Asker(queue, "d", order)
    assert queue.waiting() == 1
    third.go()
    fourth.go()


def test_a_stop_asked_before_waiting() -> None:
    queue, cancel = FairQueue(1), Cancel()
    cancel.cancel()
    with queue.place("a", cancel) as granted:
        assert granted is False
    with queue.place("a", Cancel()) as granted:
        assert granted is True


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.floats(0.01, 5.0)), min_size=1, max_size=30))
def test_the_shares_add_up_to_the_time_in_which_anything_ran(steps: list[tuple[int, bool, float]]) -> None:
    """Turn meters on and off at random moments, some twice: no second is counted twice or lost."""
    now, busy = 0.0, 0.0
    clock = MachineClock()
    meters = [clock.meter() for _ in range(5)]
    running: set[int] = set()
    with patch("app.answering.queueing.time.monotonic", lambda: now):
        for slot, on, seconds in steps:
            if on:
                meters[slot].on()
                running.add(slot)
            else:
                meters[slot].off()
                running.discard(slot)
            now += seconds
            busy += seconds if running else 0.0
        for one in meters:
            one.off()
    assert abs(sum(one.share().seconds for one in meters) - busy) < 1e-6
    assert all(one.share().seconds <= one.share().active + 1e-9 for one in meters)


class Counted:
    """A counter that draws ``watts`` and tells nothing of some spans."""

    def __init__(self, watts: float, *untold: int) -> None:
        self.watts, self.untold = watts, untold
        self.last: float | None = None
        self.reads = 0

    def since_last(self, now: float) -> float | None:
        before, self.last, self.reads = self.last, now, self.reads + 1
        return None if before is None or self.reads in self.untold else (now - before) * self.watts


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.floats(0.01, 5.0)), min_size=1, max_size=30))
def test_the_shares_of_energy_add_up_to_what_was_drawn_while_anything_ran(
    steps: list[tuple[int, bool, float]],
) -> None:
    now, drawn = 0.0, 0.0
    clock = MachineClock(Counted(40.0))
    meters = [clock.meter() for _ in range(5)]
    running: set[int] = set()
    with patch("app.answering.queueing.time.monotonic", lambda: now):
        for slot, on, seconds in steps:
            meters[slot].on() if on else meters[slot].off()
            (running.add if on else running.discard)(slot)
            now += seconds
            drawn += seconds * 40.0 if running else 0.0
        for one in meters:
            one.off()
    shares = [one.share().joules for one in meters]
    assert abs(sum(one or 0.0 for one in shares) - drawn) < 1e-4
    assert None not in shares


def test_energy_is_read_when_a_generation_begins_and_ends_and_never_in_between() -> None:
    times = iter([0.0, 1.0, 2.0, 3.0, 4.0])
    counter = Counted(10.0, 3)
    clock = MachineClock(counter)
    first, second, third = clock.meter(), clock.meter(), clock.meter()
    with patch("app.answering.queueing.time.monotonic", lambda: next(times)):
        first.on()
        first.off()
        second.on()
        third.on()
        third.off()
    assert counter.reads == 5
    assert (first.share().joules, second.share().joules) == (10.0, 15.0)
    assert third.share().joules == 5.0
    assert MachineClock().meter().share().joules is None


def test_what_was_not_told_is_unknown_to_all_that_ran() -> None:
    times = iter([0.0, 1.0, 2.0, 3.0])
    clock = MachineClock(Counted(10.0, 2))
    first, second = clock.meter(), clock.meter()
    with patch("app.answering.queueing.time.monotonic", lambda: next(times)):
        first.on()
        first.off()
        second.on()
        second.off()
    assert (first.share().joules, second.share().joules) == (None, 10.0)


def test_two_at_once_share_and_say_so() -> None:
    times = iter([0.0, 10.0, 14.0, 20.0])
    clock = MachineClock()
    first, second = clock.meter(), clock.meter()
    with patch("app.answering.queueing.time.monotonic", lambda: next(times)):
        first.on()
        second.on()
        first.off()
        second.off()
    assert first.share() == MachineShare(12.0, 14.0, 2)
    assert second.share() == MachineShare(8.0, 10.0, 2)


def test_what_waits_takes_nothing_of_the_machine() -> None:
    times = iter([0.0, 3.0, 9.0, 10.0])
    meter = MachineClock().meter()
    with patch("app.answering.queueing.time.monotonic", lambda: next(times)):
        meter.on()
        meter.off()
        meter.on()
        meter.off()
    assert meter.share() == MachineShare(4.0, 4.0, 1)
