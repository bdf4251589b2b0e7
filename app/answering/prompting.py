"""Building the prompt: stable text first, numbered passages after, the question last.

The stable text stands first so that a server's prompt cache can keep it between questions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from app.domain import (
    Candidate,
    FoundPassage,
    GivenPassage,
    Message,
    Prompt,
    PromptMessage,
    Segment,
)
from app.errors import PromptTooLong

WITH_DOCUMENTS = (
    "You are a helpful assistant. Read the passages and answer the question in one short sentence, using the "
    "words of the passages. Behind the sentence, put the number of its passage in square brackets. "
    "For example: The museum opens at nine [2]. "
    "If the passages do not contain the answer, say that the documents do not contain it."
)
WITHOUT_DOCUMENTS = (
    "You are a helpful assistant. Answer the question in one short sentence. "
    "If you do not know the answer, say that you do not know."
)
STRUCTURED = (
    ' Reply with JSON only: "answer" holds the sentence, "citations" the numbers of the passages used, '
    '"found" is false where the answer is not there.'
)

Counter = Callable[[Sequence[Message]], int | None]
"""Counts a prompt's tokens by the model's own tokenizer; None where that is not known."""

_PIECES = re.compile(r"[A-Za-z]+|[0-9]| +|[^ A-Za-z0-9]")
_HARD = re.compile(r"[^aeiouyAEIOUY]{5,}")
_LONGEST_WORD = 20
PER_MESSAGE = 8


def build(
    question: str, found: Sequence[FoundPassage], candidate: Candidate, window: int, count: Counter
) -> Prompt:
    """The prompt with as many of the passages, best first, as fit beside the answer's token cap.

    ``window`` is the context in tokens. Raises PromptTooLong when not even the bare question fits.
    """
    room = window - candidate.options.max_tokens
    for fitting in range(len(found), -1, -1):
        prompt = _prompt(question, _given(found, fitting), candidate, window, count)
        if prompt.tokens <= room:
            return prompt
    raise PromptTooLong(
        f"The question is too long: with an answer of up to {candidate.options.max_tokens} tokens it does "
        f"not fit the model's context of {window} tokens.",
        "Ask a shorter question, or lower the token cap.",
    )


def fits(
    question: str, found: Sequence[FoundPassage], candidate: Candidate, window: int, count: Counter
) -> bool:
    """Whether ``build`` would give all of the passages."""
    prompt = _prompt(question, _given(found, len(found)), candidate, window, count)
    return prompt.tokens <= window - candidate.options.max_tokens


def _prompt(
    question: str, given: tuple[GivenPassage, ...], candidate: Candidate, window: int, count: Counter
) -> Prompt:
    """The prompt with those of the passages that fitted, counted."""
    messages = (_system(candidate), _user(question, given, candidate))
    prompt = Prompt(messages, given, 0, exact=False, window=window)
    tokens, exact = _tokens(prompt.rendered(), count)
    return Prompt(messages, given, tokens, exact, window)


def bound(text: str) -> int:
    """A number of tokens that usual tokenizers stay below: for prompts that nobody can count for us.

    Two letters of a Latin word in ordinary spelling make at most one token. Everything else is counted by
    its UTF-8 bytes, the smallest pieces of byte-level BPE: digits, signs, line ends, other scripts, and
    letters that are no ordinary word (encoded data, codes, capitals).
    """
    return sum(_bound_of(piece) for piece in _PIECES.findall(text))


def _bound_of(piece: str) -> int:
    if piece.startswith(" ") or _is_word(piece):
        return (len(piece) + 1) // 2
    return len(piece.encode("utf-8", "replace"))


def _is_word(piece: str) -> bool:
    spelt = piece.isascii() and piece.isalpha() and (piece.islower() or piece.istitle())
    return spelt and len(piece) <= _LONGEST_WORD and not _HARD.search(piece)


def _tokens(messages: Sequence[Message], count: Counter) -> tuple[int, bool]:
    exact = count(messages)
    if exact is not None:
        return exact, True
    return sum(bound(one.content) + PER_MESSAGE for one in messages), False


def _given(found: Sequence[FoundPassage], fitting: int) -> tuple[GivenPassage, ...]:
    return tuple(
        GivenPassage(
            number=one.rank if place < fitting else 0,
            passage=one.passage,
            similarity=one.similarity,
            fitted=place < fitting,
        )
        for place, one in enumerate(found)
    )


def _system(candidate: Candidate) -> PromptMessage:
    own = candidate.options.instruction.strip()
    default = WITH_DOCUMENTS if candidate.with_documents else WITHOUT_DOCUMENTS
    text = (own or default) + (STRUCTURED if candidate.options.schema else "")
    return PromptMessage("system", (Segment(text),))


def _user(question: str, given: Sequence[GivenPassage], candidate: Candidate) -> PromptMessage:
    segments: list[Segment] = []
    fitted = [one for one in given if one.fitted]
    if candidate.with_documents:
        segments.append(Segment("Passages:\n\n" if fitted else "Passages: none were found.\n\n"))
    for one in fitted:
        place = f"[{one.number}] ({one.passage.place})\n"
        segments += [Segment(place), Segment("", one.number), Segment("\n\n")]
    segments.append(Segment(f"Question: {question}"))
    return PromptMessage("user", tuple(segments))
