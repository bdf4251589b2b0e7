"""Quote check: how much of what the answer puts in quotation marks stands in the passages given.

METRICS, "Quote check": verbatim after white space is folded. The quotes are found and looked up once, when
the answer is made (``answering.citations.check_quotes``); here they are counted. Always beside the share
of answers that quote anything: an answer without a quote is unscored.
"""

from __future__ import annotations

from app.domain import Answer, PosedCase, Score
from app.evaluation.scorers.unfinished import BEING_MADE, being_made


class QuoteCheck:
    """The share of quoted spans that stand in a passage. It describes any text, also one cut short."""

    name = "quote check"
    version = "1"

    def score(self, case: PosedCase, answer: Answer) -> Score:  # noqa: ARG002
        """The share; unscored where nothing is quoted."""
        if being_made(answer):
            return Score(self.name, self.version, None, BEING_MADE)
        quotes = answer.checks.quotes
        if not quotes:
            return Score(self.name, self.version, None, "The answer quotes nothing.")
        stand = sum(one.number > 0 for one in quotes)
        value = stand / len(quotes)
        words = f"{stand} of {len(quotes)} quotes stand word for word in the passages given."
        if len(quotes) == 1:
            words = (
                f"Its quote {'stands' if stand else 'does not stand'} word for word in the passages given."
            )
        return Score(self.name, self.version, value, words)
