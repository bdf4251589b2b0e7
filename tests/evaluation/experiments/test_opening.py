"""What surrounds a gold text, and where it stands in passages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Case, Gold, GoldSpan, Passage, PosedCase, around
from app.evaluation.experiments.opening import first_holding, marks_in

TEXT = "one two three four five six seven"


def test_whole_words_on_either_side() -> None:
    span = (TEXT.index("four"), TEXT.index("four") + 4)
    text, mark = around(TEXT, span, 8)
    assert text == "… three four five …"
    assert text[slice(*mark)] == "four"
    assert around(TEXT, span, 100) == (TEXT, span)


def test_in_a_script_without_spaces_there_is_something_around_it() -> None:
    assert around("東" * 100, (60, 62), 50) == (f"… {'東' * 90}", (52, 54))


@given(st.text(alphabet="ab \n", max_size=60), st.data(), st.integers(0, 20))
def test_the_mark_is_always_the_span(text: str, data: st.DataObject, size: int) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    shown, mark = around(text, (start, end), size)
    assert shown[slice(*mark)] == text[start:end]


def passage(text: str, start: int = 100, document: str = "d") -> Passage:
    return Passage("p", "c", document, "a.txt", 1, start, start + len(text), text)


CASE = Case("Q?", ("x",), (Gold("a.txt", "The  Mill"),))


@pytest.mark.parametrize(
    ("document", "marks"), [("d", ((2, 5),)), ("other", ())], ids=["the document", "another"]
)
def test_marks_by_the_place_in_the_document(document: str, marks: tuple[tuple[int, int], ...]) -> None:
    posed = PosedCase(CASE, (GoldSpan("d", "a.txt", 102, 105, 1.0, ()),), (True,))
    assert marks_in(passage("abcdefgh", document=document), CASE, posed) == marks


def test_a_span_that_begins_before_the_passage_is_cut_at_its_edge() -> None:
    posed = PosedCase(CASE, (GoldSpan("d", "a.txt", 90, 104, 1.0, ()),), (True,))
    assert marks_in(passage("abcdefgh"), CASE, posed) == ((0, 4),)


def test_a_text_too_long_for_a_passage_is_opened_at_the_one_that_holds_most_of_it() -> None:
    held = [passage("x" * 40, start) for start in (0, 40, 80)]
    named = [replace(one, id=f"p{number}") for number, one in enumerate(held)]
    assert first_holding(GoldSpan("d", "a.txt", 30, 115, 1.0, ()), named) == "p1"
    assert first_holding(GoldSpan("d", "a.txt", 30, 115, 1.0, ("p2", "p1")), named) == "p2"
    assert first_holding(GoldSpan("d", "a.txt", 500, 600, 1.0, ()), named) == ""


def test_without_the_documents_the_words_themselves_are_looked_for() -> None:
    assert marks_in(passage("See: the mill stands."), CASE, None) == ((5, 13),)
    assert marks_in(passage("See: the mall stands."), CASE, None) == ()
