"""What the charts find, in words computed from the data.

A title claims a difference only where it is decided (app/ui/leading.py). Everything else is told as what it
is: a figure, or "too close to tell".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain import CandidateSummary, Priced, RightTally, Share
from app.ui import figures
from app.ui.leading import (
    ABOUT_THE_SAME,
    ONLY_ONE,
    TOO_CLOSE,
    Lead,
    apart,
    cheapest,
    fastest,
    least_right,
    most_right,
    quickest,
)
from app.ui.leading import DIFFERENT as NO_COMPARISON
from app.ui.shown import Rights, Shown, Spreads, Times, mean_cost

DIFFERENT = "Different questions, not a comparison"
NOBODY_JUDGED = "No answer has been judged yet"
NOT_TIMED = "No answer has been timed yet"
NOT_ALONE = "Times are not compared yet: no answer ran alone"
ASK_IN_TURN = "Ask with “One after the other” to measure fair times"


@dataclass(frozen=True)
class Finding:
    """A chart's title and its subtitle: what is measured, and on how many questions or answers."""

    title: str
    subtitle: str


def headline(shown: Shown, rights: Rights) -> str:
    """The page's answer in one or two sentences."""
    ranked = most_right(shown, rights).ranked
    if not ranked:
        answers = figures.count(sum(one.answers for one in shown.summaries), "answer")
        told = f"{answers} of {figures.count(len(shown.summaries), 'candidate')} so far"
        return f"{told}, and none has been judged right or wrong yet."
    best, worst = ranked[0], ranked[-1]
    first = f"{shown.name(best)} was judged right {figures.share(rights.share(best))} of the time"
    if best is worst or rights.different:
        return f"{first}, on {figures.count(rights.share(best).of, 'question')}."
    second = f"{shown.name(worst)} {figures.share(rights.share(worst))}"
    on = f"On the {judged_for_all(rights)}, {first}, {second}."
    return f"{on} {_clear(rights.share(best), rights.share(worst))}"


def judged_for_all(rights: Rights) -> str:
    """The questions that the shares are compared on, in words."""
    whom = "both" if len(rights.shares) == 2 else "all"
    return f"{figures.count(rights.common, 'question')} judged for {whom} of them"


def share_finding(shown: Shown, rights: Rights) -> Finding:
    """How often each candidate was judged right."""
    lead = most_right(shown, rights)
    if lead.best is None:
        return Finding(NOBODY_JUDGED, "Mark answers right or wrong on the Ask page to see this chart")
    on = f", on the {judged_for_all(rights)}" if rights.common and len(lead.ranked) > 1 else ""
    counted = _counted(rights.tallies[one.candidate_hash] for one in lead.ranked)
    subtitle = f"Share judged right with its 95% interval{on}: {counted}"
    if len(lead.ranked) == 1:
        return Finding(f"{shown.name(lead.best)} was right {lead.figure}", subtitle)
    if lead.doubt == NO_COMPARISON:
        return Finding(DIFFERENT, subtitle)
    return Finding(_share_title(shown, lead, rights), subtitle)


def time_finding(shown: Shown, alone: Times, crowded: Times) -> Finding:
    """Which candidate begins to answer first; ``crowded`` are the times that are not compared."""
    title = _ranked(shown, quickest(shown, alone.firsts), "begins to answer", "first")
    told = _timed(shown, title, "Median seconds to the first token and in all", alone.firsts, crowded.firsts)
    left = alone.remembered + crowded.remembered
    return replace(told, subtitle=f"{told.subtitle}; {_remembered(left)}") if left else told


def speed_finding(shown: Shown, alone: Times, crowded: Times) -> Finding:
    """Which candidate writes fastest; ``crowded`` are the speeds that are not compared."""
    title = _ranked(shown, fastest(shown, alone.speeds), "writes", "fastest")
    return _timed(shown, title, "Median tokens per second", alone.speeds, crowded.speeds)


def cost_finding(shown: Shown) -> Finding:
    """What an answer of each candidate cost so far."""
    costed = [one for one in shown.summaries if one.costed]
    unknown = sum(one.uncosted for one in shown.summaries)
    left = f"; the cost of {figures.count(unknown, 'answer')} is unknown" if unknown else ""
    total = figures.count(sum(one.costed for one in costed), "answer")
    basis = " (assumed)" if assumed(shown.priced) else ""
    notes = "".join(f"; {one}" for one in pricing_notes(shown.priced))
    subtitle = f"Mean cost{basis}, told for 1,000 questions, {total}{_on(shown)}{left}{notes}"
    return Finding(_cost_title(shown, cheapest(shown)), subtitle)


def assumed(priced: Iterable[Priced]) -> bool:
    """Whether any of these costs rests on an assumption."""
    return any(one.basis == "assumed" for one in priced)


def pricing_notes(priced: Sequence[Priced]) -> list[str]:
    """What keeps the mean of these costs from being that of one answer alone, at one price."""
    shared, costed = sum(one.shared for one in priced), sum(one.answers for one in priced)
    machines = len({one.machine for one in priced if one.machine})
    notes = [
        (shared, f"{shared} of {costed} shared the machine with others: alone, one may cost more or less"),
        (machines > 1, f"priced with {machines} different machine descriptions, see Costs"),
    ]
    return [words for applies, words in notes if applies]


def _cost_title(shown: Shown, lead: Lead) -> str:
    if lead.best is None:
        return "What the answers cost is unknown"
    if shown.different and len(lead.ranked) > 1:
        return DIFFERENT
    if lead.doubt == NO_COMPARISON:
        return "Costs in different currencies, not a comparison"
    price = figures.per_thousand(mean_cost(lead.best), lead.best.currency)
    if len(lead.ranked) == 1:
        return f"{shown.name(lead.best)} costs {price}"
    if lead.doubt == ABOUT_THE_SAME:
        return f"All cost about the same: {price}"
    return f"{shown.name(lead.best)} cost least so far: {price}"


def _share_title(shown: Shown, lead: Lead, rights: Rights) -> str:
    uplift = _uplift(lead.ranked, rights.shares)
    if uplift:
        return uplift
    if not lead.doubt:
        return f"{shown.name(lead.ranked[0])} was right most often"
    worst = least_right(shown, rights)
    if worst is not None:
        return f"{shown.name(worst)} was right least often"
    return f"{TOO_CLOSE.capitalize()}: none was clearly right more often"


def _counted(tallies: Iterable[RightTally]) -> str:
    """The answers behind the shares: those marked, and those that count as not right without a mark."""
    known = list(tallies)
    marked = figures.count(sum(one.right + one.wrong for one in known), "answer")
    kinds = {"failed": sum(one.failed for one in known), "cut short": sum(one.cut_short for one in known)}
    told = " and ".join(f"{number} {kind}" for kind, number in kinds.items() if number)
    counts = "counts" if sum(kinds.values()) == 1 else "count"
    return f"{marked} marked right or wrong" + (f"; {told} {counts} as not right" if told else "")


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
    """In other words than those of a paired test, which says more: here are intervals, and no test."""
    if apart(one, other):
        return "The intervals in brackets do not overlap: the difference is clear."
    return f"The intervals in brackets overlap: {TOO_CLOSE} from these answers."


def _ranked(shown: Shown, lead: Lead, verb: str, how: str) -> str:
    """The title of a chart of times; "" where none ran alone."""
    if lead.best is None:
        return ""
    if lead.doubt == NO_COMPARISON:
        return DIFFERENT
    if lead.doubt == ONLY_ONE or not shown.several:
        return f"{shown.name(lead.best)} {verb} {lead.figure}"
    if not lead.doubt:
        return f"{shown.name(lead.best)} {verb} {how}, {lead.figure}"
    return f"{TOO_CLOSE.capitalize()}: none clearly {verb} {how}"


def _timed(shown: Shown, title: str, measured: str, alone: Spreads, crowded: Spreads) -> Finding:
    """The finding with what was timed, and how many of the answers shared their machine."""
    fair, beside = sum(one.of for one in alone.values()), sum(one.of for one in crowded.values())
    newest = "the newest " if shown.capped else ""
    shared = f"{newest}{figures.count(beside, 'answer')} that shared {_whose(beside)} machine"
    if title:
        told = f"{measured}, {newest}{figures.count(fair, 'answer')} that ran alone on {_whose(fair)} machine"
        faint = f"; {shared}: shown, not compared" if beside else ""
        return Finding(title, f"{told}{_on(shown)}{faint}")
    if not beside:
        return Finding(NOT_TIMED, f"{measured}. {ASK_IN_TURN}")
    return Finding(NOT_ALONE, f"{measured}, {shared}. {ASK_IN_TURN}")


def _remembered(answers: int) -> str:
    """Answers whose first token came without reading the prompt."""
    prompts = "prompt was" if answers == 1 else "prompts were"
    return f"{figures.count(answers, 'answer')} left out, whose {prompts} still in the server's memory"


def _whose(answers: int) -> str:
    return "its" if answers == 1 else "their"


def _on(shown: Shown) -> str:
    if not shown.several or shown.different:
        return ""
    return f", on the {figures.count(shown.common, 'question')} that all of them answered"
