"""Contains: whether a right answer stands in the answer, as whole words and with numbers as numbers.

METRICS, "Contains". Words are compared after SQuAD's normalisation (case, punctuation, articles; by the
rules of the case's language), but numbers as numbers: "1.5%" is 1.5 and not 15, "2.00" is 2 and not 200,
"-5" is not 5, and "4,870", "4870" and "EUR 4,870.00" are one (``tokens.py``, ``amounts.py``). A whole word
is no part of one written with a hyphen ("smoking" does not stand in "non-smoking"), but the number of
"14-day", "41.8mm" and "1998-2003" counts, and so does a word before "'s".

Unscored where the answer is much longer than what was looked for: a model that pastes its passages must not
win. The limit is max(60 tokens, 10 x the right answer) for each right answer by itself, in words: two
characters of Chinese and four of Thai are taken for one, or an answer of twelve Thai words would be too long.

What it cannot see: a "not" before the right answer, a wrong answer beside the right one, another order of
words ("18 May 1756" for "May 18, 1756"), a synonym, another unit ("1.2" stands in "1.2 million"), another
currency. It looks at the words alone, so an answer that abstains and then gives the right answer has it.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import Answer, Case, PosedCase, Score
from app.evaluation.scorers.amounts import readings
from app.evaluation.scorers.grounded_words import vocabulary
from app.evaluation.scorers.language import length_in_words, rules_for
from app.evaluation.scorers.marks import without_marks
from app.evaluation.scorers.predictions import listed
from app.evaluation.scorers.squad import tokens
from app.evaluation.scorers.tokens import Token, tokens_of
from app.evaluation.scorers.unfinished import unfinished, unreadable

LONGEST = 60
TIMES = 10
_UNITS = vocabulary(
    "mm cm dm m km kg g mg t l ml s ms min h hr hrs kw kwh mw gw w v kv a mah hz khz mhz ghz kb mb gb tb k "
    "bn mn b tn nm px pt ft in lb lbs oz mph kmh am pm c f x eur usd gbp chf pa kpa bar n kn j kj rpm"
)
"""What may be written on to a number ("41.8mm") and leaves it that number."""
_SEPARATOR = "\n"
UNANSWERABLE = "The documents do not contain the answer: there is nothing to look for."


class Contains:
    """Whether any of the right answers stands in the answer."""

    name = "contains"
    version = "2"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """1 if one does, 0 if none does; unscored for "" and for answers that are too long to tell."""
        if reason := _unfit(case.case, answer):
            return Score(self.name, self.version, None, reason)
        if end := unfinished(answer):
            return Score(self.name, self.version, 0.0, end)
        return self._of(case.case, without_marks(answer.text))

    def _of(self, case: Case, text: str) -> Score:
        language = rules_for(case)
        words = length_in_words(tokens(text, language))
        said = readings(tokens_of(text, language), language)
        found = [one for one in case.answers if _holds(said, one, language)]
        told = [one for one in found if words <= _limit(one, language)]
        if told:
            return Score(self.name, self.version, 1.0, f"It has the right answer: {listed(told[:1])}.")
        if found or not any(words <= _limit(one, language) for one in case.answers):
            return Score(self.name, self.version, None, _too_long(words))
        return Score(
            self.name, self.version, 0.0, f"It does not have the right answer: {listed(case.answers)}."
        )


def contains(text: str, reference: str, language: str) -> bool:
    """Whether the reference stands in the text, however long that is."""
    return _holds(readings(tokens_of(text, language), language), reference, language)


def overlong(case: Case, text: str) -> float:
    """How many words the text has, where these are too many for each of the right answers; else 0."""
    language = rules_for(case)
    words = length_in_words(tokens(text, language))
    return 0.0 if any(words <= _limit(one, language) for one in case.answers) else words


def _unfit(case: Case, answer: Answer) -> str:
    if reason := unreadable(answer):
        return reason
    if case.unanswerable:
        return UNANSWERABLE
    if not any(_says_something(one) for one in case.answers):
        return "No right answer is known for this question."
    return ""


def _says_something(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _limit(reference: str, language: str) -> float:
    return max(LONGEST, TIMES * length_in_words(tokens(reference, language)))


def _too_long(words: float) -> str:
    return (
        f"The answer is too long to tell ({words:.0f} words): what is looked for may stand there by chance."
    )


def _holds(said: Sequence[list[Token]], reference: str, language: str) -> bool:
    wanted = readings(tokens_of(reference, language), language)
    return any(_stands(one, own) for one, own in zip(wanted, said, strict=True))


def _stands(wanted: Sequence[Token], said: Sequence[Token]) -> bool:
    """Whether the tokens stand in a row and are whole. Looked for as one text, which is fast in any case."""
    if not wanted:
        return False
    text, places = _joined(said)
    target = _joined(wanted)[0]
    at = text.find(target)
    while at >= 0:
        first = places[at]
        if _opens(said, first) and _closes(said, first + len(wanted) - 1):
            return True
        at = text.find(target, at + 1)
    return False


def _joined(found: Sequence[Token]) -> tuple[str, dict[int, int]]:
    """The tokens with a separator on both sides of each, and which token begins at which separator."""
    places: dict[int, int] = {}
    length = 0
    for number, one in enumerate(found):
        places[length] = number
        length += len(_SEPARATOR) + len(one.text)
    return _SEPARATOR + "".join(one.text + _SEPARATOR for one in found), places


def _opens(found: Sequence[Token], place: int) -> bool:
    """Whether a whole word begins there: not behind a hyphen, but for the second of two numbers."""
    one = found[place]
    if one.joint in {"", "'"} or place == 0:
        return True
    return one.joint == "-" and one.is_number and found[place - 1].is_number


def _closes(found: Sequence[Token], place: int) -> bool:
    """Whether a whole word ends there."""
    if place + 1 == len(found):
        return True
    one, after = found[place], found[place + 1]
    if after.joint == "-":
        return one.is_number and (after.is_number or len(after.text) > 1)
    if after.joint == "+":
        return one.is_number and after.text in _UNITS
    return after.joint == "" or (after.joint == "'" and after.text == "s")
