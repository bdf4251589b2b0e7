"""A fault of SQLite before every statement of every write: said in words, and nothing of it is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from app.errors import DatabaseTrouble
from tests.migrated import migrated
from tests.storage.examples import dump
from tests.storage.killing import WRITES, World, at_each_statement, commit_at_once, prepare

pytestmark = pytest.mark.integration

FAULTS = {
    "disk is full": sqlite3.SQLITE_FULL,
    "does not work as it should": sqlite3.SQLITE_IOERR,
    "read-only": sqlite3.SQLITE_READONLY,
}
WITH_TROUBLE = sqlite3.OperationalError


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    prepare(migrated(tmp_path))
    made = World(tmp_path)
    yield made
    made.database.close()


class Faults:
    """Raises a fault before the statement number ``at`` from the last ``arm`` on."""

    def __init__(self, world: World) -> None:
        self.seen = self.at = 0
        self.code = 0
        at_each_statement(world, self._act)

    def arm(self, at: int, code: int) -> None:
        self.seen, self.at, self.code = 0, at, code

    @property
    def hit(self) -> bool:
        return 0 < self.at <= self.seen

    def _act(self, _: int) -> None:
        self.seen += 1
        if self.seen == self.at:
            error = WITH_TROUBLE("a fault")
            error.sqlite_errorcode = self.code
            raise error


def each(world: World, name: str, words: str) -> tuple[int, list[int]]:
    """How many trials there were until a clean pass, and those after which something was left behind."""
    faults, before, left = Faults(world), dump(world.folder), []
    for step in count(1):
        faults.arm(step, FAULTS[words])
        try:
            WRITES[name](world)
        except DatabaseTrouble as trouble:
            assert words in trouble.message, step
            assert words in world.database.trouble, step
        else:
            assert not faults.hit, f"step {step}: it said that it was saved"
            break
        faults.arm(0, 0)
        if dump(world.folder) != before:
            left.append(step)
            break
    return step, left


@pytest.mark.parametrize("words", FAULTS)
@pytest.mark.parametrize("name", WRITES)
def test_nothing_of_a_write_is_left(
    world: World, name: str, words: str, trials: Callable[[str, int], None]
) -> None:
    before = dump(world.folder)
    steps, left = each(world, name, words)
    assert left == []
    assert steps > 3
    assert dump(world.folder) != before, "the clean pass did it"
    assert world.database.trouble == ""
    trials(f"faults before each statement of “{name}” ({words})", steps - 1)


def test_it_is_noticed_where_each_statement_is_a_transaction_of_its_own(world: World) -> None:
    commit_at_once(world)
    _, left = each(world, "publish a version", "disk is full")
    assert left
