"""A real database, files and index in a temporary folder; only the embedder is a fake."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from app.backends.base import Embedder
from app.documents.ingesting import Ingesting
from app.documents.readers.base import MEGABYTE, Caps, Reader, Source
from app.documents.reading import read
from app.documents.sniffing import check
from app.domain import Collection, DocumentEntry, IngestOutcome, IngestView, ReadDocument, Splitting, Upload
from app.domain import EmbedderRef as Ref
from app.errors import NotFound
from app.settings import ReadLimits
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from storage.files import Files
from storage.index import Index
from tests.fakes import FakeEmbedder
from tests.migrated import migrated

LIMITS = ReadLimits(memory_mb=512, cpu_seconds=20, wall_seconds=30)


def ref(embedder: Embedder) -> Ref:
    return Ref(embedder.name, embedder.digest, embedder.dimensions)


@dataclass
class Archive:
    """Everything that ingesting needs, and what the tests look at."""

    folder: Path
    database: Database
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.collections = Collections(self.database)
        self.documents = Documents(self.database)
        self.files = Files(self.folder)
        self.index = Index(self.folder)
        self.embedders: dict[str, Embedder] = {self.embedder.name: self.embedder}
        self.ingesting = Ingesting(
            self.documents,
            self.collections,
            self.files,
            self.index,
            self.embedder_of,
            LIMITS,
            at_step=self.steps.append,
        )
        self.collection = self.collections.by_name("Mill") or self.new("Mill")

    def new(self, name: str, *, local_only: bool = False, embedder: FakeEmbedder | None = None) -> Collection:
        return self.collections.create(
            name, ref(embedder or self.embedder), Splitting(), local_only=local_only
        )

    def embedder_of(self, name: str) -> Embedder:
        if name not in self.embedders:
            raise NotFound(f"There is no embedder called {name}.", "Choose another one.")
        return self.embedders[name]

    def add(self, name: str, content: bytes | str, collection: str = "") -> IngestOutcome:
        raw = content.encode() if isinstance(content, str) else content
        return self.ingesting.ingest(collection or self.collection.id, Upload(name, raw))

    def entry(self, name: str) -> DocumentEntry:
        found = self.documents.named(self.collection.id, name)
        assert found is not None
        return found

    def texts(self, name: str) -> list[str]:
        return [one.text for one in self.documents.passages(self.collection.id, self.entry(name).document_id)]

    def ended(self, job: str) -> IngestView:
        """The job's view once it has ended."""
        pause = threading.Event()
        for _ in range(600):
            view = self.ingesting.view(job)
            assert view is not None
            if not view.busy:
                return view
            pause.wait(0.05)
        raise AssertionError("the job did not end")

    def found(self, query: str, k: int = 4) -> list[str]:
        """Names of documents whose passages the index gives for a query, as a search sees them."""
        if not self.documents.count_searchable(self.collection.id):
            return []
        vector = self.embedder.embed([query])[0]
        hits = self.index.query(self.collection.id, self.collection.embedder, vector, k)
        known = self.documents.searchable(self.collection.id, [one for one, _ in hits])
        return [known[one].document_name for one, _ in hits if one in known]

    def consistent(self) -> None:
        """What must always hold: index, SQL and files say the same."""
        collection = self.collections.get(self.collection.id)
        ids, matrix = self.documents.matrix(collection.id)
        assert not self.documents.unembedded(collection.id)
        assert len(ids) == self.documents.count_searchable(collection.id) == len(matrix)
        assert self.index.ids(collection.id) >= set(ids)
        for entry in self.documents.entries(collection.id):
            assert self.files.path(entry.document_id).stat().st_size == entry.size
            reading = self.documents.reading(entry.document_id)
            for one in self.documents.passages(collection.id, entry.document_id):
                assert reading is not None
                assert reading.text[one.start : one.end] == one.text

    def close(self) -> None:
        self.ingesting.end()
        assert self.ingesting.ended(30)
        self.index.close()
        self.database.close()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, Database.open(migrated(tmp_path)))
    yield made
    made.close()


@dataclass(frozen=True)
class Reads:
    """Reads bytes as if they had been uploaded under a name; ``apart`` does it in its own process."""

    folder: Path

    def __call__(self, name: str, content: bytes | str, limits: ReadLimits = LIMITS) -> ReadDocument:
        path = self._kept(content)
        found = check(name, path.read_bytes())
        reader = cast("Reader", importlib.import_module(f"app.documents.readers.{found.module}"))
        caps = Caps(limits.unpacked_mb * MEGABYTE, limits.pages, limits.characters)
        return reader.read(Source(path, name), caps)

    def apart(self, name: str, content: bytes | str, limits: ReadLimits = LIMITS) -> ReadDocument:
        return read(self._kept(content), name, limits)

    def _kept(self, content: bytes | str) -> Path:
        path = self.folder / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    return Reads(tmp_path)
