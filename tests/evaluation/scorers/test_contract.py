"""What every scorer keeps to, a fake one included."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Answer, Score
from app.evaluation.scorers.base import Scorer
from app.evaluation.scorers.registry import scorers
from app.ui.words import help_for
from tests.evaluation.scorers.answers import an_answer
from tests.fakes import FakeScorer

SCORERS: list[Scorer] = [*scorers(), FakeScorer()]
AWKWARD = [
    "",
    " \n",
    "The mill has seven stones.",
    "The mill has nine stones [1]. It is not closed. I do not know.",
    "Die Mühle hat sieben Steine und ist nicht aus dem Holz der Eiche.",
    "水车有七块石头。",
    "\ud800 lone \udfff",
    "a\0b\x1b[31m\u202e",
    "™ ℀ ①",
    "[1]",
    "1. 1. 1.",
    "[ [1, 2 and 3] passage 4 page 5 ]",
]
texts = st.sampled_from(AWKWARD) | st.text(
    st.characters() | st.sampled_from(".!?\n[]1, 'THEthenot"), max_size=60
)
answers = st.builds(
    lambda text, passages, name, found: an_answer(text, *passages, name=name, found=found),
    texts,
    st.lists(texts, max_size=3),
    texts,
    st.none() | st.booleans(),
)


def checked(scorer: Scorer, answer: Answer) -> Score:
    score = scorer.score(answer)
    assert (score.scorer, score.version) == (scorer.name, scorer.version)
    assert score.value is not None or score.words, "unscored says why"
    assert score.value is None or isfinite(score.value)
    end = 0
    for part in score.parts:
        assert end <= part.start < part.end <= len(answer.text), "parts are in order and within the text"
        assert 0 <= part.value <= 1
        end = part.end
    return score


def test_names_are_single() -> None:
    assert len({one.name for one in SCORERS}) == len(SCORERS)


@pytest.mark.parametrize("scorer", scorers(), ids=lambda one: one.name)
def test_each_has_its_sentence_on_the_screens(scorer: Scorer) -> None:
    assert help_for(scorer.name)


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda one: one.name)
@given(answer=answers)
def test_any_answer_gets_a_score_and_always_the_same(scorer: Scorer, answer: Answer) -> None:
    assert checked(scorer, answer) == scorer.score(answer)


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda one: one.name)
@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_answers_and_passages(scorer: Scorer, text: str) -> None:
    for passage in AWKWARD:
        checked(scorer, an_answer(text, passage, name=text))


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda one: one.name)
def test_without_a_prompt(scorer: Scorer) -> None:
    checked(scorer, an_answer("The mill has seven stones."))
