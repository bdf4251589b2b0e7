"""Context drift: the right passage at given places of prompts of given lengths, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.cases import Case
from app.domain.comparisons import Comparison
from app.domain.models import Candidate
from app.domain.reports import Share


@dataclass(frozen=True)
class DriftPlan:
    """How many passages stand in the prompts of an experiment on context drift, the right one among them.

    Raises ValueError for two, which have no middle, and for none.
    """

    lengths: tuple[int, ...] = (1, 4, 8, 16)

    def __post_init__(self) -> None:
        """Places are compared over all lengths, so that each but 1 must have all three."""
        if not self.lengths or any(one < 1 or one == 2 for one in self.lengths):
            raise ValueError("each length is 1, or 3 and more")


@dataclass(frozen=True)
class DriftCheck:
    """What can be asked of an experiment in which right passages are put in a place.

    ``candidates`` are those that are left, ``cases`` those of the ``of`` questions whose right passage there
    is; ``left_out`` say which lengths of prompts are not asked, and why.
    """

    candidates: tuple[Candidate, ...]
    cases: tuple[Case, ...]
    of: int
    left_out: tuple[str, ...] = ()


def drifted(candidate: Candidate, plan: DriftPlan) -> tuple[Candidate, ...]:
    """The candidate with the right passage at the front, in the middle and at the end, for each length.

    Raises ValueError for one without documents.
    """
    if candidate.retrieval is None:
        raise ValueError("without documents there is nothing to place")
    retrieval = candidate.retrieval
    places = [(k, at) for k in plan.lengths for at in places_of(k)]
    return tuple(replace(candidate, retrieval=replace(retrieval, k=k, gold_at=at)) for k, at in places)


def base_of(candidate: Candidate) -> Candidate:
    """What candidates have in common that differ in place and length only.

    Raises ValueError for one without documents.
    """
    if candidate.retrieval is None:
        raise ValueError("without documents there is nothing to place")
    return replace(candidate, retrieval=replace(candidate.retrieval, k=1, gold_at=None))


def is_placed(candidate: Candidate) -> bool:
    """Whether the right passage is put in a place for it."""
    return candidate.retrieval is not None and candidate.retrieval.gold_at is not None


def places_of(k: int) -> list[int]:
    """The front, the middle and the end of ``k`` places, each once."""
    return sorted({1, (k + 1) // 2, k})


@dataclass(frozen=True)
class DriftPoint:
    """How often a model was right with the right passage at place ``at`` (from 1) of ``k``.

    Points of one ``base`` differ in place and length only. ``left_out`` questions are not counted, at no
    place of this length: the prompt of one of their answers did not hold all ``k`` passages.
    """

    base: str
    model: str
    candidate: str
    k: int
    at: int
    right: Share
    left_out: int = 0

    @property
    def place(self) -> str:
        """The place in words; alone it is at the front and at the end at once."""
        if self.k == 1:
            return "alone"
        return {1: "front", self.k: "end"}.get(self.at, "middle")


@dataclass(frozen=True)
class Drift:
    """What an experiment on context drift came to.

    ``comparisons`` are between places (over all lengths) and between the shortest and the longest prompt
    (over all places), each within a model and all corrected together; ``names`` are theirs.
    """

    points: tuple[DriftPoint, ...]
    comparisons: tuple[Comparison, ...]
    names: Mapping[str, str]
