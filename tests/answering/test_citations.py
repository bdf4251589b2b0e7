from __future__ import annotations

from hypothesis import given as any_of
from hypothesis import strategies as st

from app.answering.citations import check_quotes, find_citations
from tests.answering.examples import given


def numbers(text: str, passages: int = 2) -> list[tuple[int, bool]]:
    return [(one.number, one.valid) for one in find_citations(text, given(*["A text."] * passages))]


def test_marks_in_order_and_those_out_of_range() -> None:
    assert numbers("Seven [1], says the book [3] and [2].") == [(1, True), (3, False), (2, True)]


def test_a_list_of_numbers_is_several_citations() -> None:
    text = "Seven [1, 2; 9]."
    found = find_citations(text, given("A.", "B."))
    assert [(one.number, one.valid) for one in found] == [(1, True), (2, True), (9, False)]
    assert [text[one.start : one.end] for one in found] == ["1", "2", "9"]


def test_the_span_of_a_lone_mark_covers_its_brackets() -> None:
    text = "Seven [ 1 ]."
    (one,) = find_citations(text, given("A."))
    assert text[one.start : one.end] == "[ 1 ]"


def test_a_passage_that_did_not_fit_cannot_be_cited() -> None:
    (one,) = find_citations("Seven [2].", given("A.", "B.", fitted=1))
    assert not one.valid


def test_zero_and_words_in_brackets() -> None:
    assert numbers("[0] [a] [] [1a] [-1] [1.2]") == [(0, False)]


@any_of(st.text(alphabet="[]0123456789,; ab\n", max_size=80))
def test_spans_point_at_the_number(text: str) -> None:
    for one in find_citations(text, given("A.")):
        assert str(one.number) == text[one.start : one.end].strip("[] ").lstrip("0") or one.number == 0
        assert 0 <= one.start < one.end <= len(text)


@any_of(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    find_citations(text, given("A."))
    check_quotes(text, given("A."))


def test_quotes_are_looked_up_verbatim_after_white_space_is_folded() -> None:
    passages = given("The mill has\n  seven stones.", "Nobody works there on Sundays.")
    text = 'It says “mill has seven stones” and "on  Sundays." and «has eight stones now».'
    assert [(one.text, one.number) for one in check_quotes(text, passages)] == [
        ("mill has seven stones", 1),
        ("has eight stones now", 0),
    ]


def test_a_quote_with_its_own_full_stop_is_found() -> None:
    (one,) = check_quotes('"Nobody works there."', given("We know: Nobody works there, ever."))
    assert one.number == 1


def test_short_quotes_prove_nothing() -> None:
    assert check_quotes("The “mill” is “old”.", given("The mill is old.")) == ()
