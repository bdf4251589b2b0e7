from __future__ import annotations

import pytest

from app.evaluation.scorers.grounded_words import Kind, likeness, stem, words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,000.50", "1000.5"),
        ("007", "7"),
        ("0.0", "0"),
        ("twenty-five", "25"),
        ("twelve", "12"),
        ("3rd", "3"),
        ("1990s", "1990"),
        ("٣", "3"),
        ("½", "1"),
        ("12,34", "12"),
    ],
)
def test_numbers_have_one_form(text: str, plain: str) -> None:
    first = words(text)[0]
    assert (first.stem, first.kind) == (plain, Kind.NUMBER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("inspected", "inspection"),
        ("stones", "stone"),
        ("replacing", "replaces"),
        ("cities", "city"),
        ("planned", "planning"),
        ("quickly", "quick"),
    ],
)
def test_forms_of_a_word_are_alike(one: str, other: str) -> None:
    assert likeness(stem(one), stem(other)) >= 0.65


@pytest.mark.parametrize(("one", "other"), [("rises", "falls"), ("north", "south"), ("cabin", "cable")])
def test_other_words_are_not(one: str, other: str) -> None:
    assert likeness(stem(one), stem(other)) < 0.65


def test_contractions_possessives_and_countries() -> None:
    assert [one.text for one in words("It isn’t Ada's; can't, don 't")] == [
        *("it", "is", "not", "ada", "can", "not", "don", "t"),
    ]
    assert [one.text for one in words("the U.S. and the UK")] == ["the", "america", "and", "the", "britain"]


def test_kinds() -> None:
    kinds = {one.text: one.kind for one in words("No, we do not actually own the mill of 1871")}
    assert kinds == {
        "no": Kind.FILLER,
        "we": Kind.SPEAKER,
        "do": Kind.FUNCTION,
        "not": Kind.NEGATION,
        "actually": Kind.FILLER,
        "own": Kind.FUNCTION,
        "the": Kind.FUNCTION,
        "mill": Kind.CONTENT,
        "of": Kind.FUNCTION,
        "1871": Kind.NUMBER,
    }
