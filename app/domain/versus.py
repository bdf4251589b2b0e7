"""Two experiments compared: which candidates belong together, what differs, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.comparisons import Comparison
from app.domain.experiments import Experiment
from app.domain.models import Candidate
from app.domain.reports import Share


class Alike(StrEnum):
    """By which rule two candidates belong together, the closest first."""

    SAME = "same settings"
    WEIGHTS = "same settings, other weights"
    ASKED = "same model, same options"
    MODEL = "same model"
    CHOSEN = "chosen by you"


@dataclass(frozen=True)
class Pair:
    """A candidate of the first experiment and one of the second."""

    first: Candidate
    second: Candidate
    alike: Alike


@dataclass(frozen=True)
class Side:
    """How a candidate did on a question, over its scored repeats: ``right`` of ``of``.

    ``answer_id`` is the answer to open: the first that is not right, else the first. ``cause`` is its cause.
    """

    place: int
    right: int
    of: int
    answer_id: str
    cause: str = ""

    @property
    def mean(self) -> float:
        """The share of its repeats that are right."""
        return self.right / self.of


@dataclass(frozen=True)
class Change:
    """A question that both were scored on and that came out otherwise."""

    question: str
    first: Side
    second: Side


@dataclass(frozen=True)
class PairResult:
    """What the questions that both were scored on say of a pair.

    ``comparison`` is of the second minus the first, corrected for all pairs of the page. ``first`` and
    ``second`` are the shares right on these questions. ``unscored`` questions are in both datasets, but not
    scored on both sides; on ``unjudged`` others the judge has not told of one side yet. ``differences`` are
    those of the two candidates.
    """

    pair: Pair
    comparison: Comparison
    first: Share
    second: Share
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    same: int
    unscored: int
    differences: tuple[Difference, ...] = ()
    unjudged: int = 0


@dataclass(frozen=True)
class Difference:
    """Something that is not the same in both, in words. ``long`` values are texts to be read apart."""

    what: str
    first: str
    second: str
    long: bool = False


@dataclass(frozen=True)
class Versus:
    """Two experiments compared on their ``common`` questions (equal with their right answers).

    ``alone_first`` and ``alone_second`` are candidates without a counterpart; ``differences`` are those of
    the experiments as wholes.
    """

    first: Experiment
    second: Experiment
    common: int
    pairs: tuple[PairResult, ...]
    alone_first: tuple[Candidate, ...]
    alone_second: tuple[Candidate, ...]
    differences: tuple[Difference, ...]
