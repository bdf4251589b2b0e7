"""The exact words of a comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import Comparison, sentence

NAMES = {"a": "Qwen with documents", "b": "Qwen without documents"}
CLEAR = Comparison("a", "b", 60, 0.2333, 0.1083, 0.3467, 0.0004, 0.0012, pairs=3, needed=40)


def test_decisive() -> None:
    assert CLEAR.decisive
    assert sentence(CLEAR, NAMES) == (
        "Qwen with documents was right more often than Qwen without documents, by 23 percentage points "
        "(95%: 11 to 35, 60 questions). The difference is decisive."
    )


def test_not_decisive() -> None:
    one = replace(CLEAR, difference=0.05, low=-0.07, high=0.17, p=0.4, adjusted=0.8)
    assert sentence(one, NAMES) == (
        "Qwen with documents was right more often than Qwen without documents, by 5 percentage points "
        "(95%: −7 to 17, 60 questions). The difference is not decisive."
    )


def test_the_better_one_stands_first() -> None:
    assert sentence(CLEAR.swapped(), NAMES) == sentence(CLEAR, NAMES)
    assert CLEAR.swapped().difference == -0.2333
    assert (CLEAR.swapped().low, CLEAR.swapped().high) == (-0.3467, -0.1083)
    assert CLEAR.swapped().swapped() == CLEAR


def test_the_corrected_test_decides_and_not_the_interval() -> None:
    many = replace(CLEAR, p=0.02, adjusted=0.9, pairs=45)
    assert many.excludes_zero
    assert not many.decisive
    assert many.words == (
        "The difference is not decisive: taken alone it would be, but 45 pairs were compared at once."
    )
    border = replace(CLEAR, p=0.051, adjusted=0.051, pairs=1)
    assert border.words == "The difference is not decisive, though only just."
    other = replace(CLEAR, low=-0.001, p=0.049, adjusted=0.049, pairs=1)
    assert other.words == "The difference is decisive, though only just."


@pytest.mark.parametrize(
    ("adjusted", "decisive"), [(0.0, True), (0.05, True), (0.0501, False), (None, False)]
)
def test_the_border(adjusted: float | None, decisive: bool) -> None:
    assert replace(CLEAR, adjusted=adjusted).decisive is decisive


def test_the_border_is_at_the_lower_side_too() -> None:
    assert replace(CLEAR, low=-0.4, high=-0.1).excludes_zero
    assert not replace(CLEAR, low=0.0).excludes_zero
    assert not Comparison("a", "b", 0).excludes_zero


@pytest.mark.parametrize(("questions", "words"), [(0, "no question"), (1, "1 question")])
def test_too_few_questions(questions: int, words: str) -> None:
    one = Comparison("a", "b", questions)
    assert not one.decisive
    assert sentence(one, NAMES) == (
        f"Qwen with documents and Qwen without documents were both scored on {words}. "
        "Too few questions to compare."
    )
    assert one.swapped() == Comparison("b", "a", questions)


def test_five_questions_decide_nothing_however_clear() -> None:
    one = replace(CLEAR, questions=5, p=0.0625, adjusted=0.0625)
    assert one.words == "The difference is not decisive: fewer than 6 questions decide nothing."


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (0.01, -0.003, 0.023, "more often than Qwen bare, by 1 percentage point (95%: −0.3 to 2, 6"),
        (0.004, 0.0006, 0.01, "more often than Qwen bare, by 0.4 percentage points (95%: 0.06 to 1, 6"),
        (0.0096, 0.0, 1.0, "more often than Qwen bare, by 1 percentage point (95%: 0 to 100, 6"),
        (0.0, -0.05, 0.04, "as often as Qwen bare (95%: −5 to 4, 6"),
        (1e-17, -0.05, 0.04, "as often as Qwen bare (95%: −5 to 4, 6"),
    ],
)  # fmt: skip
def test_small_figures_do_not_look_like_none(difference: float, low: float, high: float, words: str) -> None:
    one = replace(CLEAR, difference=difference, low=low, high=high, adjusted=1.0)
    assert f"Qwen was right {words}" in sentence(one, {"a": "Qwen", "b": "Qwen bare"})


def test_how_many_more_questions_would_decide() -> None:
    open_one = replace(CLEAR, adjusted=0.2, needed=152)
    assert open_one.more == open_one.swapped().more == 92
    assert replace(open_one, needed=10).more == 1
    assert replace(open_one, needed=None).more is None
    assert CLEAR.more is None
    assert Comparison("a", "b", 1).more is None


def test_other_measures_have_their_own_verb_and_large_numbers_their_commas() -> None:
    words = sentence(replace(CLEAR, questions=10_000), NAMES, "invented an answer")
    assert "invented an answer more often than Qwen without documents, by 23 percentage points" in words
    assert "10,000 questions" in words
