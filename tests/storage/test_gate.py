"""Readers together, a commit alone, and nobody waits for ever."""

from __future__ import annotations

import threading
import time

import pytest

from storage.gate import Gate


def test_readers_go_together() -> None:
    gate = Gate(10)
    inside = threading.Barrier(3)

    def read() -> None:
        with gate.reading():
            inside.wait(10)  # passes only if all are inside at once

    threads = [threading.Thread(target=read) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert not inside.broken


def test_a_commit_waits_for_readers_and_new_ones_for_it() -> None:
    gate = Gate(10)
    told: list[str] = []
    reading, end_reading = threading.Event(), threading.Event()

    def read() -> None:
        with gate.reading():
            reading.set()
            end_reading.wait(10)
            told.append("read")

    def commit() -> None:
        with gate.committing():
            told.append("committed")

    def read_later() -> None:
        with gate.reading():
            told.append("read later")

    first = threading.Thread(target=read)
    first.start()
    reading.wait(10)
    second = threading.Thread(target=commit)
    second.start()
    while not gate._committing:
        assert second.is_alive()
    third = threading.Thread(target=read_later)
    third.start()
    end_reading.set()
    for one in (first, second, third):
        one.join(10)
    assert told == ["read", "committed", "read later"]


def test_patience_ends() -> None:
    gate = Gate(0.02)
    began = time.monotonic()
    with gate.reading(), gate.committing(), gate.reading():
        assert 0.03 < time.monotonic() - began < 5


def test_an_error_inside_lets_the_next_in() -> None:
    gate = Gate(10)
    for way in (gate.reading, gate.committing):
        with pytest.raises(KeyError), way():
            raise KeyError
    began = time.monotonic()
    with gate.committing():
        assert time.monotonic() - began < 5
