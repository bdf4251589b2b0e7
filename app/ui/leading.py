"""Who leads by a figure, and whether that is decided: one rule for the cards and for the charts' titles.

A lead is decided only where 95% intervals do not overlap, which two independent shares pass more seldom than
a test at 5%. No test was made, so that what they leave open is "too close to tell", and not in the words of
a test (app/domain/comparisons.py). A cost is a sum and has no interval here: it leads by a tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain import CandidateSummary, Share
from app.ui import figures
from app.ui.shown import Rights, Shown, Spread, Spreads, mean_cost

DIFFERENT = "no comparison"
TOO_CLOSE = "too close to tell"
ABOUT_THE_SAME = "about the same"
ONLY_ONE = "only one known"
CLEARLY_CHEAPER = 1.1
"""So many times as much must the dearest cost as the cheapest, for the cheapest to be called so."""


@dataclass(frozen=True)
class Lead:
    """The candidate that leads, with its figure; ``doubt`` says why that decides nothing, "" where it does.

    ``ranked`` are all whose figure is known, the best first.
    """

    ranked: tuple[CandidateSummary, ...] = ()
    figure: str = ""
    doubt: str = ""

    @property
    def best(self) -> CandidateSummary | None:
        """The one that leads; None where nothing is known."""
        return self.ranked[0] if self.ranked else None


def most_right(shown: Shown, rights: Rights) -> Lead:
    """Who was judged right most often."""
    ranked = sorted(rights.of(shown), key=lambda one: rights.share(one).value, reverse=True)
    if not ranked:
        return Lead()
    best, others = rights.share(ranked[0]), [rights.share(one) for one in ranked[1:]]
    clear = all(best.low > one.high for one in others)
    return _lead(shown, ranked, figures.share(best), clear=clear, different=rights.different)


def least_right(shown: Shown, rights: Rights) -> CandidateSummary | None:
    """Who was clearly judged right least often; None where that is not decided."""
    ranked = most_right(shown, rights).ranked
    if len(ranked) < 2 or rights.different:
        return None
    worst = rights.share(ranked[-1])
    return ranked[-1] if all(worst.high < rights.share(one).low for one in ranked[:-1]) else None


def quickest(shown: Shown, firsts: Spreads) -> Lead:
    """Who begins to answer first. ``firsts`` are seconds, of answers that ran alone."""
    return _by_spread(shown, firsts, lambda value: f"after {figures.seconds(value)}", smallest=True)


def fastest(shown: Shown, speeds: Spreads) -> Lead:
    """Who writes fastest. ``speeds`` are tokens per second, of answers that ran alone."""
    return _by_spread(shown, speeds, lambda value: f"at {figures.speed(value)}", smallest=False)


def cheapest(shown: Shown) -> Lead:
    """Whose answers cost least. In two currencies there is no such."""
    costed = sorted((one for one in shown.summaries if one.costed), key=mean_cost)
    if len({one.currency for one in costed}) > 1:
        return Lead(tuple(costed), doubt=DIFFERENT)
    if not costed:
        return Lead()
    figure = figures.money(mean_cost(costed[0]) * 1000, costed[0].currency)
    clear = mean_cost(costed[-1]) > CLEARLY_CHEAPER * mean_cost(costed[0])
    return _lead(shown, costed, figure, clear=clear, tie=ABOUT_THE_SAME, different=shown.different)


def apart(one: Share | Spread, other: Share | Spread) -> bool:
    """Whether two intervals do not overlap; an interval that is not known overlaps every other."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.high < other.low or one.low > other.high


def _by_spread(shown: Shown, spreads: Spreads, tell: Callable[[float], str], *, smallest: bool) -> Lead:
    measured = [one for one in shown.summaries if one.candidate_hash in spreads]
    ranked = sorted(measured, key=lambda one: spreads[one.candidate_hash].value, reverse=not smallest)
    if not ranked:
        return Lead()
    first, *others = [spreads[one.candidate_hash] for one in ranked]
    clear = all(apart(first, other) for other in others)
    return _lead(shown, ranked, tell(first.value), clear=clear, different=shown.different)


def _lead(
    shown: Shown,
    ranked: Sequence[CandidateSummary],
    figure: str,
    *,
    clear: bool,
    different: bool,
    tie: str = TOO_CLOSE,
) -> Lead:
    doubt = "" if clear else tie
    if len(ranked) == 1:
        doubt = ONLY_ONE if shown.several else ""
    elif different:
        doubt = DIFFERENT
    return Lead(tuple(ranked), figure, doubt)
