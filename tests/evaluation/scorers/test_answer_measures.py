"""Exact match, token F1, abstention, quote check, share copied and schema validity on whole answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import BLACK, ERASED, Answer, Case, Checks, PosedCase, Quote, Score
from app.evaluation.scorers.abstention import Abstention
from app.evaluation.scorers.contains import Contains
from app.evaluation.scorers.exact_match import ExactMatch
from app.evaluation.scorers.quote_check import QuoteCheck
from app.evaluation.scorers.schema_validity import SchemaValidity
from app.evaluation.scorers.share_copied import ShareCopied
from app.evaluation.scorers.token_f1 import TokenF1
from tests.evaluation.scorers.answers import a_case, an_answer

NOWHERE = "The documents do not contain it."
WORDS = ["the", "mill", "has", "seven", "stones", "of", "oak", "in", "a", "wheel"]
MILL = (
    "The mill at Ostrell has seven stones and a wheel of oak. It was built in 1871 by Ada Brenn, and flour "
    "is sold on Tuesdays for 4.50 euros."
)


def exact(case: PosedCase, answer: Answer) -> tuple[float | None, str]:
    score = ExactMatch().score(case, answer)
    return score.value, score.words


def f1(case: PosedCase, answer: Answer) -> tuple[float | None, str]:
    score = TokenF1().score(case, answer)
    return score.value, score.words


# ----------------------------------------------------------------- exact match and token F1


def test_an_answer_to_an_answerable_question() -> None:
    case = a_case("seven stones", "seven")
    right = "“seven stones” or “seven”"
    assert exact(case, an_answer("Seven [1].")) == (1, f"It is the right answer: {right}.")
    assert exact(case, an_answer("It has seven.")) == (
        0,
        f"It is not the right answer word for word: {right}.",
    )
    assert f1(case, an_answer("The seven stones!")) == (
        1,
        f"It has the words of the right answer and no others: {right}.",
    )
    assert f1(case, an_answer("seven wheels"))[0] == pytest.approx(2 / 3)
    assert f1(case, an_answer("nine")) == (0, f"It shares no word with the right answer: {right}.")


def test_an_abstention_is_the_prediction_nothing() -> None:
    unanswerable, answerable = a_case(unanswerable=True), a_case("the documents")
    rightly = "It says that the documents do not contain it, and they do not."
    wrongly = "It says that the documents do not contain it, but the right answer is “the documents”."
    invented = "The documents do not contain the answer, but it gives one."
    for measure in (exact, f1):
        assert measure(unanswerable, an_answer(NOWHERE)) == (1, rightly)
        assert measure(unanswerable, an_answer(f"{NOWHERE} Perhaps seven.")) == (1, rightly)
        assert measure(unanswerable, an_answer("Seven.")) == (0, invented)
        assert measure(unanswerable, an_answer("Seven.", found=False)) == (1, rightly)
        assert measure(answerable, an_answer(NOWHERE)) == (0, wrongly), "its words are no answer"


def test_a_right_answer_that_reads_like_an_abstention() -> None:
    case = a_case("The contract does not state it.")
    assert exact(case, an_answer("The contract does not state it."))[0] == 1


def test_of_which_nothing_is_left_to_compare() -> None:
    reason = "Of “A” nothing is left to compare once articles and punctuation are off."
    assert exact(a_case("A"), an_answer("A")) == (None, reason)
    assert exact(a_case("A", "vitamin A"), an_answer("Vitamin"))[0] == 1
    assert exact(a_case(), an_answer("A")) == (None, "No right answer is known for this question.")


def test_the_language_that_a_case_tells_decides() -> None:
    assert exact(a_case("Mühle", tags=("lang:de",)), an_answer("Die Mühle!"))[0] == 1
    assert exact(a_case("Mühle"), an_answer("Die Mühle!"))[0] == 0
    assert f1(a_case("德语出版物"), an_answer("德语的出版物。"))[0] == pytest.approx(10 / 11)


# ----------------------------------------------------------------- abstention


@pytest.mark.parametrize(
    ("unanswerable", "text", "value", "words"),
    [
        (True, NOWHERE, 1, "It says that the documents do not contain it, and they do not."),
        (False, NOWHERE, 1, "It says that the documents do not contain it, but they do."),
        (True, "Seven.", 0, "It answers, though the documents do not contain it."),
        (False, "Seven.", 0, "It gives an answer."),
    ],
)
def test_abstention(unanswerable: bool, text: str, value: float, words: str) -> None:
    case = PosedCase(Case("q", () if unanswerable else ("seven",), unanswerable=unanswerable))
    assert Abstention().score(case, an_answer(text)) == Score("abstention", "3", value, words)


# ----------------------------------------------------------------- quotes and schema


def quoted(*numbers: int) -> tuple[float | None, str]:
    checks = Checks(quotes=tuple(Quote("seven stones of oak", one) for one in numbers))
    score = QuoteCheck().score(a_case("seven"), replace(an_answer("x"), checks=checks))
    return score.value, score.words


def test_quotes() -> None:
    assert quoted() == (None, "The answer quotes nothing.")
    assert quoted(1) == (1, "Its quote stands word for word in the passages given.")
    assert quoted(0) == (0, "Its quote does not stand word for word in the passages given.")
    assert quoted(1, 0, 2) == (2 / 3, "2 of 3 quotes stand word for word in the passages given.")


@pytest.mark.parametrize(
    ("asked", "held", "retries", "value", "words"),
    [
        (False, None, 0, None, "No fixed form was asked for."),
        (True, True, 0, 1, "The answer kept the fixed form."),
        (True, True, 1, 1, "The answer kept the fixed form, after it was asked again once."),
        (True, False, 2, 0, "The answer did not keep the fixed form, after it was asked again 2 times."),
        (True, None, 0, 0, "The answer ended before it had the fixed form."),
    ],
)
def test_schema(asked: bool, held: bool | None, retries: int, value: float | None, words: str) -> None:
    answer = an_answer("Seven.")
    options = replace(answer.candidate.options, schema=asked)
    checks = Checks(schema_held=held, schema_retries=retries)
    made = replace(answer, candidate=replace(answer.candidate, options=options), checks=checks)
    assert SchemaValidity().score(a_case("seven"), made) == Score("schema validity", "1", value, words)


# ----------------------------------------------------------------- share copied


def copied(text: str, *passages: str, language: str = "") -> Score:
    tags = (f"lang:{language}",) if language else ()
    return ShareCopied().score(a_case("seven", tags=tags), an_answer(text, *(passages or (MILL,))))


def test_what_is_pasted() -> None:
    score = copied(f"{MILL} [1]")
    assert (score.value, score.words) == (1, "29 of its 29 words stand in a passage, 8 or more in a row.")
    assert [(one.start, one.end, one.words) for one in score.parts] == [
        (0, len(MILL) - 1, "Word for word in passage 1.")
    ]
    assert copied(MILL.upper().replace("4.50", "4.5").replace(",", " **;")).value == 1


def test_short_runs_are_not_pasted() -> None:
    assert copied("The mill at Ostrell has seven stones.").value == 0
    assert copied("the mill at Ostrell has seven stones and").value == 1
    assert copied("the mill at Ostrell has nine stones and a wheel of oak").value == 0


def test_a_run_within_own_words() -> None:
    text = "I can tell you that it was built in 1871 by Ada Brenn, and so on."
    score = copied(text)
    assert score.value == pytest.approx(9 / 16)
    assert [text[one.start : one.end] for one in score.parts] == ["it was built in 1871 by Ada Brenn, and"]


def test_runs_of_two_passages_are_told_apart() -> None:
    second = "Each rope is inspected every fourteen days by two people."
    text = f"{second} {MILL}"
    score = copied(text, MILL, second)
    assert score.value == 1
    assert [one.words[-2:] for one in score.parts] == ["2.", "1."]
    between = "people. The mill at Ostrell has"
    assert copied(f"two {between} seven", MILL, second).value == 0, "no passage has it in a row"


def test_scripts_without_spaces_take_longer_runs() -> None:
    text = "水车有七块石头和一个橡木轮子它建于十九世纪"
    assert copied(text[:15], text, language="zh").value == 0
    assert copied(text[:16], text, language="zh").value == 1


def test_copied_from_nothing() -> None:
    assert ShareCopied().score(a_case("x"), an_answer(MILL)).words == "It was given no passage with words."
    assert copied("[1]").words == "The answer has no words."


@given(st.lists(st.sampled_from(WORDS), min_size=8, max_size=40))
def test_a_part_of_a_passage_is_all_copied(words: list[str]) -> None:
    passage = " ".join(words)
    assert copied(" ".join(words[: len(words) // 2 + 8]), passage).value == 1


# ----------------------------------------------------------------- erased texts


def test_what_was_erased_is_unscored() -> None:
    """Its recorded scores stay; scoring it again would call it wrong."""
    answer = an_answer(f"In {BLACK * 4}.", ERASED)
    case = a_case("1987")
    for scorer in (ExactMatch(), TokenF1(), Contains(), ShareCopied(), Abstention()):
        score = scorer.score(case, answer)
        assert (score.value, score.words) == (
            None,
            "A part of the answer was erased together with a document.",
        )
    whole = an_answer("In 1987.", ERASED)
    assert Contains().score(case, whole).value == 1
    assert ShareCopied().score(case, whole).words == "The text of a passage that it was given was erased."
    assert Contains().score(case, an_answer(f"{BLACK} In 1987.", "1987")).value == 1, "a sign like any other"
