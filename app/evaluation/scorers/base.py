"""What every scorer is."""

from __future__ import annotations

from typing import Protocol

from app.domain import Answer, PosedCase, Score


class Scorer(Protocol):
    """A named, versioned measure of one answer.

    Whatever changes a value (a weight, a word list) changes ``version``: scores of two versions stand
    side by side and are never averaged together. ``name`` has its sentence in ``app/ui/words.py``.
    """

    name: str
    version: str

    def score(self, answer: Answer) -> Score:
        """The same for the same answer, on any thread; raises nothing but AppError.

        What it cannot score has the value None and says why in words (METRICS, "unscored").
        """
        ...


class CaseScorer(Protocol):
    """As Scorer, for what takes the right answer or the gold text to tell."""

    name: str
    version: str

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """As Scorer's: the same for the same case and answer, on any thread."""
        ...
