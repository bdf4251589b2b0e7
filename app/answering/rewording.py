"""Whether a rewritten question still asks what was asked: a question, of the same words, nothing invented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LEAST_KEPT = 0.5
"""So much of what the last question speaks of has to be left in it."""
SHORTEST_STEM = 4
LONGEST_ENDING = 3

_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,:]\d+)*")
_MARKS = ("?", "\uff1f", "\u061f", "\u037e", "\u055e")
"""Question marks: Latin, full-width, Arabic, Greek, Armenian."""
_ASKS = """
    what who whom whose which when where why how is are was were do does did can could will would should
    has have wer wen wem wessen welche welcher welches welchen wann wo woher wohin warum wieso weshalb
    wie ist sind hat haben kann können darf muss gibt qui que quoi quel quelle quels quelles quand où
    pourquoi comment combien est quién qué cuál cuáles cuándo dónde cómo cuánto cuánta cuántos chi che
    cosa quale quali quando dove perché come quanto quanta quanti quem qual quais onde porque wat welke
    waar waarom hoe hoeveel wanneer
"""
_SERVES = """
    the this that these those and but for from with into onto about after before between during over
    under than then there their they them its his her him she you your our been being be had may might
    must shall much many long far old often any all each some one ones also still exactly der die das
    den dem des ein eine einer eines einem einen und oder aber für von vom mit bei beim nach vor zum zur
    aus auf über unter zwischen während sich sie wir ihr ihre ihren seine seinen wird werden wurde
    wurden war waren viel viele lange oft alle auch noch genau man es les une aux par pour avec dans sur
    sous entre pendant ils elle elles leur leurs son ses sont était ont cette ces los las una unos unas
    del por para con sobre durante ella ellos sus era fue han este esta estos gli dei della delle dello
    nel nella per sul sulla tra fra suo sua loro sono sia dal uma dos pelo pela com são foi het een van
    met voor onder tussen tijdens zijn haar hun wordt worden werd veel
"""
_ASKING = frozenset(_ASKS.split())
_SMALL = _ASKING | frozenset(_SERVES.split())
"""Words that a question may gain without a new thing being asked. Words of denial are not among them."""
_DENYING = frozenset(["no", "not", "nor", "nie", "pas", "ne"])
_SHORT = 2


def asks_the_same(text: str, question: str, earlier: Sequence[str]) -> bool:
    """Whether ``text`` is a question that keeps what ``question`` speaks of, and brings neither words nor
    numbers that stand in none of the questions. Strict: where it refuses, the person's own words do.
    """
    own, known = _contents([question]), _contents([question, *earlier])
    made = _contents([text])
    kept = sum(any(_alike(one, other) for other in made) for one in own)
    return (
        _is_question(text, question)
        and all(any(_alike(one, other) for other in known) for one in made)
        and kept >= LEAST_KEPT * len(own)
        and not any(_folded(text) == _folded(one) for one in earlier if _folded(one) != _folded(question))
    )


def _is_question(text: str, question: str) -> bool:
    """It ends like one, or begins like one, or like what was asked without a question mark ("List them.")."""
    text, question = text.strip(), question.strip()
    if text.endswith(_MARKS):
        return True
    first, asked = _words(text)[:1], _words(question)[:1]
    if first == asked and not question.endswith(_MARKS):
        return True
    return not _ASKING.isdisjoint(first) and text[-1:].isalnum()


def _contents(texts: Iterable[str]) -> list[str]:
    """What the texts speak of: their words and numbers without the small words."""
    words = [word for text in texts for word in _words(text)]
    return list(dict.fromkeys(word for word in words if not _is_small(word)))


def _is_small(word: str) -> bool:
    if word in _DENYING:
        return False
    return word in _SMALL or (len(word) <= _SHORT and not word[0].isdigit())


def _alike(one: str, other: str) -> bool:
    """The same word, or two forms of one ("ends", "ending"); numbers only where they are the same."""
    if one == other or one[0].isdigit():
        return one == other
    short, long = sorted((one, other), key=len)
    stem = max(SHORTEST_STEM, len(short) - 1)
    plural = len(short) >= SHORTEST_STEM - 1 and long in {f"{short}s", f"{short}es"}
    return plural or (len(long) - len(short) <= LONGEST_ENDING and long[:stem] == short[:stem])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _folded(text: str) -> str:
    return " ".join(_words(text))
