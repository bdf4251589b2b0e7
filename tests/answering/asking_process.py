"""A process that asks without end, to be killed: prints a line for each answer that it saw saved."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from app.answering.answering import Answering
from app.answering.comparing import Comparing
from app.answering.retrieving import Searching
from app.domain import Candidate, Collection, Cost, EmbedderRef, Options, Splitting, Timing, Usage
from storage.answers import Answers
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from storage.index import Index
from tests.fakes import FakeBackend, FakeEmbedder

PIECES = tuple(f"word{n} " for n in range(40))


class FreeOfCharge:
    """No price."""

    def cost(
        self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime, backend: str = ""
    ) -> Cost:
        return Cost(0, "USD", "assumed", "free")


def collection_of(collections: Collections) -> Collection:
    embedder = FakeEmbedder()
    ref = EmbedderRef(embedder.name, embedder.digest, embedder.dimensions)
    return collections.by_name("Mill") or collections.create("Mill", ref, Splitting())


def say(line: str) -> None:
    """One line to the test that watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    database = Database.open(folder)
    collections, answers = Collections(database), Answers(database)
    collection = collection_of(collections)
    backend = FakeBackend(concurrency=2)
    searching = Searching(collections, Documents(database), Index(folder), lambda _name: FakeEmbedder())
    comparing = Comparing(
        answers,
        searching,
        Answering(lambda _name: backend, FreeOfCharge()),
        collections.get,
        lambda _name: backend,
    )
    say("ready")
    for number in range(100_000):
        backend.say(*PIECES)
        backend.say(*PIECES)
        lanes = [Candidate("fake", "tiny", Options())] * 2
        question = comparing.ask(f"Question {number}?", lanes, collection.id, "me")
        say(f"asked {question}")
        for lane in comparing._lanes():
            lane.done.wait(30)
            say(f"saved {lane.pending.id}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
