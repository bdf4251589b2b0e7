"""What a page of figures is about: the candidates, how often each was right, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain import AnswerPoint, CandidateSummary, Priced, Rate, RightTally, Share


@dataclass(frozen=True)
class Shown:
    """The candidates on a page. ``names`` are unique; ``common`` counts the questions that all answered.

    ``capped``: times and speeds are those of the newest answers only, since there are very many.
    ``priced`` says how these got their costs, ``costs`` what an answer costs each on average, by its hash:
    of an unknown cost there is none.
    """

    summaries: tuple[CandidateSummary, ...]
    names: Mapping[str, str]
    common: int
    capped: bool = False
    priced: Sequence[Priced] = ()
    costs: Mapping[str, Rate] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether there is anything to compare."""
        return len(self.summaries) > 1

    @property
    def different(self) -> bool:
        """Whether the candidates have no question in common, so that their figures must not be compared."""
        return self.several and self.common == 0

    def name(self, one: CandidateSummary) -> str:
        """The unique name of a candidate."""
        return self.names[one.candidate_hash]


@dataclass(frozen=True)
class Rights:
    """How often each candidate was judged right, by its hash; one without an answer to judge is missing.

    ``common`` counts the questions judged for all of them, which the shares are then of; 0 where there
    is none, so that they must not be compared.
    """

    tallies: Mapping[str, RightTally] = field(default_factory=dict)
    shares: Mapping[str, Share] = field(default_factory=dict)
    common: int = 0

    @property
    def different(self) -> bool:
        """Whether the shares are of different questions."""
        return len(self.shares) > 1 and self.common == 0

    def of(self, shown: Shown) -> list[CandidateSummary]:
        """The candidates shown that have a share."""
        return [one for one in shown.summaries if one.candidate_hash in self.shares]

    def share(self, one: CandidateSummary) -> Share:
        """The share of a candidate that has one."""
        return self.shares[one.candidate_hash]


@dataclass(frozen=True)
class Spread:
    """A median of ``of`` values with its interval, where there are enough values for one."""

    value: float
    of: int
    low: float | None = None
    high: float | None = None


Spreads = Mapping[str, Spread]


@dataclass(frozen=True)
class Times:
    """How long answers took, by candidate hash: seconds to the first token and in all, tokens per second.

    ``points`` are the newest of these answers. ``remembered`` counts those left out of the seconds, since
    the server still had nearly all of their prompts.
    """

    firsts: Spreads = field(default_factory=dict)
    walls: Spreads = field(default_factory=dict)
    speeds: Spreads = field(default_factory=dict)
    points: Sequence[AnswerPoint] = ()
    remembered: int = 0


def mean_cost(one: CandidateSummary) -> Fraction:
    """The mean cost of the answers whose cost is known, exactly, in 10^-12 of the currency."""
    return Fraction(one.cost_total) / one.costed
