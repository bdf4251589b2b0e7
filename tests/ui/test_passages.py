from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.answering.citations import find_citations
from app.domain import GivenPassage, Prompt
from app.ui import passages
from tests.ui.answers import an_answer, given_passage

TEXT = "Ostrell has 83 employees. The Twilight ticket is sold after 17:00 and costs 9.80 euros. Wasps came."


def test_the_sentence_that_is_cited_is_found() -> None:
    span = passages.cited_span(TEXT, ["The Twilight ticket costs 9.80 euros"])
    assert span is not None
    assert TEXT[slice(*span)] == "The Twilight ticket is sold after 17:00 and costs 9.80 euros."


def test_nothing_is_marked_where_too_little_is_shared() -> None:
    assert passages.cited_span(TEXT, ["It is very cold"]) is None
    assert passages.cited_span(TEXT, []) is None
    assert passages.cited_span("", ["The ticket costs 9.80 euros"]) is None


@given(st.text(max_size=300), st.lists(st.text(max_size=80), max_size=3))
def test_a_mark_stays_within_the_passage(text: str, sentences: list[str]) -> None:
    span = passages.cited_span(text, sentences)
    assert span is None or 0 <= span[0] < span[1] <= len(text)


def test_the_sentences_that_cite_a_number() -> None:
    text = "It costs 9.80 euros [1]. It is sold late [2][1]. Nothing else."
    shown = (given_passage(1), given_passage(2))
    answer = an_answer(text, given=shown, citations=find_citations(text, shown))
    assert passages.citing_sentences(answer, 1) == ["It costs 9.80 euros", "It is sold late"]
    assert passages.citing_sentences(answer, 2) == ["It is sold late"]
    assert passages.citing_sentences(answer, 3) == []


def test_lanes_with_the_same_passages_share_a_group() -> None:
    one, two, three = given_passage(1), given_passage(2), given_passage(3)
    same = [an_answer("a", given=(one, two)), an_answer("b", given=(one, two))]
    other, without = an_answer("c", given=(one, two, three)), an_answer("d")
    groups = passages.groups_of([same[0], other, without, same[1]])
    assert [len(group.given) for group in groups] == [2, 3]
    assert groups[0].answers == (same[0], same[1])
    assert groups[0].anchor(2) == "passage-1-2"


def test_a_group_shows_what_the_lane_with_most_room_got() -> None:
    one = given_passage(1)
    fits = given_passage(2)
    left = GivenPassage(0, fits.passage, fits.similarity, fitted=False)
    tight, roomy = an_answer("a", given=(one, left)), an_answer("b", given=(one, fits))
    (group,) = passages.groups_of([tight, roomy])
    assert all(each.fitted for each in group.given)


def test_an_answer_that_failed_before_its_prompt_is_in_no_group() -> None:
    answer = an_answer("")
    assert answer.prompt is None or isinstance(answer.prompt, Prompt)
    assert passages.groups_of([answer]) == []
