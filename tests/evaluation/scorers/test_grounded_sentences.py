from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.scorers.grounded_sentences import LONGEST_SENTENCE, sentences, without_references


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It turns. It stops!  Why?", ["It turns.", "It stops!", "Why?"]),
        ("Dr. Ada A. Brenn met Mr. Pim on Nov. 3.", ["Dr. Ada A. Brenn met Mr. Pim on Nov. 3."]),
        ("It opens at 4.50 p.m. in May.", ["It opens at 4.50 p.m. in May."]),
        ("He said “It turns.” Then he left.", ["He said “It turns.”", "Then he left."]),
        ("First:\n- one\n- two\n\nLast", ["First:", "- one", "- two", "Last"]),
        ("1. The first. 2. The second.", ["1. The first.", "2.", "The second."]),
        ("a line that\ngoes on", ["a line that\ngoes on"]),
        ("A line\nAnother", ["A line", "Another"]),
        ("Wait... what?!", ["Wait...", "what?!"]),
        ("… – !", []),
        ("", []),
    ],
)
def test_where_a_sentence_ends(text: str, found: list[str]) -> None:
    assert [one.text for one in sentences(text)] == found


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("red [1], [2, 3] and [4-6].", "red    ,        and      ."),
        ("as passage 2 says (see page 4)", "as passage   says             "),
        ("on page 12 of Passages 1 and 2", "on page    of Passages        "),
        ("array[i], [note 1], 30 pages, page 12345", "array[i], [note 1], 30 pages, page 12345"),
    ],
)
def test_references_are_blanked_in_their_place(text: str, left: str) -> None:
    assert without_references(text) == left


@given(st.text(st.characters() | st.sampled_from(".!?\n []1a"), max_size=200))
def test_spans_fit_and_nothing_that_says_something_is_lost(text: str) -> None:
    found = sentences(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert len(without_references(text)) == len(text)
    rest = list(text)
    for one in found:
        rest[one.start : one.end] = " " * len(one.text)
    assert not any(char.isalnum() for char in rest)


def test_what_has_no_end_is_cut_at_a_space() -> None:
    found = sentences("on and " * 1000)
    assert len(found) == 8
    assert all(len(one.text) <= LONGEST_SENTENCE and one.text.startswith(("on", "and")) for one in found)
    assert len(sentences("x" * 2500)) == 3
