"""A real database and index in a temporary folder, with fakes only for models and embedder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from app.answering.answering import Answering
from app.answering.comparing import Comparing
from app.answering.retrieving import Searching
from app.backends.base import Backend
from app.domain import (
    AskView,
    Candidate,
    Collection,
    Cost,
    EmbedderRef,
    Options,
    Passage,
    Retrieval,
    Splitting,
    Timing,
    Usage,
    passage_id,
)
from app.errors import NotFound
from storage.answers import Answers
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from storage.index import Index
from tests.fakes import FakeBackend, FakeEmbedder, FakeScorer
from tests.migrated import migrated


class FreeOfCharge:
    """Prices for tests that are not about prices."""

    def cost(
        self, provider: str, model: str, usage: Usage, timing: Timing, at: datetime, backend: str = ""
    ) -> Cost:
        return Cost(0, "USD", "assumed", "free")


@dataclass
class World:
    """Everything that asking needs, and what the tests look at."""

    database: Database
    collections: Collections
    documents: Documents
    answers: Answers
    index: Index
    embedder: FakeEmbedder
    collection: Collection
    backends: dict[str, FakeBackend] = field(default_factory=dict)
    scorer: FakeScorer = field(default_factory=FakeScorer)

    def __post_init__(self) -> None:
        self.searching = Searching(self.collections, self.documents, self.index, lambda _name: self.embedder)
        self.comparing = Comparing(
            self.answers,
            self.searching,
            Answering(self.backend, FreeOfCharge(), [self.scorer]),
            self.collections.get,
            self.backend,
        )

    @classmethod
    def open(cls, folder: Path) -> World:
        """What is in the folder; its collection is made where there is none."""
        database, embedder = Database.open(folder), FakeEmbedder()
        collections = Collections(database)
        ref = EmbedderRef(embedder.name, embedder.digest, embedder.dimensions)
        return cls(
            database,
            collections,
            Documents(database),
            Answers(database),
            Index(folder),
            embedder,
            collections.by_name("Mill") or collections.create("Mill", ref, Splitting()),
            {"fake": FakeBackend(concurrency=4)},
        )

    def close(self) -> None:
        """Stop what runs, and let go of the folder."""
        self.comparing.close()
        self.index.close()
        self.database.close()

    def backend(self, name: str) -> Backend:
        if name not in self.backends:
            raise NotFound(f"There is no backend called {name}.", "Connect it.")
        return self.backends[name]

    def add(self, name: str, *texts: str, document_id: str = "") -> list[Passage]:
        """A searchable document whose passages are the texts."""
        document_id = document_id or f"doc-{name}"
        self.documents.begin(self.collection.id, document_id, name, 10)
        passages, at = [], 0
        for text in texts:
            one = passage_id(self.collection.id, document_id, at, at + len(text))
            passages.append(Passage(one, self.collection.id, document_id, name, 1, at, at + len(text), text))
            at += len(text) + 1
        vectors = self.embedder.embed(texts)
        self.documents.keep_vectors(self.collection.embedder, list(texts), vectors)
        self.documents.store_passages(self.collection.id, document_id, passages)
        self.index.upsert(self.collection.id, self.collection.embedder, [one.id for one in passages], vectors)
        self.documents.publish(self.collection.id, document_id)
        return passages

    def candidate(self, backend: str = "fake", *, documents: bool = True, k: int = 2) -> Candidate:
        retrieval = Retrieval(self.collection.id, k) if documents else None
        return Candidate(backend, "tiny", Options(), retrieval)

    def ended(self, question_id: str) -> AskView:
        """The view once every lane has ended and is logged."""
        for lane in self.comparing._lanes():
            assert lane.done.wait(20)
        view = self.comparing.view(question_id)
        assert view is not None
        return view


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.open(migrated(tmp_path))
    yield made
    made.close()


@pytest.fixture
def crashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type[BaseException]]]:
    """The errors that ended threads: where a test puts one in, it is no fault of the test run."""
    seen: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda told: seen.append(told.exc_type))
    yield seen
    for thread in threading.enumerate():
        if thread.name.startswith("lane-"):
            thread.join(10)
