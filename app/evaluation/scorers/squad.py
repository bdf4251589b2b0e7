"""SQuAD's exact match and token F1, and MLQA's for other languages.

English after the official evaluation script of SQuAD 2.0 (Rajpurkar et al. 2018, "Know What You Don't Know",
ACL): lower case, without ASCII punctuation, without a, an, the, white space folded. F1 is over the multisets
of tokens; both are the maximum over the right answers. A right answer of which the normalisation leaves
nothing does not count, and where none is left the right answer is "", which only "" meets.

Other languages after MLQA's script (Lewis et al. 2020, "MLQA: Evaluating Cross-lingual Extractive Question
Answering", ACL): all Unicode punctuation goes, the language's own articles go, and Chinese is compared by
character. The articles of es, de, vi and ar are MLQA's; its rule for Arabic takes "ال" out within words
too, on both sides alike. MLQA has no French, Italian, Portuguese or Dutch, and no Japanese, Korean, Thai,
Lao, Khmer or Burmese: the articles of the first and the characters of the second are done in its manner.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from app.evaluation.scorers.language import ENGLISH, UNSPACED

_ASCII = frozenset(string.punctuation)
_WITHOUT_ASCII = str.maketrans("", "", string.punctuation)
_ARTICLES = {
    ENGLISH: r"\b(?:a|an|the)\b",
    "es": r"\b(?:un|una|unos|unas|el|la|los|las)\b",
    "de": r"\b(?:ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    "vi": r"\b(?:của|là|cái|chiếc|những)\b",
    "ar": r"\sال^|ال",
    "fr": r"\b(?:un|une|des|le|la|les)\b",
    "it": r"\b(?:un|uno|una|il|lo|la|i|gli|le)\b",
    "pt": r"\b(?:um|uma|uns|umas|o|a|os|as)\b",
    "nl": r"\b(?:een|de|het)\b",
}
_ELIDED = {"fr": r"\bl['’](?=\w)", "it": r"\b(?:l|un)['’](?=\w)"}
"""Articles that are written on to their word: they go while the apostrophe is there."""
_SPACED = frozenset({ENGLISH, "es", "hi", "vi", "de", "ar"})
"""MLQA's languages that are never cut into characters."""


def normalised(text: str, language: str = ENGLISH) -> str:
    """The text as it is compared; tokens are apart by one space."""
    lowered = text.lower()
    if language in _ELIDED:
        lowered = re.sub(_ELIDED[language], "", lowered)
    kept = _without_punctuation(lowered, language)
    if language in _ARTICLES:
        kept = re.sub(_ARTICLES[language], " ", kept)
    if language not in _SPACED:
        kept = UNSPACED.sub(r" \g<0> ", kept)
    return " ".join(kept.split())


def exact(prediction: str, references: Sequence[str], language: str = ENGLISH) -> float:
    """1.0 if the prediction is one of the right answers after the normalisation, else 0.0."""
    said = normalised(prediction, language)
    return float(any(said == one for one in _counting(references, language)))


def f1(prediction: str, references: Sequence[str], language: str = ENGLISH) -> float:
    """The best overlap (0 to 1) of tokens with any of the right answers."""
    said = normalised(prediction, language).split()
    return max(_overlap(said, one.split()) for one in _counting(references, language))


def tokens(text: str, language: str = ENGLISH) -> list[str]:
    """The normalised text's tokens."""
    return normalised(text, language).split()


def _counting(references: Sequence[str], language: str) -> list[str]:
    return [one for one in (normalised(text, language) for text in references) if one] or [""]


def _overlap(said: list[str], right: list[str]) -> float:
    if not said or not right:
        return float(said == right)
    common = (Counter(said) & Counter(right)).total()
    precision, recall = common / len(said), common / len(right)
    return 2 * precision * recall / (precision + recall) if common else 0.0


def _without_punctuation(text: str, language: str) -> str:
    if language == ENGLISH:
        return text.translate(_WITHOUT_ASCII)
    return "".join(char for char in text if not _is_punctuation(char))


@lru_cache(maxsize=4096)
def _is_punctuation(char: str) -> bool:
    return char in _ASCII or unicodedata.category(char).startswith("P")
