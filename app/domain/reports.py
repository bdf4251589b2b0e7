"""Summaries of answers for the charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.answers import AnswerState, Judgement
from app.domain.base import Basis
from app.domain.costs import ExchangeRate
from app.domain.exchange import Money


@dataclass(frozen=True)
class Share:
    """A share with its 95% interval (Wilson, 1927): ``hits`` of ``of``; bounds 0 to 1.

    ``hits`` need not be whole: a question that was asked several times adds its own share to them.
    """

    hits: float
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; 0 of 0 has none and raises ZeroDivisionError."""
        return self.hits / self.of


class Elsewhere(tuple[str, ...]):
    """The hashes of a candidate whose first answer came with an experiment that was made elsewhere."""

    __slots__ = ()


@dataclass(frozen=True)
class AnswerFilter:
    """Which answers a chart is about; empty means all."""

    collection_id: str = ""
    candidates: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class RightTally:
    """How often one candidate was right, over the questions that tell so (METRICS, "Right").

    ``right`` and ``wrong`` count a person's marks. ``failed`` and ``cut_short`` count answers without a
    mark, which are not right; any other answer without one is left out. ``share_sum`` adds up each
    question's own share of right answers (0 to 1), ``square_sum`` the squares of these: a question
    asked ten times is still one of ``questions``.
    """

    candidate_hash: str
    questions: int
    right: int
    wrong: int
    failed: int
    cut_short: int
    share_sum: float
    square_sum: float

    @property
    def answers(self) -> int:
        """The answers behind it."""
        return self.right + self.wrong + self.failed + self.cut_short


@dataclass(frozen=True)
class CandidateSummary:
    """What was asked of one candidate so far.

    ``answers`` counts every logged one (those that are being made are in no other count), ``marked``
    those a person judged right or wrong, ``cost_total`` sums the known costs of ``costed`` answers,
    ``uncosted`` had no price. ``rates`` are those by which any of it was converted into ``currency``.
    """

    candidate_hash: str
    label: str
    with_documents: bool
    answers: int
    complete: int
    failed: int
    marked: int
    right: int
    cost_total: Money
    currency: str
    costed: int
    uncosted: int
    cut_short: int = 0
    stopped: int = 0
    rates: tuple[ExchangeRate, ...] = ()


@dataclass(frozen=True)
class AnswerPoint:
    """One answer as a point of a chart. ``question`` is the text as asked, ``cost`` in 10^-12 of
    ``currency``, as told (``None``: unknown), ``shared`` how many generations ran on the machine at once.
    ``remembered``: the server still had nearly all of the prompt, so that it had next to nothing to read.
    ``question_key`` is the same for questions of the same words.
    """

    answer_id: str
    question_id: str
    question: str
    candidate_hash: str
    label: str
    state: AnswerState
    first_token: float | None
    wall: float | None
    tokens_per_second: float | None
    shared: int
    cost: Money | None
    currency: str
    judgement: Judgement | None
    asked_at: datetime
    question_key: int
    remembered: bool = False


@dataclass(frozen=True)
class Priced:
    """How ``answers`` of one candidate got their cost; ``shared`` of them shared one's own machine.

    ``machine`` describes that machine with its prices, "" for a list price.
    """

    candidate_hash: str
    basis: Basis
    machine: str
    answers: int
    shared: int


@dataclass(frozen=True)
class SpendDay:
    """What one candidate's answers of one UTC day cost: the sum of the ``costed`` ones.

    ``uncosted`` answers had no price: they are not in ``amount``, which is in 10^-12 of ``currency``.
    ``rewording``: they only reworded follow-ups; ``judging``: they only judged others. ``rates`` are those by
    which any of it was converted.
    """

    day: date
    candidate_hash: str
    label: str
    answers: int
    amount: Money
    currency: str
    costed: int
    uncosted: int
    rewording: bool = False
    judging: bool = False
    rates: tuple[ExchangeRate, ...] = ()
