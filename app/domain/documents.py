"""Documents, collections, passages, and what becomes of an upload."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.base import stable_hash

DELETED = "deleted collection"
"""What a collection is called whose name was not kept."""
GONE = " (deleted)"
"""Stands behind the name of one that was deleted."""


@dataclass(frozen=True)
class EmbedderRef:
    """Which embedder made the vectors of a collection; two with another digest never mix.

    ``name`` is ``backend/model`` ("embedded/all-MiniLM-L6-v2"), ``digest`` a hash of its weights as
    far as its server tells one, ``dimensions`` the length of a vector.
    """

    name: str
    digest: str
    dimensions: int


@dataclass(frozen=True)
class Splitting:
    """How documents are cut into passages: limits in the embedder's tokens and in characters."""

    tokens: int = 254
    overlap: int = 32
    characters: int = 2000

    @property
    def key(self) -> str:
        """A short stable name, part of what identifies a collection's way of splitting."""
        return f"sentences-{self.tokens}-{self.overlap}-{self.characters}"


@dataclass(frozen=True)
class Collection:
    """Documents indexed with one embedder and one way of splitting.

    ``revision`` counts every change to what can be found in it. ``agreed_hosts`` are the hosts that
    the person agreed may be sent passages of this collection.
    """

    id: str
    name: str
    embedder: EmbedderRef
    splitting: Splitting
    local_only: bool
    agreed_hosts: tuple[str, ...]
    revision: int
    created_at: datetime


class DocumentState(StrEnum):
    """Where a document stands in one collection. Only ``SEARCHABLE`` is ever found."""

    WAITING = "waiting"
    READING = "reading"
    SPLITTING = "splitting"
    INDEXING = "indexing"
    SEARCHABLE = "searchable"
    UNREADABLE = "unreadable"
    NOT_FINISHED = "not finished"


@dataclass(frozen=True)
class ReadPage:
    """One page as read: ``number`` counts from 1; formats without pages have one page."""

    number: int
    text: str


@dataclass(frozen=True)
class ReadDocument:
    """What a reader made of a file. ``warning`` says in words what could not be read, else ""."""

    pages: tuple[ReadPage, ...]
    reader: str
    warning: str = ""

    @property
    def text(self) -> str:
        """The whole text: the pages joined by PAGE_BREAK. Character spans point into it."""
        return PAGE_BREAK.join(page.text for page in self.pages)

    def page_at(self, place: int) -> int:
        """The number of the page on which the character at ``place`` of ``text`` stands; 1 without pages."""
        number = 1
        for page in self.pages:
            number = page.number
            place -= len(page.text) + len(PAGE_BREAK)
            if place < 0:
                break
        return number


PAGE_BREAK = "\n\n"


@dataclass(frozen=True)
class DocumentEntry:
    """A document as it stands in one collection (a row of the Documents table).

    ``document_id`` is the SHA-256 of the bytes, ``name`` the path below the uploaded folder,
    ``passages`` how many there are, ``warning`` and ``error`` are words for the person or "".
    """

    collection_id: str
    document_id: str
    name: str
    state: DocumentState
    size: int
    pages: int
    passages: int
    warning: str
    error: str
    added_at: datetime


PAGED = (".pdf",)
"""How the names of documents end that have pages; all others are read as one."""


def has_pages(name: str) -> bool:
    """Whether a document of that name has pages that can be told."""
    return name.casefold().endswith(PAGED)


@dataclass(frozen=True)
class Passage:
    """One split of a document in a collection: ``text == document_text[start:end]``."""

    id: str
    collection_id: str
    document_id: str
    document_name: str
    page: int
    start: int
    end: int
    text: str

    @property
    def place(self) -> str:
        """Where it stands: "tariff.pdf, page 3", or only the name of a document that has no pages."""
        paged = self.page > 1 or has_pages(self.document_name)
        return f"{self.document_name}, page {self.page}" if paged else self.document_name


def passage_id(collection_id: str, document_id: str, start: int, end: int) -> str:
    """The content-hash id of a passage (DESIGN: hash of collection, document, start, end)."""
    return stable_hash("passage", collection_id, document_id, start, end)[:32]


@dataclass(frozen=True)
class FoundPassage:
    """A passage that a search returned: ``rank`` from 1, ``similarity`` is the cosine (-1 to 1)."""

    passage: Passage
    similarity: float
    rank: int


@dataclass(frozen=True)
class IndexAudit:
    """How much of an exact search the index returns: ``recall`` 0 to 1 over ``queries`` queries.

    ``k`` is how many passages each query asked for, never more than there are; ``too_few`` counts the
    queries that gave fewer.
    """

    collection_id: str
    passages: int
    queries: int
    k: int
    recall: float
    too_few: int


@dataclass(frozen=True)
class Upload:
    """A file as it came in: its name (the path below the given folder) and its bytes."""

    name: str
    content: bytes


class OutcomeKind(StrEnum):
    """What became of one uploaded file."""

    ADDED = "added"
    REPLACED = "replaced the older version"
    UNCHANGED = "already there"
    REFUSED = "not read"
    STOPPED = "stopped"
    FAILED = "not finished"


@dataclass(frozen=True)
class IngestOutcome:
    """The end of one file's ingest, in words that name the file."""

    name: str
    document_id: str
    kind: OutcomeKind
    words: str
    remedy: str = ""
    passages: int = 0


@dataclass(frozen=True)
class FileProgress:
    """How far one file of an ingest is. ``done`` of ``total`` counts passages while indexing."""

    name: str
    state: DocumentState
    done: int = 0
    total: int = 0
    outcome: IngestOutcome | None = None


@dataclass(frozen=True)
class IngestView:
    """A batch of uploads as it stands now."""

    id: str
    collection_id: str
    files: tuple[FileProgress, ...]
    busy: bool
    stopping: bool


class UpkeepKind(StrEnum):
    """Long work on a whole collection, or on all of them."""

    REBUILD = "rebuild"
    EMBED = "embed"
    CHECK = "check"
    MEND = "mend"


class UpkeepState(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class UpkeepView:
    """Long work on a collection ("" for all) as it stands now.

    ``done`` of ``total`` are passages, of a check searches. ``seconds_left`` is None while nobody can know.
    ``about`` names the embedder of a change; ``audit`` is what a check found; ``words`` and ``remedy`` say
    why it failed.
    """

    id: str
    collection_id: str
    kind: UpkeepKind
    state: UpkeepState
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    stopping: bool = False
    about: str = ""
    words: str = ""
    remedy: str = ""
    audit: IndexAudit | None = None

    @property
    def busy(self) -> bool:
        """Whether it has not ended."""
        return self.state in {UpkeepState.WAITING, UpkeepState.RUNNING}


def collection_names(
    collections: Sequence[Collection], deleted: Mapping[str, str], others: Sequence[str] = ()
) -> dict[str, str]:
    """What collections are called, by id: those there are, those ``deleted`` (their names by id), ``others``.

    ``others`` were deleted, too, and their names not kept. Where deleted ones share a name it is numbered.
    """
    names = {one.id: one.name for one in collections}
    told: Counter[str] = Counter()
    for one in [*deleted, *others]:
        if one not in names:
            name = f"{deleted[one]}{GONE}" if one in deleted else DELETED.capitalize()
            told[name] += 1
            names[one] = name if told[name] == 1 else f"{name} {told[name]}"
    return names
