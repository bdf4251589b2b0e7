"""Which passages the sentences of an answer cite, and whether these support them.

Citation recall and precision after ALCE (Gao et al. 2023, "Enabling Large Language Models to Generate Text
with Citations", EMNLP). In place of its judge of entailment, an 11B model (TRUE), stands the sentence
support of the grounded share: a sentence is supported by passages if its probability there is at least one
half. So all limits of that measure (``grounded.py``) are limits of these two, English among them, and
whatever raises its version raises theirs.

Where ours differs from the official script, as METRICS has it: answers that are empty or came to no good end
count as 0, there they are skipped; citations of passages that were not given count as citations without
support, there they are left out of precision; abstentions are unscored. What METRICS leaves open: sentences
that state nothing (headings, "Yes.") are left out with their marks; marks behind a sentence's full stop
belong to it; the marks of a structured answer, which names its passages once, belong to each of its
sentences; and where ALCE reads at most three citations a sentence, here all count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.answering.citations import find_citations
from app.domain import Answer, Citation
from app.evaluation.scorers.abstaining import abstained
from app.evaluation.scorers.grounded import ABSTAINED, GroundedShare, given_texts, unfit
from app.evaluation.scorers.grounded_claims import Claim, claims
from app.evaluation.scorers.grounded_evidence import Passages
from app.evaluation.scorers.grounded_sentences import Span, sentences, without_references
from app.evaluation.scorers.unfinished import GIVEN_ERASED, passages_erased, unreadable

MOST_CHECKS = 2000
"""So many sentences are held against passages at most; more take seconds and come from no real answer."""


@dataclass(frozen=True)
class Cited:
    """A sentence with what it cites: ``counts`` tells of each number whether that citation counts."""

    span: Span
    numbers: tuple[int, ...]
    supported: bool
    counts: tuple[bool, ...]


class Support:
    """Whether passages support a sentence, by their numbers. For one answer: it remembers what it read."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = texts
        self._read: dict[tuple[int, ...], Passages] = {}
        self._grounded = GroundedShare()

    def by(self, claim: Claim, numbers: Sequence[int]) -> bool:
        """All of them joined; passages that are not there support nothing."""
        wanted = tuple(sorted(set(numbers)))
        if not wanted or any(one not in self._texts for one in wanted):
            return False
        if wanted not in self._read:
            self._read[wanted] = Passages({one: self._texts[one] for one in wanted})
        return self._grounded.supports(self._read[wanted], claim)

    def of(self, claim: Claim, numbers: tuple[int, ...]) -> Cited:
        """ALCE's rules: a citation counts if all support the sentence, and it alone does or is needed."""
        supported = self.by(claim, numbers)
        counts = tuple(supported and self._counts(claim, numbers, place) for place in range(len(numbers)))
        return Cited(claim.span, numbers, supported, counts)

    def _counts(self, claim: Claim, numbers: tuple[int, ...], place: int) -> bool:
        others = numbers[:place] + numbers[place + 1 :]
        return self.by(claim, numbers[place : place + 1]) or not self.by(claim, others)


def unscored(answer: Answer) -> str:
    """Why nothing can be said of the citations whatever came of the answer, in words; "" if something can."""
    if reason := unreadable(answer):
        return reason
    if not answer.candidate.with_documents:
        return "It was asked without documents."
    return GIVEN_ERASED if passages_erased(answer) else ""


def cited(answer: Answer) -> tuple[Cited, ...] | str:
    """The sentences of a finished answer; or why they cannot be told, in words."""
    texts = given_texts(answer)
    if reason := ABSTAINED if abstained(answer) else unfit(answer.text, texts):
        return reason
    stated = _with_numbers(answer)
    if not stated:
        return "It states nothing that could be checked."
    if sum(1 + 2 * len(numbers) for _, numbers in stated) > MOST_CHECKS:
        return "It has more citations than can be checked."
    support = Support(texts)
    return tuple(support.of(claim, numbers) for claim, numbers in stated)


def _with_numbers(answer: Answer) -> list[tuple[Claim, tuple[int, ...]]]:
    """The sentences that state something, each with the numbers that it cites."""
    spans = sentences(without_references(answer.text))
    marks = find_citations(answer.text, answer.prompt.given if answer.prompt else ())
    stated = claims(answer.text)
    if not stated:
        return []
    if answer.checks.schema_held and all(one.start >= spans[-1].end for one in marks):
        return [(one, tuple(mark.number for mark in marks)) for one in stated]
    found: dict[int, list[int]] = {}
    for mark in marks:
        found.setdefault(_owner(answer.text, spans, mark).start, []).append(mark.number)
    return [(one, tuple(found.get(one.span.start, ()))) for one in stated]


def _owner(text: str, spans: Sequence[Span], mark: Citation) -> Span:
    """The sentence around a mark, else the one before it on its line, else the next, if there is one."""
    place = bisect_right(spans, mark.start, key=lambda one: one.start) - 1
    before = spans[max(0, place)]
    if mark.start < before.end or place + 1 == len(spans):
        return before
    return spans[place + 1] if "\n" in text[before.end : mark.start] else before
