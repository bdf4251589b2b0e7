"""What speaks against a sentence however much else of it stands in the passages: numbers, names, denials.

A number or a name counts as absent if no passage has it anywhere; whether it stands beside the right
words is not looked at. Denials are compared with the sentence of the stretch that is nearest.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.evaluation.scorers.grounded_evidence import Passages, Stretch
from app.evaluation.scorers.grounded_words import TELLING, Kind, Word, vocabulary

SCOPE = 3
"""How many content words or numbers behind a "not" it denies."""
_TURNING_STEMS = vocabulary(
    "except onli unless prohibit forbid forbidden ban refus lack fail exclud stop ceas clos avoid deni "
    "reject unabl impossibl hard rar littl few less"
)


def contradiction(sentence: Sequence[Word], passages: Passages, stretch: Stretch) -> str:
    """What speaks against a sentence, in words; "" if nothing does."""
    if number := absent_number(sentence, passages):
        return f"No passage has the number {number.shown}."
    if name := absent_name(sentence, passages):
        return f"No passage has the name {name.shown}."
    if turned_round(sentence, stretch):
        return f"It denies what passage {stretch.passage} says, or says what that denies."
    return ""


def absent_number(sentence: Sequence[Word], passages: Passages) -> Word | None:
    """The first number of the sentence that no passage has."""
    numbers = (one for one in sentence if one.kind is Kind.NUMBER)
    return next((one for one in numbers if not passages.has(one)), None)


def absent_name(sentence: Sequence[Word], passages: Passages) -> Word | None:
    """The first name that no passage has: a capital within a sentence that is not all capitals.

    The first word of a sentence has its capital anyway, so it is not taken for a name.
    """
    if sum(one.shown[:1].isupper() for one in sentence) > 0.8 * len(sentence):
        return None
    names = (one for one in sentence[1:] if one.kind is Kind.CONTENT and one.shown[:1].isupper())
    return next((one for one in names if not passages.has(one)), None)


def turned_round(sentence: Sequence[Word], stretch: Stretch) -> bool:
    """Whether the sentence and what the stretch has nearest to it deny each other.

    One denies the other if at least half of what stands behind a "not", its first word among it, stands in
    the other one without any denial there. Words such as "except" or "prohibited" also deny, in ways that
    this does not follow: where there is one on the other side, nothing is concluded.
    """
    return all(_denies(sentence, own) or _denies(own, sentence) for own in stretch.nearest(sentence))


def _denies(denying: Sequence[Word], saying: Sequence[Word]) -> bool:
    if any(one.kind is Kind.NEGATION or one.stem in _TURNING_STEMS for one in saying):
        return False
    said = {one.stem for one in saying}
    plain = _undenied(denying)
    return any(
        scope[0] in said
        and 2 * sum(stem in said for stem in scope) >= len(scope)
        and not all(stem in plain for stem in scope if stem in said)
        for scope in _scopes(denying)
    )


def _scopes(sentence: Sequence[Word]) -> list[list[str]]:
    """For each "not" the stems behind it, up to SCOPE and to the next comma; "not only" denies nothing."""
    places = [place for place, one in enumerate(sentence) if one.kind is Kind.NEGATION]
    scopes = [
        _scope(sentence[place + 1 : place + 1 + 3 * SCOPE]) for place in places if not sentence[place].closes
    ]
    return [scope for scope in scopes if scope]


def _scope(behind: Sequence[Word]) -> list[str]:
    scope: list[str] = []
    if behind and behind[0].text == "only":
        return scope
    for one in behind:
        if one.kind in TELLING:
            scope.append(one.stem)
        if one.closes or len(scope) == SCOPE:
            break
    return scope


def _undenied(sentence: Sequence[Word]) -> set[str]:
    """Stems that also stand outside of every denial."""
    left = [one.stem for one in sentence if one.kind in TELLING]
    for scope in _scopes(sentence):
        for stem in scope:
            if stem in left:
                left.remove(stem)
    return set(left)
