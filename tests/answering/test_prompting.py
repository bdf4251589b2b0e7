from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.answering.prompting import WITH_DOCUMENTS, WITHOUT_DOCUMENTS, bound, build
from app.domain import Message
from app.errors import PromptTooLong
from tests.answering.examples import candidate, found


def unknown(_messages: Sequence[Message]) -> None:
    return None


def words(messages: Sequence[Message]) -> int:
    return sum(len(one.content.split()) for one in messages)


def test_stable_text_first_passages_next_question_last() -> None:
    prompt = build("How many stones?", found("Seven stones.", "A wheel."), candidate(), 4096, unknown)
    system, user = prompt.rendered()
    assert system.role == "system"
    assert system.content == WITH_DOCUMENTS
    assert user.content.index("[1]") < user.content.index("Seven stones.") < user.content.index("[2]")
    assert user.content.endswith("Question: How many stones?")


def test_only_documents_that_have_pages_are_said_to_have_one() -> None:
    pdf, text = found("Seven stones.", "A wheel.")
    pdf = replace(pdf, passage=replace(pdf.passage, document_name="mill.pdf", page=3))
    text = replace(text, passage=replace(text.passage, document_name="mill.txt", page=1))
    told = build("Why?", (pdf, text), candidate(), 4096, unknown).rendered()[1].content
    assert "[1] (mill.pdf, page 3)\n" in told
    assert "[2] (mill.txt)\n" in told


def test_two_questions_share_everything_before_the_passages() -> None:
    first = build("One?", found("A."), candidate(), 4096, unknown).rendered()
    second = build("Two?", found("B."), candidate(), 4096, unknown).rendered()
    assert first[0] == second[0]


def test_without_documents_no_word_of_passages() -> None:
    prompt = build("Why?", (), candidate(documents=False), 4096, unknown)
    assert prompt.rendered()[0].content == WITHOUT_DOCUMENTS
    assert prompt.rendered()[1].content == "Question: Why?"
    assert prompt.given == ()


def test_own_instruction_takes_the_place_of_the_default() -> None:
    prompt = build("Why?", (), candidate(instruction="Reply in verse."), 4096, unknown)
    assert prompt.rendered()[0].content == "Reply in verse."


def test_nothing_found_is_told_to_the_model() -> None:
    prompt = build("Why?", (), candidate(), 4096, unknown)
    assert "none were found" in prompt.rendered()[1].content


def test_the_last_ranked_passages_are_left_out_and_said() -> None:
    texts = ["alpha " * 100, "beta " * 100, "gamma " * 100]
    room = candidate(max_tokens=50)
    prompt = build("Which?", found(*texts), room, 330, words)
    assert [one.fitted for one in prompt.given] == [True, True, False]
    assert prompt.given[2].number == 0
    assert prompt.left_out == 1
    assert "gamma" not in prompt.rendered()[1].content
    assert prompt.exact
    assert prompt.tokens + 50 <= 330


def test_a_question_that_cannot_fit_is_refused_in_words() -> None:
    with pytest.raises(PromptTooLong, match="too long") as caught:
        build("word " * 5000, found("A."), candidate(), 1024, unknown)
    assert caught.value.remedy


def test_text_of_a_passage_that_looks_like_a_mark_stays_as_it_is() -> None:
    text = "See [1] and {question} and %s"
    assert text in build("Q?", found(text), candidate(), 4096, unknown).rendered()[1].content


@given(st.lists(st.text(min_size=1, max_size=300), max_size=5), st.integers(600, 3000))
@settings(max_examples=60, deadline=None)
def test_it_always_fits_and_leaves_out_only_from_the_end(texts: list[str], window: int) -> None:
    prompt = build("Q?", found(*texts), candidate(max_tokens=100), window, unknown)
    assert prompt.tokens + 100 <= window
    fits = [one.fitted for one in prompt.given]
    assert fits == sorted(fits, reverse=True)
    assert len(fits) == len(texts)


@given(st.text(max_size=400), st.text(max_size=400))
def test_the_bound_grows_with_the_text(first: str, second: str) -> None:
    assert bound(first + " " + second) >= max(bound(first), bound(second))


def test_the_bound_stays_above_a_real_tokenizer() -> None:
    from tests.answering.tokenizer import count

    for text in (
        "The quick brown fox jumps over 12 lazy dogs; it costs $94.50, doesn't it?",
        "Donaudampfschifffahrtsgesellschaft und Überprüfung",
        "def main(argv: list[str]) -> int:\n    return 0\n",
        "Привет, как дела? 你好世界 สวัสดี",
        "| a | b |\n|---|---|\n| 1 | 2 |\n" * 5,
    ):
        assert bound(text) >= count(text)
