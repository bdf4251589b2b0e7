"""Which language's rules a case's texts are compared by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from app.domain import Case

ENGLISH = "en"
_SCRIPTS = (
    ("ja", r"\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f"),
    ("ko", r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"),
    ("zh", r"\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"),
    ("th", r"\u0e01-\u0e3a\u0e40-\u0e4e"),
    ("lo", r"\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf"),
    ("km", r"\u1780-\u17d3\u17d7\u17dc\u17dd"),
    ("my", r"\u1000-\u103f\u1050-\u109f"),
    ("ar", r"\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"),
    ("hi", r"\u0900-\u0963\u0971-\u097f"),
    ("ru", r"\u0400-\u052f"),
    ("el", r"\u0370-\u03ff\u1f00-\u1fff"),
    ("he", r"\u05d0-\u05ea"),
    (ENGLISH, r"A-Za-z\u00aa-\u024f\u1e00-\u1eff"),
)
_EAST_ASIAN = "".join(letters for code, letters in _SCRIPTS if code in {"ja", "ko", "zh"})
_SOUTH_EAST_ASIAN = "".join(letters for code, letters in _SCRIPTS if code in {"th", "lo", "km", "my"})
UNSPACED = re.compile(f"[{_EAST_ASIAN}{_SOUTH_EAST_ASIAN}]")
"""A character of a script that is compared by character (METRICS): CJK, Thai, Lao, Khmer; Burmese, too."""
_OF_HALF_A_WORD = re.compile(f"[{_EAST_ASIAN}]")


def rules_for(case: Case) -> str:
    """The code of the language ("de") whose rules hold for a case.

    As the case tells it, else guessed from the script of the right answers, or of the question where
    these have no letters. Latin letters are taken for English, whose rules are SQuAD's own.
    """
    told = re.split(r"[-_]", case.language.strip().lower())[0]
    return told or _guessed("".join(case.answers)) or _guessed(case.question) or ENGLISH


def length_in_words(tokens: Iterable[str]) -> float:
    """How many words the tokens make, where a script is compared by character.

    Two characters of Chinese, Japanese or Korean and four of Thai, Lao, Khmer or Burmese (whose vowel signs
    are characters of their own) are taken for one word: a limit in words would be far shorter for them.
    """
    return sum(_weight(one) for one in tokens)


def _weight(token: str) -> float:
    if UNSPACED.match(token) is None:
        return 1.0
    return 0.5 if _OF_HALF_A_WORD.match(token) else 0.25


def _guessed(text: str) -> str:
    """The language of most of the letters; one kana makes a text Japanese, as it has Chinese letters too."""
    counts = Counter({code: len(pattern.findall(text)) for code, pattern in _patterns()})
    if counts["ja"]:
        counts["ja"] += counts.pop("zh", 0)
    code, most = counts.most_common(1)[0]
    return code if most else ""


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((code, re.compile(f"[{letters}]")) for code, letters in _SCRIPTS)
