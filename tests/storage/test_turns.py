"""Writers get their turn in the order in which they came, and nobody's turn is lost."""

from __future__ import annotations

import threading

from storage.turns import Turns


def test_whoever_came_first_goes_first() -> None:
    turns, order = Turns(), []
    assert turns.acquire(1)
    waiting: list[threading.Thread] = []

    def write(name: int) -> None:
        assert turns.acquire(10)
        order.append(name)
        turns.release()

    for name in range(4):
        waiting.append(threading.Thread(target=write, args=(name,)))
        waiting[-1].start()
        while len(turns._waiting) <= name:
            pass
    turns.release()
    assert turns.acquire(10), "after those who stood there before"
    assert order == [0, 1, 2, 3]
    turns.release()
    for one in waiting:
        one.join(10)


def test_who_has_waited_long_enough_stands_in_nobodys_way() -> None:
    turns = Turns()
    assert turns.acquire(1)
    assert not turns.acquire(0.01)
    turns.release()
    assert turns.acquire(0)
    turns.release()
