"""What a report says of the best candidate first, in plain words: what it costs, and why it is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain import Basis, Cause, CauseTally, Family, words_of
from app.ui import figures, frontier_chart
from app.ui.report_data import Report
from app.ui.words import lowered

_WHOSE: Mapping[Family, str] = {
    Family.INDEX: "because the search did not give it the right text",
    Family.MODEL: "by the model’s own doing",
    Family.NEITHER: "for another reason",
}
_RESTS_ON: Mapping[Basis, str] = {
    "assumed": " That is worked out from figures that are partly assumed, not from a bill.",
    "listed": " That is worked out from a price list, not from a bill.",
}
WITH = "With documents: a search gave the model passages of them, to answer from."
WITHOUT = "Without documents: it had only the question."
NOT_LOOKED_INTO = "not looked into yet"


def best_cost_words(one: Report) -> str:
    """What the best candidate's answers cost, in a sentence; "" where there is no best one."""
    costs = {cost.candidate: cost for cost in one.examined.costs.candidates}
    best = one.best.candidate.hash if one.best else ""
    if best not in costs:
        return ""
    cost, name = costs[best], one.look.names[best]
    if cost.each is None:
        return f"{name}: what its answers cost is not known."
    each = figures.rate(cost.each, cost.currency)
    right = frontier_chart.right_words(cost)
    told = right if cost.right is not None and not cost.right.of else f"1,000 right answers {right}"
    return f"{name}: 1,000 questions cost {each}, {told}.{_RESTS_ON.get(cost.basis, '')}"


def best_wrong_words(one: Report) -> str:
    """Why the best candidate's answers were wrong where they were, in a sentence or two."""
    places = {candidate.hash: at for at, candidate in enumerate(one.examined.experiment.candidates)}
    best = one.best.candidate.hash if one.best else ""
    if best not in places:
        return ""
    tally, name = one.examined.tallies[places[best]], one.look.names[best]
    if not tally.wrong:
        return f"No answer of {name} was wrong."
    only = _only_cause(tally)
    if only is not None:
        many = "The one answer" if tally.wrong == 1 else f"All {tally.wrong:,} answers"
        return f"{many} of {name} that {'is' if tally.wrong == 1 else 'are'} not right: {_told(only)}."
    kinds = [(tally.of(family), whose) for family, whose in _WHOSE.items()]
    told = [f"{many:,} {whose}" for many, whose in (*kinds, (tally.untold, NOT_LOOKED_INTO)) if many]
    often = max(tally.counts.values(), default=0)
    most = [cause for cause, many in tally.counts.items() if many == often]
    said = f"Of {figures.count(tally.wrong, 'answer')} of {name} that are not right: {', '.join(told)}."
    if len(most) != 1:
        return said
    return f"{said} Most often, {figures.count(often, 'time')}: {_told(most[0])}."


def _only_cause(tally: CauseTally) -> Cause | None:
    """The cause of all answers that are not right; None where they have several, or not all have one."""
    causes = [cause for cause, many in tally.counts.items() if many]
    return causes[0] if len(causes) == 1 and not tally.untold else None


def _told(cause: Cause) -> str:
    words = words_of(cause)
    return f"{lowered(words.meaning).rstrip('.')} (called “{words.title}” below)"


def given_words(one: Report) -> str:
    """What "with documents" means, and "without" where there is such a candidate; "" where none had any."""
    given = [candidate.with_documents for candidate in one.examined.experiment.candidates]
    if not any(given):
        return ""
    return WITH if all(given) else f"{WITH} {WITHOUT}"
