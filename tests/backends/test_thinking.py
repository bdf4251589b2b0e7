"""The result of splitting never depends on where the pieces are cut."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.thinking import SurrogateJoiner, ThinkSplitter
from app.domain import TextDelta

PARTS = ["<think>", "</think>", "<thinking>", "</thinking>", "<thin", "<", "</", " ", "\n", "a", "é"]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def split(pieces: Sequence[str]) -> tuple[str, str]:
    """Thinking and answer of a text that comes in these pieces."""
    splitter = ThinkSplitter()
    deltas: list[TextDelta] = []
    for piece in pieces:
        deltas += splitter.feed(piece)
    deltas += splitter.finish()
    assert all(one.text for one in deltas)
    return (
        "".join(one.text for one in deltas if one.thinking),
        "".join(one.text for one in deltas if not one.thinking),
    )


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("", "", ""),
        ("42", "", "42"),
        (" \n 42 ", "", " \n 42 "),
        ("<think>why</think>42", "why", "42"),
        (" \n<think>\n why \n</think>\n\n42 \n", "why", "42 \n"),
        ("<think></think>42", "", "42"),
        ("<think>\n\n</think>\n\n42", "", "42"),
        ("<think>a</think> <think>b</think>42", "ab", "42"),
        ("<thinking>a</thinking>42", "a", "42"),
        ("<think>never closed ", "never closed", ""),
        ("<think>a </thi", "a </thi", ""),
        ("<think>", "", ""),
        ("The tag <think> is </think> here", "", "The tag <think> is </think> here"),
        ("<thin", "", "<thin"),
        ("<b>bold</b>", "", "<b>bold</b>"),
        ("< think>x", "", "< think>x"),
        ("</think>42", "", "</think>42"),
        ("<think>a</think>42 <think>b</think>", "a", "42 <think>b</think>"),
        ("<think>x < y </ z</think>k", "x < y </ z", "k"),
    ],
)
def test_whole_texts(text: str, thinking: str, answer: str) -> None:
    assert split([text]) == (thinking, answer)


@given(TEXTS, st.lists(st.integers(0, 80), max_size=10))
def test_cuts_change_nothing(text: str, cuts: list[int]) -> None:
    marks = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in itertools.pairwise(marks)]
    assert split(pieces) == split([text])
    assert split(list(text)) == split([text])


@given(TEXTS)
def test_a_text_that_does_not_begin_with_a_block_stays_to_the_letter(text: str) -> None:
    if not text.lstrip().startswith(("<think>", "<thinking>")):
        assert split(list(text)) == ("", text)


@given(TEXTS)
def test_nothing_is_lost_but_white_space_and_tags(text: str) -> None:
    thinking, answer = split([text])
    left = f"{thinking}{answer}"
    whole = text
    for one in ("<thinking>", "</thinking>", "<think>", "</think>"):
        left, whole = left.replace(one, ""), whole.replace(one, "")
    assert sorted("".join(left.split())) == sorted("".join(whole.split()))


def test_text_is_given_as_soon_as_it_is_certain() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("<think>Let me") == [TextDelta("Let me", thinking=True)]
    assert splitter.feed(" see") == [TextDelta(" see", thinking=True)]
    assert splitter.feed(" </th") == []
    assert splitter.feed("ink>\n4") == [TextDelta("4")]
    assert splitter.feed("2 <thi") == [TextDelta("2 <thi")]


@given(st.text(st.characters()), st.lists(st.integers(0, 100), max_size=8))
def test_halves_of_characters_join_wherever_they_are_cut(text: str, cuts: list[int]) -> None:
    raw = text.encode("utf-16-le", "surrogatepass")
    units = [raw[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2)]
    marks = sorted({0, len(units), *(cut for cut in cuts if cut < len(units))})
    joiner = SurrogateJoiner()
    pieces = [joiner.feed("".join(units[a:b])) for a, b in itertools.pairwise(marks)]
    joined = "".join([*pieces, joiner.finish()])
    assert joined == raw.decode("utf-16-le", "replace")
    joined.encode()


def test_a_lone_half_becomes_a_mark() -> None:
    joiner = SurrogateJoiner()
    assert joiner.feed("a\udc00b\ud83d") == "a\ufffdb"
    assert joiner.feed("c") == "\ufffdc"
    assert joiner.feed("\ud83d") == ""
    assert joiner.finish() == "\ufffd"
