"""Whether a text is plainly not English: the grounded share was fitted and tried on English only."""

from __future__ import annotations

import re

from app.evaluation.scorers.grounded_words import FUNCTION, vocabulary, words

ENOUGH = 15
"""Words written small from which their kind says something about the language."""
LEAST_ENGLISH = 0.11
"""Least share of small words such as "the" among these: English prose has 0.3 to 0.6 and tables of
figures with English labels 0.15 and more, texts in other languages 0.10 and less (they share a few)."""

_OTHER_LANGUAGES = vocabulary(
    "der die das und ist nicht ein eine den dem von mit auf für wird wurde sind auch "  # German
    "le la les des est dans une du pour que qui sur pas sont avec "  # French
    "el los las del una es con por se su como fue "  # Spanish
    "il di che è non sono della dei nel alla gli per "  # Italian
    "het een van zijn niet op voor wordt deze "  # Dutch
    "o os um uma são não ao dos nas foi mais "  # Portuguese
    "och att som det av på till med är inte "  # Swedish
    "nie jest się na do w z ve bir bu için değil"  # Polish, Turkish
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")


def other_language(text: str) -> bool:
    """Mostly another script, or more of other languages' small words, or hardly any English ones."""
    letters = [char for char in text if char.isalpha()]
    if sum(_LATIN.match(char) is None for char in letters) > len(letters) / 2:
        return True
    tokens = words(text)
    other = sum(one.text in _OTHER_LANGUAGES for one in tokens)
    if other >= 3 and other > sum(one.text in FUNCTION for one in tokens):
        return True
    small = [one.text in FUNCTION for one in tokens if one.shown[:1].islower()]
    return len(small) >= ENOUGH and sum(small) < LEAST_ENGLISH * len(small)
