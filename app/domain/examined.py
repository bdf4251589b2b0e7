"""An experiment looked at as a whole: everything that its screens tell, computed once from its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.answers import AnswerState
from app.domain.cases import Case
from app.domain.causes import Cause, CauseTally
from app.domain.comparisons import Comparison, Mean
from app.domain.costing import Costs, PriceUse
from app.domain.drift import Drift
from app.domain.experiments import Experiment, Results, Trial
from app.domain.reports import Share
from app.domain.verdicts import Remedies, Sure


class Outcome(StrEnum):
    """How an answer came out, as the grid of an experiment tells it."""

    RIGHT = "right"
    WRONG = "wrong"
    REFUSED = "refused"
    FAILED = "failed"
    UNSCORED = "unscored"
    UNJUDGED = "not judged yet"

    @property
    def told(self) -> bool:
        """Whether it tells if the answer is right; what is not told is in no share."""
        return self not in {Outcome.UNSCORED, Outcome.UNJUDGED}


_BROKEN = frozenset({AnswerState.FAILED, AnswerState.STOPPED})


def outcome_of(trial: Trial) -> Outcome:
    """How an answer came out: each in one way, and every screen counts by it.

    One that was cut short is wrong, like any other. An empty one is wrong where there is an answer; where
    there is none it has neither invented one nor abstained, so it failed. To abstain there is right.
    """
    if trial.unjudged:
        return Outcome.UNJUDGED
    if trial.right is None:
        return Outcome.UNSCORED
    if trial.right:
        return Outcome.RIGHT
    if trial.state in _BROKEN or trial.cause == Cause.FAILED or (trial.empty and trial.unanswerable):
        return Outcome.FAILED
    return Outcome.REFUSED if trial.abstained else Outcome.WRONG


@dataclass(frozen=True)
class ClaimMeasure:
    """One measure of a model with documents (``given``) and without (``bare``), on the same questions.

    ``difference`` is given minus bare, tested and corrected together with all others of the claim.
    """

    given: Share
    bare: Share
    difference: Comparison


@dataclass(frozen=True)
class Claim:
    """What the documents did to the wrong answers of one model: "RAG accelerates hallucination".

    ``given`` and ``bare`` are the hashes of the candidate with documents and without. ``wrong`` counts
    answers that are not right and neither refuse nor failed, ``invented`` those among them whose question
    has no answer in the documents, over these questions. Of the ``pairs`` of answers to the same question
    in the same repeat, ``given_wrong`` were wrong with documents, ``spoilt`` of them right without;
    ``bare_wrong`` were wrong without documents, ``mended`` of them right with.
    """

    given: str
    bare: str
    wrong: ClaimMeasure
    invented: ClaimMeasure
    pairs: int
    given_wrong: int
    spoilt: int
    bare_wrong: int
    mended: int


@dataclass(frozen=True)
class Abstentions:
    """How well a candidate knows when to say that the documents do not contain it (METRICS, "Answers").

    ``precision``: of the questions on which it abstained, the share without an answer in the documents;
    ``recall``: of these the share on which it abstained; ``answered``: how often it was right where it
    answered: one that failed, and an empty one, is no answer. Each is of 0 questions where there is none.
    """

    precision: Share
    recall: Share
    answered: Share
    unscored: int


@dataclass(frozen=True)
class Measured:
    """The mean of a score over the questions; of its ``answers`` so many are ``unscored``."""

    mean: Mean
    answers: int
    unscored: int


Measures = tuple[Mapping[str, Measured], ...]
"""What each candidate of an experiment, in their order, comes to in each measure, by the scorer's name."""


@dataclass(frozen=True)
class ScorerUse:
    """A version of a scorer, on how many answers of an experiment it was used, and which it left."""

    scorer: str
    version: str
    answers: int
    unscored: int


@dataclass(frozen=True)
class Used:
    """Which scorers and prices the answers of an experiment were given, and when they were asked for.

    ``dates`` are of the first and the last answer of a candidate (its hash).
    """

    scorers: tuple[ScorerUse, ...] = ()
    prices: tuple[PriceUse, ...] = ()
    dates: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)


@dataclass(frozen=True)
class Examined:
    """An experiment with all that its answers so far tell.

    ``tallies`` and ``abstentions`` are in the order of its candidates. ``rules`` count by which rule how
    many answers were judged; what no rule could judge is in none. ``sure`` has what can be said of several
    candidates at once, ``remedies`` what mending causes could win, ``costs`` what the answers cost;
    ``elsewhere`` are the hashes of candidates whose answers were made on another machine. ``drift`` is None
    where no right passage was put in a place.
    """

    experiment: Experiment
    cases: tuple[Case, ...]
    trials: tuple[Trial, ...]
    results: Results
    tallies: tuple[CauseTally, ...]
    claims: tuple[Claim, ...]
    abstentions: tuple[Abstentions, ...]
    rules: Mapping[str, int]
    drift: Drift | None = None
    sure: Sure = field(default_factory=Sure)
    remedies: tuple[Remedies, ...] = ()
    costs: Costs = field(default_factory=Costs)
    elsewhere: frozenset[str] = frozenset()
