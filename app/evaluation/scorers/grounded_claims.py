"""The sentences of an answer that state something, and so can be supported or not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.evaluation.scorers.abstaining import abstains_in_english
from app.evaluation.scorers.abstaining_words import SOURCES
from app.evaluation.scorers.grounded_sentences import Span, sentences, without_references
from app.evaluation.scorers.grounded_words import Word, fold, tells_something, words

_FRAME = re.compile(
    r"\s*(?:(?:yes|no|so|well),? )?(?:"
    r"(?:according to|based on|as (?:stated|mentioned|described|noted|written) in|per|from) "
    rf"{SOURCES}\b\s*[,:]?|"
    rf"{SOURCES}\s+(?:clearly |also )?"
    r"(?:says?|states?|mentions?|notes?|explains?|tells?|describes?|indicates?)(?: us)?(?: that)?\b[,:]?)",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"\s*(?:[-*•–>|]|\d{1,3}[.)])\s+")


@dataclass(frozen=True)
class Claim:
    """A sentence that states something, and its words without a frame such as "According to the text"."""

    span: Span
    words: tuple[Word, ...]

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.span.text.rstrip("\"'”’»)] ").endswith("?")


def claims(answer_text: str) -> list[Claim]:
    """In order, each with ``span.text == answer_text[start:end]``.

    Left out is what states nothing: headings, "Yes.", and that the documents do not say something.
    """
    plain = without_references(answer_text)
    read = [Claim(_within(answer_text, one), _told(one)) for one in sentences(plain)]
    return [one for one in read if tells_something(one.words)]


def _within(text: str, span: Span) -> Span:
    return Span(text[span.start : span.end], span.start, span.end)


def _told(sentence: Span) -> tuple[Word, ...]:
    text = _behind(_LIST_MARK, fold(sentence.text))
    if text.startswith("#") or text.endswith(":") or _abstains(text):
        return ()
    return words(_behind(_FRAME, text))


def _behind(beginning: re.Pattern[str], text: str) -> str:
    """The text without that beginning, if it begins so."""
    found = beginning.match(text)
    return text[found.end() :] if found else text


def _abstains(sentence: str) -> bool:
    """Whether it only says that the documents lack something; behind a "but" it may say more."""
    found = abstains_in_english(sentence)
    return found is not None and " but " not in sentence[found.end() :].lower()
