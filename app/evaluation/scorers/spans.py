"""How much of a gold span the passages chosen for an answer hold, and which of them are relevant.

METRICS, "Retrieval": gold is a span of text and no passage's id, since splittings differ. A passage is
relevant if it holds at least half of the span. Looked at are all passages that the search chose, in its
order, up to the candidate's k, whether they fitted into the prompt or not: what did not fit is a cause of
its own. What became of the answer changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain import Answer, GoldSpan, Passage, PosedCase, Score
from app.evaluation.scorers.unfinished import BEING_MADE, being_made

OF_THE_SEARCH = ("hit@k", "MRR@k", "nDCG@k")
"""The scorers that need to know where the gold text stands."""
RELEVANT = 0.5
"""From this share of a span on a passage is relevant."""
ALMOST_NOTHING = 1e-9
"""Where what cannot be scored stands among scores: above 0, below all others."""


@dataclass(frozen=True)
class Search:
    """What was looked for and what was chosen: distinct passages in rank order, at most ``k``."""

    spans: tuple[GoldSpan, ...]
    chosen: tuple[Passage, ...]
    k: int


def search_of(case: PosedCase, answer: Answer) -> Search | str:
    """The search behind an answer; or why nothing can be said of it, in words."""
    retrieval = answer.candidate.retrieval
    if being_made(answer):
        return BEING_MADE
    if retrieval is None:
        return "It was asked without documents."
    if not case.case.gold:
        return "Nobody said where in the documents the answer stands."
    if case.located is None or any(one.end <= one.start for one in case.located):
        return "The gold text was not found in the documents of this collection."
    if answer.prompt is None:
        return "It ended before it was known what was found."
    distinct = {one.passage.id: one.passage for one in answer.prompt.given}
    return Search(case.located, tuple(distinct.values())[: max(0, retrieval.k)], max(1, retrieval.k))


def covered(span: GoldSpan, passages: Sequence[Passage]) -> float:
    """The share (0 to 1) of the span that stands in the passages together; their overlaps count once."""
    inside = [one for one in passages if one.document_id == span.document_id]
    pieces = sorted((max(one.start, span.start), min(one.end, span.end)) for one in inside)
    reached, length = span.start, 0
    for start, end in pieces:
        length += max(0, end - max(start, reached))
        reached = max(reached, end)
    return length / (span.end - span.start)


def relevant(span: GoldSpan, passage: Passage) -> bool:
    """Whether the passage holds at least half of the span."""
    return covered(span, [passage]) >= RELEVANT


def worst(
    scorer: str, version: str, found: Search | str, measure: Callable[[GoldSpan, Search], Score]
) -> Score:
    """The score of the span that fares worst: 0 is the worst of all, else one that cannot be scored."""
    if isinstance(found, str):
        return Score(scorer, version, None, found)
    scores = [measure(one, found) for one in found.spans]
    lowest = min(scores, key=lambda one: ALMOST_NOTHING if one.value is None else one.value)
    if len(scores) == 1:
        return lowest
    return Score(scorer, version, lowest.value, f"The worst of {len(scores)} gold texts: {lowest.words}")


def counted(found: Search) -> str:
    """How many passages there are, in words."""
    count = len(found.chosen)
    return "one passage" if count == 1 else f"{count} passages"
