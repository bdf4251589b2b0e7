"""What a report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import (
    CandidateResult,
    Examined,
    Measures,
    PayOff,
    PaysOff,
    PriceMark,
    PriceUse,
    ScorerUse,
    Verdict,
)
from app.ui.result_look import Look
from app.ui.tables import Table
from app.ui.verdict_pay_off import figure_of, marks_of

FEW = 8
"""More candidates need the whole width of the paper for each chart."""


@dataclass(frozen=True)
class Report:
    """What a report is made of; ``scorers`` and ``prices`` are those used, ``version`` is Assay's.

    ``pay_off`` tells when one's own machine pays off, None where nobody asked; ``measures`` are its scores,
    summed up.
    """

    examined: Examined
    verdict: Verdict
    look: Look
    scorers: Sequence[ScorerUse]
    prices: Sequence[PriceUse]
    version: str
    made_at: datetime
    pay_off: PayOff | None = None
    measures: Measures = ()

    @property
    def few(self) -> bool:
        """Whether two charts have room beside each other on paper."""
        return len(self.examined.experiment.candidates) <= FEW

    @property
    def pays_off(self) -> PaysOff | None:
        """From how many questions a day."""
        return figure_of(self.pay_off) if self.pay_off else None

    @property
    def marks(self) -> tuple[PriceMark, ...]:
        """List prices of models that were not measured."""
        return marks_of(self.pay_off) if self.pay_off else ()

    @property
    def best(self) -> CandidateResult | None:
        """Whom the sentence is about; None where nothing is scored."""
        return next(iter(self.verdict.head.who), None)


def known(one: Table) -> Table:
    """The table without the columns of which nothing is known."""
    kept = [at for at in range(len(one.columns)) if any(row[at] is not None for row in one.rows)]
    rows = tuple(tuple(row[at] for at in kept) for row in one.rows)
    columns = tuple(one.columns[at] for at in kept)
    helping = {name: words for name, words in (one.help or {}).items() if name in columns}
    return replace(one, columns=columns, rows=rows, help=helping)
