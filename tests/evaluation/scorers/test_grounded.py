"""Grounded share: worked examples, what holds for any text, and the weights that were fitted."""

from __future__ import annotations

import time
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Score
from app.evaluation.scorers.grounded import (
    ABSTAINED,
    LONGEST,
    MOST_SENTENCES,
    WEIGHTS,
    GroundedShare,
    given_texts,
)
from tests.evaluation.scorers.answers import an_answer

MILL = (
    "The mill at Ostrell has seven stones and a wheel of oak. It was built in 1871 by Ada Brenn. "
    "Guests may touch the wheel, but they may not climb on it. Flour is sold on Tuesdays for 4.50 euros."
)
ROPE = "Each rope is inspected every fourteen days. Worn ropes are replaced within 48 hours."
ENGLISH_ONLY = "This measure was tried on English only."


def share(text: str, *passages: str) -> Score:
    return GroundedShare().share(text, dict(enumerate(passages or (MILL, ROPE), start=1)))


# ----------------------------------------------------------------- worked examples


@pytest.mark.parametrize(
    "text",
    [
        "The mill at Ostrell has seven stones and a wheel of oak.",
        "The mill has seven stones [1].",
        "According to passage 1, the mill was built in 1871.",
        "It was built by Ada Brenn in 1871 [1] and has 7 stones [1].",
        "Each rope is inspected every 14 days [2, 1].",
        "- Worn ropes are replaced within forty-eight hours.",
        "Guests may not climb on the wheel.",
        "Flour is sold for 4.5 euros (passage 1, page 3).",
    ],
)
def test_what_the_passages_say_is_supported(text: str) -> None:
    score = share(text)
    assert score.value is not None
    assert score.value > 0.5
    assert [one.holds for one in score.parts] == [True]
    assert score.words == "The passages support 1 of 1 sentence."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The mill has nine stones and a wheel of oak.", "No passage has the number nine."),
        ("It was built in 1817 by Ada Brenn.", "No passage has the number 1817."),
        ("It was built in 1871 by Zoltan Brenn.", "No passage has the name Zoltan."),
        ("Flour is not sold on Tuesdays.", "It denies what passage 1 says, or says what that denies."),
        ("Each rope is not inspected every fourteen days.", "It denies what passage 2 says"),
        (
            "Visitors enjoy bathing near turbines.",
            "The nearest place, in passage 1, does not have: Visitors, enjoy, bathing, near, turbines.",
        ),
        (
            "We think our mill has seven stones.",
            "It speaks of the one who writes, and the passages do not.",
        ),
        (
            "Alpha beta gamma delta epsilon zeta theta iota kappa.",
            "does not have: Alpha, beta, gamma, delta, epsilon, zeta and 3 more.",
        ),
    ],
)
def test_what_they_do_not_say_is_not_supported_and_why(text: str, why: str) -> None:
    score = share(text)
    assert [one.holds for one in score.parts] == [False]
    assert why in score.parts[0].words
    assert score.words == "The passages support 0 of 1 sentence."


def test_what_it_cannot_see() -> None:
    """A wrong relation between words that all stand there, and a paraphrase without common words."""
    assert share("Ada Brenn was built by the mill in 1871.").parts[0].holds
    assert not share("Cords get checked twice monthly.").parts[0].holds


def test_the_value_is_the_mean_of_the_sentences() -> None:
    score = share("The mill has seven stones [1]. It was built in 1999. Is it old?")
    assert [one.holds for one in score.parts] == [True, False, False]
    assert score.value == pytest.approx(sum(one.value for one in score.parts) / 3)
    assert score.words == "The passages support 1 of 3 sentences."


def test_parts_are_spans_of_the_answer_with_its_marks() -> None:
    text = "[1] The mill has seven stones [1].\n\n# A heading\n* It was built in 1871 [1]; see below:\n- Yes."
    score = share(text)
    assert [text[one.start : one.end] for one in score.parts] == ["The mill has seven stones [1]."]
    text = "**The mill** has seven stones.  Ropes are inspected [2]"
    assert [text[one.start : one.end] for one in share(text).parts] == [
        "**The mill** has seven stones.",
        "Ropes are inspected",
    ]


def test_a_denial_beside_the_same_statement_is_not_taken_for_the_only_voice() -> None:
    """Passages may say both: then neither is denied by all of them."""
    both = ["The rope is not red.", "The rope is red."]
    assert share("The rope is red.", *both).parts[0].holds
    assert share("The rope is red.", " ".join(both)).parts[0].holds
    assert share("The rope is not red.", *reversed(both)).parts[0].holds
    assert not share("The rope is red.", both[0]).parts[0].holds


def test_an_abbreviation_stands_for_its_words() -> None:
    passage = "The World Trade Organization met in Geneva."
    assert share("In Geneva, the WTO met.", passage).parts[0].holds
    assert "No passage has the name FIFA" in share("In Geneva, the FIFA met.", passage).parts[0].words


def test_the_right_place_is_found_among_many_with_the_same_rare_words() -> None:
    score = share("It is on the rope of the mill.", *["Rope. Mill."] * 9, "It is on the rope of the mill.")
    assert score.parts[0].words == "Passage 10 has it."
    assert score.parts[0].value > 0.9


# ----------------------------------------------------------------- unscored, and why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The answer is empty."),
        (" \n\t", "The answer is empty."),
        ("The documents do not contain it.", ABSTAINED),
        ("I don’t know. The passages do not say how many stones there are [1].", ABSTAINED),
        ("The price is not mentioned in the passages.", ABSTAINED),
        ("Yes.", "It states nothing that could be checked."),
        ("[1]", "It states nothing that could be checked."),
        ("…", "It states nothing that could be checked."),
        ("Die Mühle hat sieben Steine und ein Rad aus dem Holz der Eiche.", ENGLISH_ONLY),
        ("水车有七块石头。", ENGLISH_ONLY),
        ("a " * LONGEST, f"The answer is longer than {LONGEST:,} characters."),
        ("It is of oak. " * (MOST_SENTENCES + 1), f"The answer has more than {MOST_SENTENCES} sentences."),
    ],
)
def test_what_cannot_be_scored_says_why(text: str, why: str) -> None:
    assert share(text) == Score("grounded share", "2", None, why)


@pytest.mark.parametrize("passages", [("",), (" \n", "— …"), ("™",), ("℀",)])
def test_passages_without_words(passages: tuple[str, ...]) -> None:
    """Signs that only folding turns into letters are in no sentence."""
    assert share("The mill has seven stones.", *passages).words == "No passage with words was given."


def test_passages_in_another_language() -> None:
    german = "Die Mühle hat sieben Steine und ein Rad aus Eiche, das von dem Bach gedreht wird."
    assert share("The mill has seven stones.", german).words == ENGLISH_ONLY


def test_an_answer_that_also_guesses_is_scored_by_its_guess() -> None:
    score = share("The documents do not contain it. It may have been built in 1999.")
    assert len(score.parts) == 1
    assert not score.parts[0].holds


# ----------------------------------------------------------------- of a logged answer


def test_an_answer_is_scored_against_the_passages_it_was_given() -> None:
    scorer = GroundedShare()
    answer = an_answer("The mill has seven stones.", ROPE, MILL)
    assert scorer.score(answer).parts[0].words == "Passage 2 has it."
    assert answer.prompt
    left = replace(answer.prompt, given=tuple(replace(one, fitted=False) for one in answer.prompt.given))
    unfitted = replace(answer, prompt=left)
    assert scorer.score(unfitted).words == "No passage with words was given."
    assert scorer.score(replace(answer, prompt=None)).words == "No passage with words was given."


def test_an_answer_that_says_it_found_nothing_is_unscored() -> None:
    scorer = GroundedShare()
    said = "The mill has seven stones."
    assert scorer.score(an_answer(said, MILL, found=False)) == Score("grounded share", "2", None, ABSTAINED)
    assert scorer.score(an_answer(said, MILL, found=True)).value


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Lower Tarn/season-report 2025.html", "Lower Tarn/season-report 2025"),
        ("a.b/notes", "a.b/notes"),
        ("notes", "notes"),
        (".txt", ".txt"),
        ("", ""),
    ],
)
def test_a_documents_name_stands_before_its_passage(name: str, title: str) -> None:
    assert given_texts(an_answer("x", MILL, " ", name=name)) == {1: f"{title}\n\n{MILL}"}


def test_a_document_may_be_named() -> None:
    scorer = GroundedShare()
    text = "The Travel Policy says that flour is sold on Tuesdays."
    assert scorer.score(an_answer(text, MILL, name="Travel Policy.pdf")).parts[0].holds
    assert "No passage has the name" in scorer.score(an_answer(text, MILL)).parts[0].words


# ----------------------------------------------------------------- for any text

texts = st.text(st.characters() | st.sampled_from(".!?\n[]1, 'THEthenot"), max_size=80)
WORDS = (
    "mill stone wheel rope river miller flour oak seven 48 1,000 Ostrell Ada grinds turns wooden the a is in"
)
statements = (
    st.lists(st.sampled_from(WORDS.split()), min_size=2, max_size=9)
    .map(" ".join)
    .flatmap(lambda text: st.sampled_from(".!").map(lambda sign: f"In the mill {text} is and was{sign}"))
)


@given(texts, st.lists(texts, max_size=3))
def test_never_raises_and_stays_a_share(text: str, passages: list[str]) -> None:
    score = share(text, *(passages or [""]))
    assert score == share(text, *(passages or [""]))
    if score.value is not None:
        assert 0 <= score.value <= 1
        assert score.parts
    for one in score.parts:
        assert text[one.start : one.end].strip() == text[one.start : one.end] != ""


@given(statements, st.lists(statements, max_size=4), st.lists(statements, min_size=1, max_size=6))
def test_a_passage_that_has_it_word_for_word_supports_it(
    said: str, beside: list[str], others: list[str]
) -> None:
    score = share(said, *others, " ".join([*beside[:2], said, *beside[2:]]))
    assert [one.holds for one in score.parts] == [True], score


@given(statements, st.integers(10_000, 99_999), st.lists(statements, min_size=1, max_size=4))
def test_a_number_that_no_passage_has_is_never_supported(said: str, number: int, others: list[str]) -> None:
    score = share(f"{said[:-1]} {number}.", said, *others)
    assert [one.holds for one in score.parts] == [False]
    assert score.parts[0].words == f"No passage has the number {number}."


@pytest.mark.parametrize("text", ["The mill has it. ", "A1. ", "(the ", "1, ", "the not ", "the wheel of "])
def test_an_answer_of_50_000_characters_takes_no_long_time(text: str) -> None:
    began = time.process_time()
    share((text * LONGEST)[:LONGEST], *[MILL * 5] * 8)
    assert time.process_time() - began < 5


# ----------------------------------------------------------------- the fit


def test_the_weights_are_those_that_were_fitted() -> None:
    assert astuple(WEIGHTS) == (-2.360, 5.389, -1.593, -3.272, -1.393)
    assert share("The mill has seven stones.", "The mill has seven stones.").value == pytest.approx(
        0.9539, abs=1e-4
    )


def test_a_fit_to_the_labels_gives_these_weights(shared_data: Path) -> None:
    """Whoever changes a word list fits again: the features changed under the weights."""
    from benchmarks.groundedness_fit import SHIPPED, fit, measured
    from benchmarks.groundedness_labels import HUMAN, load

    assert HUMAN.is_relative_to(shared_data)
    data = measured(load(HUMAN), embedder=None)
    assert fit(data, SHIPPED, data.everything) == pytest.approx(astuple(WEIGHTS), abs=0.001)
