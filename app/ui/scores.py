"""The scores of an answer: a line of words each, in the same order wherever they stand."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import Score
from app.ui import figures
from app.ui.safe import plain
from app.ui.words import help_for

YES_OR_NO = ("contains", "judge", "exact match", "abstention", "hit@k", "schema validity")
RATIOS = ("token F1", "MRR@k", "nDCG@k")
SHARES = ("share copied", "quote check", "citation recall", "citation precision", "grounded share")
ORDER = (
    *("contains", "judge", "exact match", "token F1", "abstention"),
    *("hit@k", "MRR@k", "nDCG@k"),
    *("citation recall", "citation precision", "quote check", "grounded share", "share copied"),
    "schema validity",
)
LONGEST = 400
"""Characters of a reason."""
JUDGE = "judge"
"""Its scores are called so, with the judge's hash behind a colon."""


def newest(scores: Sequence[Score]) -> list[Score]:
    """One score of each measure, of its newest version, in the order of the screens; others behind."""
    found = {one.scorer: one for one in sorted(scores, key=lambda one: (len(one.version), one.version))}
    return sorted(found.values(), key=lambda one: (_place(measure(one)), one.scorer))


def measure(score: Score) -> str:
    """What it measures, whoever judged."""
    return measured_by(score.scorer)


def measured_by(scorer: str) -> str:
    """What a scorer measures, by its name."""
    return JUDGE if scorer.partition(":")[0] == JUDGE else scorer


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def value(score: Score) -> str:
    """The value as it is read: "yes", "0.67" or "67%"; "not scored" where there is none."""
    if score.value is None:
        return "not scored"
    name = measure(score)
    if name in YES_OR_NO:
        return "yes" if score.value else "no"
    return figures.significant(score.value, 2) if name in RATIOS else figures.percent(score.value)


def lines(scores: Sequence[Score]) -> list[str]:
    """A line of Markdown for each measure: its name, its value, and what happened in words."""
    return [
        f"**{plain(titled(measure(one)))}: {value(one)}.** {plain(one.words, LONGEST)}"
        for one in newest(scores)
    ]


def helps(scores: Sequence[Score]) -> list[str]:
    """What each measure of these means; nothing for one that the screens do not know."""
    return [help_for(name) for name in dict.fromkeys(map(measure, newest(scores))) if name in ORDER]


def titled(name: str) -> str:
    """As a heading; "hit@k" stays as it is written."""
    return name if "@" in name else f"{name[:1].upper()}{name[1:]}"
