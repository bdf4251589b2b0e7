"""How much of a gold span the passages of an answer hold, and which of them are relevant.

METRICS, "Retrieval": gold is a span of text and no passage's id, since splittings differ. A passage is
relevant if it holds at least half of the span. *Found* are the passages that the search chose, in its order,
up to the candidate's k; *given* are those of them that fitted into the prompt. A hit is told by what was
given, as METRICS has it, so that it agrees with the causes: without one the index is to blame, "did not fit"
included. MRR and nDCG tell how well the search ranked, by what was found. What became of the answer changes
nothing.
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
    """What was looked for, and what was found: distinct passages in rank order, at most ``k``.

    ``given`` are those of them that the model was given.
    """

    spans: tuple[GoldSpan, ...]
    chosen: tuple[Passage, ...]
    given: tuple[Passage, ...]
    k: int


def search_of(case: PosedCase, answer: Answer) -> Search | str:
    """The search behind an answer; or why nothing can be said of it, in words."""
    retrieval = answer.candidate.retrieval
    if being_made(answer):
        return BEING_MADE
    if retrieval is None:
        return "It was asked without documents."
    if untold := _untold(case):
        return untold
    if case.located is None or any(one.end <= one.start for one in case.located):
        return "The gold text was not found in the documents of this collection."
    if answer.prompt is None:
        return "It ended before it was known what was found."
    distinct = list({one.passage.id: one for one in answer.prompt.given}.values())[: max(0, retrieval.k)]
    given = tuple(one.passage for one in distinct if one.fitted)
    return Search(case.located, tuple(one.passage for one in distinct), given, max(1, retrieval.k))


def _untold(case: PosedCase) -> str:
    """That nobody said which text to look for; "" where somebody did."""
    if not case.case.gold:
        return "Nobody said where in the documents the answer stands."
    told = all(one.text.strip() for one in case.case.gold)
    return "" if told else "Nobody said in which words the answer stands."


def nowhere(case: PosedCase, answer: Answer) -> str:
    """Why no passage can have held a gold text, in words: it stands nowhere in the collection.

    "" where all stand somewhere, where nobody looked (the documents are not what they were), and where there
    was no search or nothing to look for.
    """
    golds, looked = case.case.gold, len(case.spans) == len(case.case.gold)
    searched = answer.candidate.retrieval is not None and answer.prompt is not None
    if being_made(answer) or not searched or not looked or _untold(case):
        return ""
    lost = [
        (gold, there) for gold, span, there in zip(golds, case.spans, case.there, strict=True) if span is None
    ]
    if not lost:
        return ""
    absent = next((gold.document for gold, there in lost if gold.document and not there), "")
    where = (
        f"“{absent}” is not in this collection" if absent else "The gold text stands nowhere in what was read"
    )
    return f"{where}, so that no passage could hold it."


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


def counted(passages: Sequence[Passage]) -> str:
    """How many passages there are, in words."""
    return "one passage" if len(passages) == 1 else f"{len(passages)} passages"
