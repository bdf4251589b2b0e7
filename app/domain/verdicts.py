"""What an experiment comes to, as figures: the rules make it, and one place has the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.causes import Cause, Family
from app.domain.comparisons import Comparison
from app.domain.costing import CandidateCost
from app.domain.costs import ExchangeRate
from app.domain.experiments import CandidateResult
from app.domain.reports import Share


@dataclass(frozen=True)
class VerdictSettings:
    """What a person asks of a model: right on ``enough`` of the questions, and as good within ``margin``.

    Both are shares. Raises ValueError for others.
    """

    enough: float = 0.8
    margin: float = 0.05

    def __post_init__(self) -> None:
        """A share of 0 asks nothing, and a margin of a half or more calls everything as good."""
        if not (0 < self.enough <= 1 and 0 < self.margin < 0.5):
            raise ValueError(f"no verdict for {self.enough} and {self.margin}")


class VerdictKind(StrEnum):
    """A rule of the verdict; see ``app/evaluation/verdict.py`` for each, in their order."""

    NOTHING_ASKED = "nothing asked"
    NOTHING_JUDGED = "nothing judged"
    NOTHING_SCORED = "nothing scored"
    UNSCORED = "too much unscored"
    NEVER = "never right"
    ALONE = "only one"
    EQUAL = "equally often"
    REVERSED = "depends on what was scored"
    CLEAR = "clear winner"
    TIE = "tie"
    TOO_FEW = "too few questions"
    POOR = "all poor"
    HURT = "documents that hurt"
    TWIN = "with and without documents"
    NEXT = "next of all"
    ENOUGH = "accurate enough"
    NOT_ENOUGH = "not accurate enough"
    ENOUGH_UNTOLD = "cannot be told yet"
    CHEAPER = "cheaper and as good"
    RECORDED = "recorded elsewhere"
    ELSEWHERE = "made elsewhere"
    MACHINES = "different machines"
    FEWER = "fewer questions"
    UNFINISHED = "not finished"


@dataclass(frozen=True)
class Statement:
    """What one rule found. ``who`` it is about, the best first; the rest where the rule has it.

    ``share`` is the rule's own: of answers that were not judged, or the share or margin that was chosen.
    ``number`` counts those that were looked at together. ``costs`` go with ``who``, where
    they are known.
    """

    kind: VerdictKind
    who: tuple[CandidateResult, ...] = ()
    comparison: Comparison | None = None
    share: float = 0.0
    number: int = 0
    bounds: Share | None = None
    behind: float = 0.0
    costs: tuple[CandidateCost, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The statement that answers "which one?", what belongs to it in large, and what is said below."""

    head: Statement
    large: tuple[Statement, ...] = ()
    below: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Sure:
    """What can be said of several candidates at once, in the order of the experiment's.

    ``shares`` have bounds that hold for all of them together (Bonferroni); ``behind`` are those of each one's
    difference to the ``best`` (its hash, "" for none), on the questions that both were scored on.
    """

    shares: tuple[Share, ...] = ()
    best: str = ""
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True)
class Behind:
    """A candidate's difference to the best one: from ``low`` to ``high``, with 95% for all ``tested``."""

    candidate: str
    low: float
    high: float
    tested: int


@dataclass(frozen=True)
class Remedy:
    """What mending ``causes`` could win: right on ``at_most`` of the questions, from ``answers`` more.

    One cause, or all of a ``family``.
    """

    causes: tuple[Cause, ...]
    answers: int
    at_most: float
    family: Family | None = None


@dataclass(frozen=True)
class Remedies:
    """Of one candidate (its place): the causes with the most answers first, and families that have any."""

    candidate: int
    largest: tuple[Remedy, ...] = ()
    families: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class PaysOff:
    """From how many questions a day one's own machine pays off: the figure, and what it rests on in words.

    ``candidate`` is the hash of whose answers tell how long the machine works on a question; ``rates`` are
    those by which the API's price was converted.
    """

    figure: str
    words: str
    candidate: str = ""
    rates: tuple[ExchangeRate, ...] = ()
