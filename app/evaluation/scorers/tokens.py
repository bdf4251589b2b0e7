"""Whole tokens of a text, with numbers read as numbers.

A text is first drawn as its shape, one ASCII sign for each of its characters ("0" a digit, "a" a letter or
a sign that belongs to one, "c" a character that stands for itself), so that all scripts are cut by the same
small patterns and every place in the shape is the place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from app.evaluation.scorers.grounded_words import vocabulary
from app.evaluation.scorers.language import UNSPACED

DECIMAL_COMMA = vocabulary("bg ca cs da de el es fi fr hr hu id it nb nl no pl pt ro ru sk sl sr sv tr uk vi")
"""Languages that write 1.234,5 or 1 234,5."""
NUMBER = "#"
CURRENCY = "$"
_SPACED_THOUSANDS = vocabulary("bg cs da fi fr hu nb no pl ru sk sv uk")

_ALONE = {
    **dict.fromkeys("\u00a0\u2007\u2009\u202f", "_"),
    **dict.fromkeys("-\u2010\u2011_\ufe63\uff0d", "-"),
    **dict.fromkeys("'’ʼ‘´′", "'"),
    **dict.fromkeys(".\uff0e\u066b", "."),
    **dict.fromkeys(",\uff0c\u066c", ","),
    **dict.fromkeys(":\uff1a", ":"),
    **dict.fromkeys("/\uff0f\u2044", "/"),
    **dict.fromkeys(")]%°\uff05\u066a", ")"),
    "\u2212": "m",
    "\u2013": "n",
}
_BY_CATEGORY = {"Nd": "0", "No": "^", "Cf": "=", "Sc": "$"}

_DIGITS = re.compile(r"\d+")
_MINUS = r"(?P<minus>(?<![0ac).,])[-mn](?=\$?\.?0))?(?P<sign>(?<=[-mn])\$)?"
_UNITS = r"0+(?::0+)+|0{1,4}(?:/0{1,4})+|0000-00-00(?![0-])"
_POINT_NUMBERS = (
    r"0{1,3}(?:,000)+(?![0])(?:\.0+)?|0{1,2}(?:,00)+,000(?!0)(?:\.0+)?|0{1,3}(?:(?P<gap>[_'])000)(?:(?P=gap)000)*"
    r"(?!0)(?:\.0+)?|0{1,3}(?:\.000){2,}(?!0)(?:,0+)?"
)
_COMMA_NUMBERS = (
    r"0{1,3}(?P<gap>[._'SPACE])000(?:(?P=gap)000)*(?!0)(?:,0+)?|0{1,3}(?:,000){2,}(?!0)(?:\.0+)?|0+,0+(?!,?0)"
)


class Token(NamedTuple):
    """A word, a number ("#1500", whatever it was written like), or a currency's sign ("$€").

    ``joint`` is what ties it to the token before: "" nothing, "-" a hyphen, "'" an apostrophe, "." the dot of
    initials, "+" nothing but that one is a number and the other are letters ("41.8mm").
    """

    text: str
    start: int
    end: int
    joint: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is one."""
        return self.text.startswith(NUMBER)

    @property
    def is_currency(self) -> bool:
        """Whether it is the sign of one."""
        return self.text.startswith(CURRENCY)


def tokens_of(text: str, language: str) -> list[Token]:
    """The tokens in order, each with its place in the text."""
    shape = "".join(map(_sign, text))
    found: list[Token] = []
    for match in _pattern(language).finditer(shape):
        for kind, start, end in _halves(match):
            joint = _joint(shape, found[-1], start, end) if found else ""
            read = _read(kind, text[start:end], shape[start:end], language)
            read = read.replace(NUMBER, f"{NUMBER}-") if kind == "number" and match["minus"] else read
            found.append(Token(read, start, end, joint))
    return _ordinals(found)


def _halves(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """What a match holds, of which kind: of "-$5" the sign of the currency and the number."""
    if match["sign"]:
        yield "currency", *match.span("sign")
    kind = match.lastgroup if match["number"] is None else "number"
    yield ("unit" if match["dotted"] else str(kind)), *match.span(str(kind))


def _read(kind: str, written: str, shape: str, language: str) -> str:
    if kind == "word":
        return "".join(char for char in folded(written) if unicodedata.category(char) != "Cf")
    if kind == "currency":
        return CURRENCY + written
    if kind == "unit":
        return NUMBER + _DIGITS.sub(lambda part: _whole(part.group()), _ascii(folded(written)))
    return NUMBER + _plain(_ascii(written), shape, language)


def folded(text: str) -> str:
    """Without differences of case and of composition; full-width letters and digits as ordinary ones."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def _plain(digits: str, shape: str, language: str) -> str:
    """A number as it is compared: "1,234.50" is "1234.5", "007" is "7", any script's digits are 0-9."""
    cut = _decimal_place(digits, shape, language)
    whole = "".join(char for char in digits[:cut] if char.isdecimal())
    fraction = "".join(char for char in digits[cut:] if char.isdecimal()).rstrip("0")
    return _whole(whole) + (f".{fraction}" if fraction else "")


def _decimal_place(digits: str, shape: str, language: str) -> int:
    """Where the fraction begins; at the end where there is none."""
    signs = [place for place, char in enumerate(shape) if char != "0"]
    if not signs:
        return len(shape)
    last, kinds = signs[-1], {shape[place] for place in signs}
    if len(kinds) > 1:
        return last
    thousands = "." if language in DECIMAL_COMMA else ","
    grouped = len(signs) > 1 or shape[last] not in ".,"
    if shape[last] == thousands:
        grouped = grouped or (len(shape) - last == 4 and last <= 3 and not digits.startswith("0"))
    return len(shape) if grouped else last


def _whole(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _ascii(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def _joint(shape: str, before: Token, start: int, end: int) -> str:
    between = shape[before.end : start]
    if "c" in {shape[before.end - 1], shape[start]} or "$" in {shape[before.end - 1], shape[start]}:
        return ""
    if between == ".":
        return "." if before.end - before.start == 1 and end - start == 1 and shape[start] == "a" else ""
    return {"": "+", "-": "-", "'": "'"}.get(between.replace("=", "").rstrip("^"), "")


def _ordinals(found: list[Token]) -> list[Token]:
    """With "9th" and "1980s" as one word: these are no numbers."""
    result: list[Token] = []
    for one in found:
        if one.joint == "+" and one.text in {"st", "nd", "rd", "th", "s"} and result[-1].is_number:
            result[-1] = result[-1]._replace(text=result[-1].text[1:] + one.text, end=one.end)
        else:
            result.append(one)
    return result


@lru_cache(maxsize=8192)
def _sign(char: str) -> str:
    if char in _ALONE:
        return _ALONE[char]
    if UNSPACED.match(char):
        return "c"
    category = unicodedata.category(char)
    if category[0] in "LM" or category == "Nl":
        return "a"
    return " " if char.isspace() else _BY_CATEGORY.get(category, "~")


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    numbers = _POINT_NUMBERS
    if language in DECIMAL_COMMA:
        numbers = _COMMA_NUMBERS.replace("SPACE", " " if language in _SPACED_THOUSANDS else "")
    return re.compile(
        rf"(?P<word>a[a0^=]*|c)|(?P<unit>{_UNITS})|{_MINUS}(?P<number>{numbers}|(?P<dotted>0+(?:\.0+){{2,}})|"
        r"0+(?:\.0+)?|(?<![0ac.])\.0+)|(?P<currency>\$)"
    )
