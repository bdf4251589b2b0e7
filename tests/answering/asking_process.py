"""A process that asks without end, to be killed: prints a line for each answer that it saw saved.

With the name of a step it stands still there, in its second question, and prints a line that says so.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from app.backends.base import Cancel
from app.domain import Request, StreamEvent, TextDelta
from tests.answering.conftest import World
from tests.fakes import FakeBackend

PIECES = ("The mill has seven stones [1]. ", *(f"word{n} " for n in range(40)))
BEGUN, SEARCHED, PROMPT_MADE, PROMPT_LOGGED = "begun", "searched", "prompt made", "prompt logged"
FIRST_TOKEN, HALF, MADE, SCORED, SAVED = "first token", "half the text", "made", "scored", "saved"
STEPS = (BEGUN, SEARCHED, PROMPT_MADE, PROMPT_LOGGED, FIRST_TOKEN, HALF, MADE, SCORED, SAVED)


class Standing:
    """Where the process is to stand still, so that it can be killed there and nowhere else."""

    def __init__(self, wanted: str) -> None:
        self.wanted, self.armed = wanted, False

    def at(self, step: str) -> None:
        """Say that the step was reached and go no further, where it is the one."""
        if self.wanted and self.armed and step == self.wanted:
            say(f"at {step}")
            threading.Event().wait()

    def around(self, owner: object, name: str, before: str, after: str) -> None:
        """Stand still before and after a method of ``owner``; "" for not there."""
        method: Callable[..., object] = getattr(owner, name)

        def stepped(*args: object, **named: object) -> object:
            self.at(before or "nowhere")
            found = method(*args, **named)
            self.at(after or "nowhere")
            return found

        setattr(owner, name, stepped)


class SteppedBackend(FakeBackend):
    """Stands still at its first token, and after half of its text."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(concurrency=2)
        self._standing = standing

    def stream(self, request: Request, cancel: Cancel) -> Iterator[StreamEvent]:
        told = 0
        for event in super().stream(request, cancel):
            yield event
            told += isinstance(event, TextDelta)
            self._standing.at({1: FIRST_TOKEN, len(PIECES) // 2: HALF}.get(told, ""))


def say(line: str) -> None:
    """One line to the test that watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: Path, step: str = "") -> None:
    world, standing = World.open(folder), Standing(step)
    if not world.documents.count_searchable(world.collection.id):
        world.add("mill.txt", "the mill has seven stones", "oak wheel in the river")
    backend = world.backends["fake"] = SteppedBackend(standing)
    standing.around(world.answers, "begin", "", BEGUN)
    standing.around(world.searching, "search", "", SEARCHED)
    standing.around(world.answers, "prompted", PROMPT_MADE, PROMPT_LOGGED)
    standing.around(world.comparing._answering, "scored", MADE, "")
    standing.around(world.answers, "finish", SCORED, SAVED)
    say("ready")
    for number in range(100_000):
        standing.armed = number > 0
        backend.say(*PIECES)
        backend.say(*PIECES)
        lanes = [world.candidate(), world.candidate(documents=False)]
        question = world.comparing.ask(f"Question {number}?", lanes, world.collection.id, "me")
        say(f"asked {question}")
        for lane in world.comparing._lanes():
            lane.done.wait()
            say(f"saved {lane.pending.id}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
