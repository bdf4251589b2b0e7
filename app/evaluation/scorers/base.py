"""What every scorer is."""

from __future__ import annotations

from typing import Protocol

from app.domain import Answer, Score


class Scorer(Protocol):
    """A named, versioned measure of one answer.

    Whatever changes a value (a weight, a word list) changes ``version``: scores of two versions stand
    side by side and are never averaged together. ``name`` has its sentence in ``app/ui/words.py``.

    A scorer that needs the right answer or the gold text will take the case as well, as
    ``score(case, answer)``: a second Protocol beside this one, so that what needs no case stays as it is
    and goes on scoring answers from the Ask page.
    """

    name: str
    version: str

    def score(self, answer: Answer) -> Score:
        """The same for the same answer, on any thread; raises nothing but AppError.

        What it cannot score has the value None and says why in words (METRICS, "unscored").
        """
        ...
