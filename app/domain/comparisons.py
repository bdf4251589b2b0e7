"""Two candidates compared, and the one place where the words "decisive" and "not decisive" are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

ALPHA = 0.05
"""From this adjusted p-value downwards a difference is decisive."""
DECISIVE, NOT_DECISIVE, UNDECIDED = "decisive", "not decisive", "Not decisive"
DECIDEDLY = "decidedly"
"""The words of a test that is corrected for all that was tested with it: whoever says them takes them here.

What only looks apart, as intervals that do not overlap, is told in other words (app/ui/leading.py).
"""
BARELY = ", though only just"
"""The corrected test and the interval of the one pair disagree, as they can near the border."""
FEWEST = 6
"""With fewer questions no sign-flip test can come to 0.05: its smallest p-value is 2 / 2^questions."""


@dataclass(frozen=True)
class Mean:
    """The mean over ``of`` questions, each with its own mean over repeats, with its 95% interval.

    ``value`` is None for no questions, the bounds also for one, which tells nothing of the others.
    """

    value: float | None
    of: int
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Comparison:
    """What the ``questions`` that both were scored on say of two candidates (named by their hashes).

    ``difference`` is the mean of first minus second over these questions, ``low`` and ``high`` its 95%
    interval, ``p`` of the sign-flip test, ``adjusted`` the same after Holm's correction for the ``pairs``
    that were tested together. All five are None for fewer than two questions: such a pair was not tested.
    ``needed`` is about how many questions in all would find a difference of this size decisive, four times
    in five; None where the two came out equal or were not tested.
    """

    first: str
    second: str
    questions: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    adjusted: float | None = None
    pairs: int = 0
    needed: int | None = None

    @property
    def decisive(self) -> bool:
        """Whether the corrected test tells the difference from chance; the interval has no say in it."""
        return self.adjusted is not None and self.adjusted <= ALPHA

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval, which is not corrected for the number of pairs, lies on one side of 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def more(self) -> int | None:
        """About how many more questions would decide; None where it is decided, or where nothing tells."""
        if self.needed is None or self.decisive:
            return None
        return max(self.needed - self.questions, 1)

    @property
    def words(self) -> str:
        """What is said of the difference: the corrected test decides, and a disagreement is told.

        The interval is of one pair and of the size of the difference, the test is of all pairs together
        and of its being there at all, so that near the border they can disagree, both ways.
        """
        if self.difference is None:
            return "Too few questions to compare."
        if self.decisive:
            doubt = "" if self.excludes_zero else BARELY
            return f"The difference is {DECISIVE}{doubt}."
        return f"The difference is {NOT_DECISIVE}{self._why_not()}."

    def _why_not(self) -> str:
        if self.questions < FEWEST:
            return f": fewer than {FEWEST} questions decide nothing"
        if not self.excludes_zero:
            return ""
        if self.p is not None and self.p <= ALPHA:
            return f": taken alone it would be, but {self.pairs} pairs were compared at once"
        return BARELY

    def swapped(self) -> Comparison:
        """The same seen from the other side: second minus first."""
        return replace(
            self,
            first=self.second,
            second=self.first,
            difference=_negative(self.difference),
            low=_negative(self.high),
            high=_negative(self.low),
        )

    @property
    def better_first(self) -> Comparison:
        """The same with the candidate of the greater mean as the first."""
        return self.swapped() if self.difference is not None and self.difference < 0 else self


def sentence(comparison: Comparison, names: Mapping[str, str], did: str = "was right") -> str:
    """The comparison in plain words, the greater one first.

    ``names`` are those of the candidates by hash, ``did`` what a measure from 0 to 1 counts. Like "A was
    right more often than B, by 23 percentage points (95%: 11 to 35, 60 questions). The difference is
    decisive." Raises KeyError for a candidate without a name.
    """
    one = comparison.better_first
    first, second, asked = names[one.first], names[one.second], questions_in_words(one.questions)
    if one.difference is None or one.low is None or one.high is None:
        return f"{first} and {second} were both scored on {asked}. {one.words}"
    within = f"(95%: {_points(one.low)} to {_points(one.high)}, {asked})"
    size = _points(one.difference)
    if size == "0":
        return f"{first} {did} as often as {second} {within}. {one.words}"
    points = "percentage point" if size == "1" else "percentage points"
    return f"{first} {did} more often than {second}, by {size} {points} {within}. {one.words}"


def questions_in_words(number: int) -> str:
    """The number with its noun: "no question", "1 question", "60 questions"."""
    if number < 2:
        return f"{number or 'no'} question"
    return f"{number:,} questions"


def _points(share: float) -> str:
    """Hundredths, whole from 1 on; smaller ones with decimals, so that they do not look like none."""
    size = abs(100 * share)
    if size < 1e-9:
        return "0"
    text = f"{size:,.0f}" if size >= 0.95 else f"{max(size, 0.01):.1g}"
    return f"−{text}" if share < 0 else text


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
