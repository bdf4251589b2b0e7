from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.structured import SCHEMA, StructuredAnswer, parse
from app.errors import InvalidAnswer


def test_a_valid_answer() -> None:
    parsed = parse(' {"answer": "Seven.", "citations": [1, 2, 1], "found": true}\n')
    assert parsed.as_text() == "Seven. [1][2]"


def test_marks_that_stand_in_the_text_are_not_added_again() -> None:
    assert StructuredAnswer(answer="Seven [1].", citations=[1], found=True).as_text() == "Seven [1]."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Seven.",
        "[]",
        '{"answer": "Seven."}',
        '{"answer": 7, "citations": [], "found": true}',
        '{"answer": "a", "citations": ["1"], "found": true}',
        '{"answer": "a", "citations": [], "found": "yes"}',
        '{"answer": "a", "citations": [], "found": true, "score": 10}',
        '{"answer": "a", "citations": [], "found": true',
        '```json\n{"answer": "a", "citations": [], "found": true}\n```',
    ],
)
def test_everything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidAnswer, match="does not fit the schema") as caught:
        parse(text)
    assert caught.value.remedy


def test_the_schema_asks_for_just_these() -> None:
    assert set(json.loads(SCHEMA)["required"]) == set(StructuredAnswer.model_fields)


@given(st.text(max_size=50), st.lists(st.integers(-3, 30), max_size=5), st.booleans())
def test_what_fits_comes_back(answer: str, citations: list[int], found: bool) -> None:
    text = json.dumps({"answer": answer, "citations": citations, "found": found})
    assert parse(text) == StructuredAnswer(answer=answer, citations=citations, found=found)
