from __future__ import annotations

import pytest

from app.evaluation.scorers.grounded_contradictions import contradiction
from app.evaluation.scorers.grounded_evidence import Passages
from app.evaluation.scorers.grounded_words import words


def against(sentence: str, passage: str) -> str:
    passages = Passages({4: passage})
    return contradiction(words(sentence), passages, passages.candidates(words(sentence))[0])


DENIES = "It denies what passage 4 says, or says what that denies."


@pytest.mark.parametrize(
    ("sentence", "passage", "why"),
    [
        ("It has 8 stones.", "It has seven stones.", "No passage has the number 8."),
        ("It has 7 stones.", "It has seven stones.", ""),
        ("It came second.", "It came 2nd.", ""),
        ("It was sold to Pim.", "It was sold to Ada.", "No passage has the name Pim."),
        ("Pim sold it.", "Ada sold it.", ""),
        ("IT WAS SOLD TO PIM", "It was sold to Ada.", ""),
        ("It was sold to Adas.", "It was sold to Ada.", ""),
        ("The rope is not red.", "The rope is red.", DENIES),
        ("The rope is red.", "The rope is not red.", DENIES),
        ("The rope isn't red.", "The rope is red.", DENIES),
        ("The rope was never cut.", "The rope was cut.", DENIES),
        ("The rope is not red.", "The rope is not red.", ""),
        ("It is not only red.", "It is red.", ""),
        ("Dogs may not ride.", "Dogs ride.", DENIES),
        ("Dogs may not ride.", "Dogs are prohibited to ride.", ""),
        ("The rope is not green.", "The rope is red.", ""),
        ("No, the rope is red.", "The rope is red.", ""),
    ],
)
def test_numbers_names_and_denials(sentence: str, passage: str, why: str) -> None:
    assert against(sentence, passage) == why
