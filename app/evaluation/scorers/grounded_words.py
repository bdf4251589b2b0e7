"""Words as the grounded share compares them: folded, stemmed, and of what kind they are.

Everything here is written for English, the language of the labels that the measure was fitted on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Kind(StrEnum):
    """What a word does in a sentence."""

    CONTENT = "content"
    NUMBER = "number"
    NEGATION = "negation"
    SPEAKER = "speaker"
    FILLER = "filler"
    FUNCTION = "function"


class Word(NamedTuple):
    """A word: ``shown`` as written, ``text`` folded, ``stem``, and whether a comma or the like follows.

    A number's ``text`` and ``stem`` are its plain decimal form ("1,000.50" is "1000.5").
    """

    shown: str
    text: str
    stem: str
    kind: Kind
    closes: bool


TELLING = (Kind.CONTENT, Kind.NUMBER)
"""The kinds that a passage can have or lack."""


def vocabulary(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


def _numbered(text: str, start: int, step: int = 1) -> dict[str, int]:
    return {word: start + step * place for place, word in enumerate(text.split())}


_FILLER = vocabulary(
    "yes yeah yea yep yup nope oh ah ok okay well wow sure right true actually also indeed so haha lol "
    "hmm um hey hi hello certainly exactly absolutely definitely really please thanks however moreover "
    "furthermore"
)
_SPEAKER = vocabulary("i me my mine myself we us our ours ourselves")
_NEGATION = vocabulary("not no never none nobody nothing neither nor without cannot")
FUNCTION = vocabulary(
    "a an the and or but if then than that this these those there here of in on at by for from to with "
    "into onto about as is are was were be been being am do does did done has have had having it its he "
    "him his she her hers they them their theirs himself herself itself themselves you your yours "
    "yourself who whom whose which what when where why how all any both each few more most other some "
    "such only own same too very just will would can could should may might must shall one ones up down "
    "out off again further once during through while because although though therefore thus s t d ll m re "
    "ve get got"
)
_CONTRACTIONS = {"can't": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not")}
UNITS = _numbered("two three four five six seven eight nine", start=2)
_TEENS = _numbered(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", start=10
)
TENS = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", start=20, step=10)
WORD_NUMBERS = {"zero": 0, **UNITS, **_TEENS, **TENS}
"""English words that are numbers; "one" is not among them, as it mostly is none."""
_FIRST_TO_TWELFTH = _numbered(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth", start=1
)
ORDINALS = {word: str(value) for word, value in _FIRST_TO_TWELFTH.items()} | {
    "one": "1",
    "once": "1",
    "twice": "2",
}
"""Words that stand for a number where a number is looked for, and are words otherwise."""

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d++)?|\d++\.\d++(?!\.\d)|\d++)(?:(?:st|nd|rd|th|s)(?![^\W\d_]))?|"
    r"(?P<short>(?:[^\W\d_]\.){2,})|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)"
)
_SPLIT_CONTRACTION = re.compile(r"(?<=\w) (?=(?:n't|'s|'re|'ve|'d|'ll|'m)\b)")
_SAME = (
    (
        re.compile(r"\bUnited States(?: of America)?\b|\bU\.S\.(?:A\.)?|(?<=\bthe )us\b", re.IGNORECASE),
        "America",
    ),
    (re.compile(r"\bUSA?\b"), "America"),
    (re.compile(r"\bUnited Kingdom\b|\bGreat Britain\b|\bU\.K\.", re.IGNORECASE), "Britain"),
    (re.compile(r"\bUK\b"), "Britain"),
)
_CLOSING = re.compile(r"[\"'”’)\]]*\s*[,.;:!?)—]")
_SUFFIXES = (
    ("ational", "ate"), ("ization", "ize"), ("fulness", "ful"), ("iveness", "ive"), ("ements", "e"),
    ("ement", "e"), ("ments", ""), ("ment", ""), ("ations", "ate"), ("ation", "ate"), ("ities", "ity"),
    ("ingly", ""), ("edly", ""), ("sses", "ss"), ("ies", "y"), ("ied", "y"), ("ings", ""), ("ing", ""),
    ("ely", "e"), ("ally", "al"), ("ly", ""), ("ers", "er"), ("ors", "or"), ("est", ""), ("ness", ""),
    ("ed", ""), ("es", "e"), ("s", ""),
)  # fmt: skip


def tells_something(sentence: Sequence[Word]) -> bool:
    """Whether there is a content word or a number to check."""
    return any(one.kind in TELLING for one in sentence)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A light stem: one suffix off, the shape of the end levelled (after Porter, 1980, much shortened)."""
    if len(word) <= 3:
        return word
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) + len(instead) >= 3:
            word = word if word.endswith("ss") and suffix == "s" else word[: -len(suffix)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


@lru_cache(maxsize=8192)
def trigrams(word: str) -> frozenset[str]:
    """The letter trigrams of a word with its ends marked."""
    marked = f"^{word}$"
    return frozenset(marked[place : place + 3] for place in range(len(marked) - 2))


def likeness(one: str, other: str) -> float:
    """Dice's coefficient (0 to 1) of the letter trigrams of two stems."""
    first, second = trigrams(one), trigrams(other)
    return 2 * len(first & second) / (len(first) + len(second))


def fold(text: str) -> str:
    """One form for what means the same: compatibility characters, quotes, contractions, two countries."""
    folded = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'").replace("´", "'")
    folded = _SPLIT_CONTRACTION.sub("", folded)
    for pattern, name in _SAME:
        folded = pattern.sub(name, folded)
    return folded


def words(text: str) -> tuple[Word, ...]:
    """The words and numbers of a text in order."""
    folded = fold(text)
    found: list[Word] = []
    for match in _TOKEN.finditer(folded):
        closes = _CLOSING.match(folded, match.end()) is not None
        found += _read(match, closes=closes)
    return tuple(_counted(found))


def _read(match: re.Match[str], *, closes: bool) -> list[Word]:
    if match["number"]:
        plain = _plain(match["number"])
        return [Word(match["number"], plain, plain, Kind.NUMBER, closes)]
    shown = match.group()
    text = shown.casefold().replace(".", "")
    return [_word(shown.partition("'")[0] or shown, part, closes=closes) for part in _parts(text)]


def _parts(text: str) -> tuple[str, ...]:
    """A contraction's two words; a possessive's one."""
    if text in _CONTRACTIONS:
        return _CONTRACTIONS[text]
    if text.endswith("n't") and len(text) > 3:
        return (text[:-3], "not")
    if text == "n't":
        return ("not",)
    return (text.split("'", 1)[0],)


def _word(shown: str, text: str, *, closes: bool) -> Word:
    kind = _kind(text)
    if text == "no" and closes:
        kind = Kind.FILLER
    return Word(shown, text, stem(text), kind, closes)


def _kind(text: str) -> Kind:
    if text in _NEGATION:
        return Kind.NEGATION
    if text in _SPEAKER:
        return Kind.SPEAKER
    if text in _FILLER:
        return Kind.FILLER
    return Kind.FUNCTION if text in FUNCTION else Kind.CONTENT


def _plain(written: str) -> str:
    """A number as it is compared: "1,000.50" is "1000.5", "007" is "7", any script's digits are 0-9."""
    digits = "".join(str(int(char)) if char.isdecimal() else char for char in written if char != ",")
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


def _counted(found: Sequence[Word]) -> list[Word]:
    """Numbers in words as numbers: "twelve" is 12, "twenty-five" is 25; "one" stays a word."""
    result: list[Word] = []
    previous = ""
    for one in found:
        if previous in TENS and one.text in UNITS:
            value = TENS[previous] + UNITS[one.text]
            result[-1] = Word(
                f"{result[-1].shown}-{one.shown}", str(value), str(value), Kind.NUMBER, one.closes
            )
        elif one.text in WORD_NUMBERS:
            value = WORD_NUMBERS[one.text]
            result.append(Word(one.shown, str(value), str(value), Kind.NUMBER, one.closes))
        else:
            result.append(one)
        previous = one.text
    return result
