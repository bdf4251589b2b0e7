"""Whether an answer says that the documents do not contain it: the detector that all measures share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from app.domain import Answer
from app.evaluation.scorers.abstaining_languages import ENGLISH_MORE, LANGUAGES, Language
from app.evaluation.scorers.abstaining_words import CONDITION, ENGLISH, WHOLE, compiled
from app.evaluation.scorers.grounded_sentences import without_references
from app.evaluation.scorers.grounded_words import fold

_HARAKAT = re.compile(r"[\u064b-\u0652\u0640]")
"""Signs that Arabic may be written with and without."""
_EMPHASIS = re.compile(r"[*`]+")
_SPACES = re.compile(r"[^\S\n]+")
_SENTENCE_END = re.compile(r"[.!?。！？।\n]")
_COMMA = re.compile("[,،、]")
_AROUND = " \t\r\n.!?。！？।…*_\"'“”„«»()[]-–:"
_QUOTED = re.compile(
    r"[“„][^”“\n]{1,200}[”“]|«[^»\n]{1,200}»|‹[^›\n]{1,200}›|「[^」\n]{1,200}」|『[^』\n]{1,200}』"
    r"|\"[^\"\n]{1,200}\"|(?<![^\s(])'[^'\n]{1,200}'(?!\w)"
)
"""Single quotes as ``fold`` writes them."""
_SENTENCE = 200
"""How many characters around a place are looked at, at most, for the sentence that it stands in."""


class _Said(NamedTuple):
    """The patterns of one language, ready to be tried."""

    says: re.Pattern[str]
    condition: re.Pattern[str]
    unless: re.Pattern[str] | None
    sources: re.Pattern[str]


def abstained(answer: Answer) -> bool:
    """Whether the answer abstains, whichever way it ended; one that abstains and guesses abstains.

    A structured answer says so itself (``found``); any other is read.
    """
    if answer.checks.found is not None:
        return not answer.checks.found
    return abstains(answer.text)


def abstains(text: str) -> bool:
    """Whether anything in it says that the documents lack the answer, or that the writer does not know it.

    ``abstaining_languages.py`` says which languages it reads. What stands in quotation marks is somebody
    else's, unless it is the whole answer or speaks of the documents. Known to be missed: languages that
    are not covered, and turns of phrase that no pattern has. Known to be taken for it by mistake: an
    answer that says so of something else than it was asked ("the file cannot be found"), and a quotation
    without its marks.
    """
    plain = _plain(text)
    if plain.strip(_AROUND).casefold() in WHOLE:
        return True
    quoted = [one.span() for one in _QUOTED.finditer(plain) if one.group() != plain.strip(" .\n")]
    return any(_says(said, plain, quoted) for said in _languages())


def abstains_in_english(sentence: str) -> re.Match[str] | None:
    """Where an English sentence (folded) says it first, as the grounded share was fitted with it."""
    return next((one for one in _english().finditer(sentence) if not _behind(CONDITION, sentence, one)), None)


def _plain(text: str) -> str:
    bare = _EMPHASIS.sub("", without_references(text))
    return _SPACES.sub(" ", _HARAKAT.sub("", fold(bare)))


def _says(said: _Said, text: str, quoted: Iterable[tuple[int, int]]) -> bool:
    return any(
        not _behind(said.condition, text, one)
        and not (said.unless and said.unless.search(_sentence(text, one)))
        and not any(_is_others(said, text, one, span) for span in quoted)
        for one in said.says.finditer(text)
    )


def _is_others(said: _Said, text: str, found: re.Match[str], quoted: tuple[int, int]) -> bool:
    """Whether it stands within a quotation that does not speak of the documents."""
    start, end = quoted
    return start <= found.start() and found.end() <= end and not said.sources.search(text, start, end)


def _behind(condition: re.Pattern[str], text: str, found: re.Match[str]) -> bool:
    """Whether an "if" stands before it in the same sentence, without a comma between."""
    before = text[max(0, found.start() - 60) : found.start()]
    return condition.search(_COMMA.split(_SENTENCE_END.split(before)[-1])[-1]) is not None


def _sentence(text: str, found: re.Match[str]) -> str:
    """The sentence that it stands in."""
    before = _SENTENCE_END.split(text[max(0, found.start() - _SENTENCE) : found.start()])[-1]
    after = _SENTENCE_END.split(text[found.end() : found.end() + _SENTENCE])[0]
    return before + found.group() + after


@lru_cache(maxsize=1)
def _english() -> re.Pattern[str]:
    return compiled(ENGLISH)


@lru_cache(maxsize=1)
def _languages() -> tuple[_Said, ...]:
    english = ENGLISH_MORE._replace(says=f"{ENGLISH}|{ENGLISH_MORE.says}")
    return tuple(_said(one) for one in (english, *(LANGUAGES[code] for code in LANGUAGES if code != "en")))


def _said(language: Language) -> _Said:
    return _Said(
        compiled(language.says, language.sources),
        _words(language.condition),
        _words(language.unless) if language.unless else None,
        _words(language.sources),
    )


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(unicodedata.normalize("NFKC", pattern.replace("_", " ")), re.IGNORECASE)
