"""Share copied: how much of the answer is pasted from the passages it was given.

After the extractive fragments of Grusky et al. 2018 ("Newsroom", NAACL): the share of the answer's words that
lie in runs of words which stand in a passage in the same order without a gap. Case, punctuation and the way
in which a number is written make no difference, marks [n] are no words. Fragments of a few words say
nothing, since whoever answers from a text uses its names and phrases; so a run counts from SHORTEST words on.

SHORTEST is 8: of 231 questions about a passage (dev_cut's and the sample's, in languages with spaces) only 8
share so long a run with it, 231 pairs of texts about different things share at most 4 words, and no right
answer there has more than 7, so none counts as pasted when it is given alone. In scripts without spaces two
characters of Chinese and four of Thai stand for a word (``language.py``); that was tried on 8 questions only.
It is no fault to copy a sentence that answers the question: the value stands beside
"contains" and is none of how good an answer is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import ceil
from operator import itemgetter

from app.domain import Answer, PosedCase, Score, ScoredPart
from app.evaluation.scorers.language import length_in_words, rules_for
from app.evaluation.scorers.marks import without_marks
from app.evaluation.scorers.tokens import Token, tokens_of
from app.evaluation.scorers.unfinished import GIVEN_ERASED, passages_erased, unreadable

SHORTEST = 8


class ShareCopied:
    """The share of words in verbatim runs. It describes any text, also one that was cut short."""

    name = "share copied"
    version = "2"

    def score(self, case: PosedCase, answer: Answer) -> Score:
        """The share, with the runs as parts; unscored without passages or words."""
        language = rules_for(case.case)
        passages = {
            one.number: [token.text for token in tokens_of(one.passage.text, language)]
            for one in (answer.prompt.given if answer.prompt else ())
            if one.fitted
        }
        said = tokens_of(without_marks(answer.text), language)
        if reason := _unfit(answer, said, passages):
            return Score(self.name, self.version, None, reason)
        sources = _sources([one.text for one in said], passages)
        copied = sum(one > 0 for one in sources)
        words = f"{copied} of its {len(said)} words stand in a passage, {SHORTEST} or more in a row."
        return Score(self.name, self.version, copied / len(said), words, tuple(_parts(said, sources)))


def _unfit(answer: Answer, said: Sequence[Token], passages: Mapping[int, Sequence[str]]) -> str:
    if reason := unreadable(answer):
        return reason
    if not said:
        return "The answer has no words."
    if passages_erased(answer):
        return GIVEN_ERASED
    return "" if any(passages.values()) else "It was given no passage with words."


def _sources(said: Sequence[str], passages: Mapping[int, Sequence[str]]) -> list[int]:
    """For each word a passage that it is copied from, 0 for none.

    A word lies in a run that is long enough if it lies in one of exactly the shortest length.
    """
    length = _shortest(said)
    known = {run: number for number, text in passages.items() for run in _windows(text, length)}
    sources = [0] * len(said)
    reached = 0
    for place, run in enumerate(_windows(said, length)):
        if number := known.get(run):
            for word in range(max(place, reached), place + length):
                sources[word] = number
            reached = place + length
    return sources


def _windows(text: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(text[place : place + length]) for place in range(len(text) - length + 1))


def _shortest(said: Sequence[str]) -> int:
    """SHORTEST words in tokens, of which a script without spaces has several a word."""
    return ceil(SHORTEST * len(said) / length_in_words(said))


def _parts(said: Sequence[Token], sources: Sequence[int]) -> Iterator[ScoredPart]:
    for number, group in groupby(zip(said, sources, strict=True), key=itemgetter(1)):
        if number:
            run = [token for token, _ in group]
            yield ScoredPart(run[0].start, run[-1].end, 1.0, f"Word for word in passage {number}.")
