"""One question of an experiment, opened: where its gold text stands, and what became of each answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.answers import Answer
from app.domain.cases import Case, Gold, PosedCase
from app.domain.causes import Probed
from app.domain.experiments import Experiment, Trial

Span = tuple[int, int]
AROUND = 500
"""Characters of the document before and after a gold text."""
WORD = 40
"""Longer than this no word is kept whole at the edge of a text."""


class GoldState(StrEnum):
    """Whether a gold text was found in a collection, and if not, what is missing."""

    FOUND = "found"
    NOT_FOUND = "not found"
    """The document is there, and the text is not in what was read of it."""
    NO_DOCUMENT = "no document"
    NO_COLLECTION = "no collection"
    """The collection was deleted."""
    ELSEWHERE = "elsewhere"
    """The experiment was made elsewhere, and its collection is not here."""


@dataclass(frozen=True)
class GoldSeen:
    """A gold text in one collection (``collection`` is its name, "" where it is not here).

    ``text[mark[0]:mark[1]]`` is where it stands, with what stands around it; "" where it was not found.
    ``page`` counts from 1, None for documents without pages. ``likeness`` as in GoldSpan. ``passage`` is the
    id of the first passage that holds half of it; of a longer text, of the one that holds most; "" for none.
    """

    gold: Gold
    collection_id: str
    collection: str
    place: GoldState
    document_id: str = ""
    document: str = ""
    page: int | None = None
    text: str = ""
    mark: Span = (0, 0)
    likeness: float = 1.0
    passage: str = ""


@dataclass(frozen=True)
class CaseSeen:
    """A case of an experiment, by its ``place`` in the dataset's version, with the answers that count.

    ``golds`` are its gold texts in each collection that is searched, ``posed`` the case in each of these that
    is here, by id. ``changed`` are the names of collections whose documents are not what they were when the
    experiment began.
    """

    experiment: Experiment
    place: int
    case: Case
    golds: tuple[GoldSeen, ...]
    trials: tuple[Trial, ...]
    posed: Mapping[str, PosedCase] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def of(self, candidate: int) -> tuple[Trial, ...]:
        """The trials of a candidate, by its place, in the order of the repeats."""
        return tuple(one for one in self.trials if one.slot.candidate == candidate)


@dataclass(frozen=True)
class ProbeSeen:
    """A re-asking that looked for a cause, with its answer."""

    probed: Probed
    answer: Answer


@dataclass(frozen=True)
class TrialSeen:
    """An answer in its slot, opened.

    ``why`` tells in words what the rule found, "" where that is not known any more. ``marks`` are the
    stretches of gold text in the passages, by their ids. ``covered`` is the share (0 to 1) of the gold text
    that was given to the model, of several texts the least; None where it is not known.
    """

    trial: Trial
    answer: Answer
    why: str = ""
    probes: tuple[ProbeSeen, ...] = ()
    marks: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    covered: float | None = None


def around(text: str, span: Span, size: int = AROUND) -> tuple[str, Span]:
    """The span with up to ``size`` characters on either side, and where it stands in these.

    Whole words, where they are not longer than WORD: there are scripts without spaces.
    """
    start, end = max(0, span[0] - size), min(len(text), span[1] + size)
    begins = range(start, min(span[0], start + WORD) + 1)
    ends = range(end, max(span[1], end - WORD) - 1, -1)
    start = next((at for at in begins if at == 0 or text[at - 1].isspace() or at == span[0]), start)
    end = next((at for at in ends if at in {len(text), span[1]} or text[at].isspace()), end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    moved = len(before) - start
    return f"{before}{text[start:end]}{after}", (span[0] + moved, span[1] + moved)
