"""What the answers of an experiment cost and took: exact sums, and what each right answer comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain.base import Basis
from app.domain.costs import ExchangeRate
from app.domain.exchange import Money


@dataclass(frozen=True)
class Average:
    """The mean over the ``of`` answers that tell; None for none."""

    value: float | None
    of: int


NO_AVERAGE = Average(None, 0)


@dataclass(frozen=True)
class Rate:
    """Money for each of ``of``: ``amount`` in all, exactly, in 10^-12 of the currency in which it is told.

    ``low`` to ``high`` is the 95% interval of what each costs, in the same unit, both None for fewer than two
    questions. With a ``low``, a ``high`` of None is no upper end: in too many resamples there was nothing to
    divide by (no right answer), so that it may cost any amount.
    """

    amount: Money
    of: int
    low: int | None = None
    high: int | None = None

    def times(self, number: int) -> int | None:
        """What so many cost, rounded once; None where there is none to divide by."""
        if not self.of:
            return None
        # Half a unit more before the division rounds to the nearest.
        return (2 * self.amount * number + self.of) // (2 * self.of)

    def mean(self) -> Fraction:
        """What each costs, exactly; for none it raises ZeroDivisionError."""
        return Fraction(self.amount) / self.of


@dataclass(frozen=True)
class Tokens:
    """Mean tokens of an answer, each over the answers whose server told it."""

    prompt: Average = NO_AVERAGE
    completion: Average = NO_AVERAGE
    thinking: Average = NO_AVERAGE
    cached: Average = NO_AVERAGE


@dataclass(frozen=True)
class CandidateCost:
    """What the ``answers`` of one candidate (its hash) that count cost and took.

    ``priced`` of them have a known cost, which ``totals`` sum by the currency in which it is told; the others
    are in no sum.
    ``basis`` is the weakest of theirs. ``each`` is what an answer costs, over the priced ones; ``right`` what
    a right one does, over the ``told`` answers of which both the cost and whether they are right are known:
    its ``of`` are the right ones, 0 for "no right answer". Both are None where nothing is priced, and where
    it is in several currencies. ``machine`` is machine seconds an answer, over those that ran alone;
    ``shared`` ran beside others. Loading took ``load_seconds`` in all, before ``loads`` answers; it is in no
    other figure.
    """

    candidate: str
    answers: int
    priced: int
    totals: Mapping[str, Money]
    basis: Basis
    each: Rate | None = None
    right: Rate | None = None
    told: int = 0
    tokens: Tokens = Tokens()
    machine: Average = NO_AVERAGE
    shared: int = 0
    load_seconds: float = 0.0
    loads: int = 0

    @property
    def unknown(self) -> int:
        """The answers without a known cost."""
        return self.answers - self.priced

    @property
    def currency(self) -> str:
        """The one currency in which it is told; "" for none and for several."""
        return next(iter(self.totals)) if len(self.totals) == 1 else ""


@dataclass(frozen=True)
class Besides:
    """What an experiment cost beside the answers that count, by currency; ``unknown`` have no known cost."""

    amounts: Mapping[str, Money] = field(default_factory=dict)
    unknown: int = 0


@dataclass(frozen=True)
class Costs:
    """What an experiment's answers cost, in the order of its candidates.

    Candidates are compared in one ``currency``, that of most of them ("" where nothing is priced): the
    ``frontier`` are those of which none other is as cheap and as often right and better in one of the two,
    the cheapest first. ``cheapest`` is whose right answer costs least, "" for none; ``decisive``: the test
    tells that from chance (``costing.py``). ``apart`` is what else the experiment cost: attempts that do not
    count, re-asking for causes, and judging. ``rates`` are those by which any of it was converted.
    """

    candidates: tuple[CandidateCost, ...] = ()
    currency: str = ""
    frontier: tuple[str, ...] = ()
    cheapest: str = ""
    decisive: bool = False
    apart: Besides = field(default_factory=Besides)
    rates: tuple[ExchangeRate, ...] = ()

    @property
    def totals(self) -> Mapping[str, Money]:
        """What all answers that count cost, by currency."""
        found: dict[str, Money] = {}
        for one in self.candidates:
            for currency, amount in one.totals.items():
                found[currency] = found.get(currency, 0) + amount
        return found

    @property
    def unknown(self) -> int:
        """The answers that count and have no known cost."""
        return sum(one.unknown for one in self.candidates)

    @property
    def compared(self) -> tuple[CandidateCost, ...]:
        """Those with a cost in the currency that is compared."""
        return tuple(one for one in self.candidates if one.each is not None and one.currency == self.currency)


@dataclass(frozen=True)
class PriceUse:
    """The prices that so many ``answers`` were given: ``facts`` as they were kept with each (``Cost.entry``).

    What differs from answer to answer, such as its seconds, is in none of them. ``known``: a cost came of it.
    """

    facts: Mapping[str, str]
    answers: int
    known: bool = True


@dataclass(frozen=True)
class PriceMark:
    """What 1,000 questions would cost at a model's list price, in 10^-12 of ``currency``.

    No answers of it were measured: nothing tells how often it is right. ``rates`` are those by which it was
    converted.
    """

    name: str
    per_1000: int
    currency: str
    rates: tuple[ExchangeRate, ...] = ()
