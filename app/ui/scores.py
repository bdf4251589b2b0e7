"""The scores of an answer: a line of words each, in the same order wherever they stand."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import Score
from app.ui import figures
from app.ui.safe import plain
from app.ui.words import help_for

YES_OR_NO = ("contains", "exact match", "abstention", "hit@k", "schema validity")
RATIOS = ("token F1", "MRR@k", "nDCG@k")
SHARES = ("share copied", "quote check", "citation recall", "citation precision", "grounded share")
ORDER = (
    *("contains", "exact match", "token F1", "abstention"),
    *("hit@k", "MRR@k", "nDCG@k"),
    *("citation recall", "citation precision", "quote check", "grounded share", "share copied"),
    "schema validity",
)
LONGEST = 400
"""Characters of a reason."""


def newest(scores: Sequence[Score]) -> list[Score]:
    """One score of each measure, of its newest version, in the order of the screens; others behind."""
    found = {one.scorer: one for one in sorted(scores, key=lambda one: (len(one.version), one.version))}
    known = [found.pop(name) for name in ORDER if name in found]
    return [*known, *(found[name] for name in sorted(found))]


def value(score: Score) -> str:
    """The value as it is read: "yes", "0.67" or "67%"; "not scored" where there is none."""
    if score.value is None:
        return "not scored"
    if score.scorer in YES_OR_NO:
        return "yes" if score.value else "no"
    return figures.significant(score.value, 2) if score.scorer in RATIOS else figures.percent(score.value)


def lines(scores: Sequence[Score]) -> list[str]:
    """A line of Markdown for each measure: its name, its value, and what happened in words."""
    return [
        f"**{plain(one.scorer.capitalize() if one.scorer.islower() else one.scorer)}: {value(one)}.** "
        f"{plain(one.words, LONGEST)}"
        for one in newest(scores)
    ]


def helps(scores: Sequence[Score]) -> list[str]:
    """What each measure of these means; nothing for one that the screens do not know."""
    return [help_for(one.scorer) for one in newest(scores) if one.scorer in ORDER]
