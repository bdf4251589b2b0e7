"""What is proposed of an asked question for a dataset."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain import Citation, Gold, Judgement, Mark
from app.ui.dataset_add import proposed, right_answer
from tests.ui.answers import an_answer, given_passage

NOW = datetime(2026, 5, 4, tzinfo=UTC)
TEXT = "The rope of the lower station is red [1]. It is old [9]."
CITED = (Citation(1, 37, 40, valid=True), Citation(9, 52, 55, valid=False))


@pytest.mark.parametrize(
    ("mark", "right"),
    [
        (None, ""),
        (Mark(Judgement.WRONG, "", NOW), ""),
        (Mark(Judgement.CANNOT_TELL, "", NOW), ""),
        (Mark(Judgement.WRONG, "Blue", NOW), "Blue"),
        (Mark(Judgement.RIGHT, "", NOW), "The rope of the lower station is red. It is old."),
    ],
)
def test_the_right_answer_is_the_correction_or_what_was_marked_right(mark: Mark | None, right: str) -> None:
    assert right_answer(replace(an_answer(TEXT, citations=CITED), mark=mark)) == right


def test_the_sentences_that_are_cited_are_proposed_as_gold() -> None:
    passage = given_passage(1, "It snowed. The rope of the lower station is red. The upper one is blue.")
    other = given_passage(2, "The rope of the lower station is red, as everybody knows.")
    answer = an_answer(TEXT, given=(passage, other), citations=CITED)
    assert proposed(answer) == [Gold("1.txt", "The rope of the lower station is red.")]
    assert proposed(an_answer(TEXT, citations=CITED)) == []
    gone = replace(passage, deleted=True)
    assert proposed(an_answer(TEXT, given=(gone,), citations=CITED)) == []
