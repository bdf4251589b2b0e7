"""Verbatim sentences, spoilt in one way each: what the grounded share sees and what it cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from app.evaluation.scorers.grounded import GroundedShare
from benchmarks.groundedness_labels import Labelled
from benchmarks.tables import print_table

SHORTEST = 8
"""Words of a text; a shorter one has little to spoil."""
APART = 7
"""How far away in the list the text stands that foreign words are taken from."""

Spoil = Callable[[str, str], str]
_LONG_WORD = re.compile(r"\b[a-z]{6,}\b")


def spoilt_sentences(rows: Sequence[Labelled]) -> None:
    """Print how many of each kind still pass for supported."""
    texts = sorted({row.context for row in rows if len(row.context.split()) >= SHORTEST})
    pairs = list(zip(texts, [*texts[APART:], *texts[:APART]], strict=True))
    lines = [("nothing", *passing([(text, text) for text in texts]))]
    for name, spoil in WAYS.items():
        made = [(text, spoil(text, other)) for text, other in pairs]
        lines.append((name, *passing([(text, answer) for text, answer in made if answer != text])))
    print_table(
        "What it sees and what it cannot see", ("what was changed", "cases", "called supported"), lines
    )


def passing(answers: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """How many (text, answer) there are, and which share of the scored ones has every sentence supported."""
    scorer = GroundedShare()
    scores = [scorer.share(answer, {1: text}) for text, answer in answers]
    held = [all(part.holds for part in one.parts) for one in scores if one.value is not None]
    return len(answers), f"{100 * np.mean(held):.0f}%"


def another_number(text: str, _other: str) -> str:
    return re.sub(r"\d+", lambda found: str(int(found.group()) + 7), text, count=1)


def another_name(text: str, _other: str) -> str:
    return re.sub(r"(?<=[a-z,] )[A-Z][a-z]{3,}", "Zoltan", text, count=1)


def denied(text: str, _other: str) -> str:
    return re.sub(r"\b(is|was|are|were|can|may|has been|have been)\b", r"\1 not", text, count=1)


def with_opinion(text: str, _other: str) -> str:
    return f"I love that {text[:1].lower()}{text[1:]}"


def one_word(text: str, other: str) -> str:
    own, foreign = _LONG_WORD.findall(text), [*_LONG_WORD.findall(other), "turbine"]
    return text.replace(own[len(own) // 2], foreign[0], 1) if own else text


def three_words(text: str, other: str) -> str:
    own, foreign = list(dict.fromkeys(_LONG_WORD.findall(text))), _LONG_WORD.findall(other)
    if min(len(own), len(foreign)) < 3:
        return text
    for old, new in zip(own[:3], foreign[:3], strict=True):
        text = text.replace(old, new, 1)
    return text


def second_half(text: str, other: str) -> str:
    own, foreign = text.split(), other.split()
    return " ".join(own[: len(own) // 2] + foreign[len(foreign) // 2 :])


def whole_text(_text: str, other: str) -> str:
    return other


def halves_exchanged(text: str, _other: str) -> str:
    own = text.rstrip(".").split()
    return " ".join(own[len(own) // 2 :] + own[: len(own) // 2])


WAYS: dict[str, Spoil] = {
    "a number": another_number,
    "a name": another_name,
    "'not' put in": denied,
    "'I love that' put before": with_opinion,
    "one word, from another text": one_word,
    "three words, from another text": three_words,
    "the second half, from another text": second_half,
    "all of it, from another text": whole_text,
    "its halves exchanged (a wrong relation of the same words)": halves_exchanged,
}
