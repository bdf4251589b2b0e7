from __future__ import annotations

import pytest

from app.evaluation.scorers.abstaining import abstains
from app.evaluation.scorers.grounded_claims import claims


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("According to the provided documents, the mill turns.", ["the", "mill", "turns"]),
        ("Passage 2 states that the mill turns.", ["the", "mill", "turns"]),
        ("Yes, based on the text: the mill turns.", ["the", "mill", "turns"]),
        ("3. The mill turns.", ["the", "mill", "turns"]),
        ("From textiles", ["from", "textiles"]),
    ],
)
def test_what_a_sentence_states_without_its_frame(text: str, told: list[str]) -> None:
    assert [one.text for one in claims(text)[0].words] == told


@pytest.mark.parametrize("text", ["# The mill", "The stones are:", "Yes.", "[1]", "I do not know.", ""])
def test_what_states_nothing(text: str) -> None:
    assert claims(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The documents do not contain the answer.",
        "The passages don’t mention a price.",
        "Its price is not stated in the passages.",
        "The price is not available in the documents [1].",
        "I cannot find it.",
        "There is no information about that.",
        "The answer could not be found.",
    ],
)
def test_what_abstains(text: str) -> None:
    assert abstains(text)
    assert claims(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Parking is not available in the city centre.",
        "Lunch is not provided by the company.",
        "The mill does not turn.",
    ],
)
def test_what_states_something_with_a_denial(text: str) -> None:
    assert not abstains(text)
    assert len(claims(text)) == 1


def test_behind_a_but_something_may_be_stated() -> None:
    """The whole abstains (METRICS: one that abstains and guesses does), and what it states is checked."""
    text = "The text does not give a price, but the mill has seven stones."
    assert abstains(text)
    assert len(claims(text)) == 1
