"""Was it the index or the model? The cause of an answer that is not right (METRICS, "Attribution").

The rows of the table are tried in their order. Where the gold text was given whole, only asking again can
tell the last three apart: ``cause_of`` then says which re-asking it needs, and is called again with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.domain import Answer, AnswerState, Cause, Found, GoldSpan, Passage, PosedCase, ProbeKind

WHOLE = 0.95
"""A span is given if so much of it stands within the passages (METRICS, "Retrieval")."""
TOP = 50
"""What exact search does not return among so many is missed by the embedder, not ranked too low."""
Probes = Mapping[ProbeKind, Sequence[bool]]
"""Whether each re-asking was right; a kind that was not asked yet is not there."""


class Search(Protocol):
    """The collection that the answer was searched in, as it is now."""

    def exact(self, question: str, k: int) -> Sequence[Passage]:
        """The nearest passages by comparing with every vector in SQL. Raises AppError."""

    def overlapping(self, span: GoldSpan) -> Sequence[Passage]:
        """The collection's passages that hold any of the span. Raises AppError."""

    def indexed(self, passage: Passage) -> bool:
        """Whether the index returns the passage for its own vector. Raises AppError."""


@dataclass(frozen=True)
class Asked:
    """An answer that is not right, and what is known of it.

    ``abstained`` as scored; ``holds`` tells whether a reference answer stands in a text.
    """

    posed: PosedCase
    answer: Answer
    abstained: bool
    holds: Callable[[str], bool]
    probes: Probes = field(default_factory=dict)


def cause_of(asked: Asked, search: Search) -> Found:
    """Why the answer is not right. Raises AppError where the collection cannot be searched."""
    return _before_searching(asked) or _of_the_search(asked, search) or _of_the_model(asked)


def coverage(span: GoldSpan, passages: Sequence[Passage]) -> float:
    """The share (0 to 1) of the span's characters that stand within the passages of its document."""
    pieces = sorted(
        (max(span.start, one.start), min(span.end, one.end))
        for one in passages
        if one.document_id == span.document_id
    )
    covered, reached = 0, span.start
    for start, end in pieces:
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered / (span.end - span.start)


def _before_searching(asked: Asked) -> Found | None:
    answer, posed = asked.answer, asked.posed
    case = posed.case
    if answer.state in {AnswerState.FAILED, AnswerState.STOPPED} or answer.checks.schema_held is False:
        words = f"{answer.error} {answer.remedy}".strip()
        return Found(Cause.FAILED, words or f"The answer was {answer.state.value}.")
    if case.unanswerable:
        return Found(Cause.INVENTED, "The documents do not contain it, and it was answered all the same.")
    if answer.candidate.retrieval is None:
        return Found(Cause.NO_DOCUMENTS, "The model had nothing but what it learnt.")
    if not case.gold or not all(one.text.strip() for one in case.gold):
        return Found(Cause.CANNOT_BE_TOLD, "Nobody said where the right answer stands.")
    return _not_there(posed)


def _not_there(posed: PosedCase) -> Found | None:
    for gold, span, there in zip(posed.case.gold, posed.spans, posed.there, strict=True):
        if span is None and gold.document and there:
            return Found(
                Cause.NOT_READ, f"“{gold.document}” is there, and this text is not in what was read of it."
            )
        if span is None:
            where = f"“{gold.document}” is not there." if gold.document else "No document has this text."
            return Found(Cause.NOT_IN_COLLECTION, where)
    return None


def _of_the_search(asked: Asked, search: Search) -> Found | None:
    """What kept the gold text from the model; None where it was given whole."""
    chosen = asked.answer.prompt.given if asked.answer.prompt else ()
    fitted = [one.passage for one in chosen if one.fitted]
    spans = asked.posed.located or ()
    missing = [one for one in spans if coverage(one, fitted) < WHOLE]
    if not missing:
        return None
    if any(asked.holds(one.text) for one in fitted):
        return Found(Cause.GIVEN_ELSEWHERE, "Another passage that was given has the right answer, too.")
    chosen_passages = [one.passage for one in chosen]
    if all(coverage(one, chosen_passages) >= WHOLE for one in missing):
        return Found(Cause.DID_NOT_FIT, "The passage was found, and left out because the prompt was full.")
    return _of_the_index(asked, search, [one for one in missing if coverage(one, chosen_passages) < WHOLE])


def _of_the_index(asked: Asked, search: Search, missing: Sequence[GoldSpan]) -> Found:
    for span in missing:
        lost = [one for one in search.overlapping(span) if not search.indexed(one)]
        if lost:
            return Found(
                Cause.NOT_INDEXED, f"The index does not return page {lost[0].page} of “{span.document_name}”."
            )
    assert asked.answer.candidate.retrieval is not None  # noqa: S101 - tells the type checker
    k = asked.answer.candidate.retrieval.k
    nearest = search.exact(asked.posed.case.question, max(TOP, k))
    if all(coverage(one, nearest[:k]) >= WHOLE for one in missing):
        return Found(Cause.MISSED_BY_INDEX, f"An exact search has it among the first {k}.")
    if all(coverage(one, nearest) >= WHOLE for one in missing):
        rank = _rank(missing, nearest)
        return Found(Cause.RANKED_TOO_LOW, f"It comes in place {rank}, and the first {k} are given.")
    return Found(
        Cause.MISSED_BY_EMBEDDER, f"It is not among the {max(TOP, k)} passages nearest to the question."
    )


def _rank(missing: Sequence[GoldSpan], nearest: Sequence[Passage]) -> int:
    """How many of the nearest passages it takes until all of the missing spans are among them."""
    enough = (
        n for n in range(1, len(nearest) + 1) if all(coverage(s, nearest[:n]) >= WHOLE for s in missing)
    )
    return next(enough)


def _of_the_model(asked: Asked) -> Found:
    """The passage was given whole."""
    if asked.abstained:
        return Found(Cause.REFUSED, "The passage was given, and the model said that it is not there.")
    if asked.answer.state is AnswerState.CUT_SHORT:
        return Found(Cause.CUT_SHORT, "The passage was given, and the answer ended at its token limit.")
    return _of_the_probes(asked)


def _of_the_probes(asked: Asked) -> Found:
    if asked.answer.candidate.options.temperature > 0:
        again = asked.probes.get(ProbeKind.AGAIN)
        if again is None:
            return Found(None, "", ProbeKind.AGAIN)
        if _most(again):
            return Found(Cause.NOT_REPEATABLE, f"Asked the same again, it was right {_of(again)}.")
    alone = asked.probes.get(ProbeKind.GOLD)
    if alone is None:
        return Found(None, "", ProbeKind.GOLD)
    cause = Cause.DISTRACTED if _most(alone) else Cause.MODEL_WRONG
    return Found(cause, f"Given nothing but the right passage, it was right {_of(alone)}.")


def _most(right: Sequence[bool]) -> bool:
    return 2 * sum(right) > len(right)


def _of(right: Sequence[bool]) -> str:
    return f"{sum(right)} of {len(right)} times"
