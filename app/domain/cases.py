"""Cases, datasets, and where their gold text stands in the documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from app.domain.base import stable_hash

LANGUAGE_TAG = "lang:"
"""A tag "lang:de" tells the language of a case's right answers."""

Asks = tuple[str, frozenset[str], bool]
"""What a case asks, what is right of it, and whether the documents do not have it."""


@dataclass(frozen=True)
class Gold:
    """Where an answer stands: ``text`` in the document of that name ("" where the name is not known)."""

    document: str
    text: str


@dataclass(frozen=True)
class Case:
    """A question with what is right.

    Any of ``answers`` is right; there is none where the case is ``unanswerable`` from the documents.
    ``gold`` holds one text, or several where an answer needs all of them; none where nobody said.
    """

    question: str
    answers: tuple[str, ...] = ()
    gold: tuple[Gold, ...] = ()
    unanswerable: bool = False
    tags: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Equal for cases with the same question, right answers and gold text; tags change nothing of it."""
        parts = asdict(self)
        del parts["tags"]
        return stable_hash("case-1", parts)[:32]

    @property
    def asks(self) -> Asks:
        """Equal for cases with the same question and right answers, whatever their gold text and tags."""
        return self.question, frozenset(self.answers), self.unanswerable

    @property
    def has_gold_text(self) -> bool:
        """Whether anybody said in which words the answer stands; a document's name alone does not."""
        return any(one.text.strip() for one in self.gold)

    @property
    def references(self) -> tuple[str, ...]:
        """The right answers; of an unanswerable case the reference "" (METRICS, "Answers")."""
        return ("",) if self.unanswerable else self.answers

    @property
    def language(self) -> str:
        """The code of the language ("de") that a tag tells, else ""."""
        told = (one for one in self.tags if one.lower().startswith(LANGUAGE_TAG))
        return next((one[len(LANGUAGE_TAG) :].strip() for one in told), "")

    def with_language(self, code: str) -> Case:
        """With a tag that tells its language, unless one does already, or ``code`` is ""."""
        return self if self.language or not code else replace(self, tags=(*self.tags, LANGUAGE_TAG + code))


def version_of(cases: tuple[Case, ...]) -> str:
    """The id of a dataset's version: a hash of all that its cases say, in their order."""
    return stable_hash("dataset-1", [asdict(one) for one in cases])[:32]


@dataclass(frozen=True)
class Dataset:
    """A named set of cases. ``version`` is the newest one's id, ``size`` how many cases that one has."""

    id: str
    name: str
    version: str
    size: int
    made_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Columns:
    """Which column of an imported table is what; "" where the table has none."""

    question: str = ""
    answers: str = ""
    gold_document: str = ""
    gold_text: str = ""
    unanswerable: str = ""
    tags: str = ""
    language: str = ""


@dataclass(frozen=True)
class BadRow:
    """A row that is no case: its ``number`` as a person counts it (lines or table rows, from 1), and why."""

    number: int
    reason: str


@dataclass(frozen=True)
class TypedCase:
    """A row of a dataset as it was typed, checked by nobody; ``number`` is kept while others go."""

    number: int
    case: Case


@dataclass(frozen=True)
class ImportPreview:
    """What an import would bring, before anything is saved.

    ``columns`` are the table's own, ``chosen`` what was made of them; ``unused`` columns are left out.
    ``doubtful`` rows are cases, and may not be what was meant.
    """

    columns: tuple[str, ...]
    chosen: Columns
    cases: tuple[Case, ...]
    bad: tuple[BadRow, ...]
    warning: str = ""
    doubtful: tuple[BadRow, ...] = ()

    @property
    def unused(self) -> tuple[str, ...]:
        """The table's columns that nothing is taken from."""
        used = {getattr(self.chosen, one.name) for one in fields(self.chosen)}
        return tuple(one for one in self.columns if one not in used)


@dataclass(frozen=True)
class GoldSpan:
    """Where a gold text stands in a collection: ``document_text[start:end]``.

    ``likeness`` (0 to 1) tells how alike the two are: below 1 where the document has other spaces, signs
    or spellings. ``passages`` are the ids of the collection's passages that hold at least half of the span.
    """

    document_id: str
    document_name: str
    start: int
    end: int
    likeness: float
    passages: tuple[str, ...]


@dataclass(frozen=True)
class PosedCase:
    """A case as it is posed to one collection.

    ``spans`` stand in the order of ``case.gold``; None where that text was not found in the documents.
    ``there`` tells, in the same order, whether the collection has the document that is to hold it, be it one
    of which nothing could be read.
    """

    case: Case
    spans: tuple[GoldSpan | None, ...] = ()
    there: tuple[bool, ...] = ()

    @property
    def located(self) -> tuple[GoldSpan, ...] | None:
        """All spans; None where there is no gold text, or where any of it was not found."""
        found = tuple(one for one in self.spans if one is not None)
        return found if found and len(found) == len(self.case.gold) else None


@dataclass(frozen=True)
class GoldPlace:
    """Where one gold text stands; ``span`` None: nowhere. ``page`` is that of its beginning, from 1.

    ``there`` tells whether the collection has the document that is to hold it.
    """

    span: GoldSpan | None
    there: bool
    page: int = 1


@dataclass(frozen=True)
class GoldView:
    """How far the gold text of a dataset has been looked for; ``left`` texts have no place yet.

    ``trouble`` says why the search broke off, "" where it did not.
    """

    places: Mapping[Gold, GoldPlace]
    left: int
    busy: bool
    trouble: str = ""
