"""What the charts find, in words computed from the data.

A title claims a difference only where 95% intervals do not overlap, which two independent shares pass more
seldom than a test at 5%. Everything else is told as what it is: a figure, or "not decisive".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain import CandidateSummary, Share
from app.ui import figures

DIFFERENT = "Different questions, not a comparison"
NOBODY_JUDGED = "No answer has been judged yet"

Tell = Callable[[float], str]


@dataclass(frozen=True)
class Finding:
    """A chart's title and its subtitle: what is measured, and on how many questions or answers."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class Shown:
    """The candidates on a page. ``names`` are unique; ``common`` counts the questions that all answered.

    ``capped``: times and speeds are those of the newest answers only, since there are very many.
    """

    summaries: tuple[CandidateSummary, ...]
    names: Mapping[str, str]
    common: int
    capped: bool = False

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
class Spread:
    """A median of ``of`` values with its interval, where there are enough values for one."""

    value: float
    of: int
    low: float | None = None
    high: float | None = None


def unique_names(labels: Mapping[str, str]) -> dict[str, str]:
    """Names of candidates by hash: their labels without the folders of a model's name.

    Where two would be alike, the first letters of the hash tell them apart.
    """
    short = {one: label.rsplit("/", 1)[-1] for one, label in labels.items()}
    seen = list(short.values())
    return {
        one: name if seen.count(name) == 1 else f"{name} (settings {one[:4]})" for one, name in short.items()
    }


def headline(shown: Shown, shares: Mapping[str, Share]) -> str:
    """The page's answer in one or two sentences."""
    judged = _judged(shown, shares)
    answers = sum(one.answers for one in shown.summaries)
    if not judged:
        told = (
            f"{figures.count(answers, 'answer')} of {figures.count(len(shown.summaries), 'candidate')} so far"
        )
        return f"{told}, and none has been judged right or wrong yet."
    best = max(judged, key=lambda one: shares[one.candidate_hash].value)
    first = f"{shown.name(best)} was judged right {figures.share(shares[best.candidate_hash])} of the time"
    if len(judged) == 1 or shown.different:
        return f"{first}, in {figures.count(best.marked, 'judged answer')}."
    worst = min(judged, key=lambda one: shares[one.candidate_hash].value)
    second = f"{shown.name(worst)} {figures.share(shares[worst.candidate_hash])}"
    on = f"On the {figures.count(shown.common, 'question')} that all answered, "
    return f"{on}{first}, {second}. {_clear(shares[best.candidate_hash], shares[worst.candidate_hash])}"


def share_finding(shown: Shown, shares: Mapping[str, Share]) -> Finding:
    """How often each candidate was judged right."""
    judged = _judged(shown, shares)
    total = sum(one.marked for one in judged)
    subtitle = (
        f"Share judged right with its 95% interval, {figures.count(total, 'judged answer')}{_on(shown)}"
    )
    if not judged:
        return Finding(NOBODY_JUDGED, "Mark answers right or wrong on the Ask page to see this chart")
    if len(judged) == 1:
        one = judged[0]
        return Finding(f"{shown.name(one)} was right {figures.share(shares[one.candidate_hash])}", subtitle)
    if shown.different:
        return Finding(DIFFERENT, subtitle)
    return Finding(_share_title(shown, judged, shares), subtitle)


def time_finding(shown: Shown, spreads: Mapping[str, Spread]) -> Finding:
    """Which candidate begins to answer first. ``spreads`` are seconds to the first token."""
    subtitle = f"Median seconds to the first token and in all, {_alone(shown, spreads)}{_on(shown)}"
    return Finding(_ranked(shown, spreads, "begins to answer", figures.seconds, smallest=True), subtitle)


def speed_finding(shown: Shown, spreads: Mapping[str, Spread]) -> Finding:
    """Which candidate writes fastest. ``spreads`` are tokens per second."""
    subtitle = f"Median tokens per second, {_alone(shown, spreads)}{_on(shown)}"
    return Finding(_ranked(shown, spreads, "writes", figures.speed, smallest=False), subtitle)


def cost_finding(shown: Shown) -> Finding:
    """What an answer of each candidate cost so far."""
    costed = [one for one in shown.summaries if one.costed]
    unknown = sum(one.uncosted for one in shown.summaries)
    left = f"; the cost of {figures.count(unknown, 'answer')} is unknown" if unknown else ""
    total = sum(one.costed for one in costed)
    subtitle = f"Mean cost, told for 1,000 questions, {figures.count(total, 'answer')}{_on(shown)}{left}"
    if not costed:
        return Finding("What the answers cost is unknown", subtitle)
    if shown.different:
        return Finding(DIFFERENT, subtitle)
    if len({one.currency for one in costed}) > 1:
        return Finding("Costs in different currencies, not a comparison", subtitle)
    least = min(costed, key=mean_cost)
    price = figures.per_thousand(round(mean_cost(least)), least.currency)
    if len(costed) == 1:
        return Finding(f"{shown.name(least)} costs {price}", subtitle)
    most = max(costed, key=mean_cost)
    if mean_cost(most) <= 1.1 * mean_cost(least):
        return Finding(f"All cost about the same: {price}", subtitle)
    return Finding(f"{shown.name(least)} cost least so far: {price}", subtitle)


def mean_cost(one: CandidateSummary) -> float:
    """The mean cost of the answers whose cost is known, in 10^-12 of the currency."""
    return one.cost_total / one.costed


def _judged(shown: Shown, shares: Mapping[str, Share]) -> list[CandidateSummary]:
    return [one for one in shown.summaries if shares[one.candidate_hash].of > 0]


def _share_title(shown: Shown, judged: Sequence[CandidateSummary], shares: Mapping[str, Share]) -> str:
    uplift = _uplift(judged, shares)
    if uplift:
        return uplift
    ranked = sorted(judged, key=lambda one: shares[one.candidate_hash].value, reverse=True)
    best, rest = shares[ranked[0].candidate_hash], ranked[1:]
    if all(best.low > shares[one.candidate_hash].high for one in rest):
        return f"{shown.name(ranked[0])} was right most often"
    worst = shares[ranked[-1].candidate_hash]
    if all(worst.high < shares[one.candidate_hash].low for one in ranked[:-1]):
        return f"{shown.name(ranked[-1])} was right least often"
    return "Not decisive: none was clearly right more often"


def _uplift(judged: Sequence[CandidateSummary], shares: Mapping[str, Share]) -> str:
    """What documents did, where every candidate has its twin without them; "" where that decides nothing."""
    pairs: dict[str, dict[bool, Share]] = {}
    for one in judged:
        model = one.label.removesuffix(" with documents").removesuffix(" without documents")
        pairs.setdefault(model, {})[one.with_documents] = shares[one.candidate_hash]
    twins = [(pair[True], pair[False]) for pair in pairs.values() if len(pair) == 2]
    if len(twins) * 2 != len(judged) or not twins:
        return ""
    if all(given.low > bare.high for given, bare in twins):
        return "Adding documents helped every model" if len(twins) > 1 else "Adding documents helped"
    if all(given.high < bare.low for given, bare in twins):
        return "Adding documents hurt every model" if len(twins) > 1 else "Adding documents hurt"
    return ""


def _clear(one: Share, other: Share) -> str:
    """Not "decisive", which is the word of a paired test: intervals that lie apart say less, but no more."""
    apart = one.low > other.high or one.high < other.low
    if apart:
        return "The intervals in brackets do not overlap: the difference is clear."
    return "The intervals in brackets overlap: not decisive."


def _ranked(shown: Shown, spreads: Mapping[str, Spread], verb: str, tell: Tell, *, smallest: bool) -> str:
    measured = [one for one in shown.summaries if one.candidate_hash in spreads]
    if not measured:
        return "No answer ran alone on its machine yet"
    ranked = sorted(measured, key=lambda one: spreads[one.candidate_hash].value, reverse=not smallest)
    first = spreads[ranked[0].candidate_hash]
    figure = f"{'after' if smallest else 'at'} {tell(first.value)}"
    if len(ranked) == 1:
        return f"{shown.name(ranked[0])} {verb} {figure}"
    if shown.different:
        return DIFFERENT
    others = [spreads[one.candidate_hash] for one in ranked[1:]]
    if all(_apart(first, other) for other in others):
        return f"{shown.name(ranked[0])} {verb} {'first' if smallest else 'fastest'}, {figure}"
    return f"Not decisive: none clearly {verb} {'first' if smallest else 'fastest'}"


def _apart(one: Spread, other: Spread) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.high < other.low or one.low > other.high


def _alone(shown: Shown, spreads: Mapping[str, Spread]) -> str:
    total = sum(one.of for one in spreads.values())
    newest = "the newest " if shown.capped and total else ""
    whose = "its" if total == 1 else "their"
    return f"{newest}{figures.count(total, 'answer')} that ran alone on {whose} machine"


def _on(shown: Shown) -> str:
    if not shown.several or shown.different:
        return ""
    return f", on the {figures.count(shown.common, 'question')} that all of them answered"
