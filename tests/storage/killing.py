"""Kills itself with SIGKILL in the middle of writes: ``python -m tests.storage.killing FOLDER SAMPLE``.

SAMPLE is how many steps of each write are tried, 0 for all. Prints one JSON object: how often it was
killed, and what was wrong afterwards. It forks, which is why it is a process of its own.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict
from unittest.mock import patch

from sqlalchemy import event

from app.domain import AnswerState, Judgement, Mark, Question
from storage.answers import Answers
from storage.backup import backup, restore
from storage.collections import Collections
from storage.database import DATABASE_FILE, Database
from storage.documents import Documents
from storage.files import Files
from tests.storage.examples import (
    EMBEDDER,
    NOON,
    OTHER_EMBEDDER,
    SPLITTING,
    add_document,
    answer,
    candidate,
    dump,
    passages_of,
    question,
    quote,
    vectors_of,
)

TEXTS = [f"passage {number} of some length, so that rows fill pages " * 5 for number in range(60)]
ASKED = replace(question("killed?"), id="asked")
PENDING = [
    replace(answer(ASKED, place, who=candidate(f"m{place}"), state=AnswerState.PENDING), id=f"a{place}")
    for place in range(3)
]


class Found(TypedDict):
    """How many trials there were, and what was wrong after which."""

    trials: int
    wrong: list[str]


class World:
    """The repositories of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database.open(folder)
        self.collections = Collections(self.database)
        self.documents = Documents(self.database)
        self.answers = Answers(self.database)
        self.files = Files(folder)

    @property
    def collection_id(self) -> str:
        return self.collections.list()[0].id


def prepare(folder: Path) -> None:
    """What is there before each write: a searchable document, a newer version almost ready, answers."""
    world = World(folder)
    made = world.collections.create("Handbooks", EMBEDDER, SPLITTING).id
    world.files.put(b"first")
    add_document(world.documents, made, "v1", TEXTS)
    world.documents.begin(made, "v2", "a.txt", 1)
    world.documents.store_passages(made, "v2", passages_of(made, "v2", TEXTS[:30]))
    world.documents.keep_vectors(OTHER_EMBEDDER, TEXTS, vectors_of(TEXTS))
    given = passages_of(made, "v1", TEXTS[:4])
    said = answer(ASKED, 9, given=given, text=TEXTS[0], checks=quote(TEXTS[0], 1))
    waits = answer(ASKED, 10, who=candidate("m9"), state=AnswerState.PENDING)
    earlier = [
        replace(one, question_id="earlier") for one in (replace(said, id="said"), replace(waits, id="waits"))
    ]
    world.answers.begin(replace(ASKED, id="earlier"), earlier)
    world.database.close()


def prompted(world: World) -> None:
    given = passages_of(world.collection_id, "v1", TEXTS[:8])
    sent = answer(ASKED, 9, who=candidate("m9"), given=given, state=AnswerState.PENDING)
    world.answers.prompted(replace(sent, id="waits", question_id="earlier"))


def finished(world: World) -> None:
    given = passages_of(world.collection_id, "v1", TEXTS[:8])
    done = answer(ASKED, 1, who=candidate("m1"), given=given, text="x" * 20_000)
    world.answers.finish(replace(done, id="a1"), ASKED)


WRITES: dict[str, Callable[[World], object]] = {
    "begin answers": lambda world: world.answers.begin(ASKED, PENDING),
    "log a prompt": prompted,
    "finish an answer": finished,
    "mark an answer": lambda world: world.answers.mark("said", Mark(Judgement.RIGHT, "yes", NOON)),
    "store passages": lambda world: world.documents.store_passages(
        world.collection_id, "v2", passages_of(world.collection_id, "v2", TEXTS[10:])
    ),
    "keep vectors": lambda world: world.documents.keep_vectors(EMBEDDER, TEXTS[:9], -vectors_of(TEXTS[:9])),
    "publish a version": lambda world: world.documents.publish(world.collection_id, "v2"),
    "delete a document": lambda world: world.documents.delete(
        world.collection_id, "v1", from_past_answers=True
    ),
    "re-embed": lambda world: world.collections.reembed(world.collection_id, OTHER_EMBEDDER),
    "delete a collection": lambda world: world.collections.delete(
        world.collection_id, from_past_answers=True
    ),
}


def in_a_fork(work: Callable[[], object]) -> bool:
    """Run it in a child process; whether the child was killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a child must never go on as its parent
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        raise RuntimeError("a child failed")
    return False


def at_each_statement(world: World, act: Callable[[int], None]) -> None:
    """Call ``act`` with 1, 2, … before each statement from now on, COMMIT included."""
    count = [0]

    def before(*_: object) -> None:
        count[0] += 1
        act(count[0])

    event.listen(world.database._engine, "before_cursor_execute", before)


def kill_at(step: int) -> Callable[[int], None]:
    def act(number: int) -> None:
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def commit_at_once(world: World) -> None:
    """The guard taken away: every statement is a transaction of its own."""

    def before(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            connection.connection.cursor().execute("COMMIT")
            connection.connection.cursor().execute("BEGIN IMMEDIATE")

    event.listen(world.database._engine, "before_cursor_execute", before)


def chosen(steps: int, sample: int) -> list[int]:
    """Which steps are tried: all, or some of them and always the last, which is the commit."""
    if not sample or steps <= sample:
        return list(range(1, steps + 1))
    return [*sorted(random.Random(steps).sample(range(1, steps), sample - 1)), steps]


def kill_at_steps(
    template: Path, place: Path, names: Sequence[str], sample: int, *, guarded: bool = True
) -> Found:
    """Each write, killed before its first statement, its second, … and once not killed."""
    trials, wrong = 0, []
    before = dump(template)
    for name in names:
        fresh(template, place)
        world = World(place)
        steps: list[int] = []
        at_each_statement(world, steps.append)
        WRITES[name](world)
        world.database.close()
        if dump(place) == before:
            wrong.append(f"{name} did nothing")
        for step in chosen(len(steps), sample):
            fresh(template, place)
            killed = in_a_fork(lambda step=step, name=name: _write(place, name, step, guarded=guarded))  # type: ignore[misc]
            trials += killed
            World(place).database.close()  # the next start: rolls back what was left
            if not killed or dump(place) != before:
                wrong.append(f"{name}, step {step} of {len(steps)}: half of it is there")
    return {"trials": trials, "wrong": wrong}


def _write(place: Path, name: str, step: int, *, guarded: bool) -> None:
    world = World(place)
    if not guarded:
        commit_at_once(world)
    at_each_statement(world, kill_at(step))
    WRITES[name](world)


def fresh(template: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(template, place)


def kill_while_writing(template: Path, place: Path, trials: int) -> Found:
    """One that logs answers without end, killed at any moment: what it said is saved is there."""
    wrong: list[str] = []
    for trial in range(trials):
        chance = random.Random(trial)
        fresh(template, place)
        told = _told_before_kill(place, chance.randrange(1, 12), chance.random() / 100)
        world = World(place)
        wrong += [f"trial {trial}: {one}" for one in world.database.check()]
        logged = [one.id for one in reversed(world.answers.history(10**6)) if one.id != "earlier"]
        if logged[: len(told)] != told or len(logged) > len(told) + 1:
            wrong.append(f"trial {trial}: {told} were saved, {logged} are there")
        wrong += [
            f"trial {trial}: half of {one} is there" for one in logged if len(world.answers.answers(one)) != 2
        ]
        world.database.close()
    return {"trials": trials, "wrong": wrong}


def _told_before_kill(place: Path, count: int, delay: float) -> list[str]:
    """Kill the writer ``delay`` seconds after its ``count``-th commit; returns the ids it told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        world = World(place)
        for number in range(10**6):
            asked: Question = replace(ASKED, id=f"k{number:06}")
            made = [
                replace(one, id=f"{asked.id}-{one.position}", question_id=asked.id) for one in PENDING[:2]
            ]
            world.answers.begin(asked, made)
            os.write(writing, f"{asked.id}\n".encode())
    os.close(writing)
    with os.fdopen(reading, "r") as told:
        lines = [told.readline().strip() for _ in range(count)]
        signal.sigtimedwait([], delay)  # waits, and nothing else
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return lines + [line.strip() for line in told if line.endswith("\n")]


def kill_while_restoring(template: Path, place: Path, sample: int) -> Found:
    """A restore killed before each change of the folder: the old database is there, or the new one."""
    world = World(template)
    archive, older = place.with_name("backup.zip"), place.with_name("older")
    backup(world.database, world.files, archive)
    world.database.close()
    fresh(template, older)
    world = World(older)
    world.collections.create("Later", EMBEDDER, SPLITTING)
    world.database.close()
    wanted, old = dump(template), dump(older)
    fresh(older, place)
    steps = _restore(archive, place, lambda _: None)
    trials, wrong = 0, [] if dump(place) == wanted else ["the restore did nothing"]
    for step in chosen(steps, sample):
        fresh(older, place)
        trials += in_a_fork(lambda step=step: _restore(archive, place, kill_at(step)))  # type: ignore[misc]
        if not (place / DATABASE_FILE).exists() or dump(place) not in {wanted, old}:
            wrong.append(f"restore, step {step} of {steps}: neither the old nor the new")
    return {"trials": trials, "wrong": wrong}


def _restore(archive: Path, place: Path, act: Callable[[int], None]) -> int:
    """Restore, calling ``act`` before each change of a name; returns how many there were."""
    count = [0]

    def counted(change: str) -> Callable[..., object]:
        real = getattr(Path, change)

        def instead(self: Path, *args: object, **rest: object) -> object:
            count[0] += 1
            act(count[0])
            return real(self, *args, **rest)

        return instead

    with ExitStack() as patched:
        for change in ("replace", "rename", "unlink", "mkdir"):
            patched.enter_context(patch.object(Path, change, counted(change)))
        restore(archive, place)
    return count[0]


def main() -> None:
    folder, sample = Path(sys.argv[1]), int(sys.argv[2])
    template, place = folder / "template", folder / "data"
    prepare(template)
    found = {
        "kills at steps of writes": kill_at_steps(template, place, list(WRITES), sample),
        "kills while answers are logged": kill_while_writing(template, place, 2 * sample or 200),
        "kills at steps of a restore": kill_while_restoring(template, place, sample),
        "kills without the guard": kill_at_steps(template, place, ["publish a version"], 4, guarded=False),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
