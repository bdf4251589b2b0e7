"""What every case scorer keeps to, a fake one included."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Answer, AnswerState, Case, Checks, Gold, GoldSpan, PosedCase, Quote, Retrieval, Score
from app.evaluation.scorers.base import CaseScorer
from app.evaluation.scorers.registry import case_scorers, scorers
from app.ui.words import help_for
from tests.evaluation.scorers.answers import a_case, a_located_case, an_answer, an_answer_from
from tests.fakes import FakeCaseScorer

SCORERS: list[CaseScorer] = [*case_scorers(), FakeCaseScorer()]
NAMES = [one.name for one in SCORERS]
EACH = pytest.mark.parametrize("scorer", SCORERS, ids=NAMES)
HOSTILE = [
    "",
    " \n",
    "…",
    "!?.,",
    "[1]",
    "(page 3 [1])",
    "[1]\n[2]",
    "\0",
    "\ud800 lone \udfff",
    "a\0b\x1b[31m\u202e",
    "\u200fفي عام ٢٠٠٨\u200f",
    "水车有七块石头。",
    "กูรู",
    "- - -5 --5 $-$5 1,,2 1..2 ::: // 0000-00-00",
    "₹ ½ ² ① ﬁ ™ ℀",
    "The mill has seven stones [1][9]. It was built in 1871 [2]. I do not know.",
    "The documents do not contain it.",
    "[ [1, 2 and 3] passage 4 page 5 ]",
]
texts = st.sampled_from(HOSTILE) | st.text(
    st.characters() | st.sampled_from(".!?\n[]1, 'THEthe$-"), max_size=50
)
numbers = st.integers(-3, 40)
golds = st.builds(Gold, texts, texts)
spans = st.none() | st.builds(
    GoldSpan, st.sampled_from(["d1", "d2"]), texts, numbers, numbers, st.just(1.0), st.just(("p1",))
)
cases = st.builds(
    lambda question, answers, gold, unanswerable, tag, found: PosedCase(
        Case(question, tuple(answers), tuple(gold), unanswerable, (f"lang:{tag}",)), tuple(found)
    ),
    texts,
    st.lists(texts, max_size=3),
    st.lists(golds, max_size=2),
    st.booleans(),
    st.sampled_from(["", "en", "de", "zh", "th", "xx", "\ud800"]),
    st.lists(spans, max_size=2),
)
checks = st.builds(
    Checks,
    quotes=st.lists(st.builds(Quote, texts, st.integers(0, 2)), max_size=2).map(tuple),
    found=st.none() | st.booleans(),
    schema_held=st.none() | st.booleans(),
)
answers = st.builds(
    lambda text, passages, state, made, schema, k, prompted: _answer(
        text, passages, state, made, schema=schema, k=k, prompted=prompted
    ),
    texts,
    st.lists(texts, max_size=3),
    st.sampled_from(AnswerState),
    checks,
    st.booleans(),
    st.none() | st.integers(-1, 3),
    st.booleans(),
)


def _answer(
    text: str,
    passages: list[str],
    state: AnswerState,
    made: Checks,
    *,
    schema: bool,
    k: int | None,
    prompted: bool,
) -> Answer:
    answer = an_answer(text, *passages)
    options = replace(answer.candidate.options, schema=schema)
    candidate = replace(answer.candidate, options=options, retrieval=None if k is None else Retrieval("c", k))
    return replace(
        answer, candidate=candidate, state=state, checks=made, prompt=answer.prompt if prompted else None
    )


def checked(scorer: CaseScorer, case: PosedCase, answer: Answer) -> Score:
    score = scorer.score(case, answer)
    assert (score.scorer, score.version) == (scorer.name, scorer.version)
    assert score.words.strip()
    assert score.value is None or (isfinite(score.value) and 0 <= score.value <= 1)
    end = 0
    for part in score.parts:
        assert end <= part.start < part.end <= len(answer.text), "parts are in order and within the text"
        assert 0 <= part.value <= 1
        end = part.end
    return score


def test_names_are_single_among_all_scorers() -> None:
    names = [*NAMES, *(one.name for one in scorers())]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("scorer", case_scorers(), ids=lambda one: one.name)
def test_each_has_its_sentence_on_the_screens(scorer: CaseScorer) -> None:
    assert help_for(scorer.name)


@EACH
@given(case=cases, answer=answers)
def test_any_answer_to_any_case_gets_a_score_and_always_the_same(
    scorer: CaseScorer, case: PosedCase, answer: Answer
) -> None:
    assert checked(scorer, case, answer) == scorer.score(case, answer)


@EACH
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_everywhere(scorer: CaseScorer, text: str) -> None:
    for other in HOSTILE:
        checked(scorer, PosedCase(Case(other, (text, other))), an_answer(other, text))
        checked(scorer, PosedCase(Case(text, unanswerable=True)), an_answer(text, other))


@EACH
def test_the_same_from_several_threads(scorer: CaseScorer) -> None:
    case = a_located_case(("d1", 0, 26, ("p1",)))
    given = [an_answer(f"The mill has {n} stones [1].", "The mill has 7 stones.") for n in range(40)]
    alone = [scorer.score(case, one) for one in given]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: scorer.score(case, one), given))
    assert together == alone


@EACH
@pytest.mark.parametrize(
    "text",
    [
        "The mill has it [1][2]. ",
        "a ",
        "1,",
        "1.",
        "[1]",
        "“a” ",
        "The [1, 2, 3] mill. ",
        "磨",
        "i do not ",
        "\n- x [1]",
    ],
)
def test_endless_answers_take_no_long_time(scorer: CaseScorer, text: str, soak: bool) -> None:
    length, most = (50_000, 5) if soak else (20_000, 2)
    long = (text * length)[:length]
    passages = [long, "The mill has seven stones. " * 300, "x" * length]
    answer = replace(an_answer(long, *passages), checks=Checks(quotes=(Quote(long, 1),) * 500))
    for case in (a_case("1987"), a_case(long), a_located_case(*[("d1", 0, length, ("p1",))] * 20)):
        began = time.process_time()
        checked(scorer, case, answer)
        assert time.process_time() - began < most


# ----------------------------------------------------------------- answers without a good end

QUALITY = {"exact match", "token F1", "contains", "abstention", "citation recall", "citation precision"}
SEARCH = {"hit@k", "MRR@k", "nDCG@k"}


@EACH
@pytest.mark.parametrize("state", [AnswerState.FAILED, AnswerState.STOPPED, AnswerState.CUT_SHORT])
def test_an_answer_without_a_good_end_is_not_right_and_not_unscored(
    scorer: CaseScorer, state: AnswerState
) -> None:
    complete = an_answer("seven", "The mill has seven stones.")
    score = checked(scorer, a_case("seven"), replace(complete, state=state))
    if scorer.name in QUALITY:
        assert score.value == 0
        assert score.words.endswith("it counts as not right.")


@pytest.mark.parametrize("scorer", [one for one in case_scorers() if one.name in QUALITY - {"contains"}])
@pytest.mark.parametrize("text", ["", " ", "[1]", "…"])
def test_an_empty_answer_is_not_right_even_where_nothing_is_right(scorer: CaseScorer, text: str) -> None:
    """SQuAD's script would give an empty prediction 1 for an unanswerable question."""
    score = checked(scorer, a_case(unanswerable=True), an_answer(text))
    assert score.value == 0


@pytest.mark.parametrize("scorer", [one for one in case_scorers() if one.name in SEARCH])
@pytest.mark.parametrize("state", [one for one in AnswerState if one is not AnswerState.PENDING])
def test_retrieval_does_not_depend_on_what_became_of_the_answer(
    scorer: CaseScorer, state: AnswerState
) -> None:
    case, answer = a_located_case(("d1", 0, 10, ("p1",))), an_answer_from(("p1", "d1", 0, 10))
    assert checked(scorer, case, replace(answer, state=state, text="")).value == 1


@pytest.mark.parametrize("scorer", case_scorers(), ids=lambda one: one.name)
def test_an_answer_that_is_being_made_is_unscored(scorer: CaseScorer) -> None:
    pending = replace(an_answer("seven", "seven"), state=AnswerState.PENDING)
    score = checked(scorer, a_located_case(("d1", 0, 5, ("p1",))), pending)
    assert (score.value, score.words) == (None, "The answer is still being made.")
