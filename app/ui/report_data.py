"""What a report is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import (
    CandidateResult,
    Examined,
    Measures,
    PayOff,
    PaysOff,
    PriceMark,
    Used,
    Verdict,
)
from app.ui.result_look import Look
from app.ui.tables import Table
from app.ui.verdict_pay_off import figure_of, marks_of

FEW = 10
"""More candidates need the whole width of the paper for each chart."""
EASY, DENSE = 6, 8
"""More candidates have lower rows and smaller letters on paper, so that all of it stays on two pages."""


@dataclass(frozen=True)
class Report:
    """What a report is made of; ``version`` is Assay's.

    ``pay_off`` tells when one's own machine pays off, None where nobody asked; ``measures`` are its scores,
    summed up.
    """

    examined: Examined
    verdict: Verdict
    look: Look
    used: Used
    version: str
    made_at: datetime
    pay_off: PayOff | None = None
    measures: Measures = ()

    @property
    def few(self) -> bool:
        """Whether two charts have room beside each other on paper."""
        return len(self.examined.experiment.candidates) <= FEW

    @property
    def dense(self) -> bool:
        """Whether two pages of paper have room for all of it only in smaller letters and lower rows."""
        return self.few and len(self.examined.experiment.candidates) > EASY

    @property
    def crowded(self) -> float:
        """How much of what is saved in a dense report is saved here: some where all just has room."""
        just = len(self.examined.experiment.candidates) == EASY
        return 1.0 if self.dense else just * 0.35

    @property
    def letters(self) -> str:
        """The class of the page's parts that says how small the letters are on paper; "" for the usual."""
        denser = " denser" if len(self.examined.experiment.candidates) > DENSE else ""
        return f"dense{denser}" if self.dense else ""

    def lower(self, by: int) -> int:
        """How many pixels a chart is lower on paper, where each candidate's row is so many lower."""
        return round(by * len(self.examined.experiment.candidates) * self.crowded)

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
