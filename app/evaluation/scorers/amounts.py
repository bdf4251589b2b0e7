"""Readings of a text's tokens under which two ways of writing an amount are one.

"$2.2 billion", "2.2bn dollars" and "2,200,000,000" are the same amount, and so are "seven" and "7", "12.5%"
and "12.5 percent". Which of them was meant to be looked for is not known, so a right answer is looked for
under several readings, each time in the answer read alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from app.evaluation.scorers.grounded_words import TENS, UNITS, WORD_NUMBERS, vocabulary
from app.evaluation.scorers.language import ENGLISH
from app.evaluation.scorers.tokens import CURRENCY, NUMBER, Token

Rule = Callable[[Sequence[Token], int], tuple[list[Token], int]]
"""What stands instead of the tokens from a place on, and how many of them it stands for."""

_MINUS_WORDS = vocabulary("minus negative")
_PERCENT = vocabulary("percent pct prozent procent")
_PER = vocabulary("per por pour")
_CENT = vocabulary("cent ciento cento")
_ENGLISH_SCALES = {
    "hundred": 2, "thousand": 3, "thousands": 3, "million": 6, "millions": 6, "mn": 6, "mln": 6, "billion": 9,
    "billions": 9, "bn": 9, "bln": 9, "trillion": 12, "trillions": 12, "tn": 12,
}  # fmt: skip
_GERMAN_SCALES = {
    "tausend": 3, "mio": 6, "million": 6, "millionen": 6, "mrd": 9, "milliarde": 9, "milliarden": 9,
    "billion": 12, "billionen": 12,
}  # fmt: skip
_SCALES = {ENGLISH: _ENGLISH_SCALES, "de": _GERMAN_SCALES}
_LETTERS_BEHIND_MONEY = {"k": 3, "m": 6, "b": 9, "t": 12}
_PLAIN = re.compile(rf"{NUMBER}-?\d+(?:\.\d+)?")
_UNITS = {"one": 1, **UNITS}
_SIGNS_OF = {
    "dollar": "$", "dollars": "$", "usd": "$", "euro": "€", "euros": "€", "eur": "€", "pound": "£",
    "pounds": "£", "gbp": "£", "yen": "¥", "jpy": "¥", "rupee": "₹", "rupees": "₹", "inr": "₹",
}  # fmt: skip
_CODES = vocabulary("usd eur gbp jpy inr")
"""These stand before a number, too."""
_ARTICLES = {
    ENGLISH: vocabulary("a an the"),
    "de": vocabulary("ein eine einen einem eines einer der die das den dem des"),
    "es": vocabulary("un una unos unas el la los las"),
    "fr": vocabulary("un une des le la les l"),
    "it": vocabulary("un uno una il lo la i gli le l"),
    "pt": vocabulary("um uma uns umas o a os as"),
    "nl": vocabulary("een de het"),
}


def readings(found: Sequence[Token], language: str) -> list[list[Token]]:
    """The tokens under each reading, in the same order for every text.

    As written; without articles; with amounts as single numbers; these with their currency; and with what
    hyphens, apostrophes and the dots of initials join as one word, as SQuAD's normalisation has it.
    """
    english = language == ENGLISH
    numbered = _rewritten(_rewritten(found, _number_word) if english else found, _minus)
    numbered = _rewritten(numbered, _percent)
    scaled = _rewritten(numbered, lambda tokens, place: _scale(tokens, place, _SCALES.get(language, {})))
    plain, amounts = _without_currency(numbered), _without_currency(scaled)
    articles = _ARTICLES.get(language, frozenset())
    bare, bare_amounts, prices = (
        _rewritten(one, lambda tokens, place: _article(tokens, place, articles))
        for one in (plain, amounts, _rewritten(scaled, _price))
    )
    return [plain, bare, bare_amounts, prices, _rewritten(bare, _compound)]


def _rewritten(found: Sequence[Token], rule: Rule) -> list[Token]:
    result: list[Token] = []
    place = 0
    while place < len(found):
        instead, taken = rule(found, place)
        result += instead
        place += taken
    return result


def _without_currency(found: Sequence[Token]) -> list[Token]:
    return [one for one in found if not one.is_currency]


def _text(found: Sequence[Token], place: int) -> str:
    return found[place].text if 0 <= place < len(found) else ""


def _is_number(found: Sequence[Token], place: int) -> bool:
    return _text(found, place).startswith(NUMBER)


def _number_word(found: Sequence[Token], place: int) -> tuple[list[Token], int]:
    """English numbers in words; "one" is one only before "hundred" and the like."""
    one, after = found[place], _text(found, place + 1)
    if one.text in TENS and (unit := _UNITS.get(after)):
        return [one._replace(text=f"{NUMBER}{TENS[one.text] + unit}", end=found[place + 1].end)], 2
    if one.text in WORD_NUMBERS or (one.text == "one" and after in _ENGLISH_SCALES):
        return [one._replace(text=f"{NUMBER}{WORD_NUMBERS.get(one.text, 1)}")], 1
    return [one], 1


def _minus(found: Sequence[Token], place: int) -> tuple[list[Token], int]:
    """The word counts as the sign (-5), also before a currency (minus $5); behind a number it is a sum."""
    one = found[place]
    if one.text not in _MINUS_WORDS or _is_number(found, place - 1):
        return [one], 1
    currency = [each for each in found[place + 1 : place + 2] if each.is_currency]
    behind = place + 1 + len(currency)
    if not _is_number(found, behind):
        return [one], 1
    number = found[behind]
    text = f"{NUMBER}-{number.text.lstrip(NUMBER + '-')}"
    return [*currency, Token(text, one.start, number.end, one.joint)], 2 + len(currency)


def _percent(found: Sequence[Token], place: int) -> tuple[list[Token], int]:
    """The sign is no token, so the word is none either."""
    one = found[place]
    if not one.is_number:
        return [one], 1
    if _text(found, place + 1) in _PERCENT:
        return [one], 2
    spelt = _text(found, place + 1) in _PER and _text(found, place + 2) in _CENT
    return [one], 3 if spelt else 1


def _scale(found: Sequence[Token], place: int, scales: Mapping[str, int]) -> tuple[list[Token], int]:
    """An amount is one number ("2.2 billion" is 2200000000); a letter counts behind money only ("$1.2m")."""
    one, taken, text = found[place], 1, found[place].text
    if not one.is_number or not _PLAIN.fullmatch(text):
        return [one], 1
    while (zeros := scales.get(_text(found, place + taken))) is not None:
        text, taken = _times(text, zeros), taken + 1
    letter = _LETTERS_BEHIND_MONEY.get(_text(found, place + 1))
    if taken == 1 and letter and _text(found, place - 1).startswith(CURRENCY):
        text, taken = (_times(text, letter), 2) if found[place + 1].joint == "+" else (text, 1)
    return [one._replace(text=text, end=found[place + taken - 1].end)], taken


def _times(number: str, zeros: int) -> str:
    """A canonical number with its point moved."""
    whole, _, fraction = number.partition(".")
    moved = whole.lstrip(NUMBER + "-") + fraction[:zeros].ljust(zeros, "0")
    sign = NUMBER + ("-" if "-" in number else "")
    rest = fraction[zeros:]
    return sign + (moved.lstrip("0") or "0") + (f".{rest}" if rest else "")


def _price(found: Sequence[Token], place: int) -> tuple[list[Token], int]:
    """The price "$12", and those of "12 dollars" and "USD 12", as the number with its currency behind it."""
    one = found[place]
    if one.text in _CODES and _is_number(found, place + 1):
        return [found[place + 1], one._replace(text=CURRENCY + _SIGNS_OF[one.text], joint="")], 2
    if one.is_currency and _is_number(found, place + 1):
        return [found[place + 1], one._replace(joint="")], 2
    if one.is_number and (sign := _SIGNS_OF.get(_text(found, place + 1))):
        return [one, found[place + 1]._replace(text=CURRENCY + sign, joint="")], 2
    return [one], 1


def _article(found: Sequence[Token], place: int, articles: Collection[str]) -> tuple[list[Token], int]:
    """An article stands before a word: the last word of "Team A" is none."""
    one = found[place]
    return ([] if one.text in articles and place + 1 < len(found) else [one]), 1


def _compound(found: Sequence[Token], place: int) -> tuple[list[Token], int]:
    """What is tied together as one word; a word and its "'s" are two all the same."""
    taken = 1
    while place + taken < len(found) and found[place + taken].joint in {"-", "'", "."}:
        taken += 1
    parts = found[place : place + taken]
    if taken == 1:
        return [parts[0]], 1
    text = "".join(one.text.lstrip(NUMBER) for one in parts)
    return [Token(text, parts[0].start, parts[-1].end)], taken
