"""Was it the index or the model? The cause of an answer that is not right (METRICS, "Attribution").

The rows of the table are tried in their order. Where the gold text was given whole, only asking again can
tell the last three apart: ``cause_of`` then says which re-asking it needs, and is called again with it.
Where nothing may be asked again, or no re-asking could be scored, it is the model, not split further.

Six readings of the table that it leaves open. Of several gold texts a row holds if it does for any of them,
and is tried on all before the next one: the order in which they are told changes nothing. A gold text that
stands nowhere and names no document counts as one whose document is absent: nobody knows which one that is,
and the model cannot have been given it. A case without an answer in the documents on which the model
abstained is not "invented", though a person marked it wrong or the token limit ended it. Nor is one on which
it said nothing at all: that is "failed"; an empty answer to another question is as any wrong one. A passage
that the index lost counts only where the others do not hold the span without it. Of passages as near to the
question as each other, an exact search is taken to give those first that the index gave.

Of answers that were recorded elsewhere and imported the passages are not here, so no row of the index holds,
and none of the model that takes "given whole", a refusal among them. They failed where they are empty,
invented where there is no answer, and had no documents where the person said so. Whatever else is not right
is NOT_RECORDED, which blames neither: it was given documents, or nobody said whether it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from app.domain import (
    SAID_NOTHING,
    Answer,
    AnswerState,
    Cause,
    Found,
    FoundPassage,
    GivenPassage,
    GoldSpan,
    Passage,
    PosedCase,
    ProbeKind,
    Provenance,
)
from app.evaluation.scorers.spans import covered
from app.evaluation.scorers.unfinished import unfinished

WHOLE = 0.95
"""A span is given if so much of it stands within the passages (METRICS, "Retrieval")."""
TOP = 50
"""What exact search does not return among so many is missed by the embedder, not ranked too low."""
ALIKE = 5
"""Cosines that agree to so many decimals are equal: two ways of adding up differ by more than that."""
Probes = Mapping[ProbeKind, Sequence[bool]]
"""Whether each re-asking that could be scored was right; a kind that was not asked yet is not there."""


class Search(Protocol):
    """The collection that the answer was searched in, as it is now."""

    def exact(self, question: str, k: int) -> Sequence[FoundPassage]:
        """The nearest passages by comparing with every vector in SQL. Raises AppError."""

    def rank(self, question: str, passage: Passage) -> int:
        """In which place (from 1) an exact search of all passages has it; 0 for one without a vector."""

    def overlapping(self, span: GoldSpan) -> Sequence[Passage]:
        """The collection's passages that hold any of the span. Raises AppError."""

    def indexed(self, passage: Passage) -> bool:
        """Whether the index returns the passage for its own vector. Raises AppError."""


@dataclass(frozen=True)
class Asked:
    """An answer that is not right, and what is known of it.

    ``abstained`` as scored; ``holds`` tells whether a reference answer stands in a text. ``no_probes`` says
    why nothing may be asked again, "" where it may.
    """

    posed: PosedCase
    answer: Answer
    abstained: bool
    holds: Callable[[str], bool]
    probes: Probes = field(default_factory=dict)
    no_probes: str = ""


def cause_of(asked: Asked, search: Search) -> Found:
    """Why the answer is not right. Raises AppError where the collection cannot be searched."""
    return (
        without_documents(asked)
        or _not_there(asked.posed)
        or _of_the_search(asked, search)
        or _of_the_model(asked)
    )


def without_documents(asked: Asked) -> Found | None:
    """The cause where it takes no look into the documents to tell it."""
    answer, case = asked.answer, asked.posed.case
    if answer.state in {AnswerState.FAILED, AnswerState.STOPPED} or answer.checks.schema_held is False:
        words = f"{answer.error} {answer.remedy}".strip()
        return Found(Cause.FAILED, words or f"The answer was {answer.state.value}.")
    if case.unanswerable and (found := _without_an_answer(asked)):
        return found
    if answer.candidate.provenance is not None:
        return _of_an_import(asked, answer.candidate.provenance)
    if answer.candidate.retrieval is None:
        return Found(Cause.NO_DOCUMENTS, "The model had nothing but what it learnt.")
    if not case.gold or not all(one.text.strip() for one in case.gold):
        return Found(Cause.CANNOT_BE_TOLD, "Nobody said where the right answer stands.")
    return None


def _of_an_import(asked: Asked, told: Provenance) -> Found:
    """Of an answer that was recorded elsewhere: what it was given is at most told in words."""
    if asked.answer.state is AnswerState.COMPLETE and unfinished(asked.answer):
        return Found(Cause.FAILED, "The recorded answer has no words.")
    if told.documents is False:
        return Found(Cause.NO_DOCUMENTS, "The import says that it was asked without documents.")
    said = "The model said that it is not there. " if asked.abstained else ""
    given = "It was given documents" if told.documents else "Whether it was given documents is not told"
    return Found(Cause.NOT_RECORDED, f"{said}{given}, and no passage is recorded.")


def _without_an_answer(asked: Asked) -> Found | None:
    """Of a question that the documents do not answer."""
    answer = asked.answer
    if answer.state is AnswerState.COMPLETE and unfinished(answer):
        return Found(Cause.FAILED, SAID_NOTHING)
    if not asked.abstained:
        return Found(Cause.INVENTED, "The documents do not contain it, and it was answered all the same.")
    if answer.state is AnswerState.CUT_SHORT:
        return Found(Cause.CUT_SHORT, f"It abstained, and ended at its limit of {_cap(answer)} tokens.")
    return None


def searches(asked: Asked) -> bool:
    """Whether telling the cause will take an exact search for the question."""
    if without_documents(asked) or _not_there(asked.posed):
        return False
    missing = _missing(asked)
    return bool(missing) and _without_search(asked, missing) is None


def _not_there(posed: PosedCase) -> Found | None:
    told = zip(posed.case.gold, posed.spans, posed.there, strict=True)
    lost = [(gold, there and gold.document != "") for gold, span, there in told if span is None]
    absent = next((gold for gold, there in lost if not there), None)
    if absent is not None:
        named = f"“{absent.document}” is not there."
        nobody = "No document has this text, and nobody said which one should."
        return Found(Cause.NOT_IN_COLLECTION, named if absent.document else nobody)
    if lost:
        name = lost[0][0].document
        return Found(Cause.NOT_READ, f"“{name}” is there, and this text is not in what was read of it.")
    return None


# --------------------------------------------------------------------------- the index


def _given(asked: Asked) -> Sequence[GivenPassage]:
    return asked.answer.prompt.given if asked.answer.prompt else ()


def _missing(asked: Asked) -> list[GoldSpan]:
    """The spans that the model was not given whole."""
    fitted = [one.passage for one in _given(asked) if one.fitted]
    return [one for one in asked.posed.located or () if covered(one, fitted) < WHOLE]


def _of_the_search(asked: Asked, search: Search) -> Found | None:
    """What kept the gold text from the model; None where it was given whole."""
    missing = _missing(asked)
    if not missing:
        return None
    found = [one.passage for one in _given(asked)]
    lost = [one for one in missing if covered(one, found) < WHOLE]
    return _without_search(asked, missing) or _of_the_index(asked, search, lost)


def _without_search(asked: Asked, missing: Sequence[GoldSpan]) -> Found | None:
    chosen = _given(asked)
    elsewhere = next((one for one in chosen if one.fitted and asked.holds(one.passage.text)), None)
    if elsewhere is not None:
        where = f"[{elsewhere.number}] ({elsewhere.passage.place})"
        return Found(Cause.GIVEN_ELSEWHERE, f"Passage {where} was given and has the right answer, too.")
    if all(covered(one, [given.passage for given in chosen]) >= WHOLE for one in missing):
        return Found(Cause.DID_NOT_FIT, _left_out(asked, missing))
    return None


def _left_out(asked: Asked, missing: Sequence[GoldSpan]) -> str:
    prompt = asked.answer.prompt
    assert prompt is not None  # noqa: S101 - what was left out was in a prompt
    out = [one.passage for one in prompt.given if not one.fitted]
    names = [one.place for one in out if any(covered(span, [one]) for span in missing)]
    return (
        f"Found and left out: {', '.join(names)}. Of {len(prompt.given)} passages {prompt.left_out} had no "
        f"room in a window of {prompt.window} tokens, of which the answer may take {_cap(asked.answer)}."
    )


def _of_the_index(asked: Asked, search: Search, lost: Sequence[GoldSpan]) -> Found:
    for span in lost:
        holding = search.overlapping(span)
        absent = [one for one in holding if not search.indexed(one)]
        if absent and covered(span, [one for one in holding if one not in absent]) < WHOLE:
            where = absent[0].place
            return Found(Cause.NOT_INDEXED, f"The index does not return its passage ({where}) for itself.")
    return _of_the_ranking(asked, search, lost)


def _of_the_ranking(asked: Asked, search: Search, lost: Sequence[GoldSpan]) -> Found:
    assert asked.answer.candidate.retrieval is not None  # noqa: S101 - tells the type checker
    question, k = asked.posed.case.question, asked.answer.candidate.retrieval.k
    top = max(TOP, k)
    nearest = _given_first(search.exact(question, top), [one.passage for one in _given(asked)])
    ranked = sorted(((_rank(span, nearest), span) for span in lost), key=lambda one: one[0])
    (first, span), (last, other) = ranked[0], ranked[-1]
    if first <= k:
        where = f"({span.document_name}) in place {first:.0f} of the {k} given"
        return Found(Cause.MISSED_BY_INDEX, f"An exact search has it {where}.")
    if last == inf:
        ranks = [search.rank(question, one) for one in search.overlapping(other)]
        best = min((one for one in ranks if one), default=0)
        told = f" The first that has any of it comes in place {best}." if best else ""
        where = f"({other.document_name}) is not whole among the {top} nearest"
        return Found(Cause.MISSED_BY_EMBEDDER, f"It {where}.{told}")
    where = f"({other.document_name}) comes in place {last:.0f}"
    return Found(Cause.RANKED_TOO_LOW, f"It {where}, and the first {k} are given.")


def _given_first(nearest: Sequence[FoundPassage], given: Sequence[Passage]) -> list[Passage]:
    """The nearest, of equally near ones first those that were given: there the index did nothing wrong."""
    ids = {one.id for one in given}
    ordered = sorted(nearest, key=lambda one: (-round(one.similarity, ALIKE), one.passage.id not in ids))
    return [one.passage for one in ordered]


def _rank(span: GoldSpan, nearest: Sequence[Passage]) -> float:
    """How many of the nearest passages it takes until the span is among them; infinity: more."""
    enough = (n for n in range(1, len(nearest) + 1) if covered(span, nearest[:n]) >= WHOLE)
    return next(enough, inf)


# --------------------------------------------------------------------------- the model


def _of_the_model(asked: Asked) -> Found:
    """The passage was given whole."""
    if asked.abstained:
        return Found(Cause.REFUSED, "The passage was given, and the model said that it is not there.")
    if asked.answer.state is AnswerState.CUT_SHORT:
        words = f"The passage was given, and the answer ended at its limit of {_cap(asked.answer)} tokens."
        return Found(Cause.CUT_SHORT, words)
    if asked.no_probes:
        return Found(Cause.MODEL_UNSPLIT, f"The passage was given. {asked.no_probes}")
    return _of_the_probes(asked)


def _of_the_probes(asked: Asked) -> Found:
    if asked.answer.candidate.options.temperature > 0:
        again = asked.probes.get(ProbeKind.AGAIN)
        if again is None:
            return Found(None, "", ProbeKind.AGAIN)
        if not again:
            return _not_told("Asked the same again")
        if _most(again):
            return Found(Cause.NOT_REPEATABLE, f"Asked the same again, it was right {_of(again)}.")
    alone = asked.probes.get(ProbeKind.GOLD)
    if alone is None:
        return Found(None, "", ProbeKind.GOLD)
    if not alone:
        return _not_told("Given nothing but the right passage")
    cause = Cause.DISTRACTED if _most(alone) else Cause.MODEL_WRONG
    return Found(
        cause, f"{_wrong_again(asked)}Given nothing but the right passage, it was right {_of(alone)}."
    )


def _wrong_again(asked: Asked) -> str:
    again = asked.probes.get(ProbeKind.AGAIN)
    return f"Asked the same again, it was right {_of(again)}. " if again else ""


def _not_told(how: str) -> Found:
    return Found(Cause.MODEL_UNSPLIT, f"{how}, it gave no answer that could be scored.")


def _most(right: Sequence[bool]) -> bool:
    return 2 * sum(right) > len(right)


def _of(right: Sequence[bool]) -> str:
    return f"{sum(right)} of {len(right)} times"


def _cap(answer: Answer) -> int:
    return answer.candidate.options.max_tokens
