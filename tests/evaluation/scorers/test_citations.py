"""Citation recall and precision: cases built like ALCE's, and what differs from its script."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import ERASED, Answer, AnswerState, Score
from app.evaluation.scorers.abstention import Abstention
from app.evaluation.scorers.citation_precision import CitationPrecision
from app.evaluation.scorers.citation_recall import CitationRecall
from tests.evaluation.scorers.answers import a_case, an_answer

MILL = "The mill at Ostrell has seven stones and a wheel of oak."
BUILT = "The mill was built in 1871 by Ada Brenn."
ROPE = "Each rope is inspected every fourteen days."
PASSAGES = (MILL, BUILT, ROPE)
CASE = a_case("seven")
BOTH = "The mill at Ostrell was built in 1871 by Ada Brenn and has seven stones and a wheel of oak"


def scores(text: str, *passages: str) -> tuple[Score, Score]:
    answer = an_answer(text, *(passages or PASSAGES))
    return CitationRecall().score(CASE, answer), CitationPrecision().score(CASE, answer)


def values(text: str, *passages: str) -> tuple[float | None, float | None]:
    recall, precision = scores(text, *passages)
    return recall.value, precision.value


# ----------------------------------------------------------------- ALCE's kinds of sentences


@pytest.mark.parametrize(
    ("text", "recall", "precision"),
    [
        # One citation that supports it.
        ("The mill has seven stones [1].", 1, 1),
        # One that does not: nothing is recalled, and the citation does not count.
        ("The mill has seven stones [3].", 0, 0),
        # No citation at all: 0, as in ALCE, in both.
        ("The mill has seven stones.", 0, 0),
        # Two, of which one supports it alone and the other is superfluous.
        ("The mill has seven stones [1][3].", 1, 1 / 2),
        # Two that each support a half: neither does alone, and neither can be spared.
        (f"{BOTH} [1][2].", 1, 1),
        # The same with one that can be spared.
        (f"{BOTH} [1][2][3].", 1, 2 / 3),
        # A half is missing: the sentence is not backed, so its right citation does not count either.
        (f"{BOTH} [2][3].", 0, 0),
        # Sentences count alike in recall, citations in precision.
        ("The mill has seven stones [1][3]. Each rope is inspected every fourteen days.", 1 / 2, 1 / 2),
        ("The mill has seven stones [1]. Each rope is inspected every fourteen days [1][2].", 1 / 2, 1 / 3),
        # Two citations that both support it alone: both count.
        ("The mill was built in 1871 [2][4].", 1, 1),
        # The same mark twice is two citations, as the script reads it.
        ("The mill has seven stones [1][1].", 1, 1),
    ],
)
def test_kinds_of_sentences(text: str, recall: float, precision: float) -> None:
    assert list(values(text, *PASSAGES, BUILT)) == pytest.approx([recall, precision])


def test_a_citation_out_of_range_spoils_its_sentence_and_counts_as_wrong() -> None:
    """The official script leaves such citations out of precision."""
    assert values("The mill has seven stones [1][9].") == (0, 0)
    text = "The mill has seven stones [1]. It was built in 1871 by Ada Brenn [7][8][9]."
    assert values(text) == (1 / 2, 1 / 4)


def test_a_number_that_was_left_out_of_the_prompt_is_out_of_range() -> None:
    answer = an_answer("The mill has seven stones [1].", MILL)
    assert answer.prompt
    given = tuple(replace(one, fitted=False, number=0) for one in answer.prompt.given)
    left_out = replace(answer, prompt=replace(answer.prompt, given=given))
    assert CitationRecall().score(CASE, left_out).value == 0


# ----------------------------------------------------------------- whose marks they are


@pytest.mark.parametrize(
    "text",
    [
        "The mill has seven stones [1]. Each rope is inspected every fourteen days [3].",
        "The mill has seven stones. [1] Each rope is inspected every fourteen days. [3]",
        "[1] The mill has seven stones.\n[3] Each rope is inspected every fourteen days.",
        "- The mill has seven stones [1]\n- Each rope is inspected every fourteen days [3]",
        "# A [2]\nYes [2]. The mill has seven stones [1].\nEach rope is inspected every fourteen days.\n[3]",
    ],
)
def test_marks_belong_to_their_sentences(text: str) -> None:
    recall, precision = scores(text)
    assert (recall.value, precision.value) == (1, 1)
    said = [text[one.start : one.end] for one in recall.parts]
    assert [one.lstrip("- ").split()[0] for one in said] == ["The", "Each"]


def test_the_marks_of_a_structured_answer_belong_to_all_of_it() -> None:
    text = "The mill has seven stones. Each rope is inspected every fourteen days. [1][3]"
    assert values(text)[0] == 1 / 2
    answer = an_answer(text, *PASSAGES)
    structured = replace(answer, checks=replace(answer.checks, schema_held=True, found=True))
    assert CitationRecall().score(CASE, structured).value == 1
    assert CitationPrecision().score(CASE, structured).value == 1 / 2


def test_the_words() -> None:
    recall, precision = scores("The mill has seven stones [1]. It was built in 1999 [1][2]. It is old.")
    assert recall.words == "1 of 3 sentences are backed by the passages cited there."
    assert [one.words for one in recall.parts] == [
        "[1] backs it.",
        "[1], [2] together do not back it.",
        "It cites no passage.",
    ]
    assert precision.words == "1 of 3 citations are needed and right."


# ----------------------------------------------------------------- 0 and unscored


def both(answer: Answer) -> list[tuple[float | None, str]]:
    found = [one.score(CASE, answer) for one in (CitationRecall(), CitationPrecision())]
    return [(one.value, one.words) for one in found]


def test_empty_and_unfinished_answers_are_0() -> None:
    """The official script skips them."""
    assert {value for value, _ in both(an_answer("", *PASSAGES))} == {0}
    cut = replace(an_answer("The mill has seven stones [1].", *PASSAGES), state=AnswerState.CUT_SHORT)
    assert {value for value, _ in both(cut)} == {0}


@pytest.mark.parametrize(
    "text", ["The documents do not contain it.", "I do not know [1]. It may be seven [1]."]
)
def test_abstentions_are_unscored(text: str) -> None:
    answer = an_answer(text, *PASSAGES)
    assert Abstention().score(CASE, answer).value == 1
    assert both(answer) == [(None, "The answer says that the documents do not contain it.")] * 2


def test_what_cannot_be_scored_says_why() -> None:
    answer = an_answer("The mill has seven stones [1].", *PASSAGES)
    plain = replace(answer, candidate=replace(answer.candidate, retrieval=None))
    assert both(plain) == [(None, "It was asked without documents.")] * 2
    assert both(an_answer("Yes [1].", *PASSAGES)) == [(None, "It states nothing that could be checked.")] * 2
    german = "Die Mühle hat sieben Steine und ein Rad aus dem Holz der Eiche [1]."
    assert both(an_answer(german, *PASSAGES)) == [(None, "This measure was tried on English only.")] * 2
    assert both(an_answer("Seven [1].", ERASED))[0][0] is None
    many = " ".join(f"The mill {n} has stones {'[1][2][3]' * 9}." for n in range(50))
    assert both(an_answer(many, *PASSAGES)) == [(None, "It has more citations than can be checked.")] * 2


def test_an_answer_that_was_given_nothing_cites_nothing() -> None:
    assert {value for value, _ in both(an_answer("The mill has seven stones [1]."))} == {0}
