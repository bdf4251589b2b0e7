"""Whether an answer says that the documents do not contain it: the detector that all measures share."""

from __future__ import annotations

import re
from functools import lru_cache

from app.domain import Answer
from app.evaluation.scorers.abstaining_words import CONDITION, ENGLISH, OTHERS, WHOLE, compiled
from app.evaluation.scorers.grounded_sentences import without_references
from app.evaluation.scorers.grounded_words import fold

_HARAKAT = re.compile(r"[\u064b-\u0652\u0640]")
"""Signs that Arabic may be written with and without."""
_SENTENCE_END = re.compile(r"[.!?。！？।\n]")
_AROUND = " \t\r\n.!?。！？।…*_\"'“”„«»()[]-–:"


def abstained(answer: Answer) -> bool:
    """Whether the answer abstains, whichever way it ended; one that abstains and guesses abstains.

    A structured answer says so itself (``found``); any other is read.
    """
    if answer.checks.found is not None:
        return not answer.checks.found
    return abstains(answer.text)


def abstains(text: str) -> bool:
    """Whether anything in it says that the documents lack the answer, or that the writer does not know it.

    Known to be missed: what no list of phrases has. Known to be taken for it by mistake: an answer that
    says so of something else than it was asked.
    """
    plain = _plain(text)
    if plain.strip(_AROUND).casefold() in WHOLE:
        return True
    return any(_says(pattern, plain) for pattern in (_english(), _others()))


def abstains_in_english(sentence: str) -> re.Match[str] | None:
    """Where an English sentence (folded) says it first."""
    return _first(_english(), sentence)


def _plain(text: str) -> str:
    return _HARAKAT.sub("", fold(without_references(text)))


def _says(pattern: re.Pattern[str], text: str) -> bool:
    return _first(pattern, text) is not None


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next((one for one in pattern.finditer(text) if not _conditional(text, one.start())), None)


def _conditional(text: str, place: int) -> bool:
    """Whether an "if" stands before it in the same sentence, without a comma between."""
    before = text[max(0, place - 60) : place]
    sentence = _SENTENCE_END.split(before)[-1]
    return CONDITION.search(re.split("[,،]", sentence)[-1]) is not None


@lru_cache(maxsize=1)
def _english() -> re.Pattern[str]:
    return compiled(ENGLISH)


@lru_cache(maxsize=1)
def _others() -> re.Pattern[str]:
    return compiled(*OTHERS.values())
