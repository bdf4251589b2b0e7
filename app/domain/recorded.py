"""Answers of models that were asked elsewhere, as a file brings them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from app.domain.cases import BadRow
from app.domain.models import Candidate, Provenance, Usage

ASSUMED_DATE = "date of the answer"
"""In the entry of a cost: that the date was not told, so that the import's is assumed."""


@dataclass(frozen=True)
class RecordedColumns:
    """Which column of a file is what; "" where it has none."""

    question: str = ""
    answer: str = ""
    model: str = ""
    provider: str = ""
    documents: str = ""
    date: str = ""
    prompt_tokens: str = ""
    completion_tokens: str = ""
    cached_tokens: str = ""
    thinking_tokens: str = ""
    repeat: str = ""
    id: str = ""


@dataclass(frozen=True)
class RecordedDefaults:
    """What holds for rows that do not tell it themselves; "" for nothing."""

    model: str = ""
    provider: str = ""
    documents: str = ""


@dataclass(frozen=True)
class RecordedAnswer:
    """A row that has its place: the answer to a case, by its place from 0, in a repeat from 0.

    ``number`` is the row's, as a person counts it. ``asked_at`` is None where the date was not told.
    """

    number: int
    case: int
    repeat: int
    text: str
    model: str
    provenance: Provenance
    usage: Usage
    asked_at: datetime | None = None


@dataclass(frozen=True)
class RecordedGroup:
    """The answers of one candidate that a file brings.

    ``place`` is where the experiment has that candidate already, None where it is new. Of its ``of`` answers
    (questions x repeats) so many are ``missing`` once these are there. ``undated`` ones tell no date,
    ``uncounted`` ones no tokens; ``priced`` says whose list prices apply, in words.
    """

    candidate: Candidate
    answers: tuple[RecordedAnswer, ...]
    of: int
    missing: int
    undated: int
    uncounted: int
    priced: str
    place: int | None = None


@dataclass(frozen=True)
class RecordedPreview:
    """What a file of recorded answers would bring, before anything is saved.

    ``columns`` are the file's own, ``chosen`` what was made of them. ``bad`` rows are left out, ``doubtful``
    ones are taken and may not be what was meant.
    """

    columns: tuple[str, ...]
    chosen: RecordedColumns
    groups: tuple[RecordedGroup, ...]
    bad: tuple[BadRow, ...]
    warning: str = ""
    doubtful: tuple[BadRow, ...] = ()

    @property
    def unused(self) -> tuple[str, ...]:
        """The file's columns that nothing is taken from."""
        used = {getattr(self.chosen, one.name) for one in fields(self.chosen)}
        return tuple(one for one in self.columns if one not in used)

    @property
    def answers(self) -> int:
        """How many answers can be taken."""
        return sum(len(one.answers) for one in self.groups)
