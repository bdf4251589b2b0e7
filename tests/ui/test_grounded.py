from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import Answer, Score, ScoredPart
from app.evaluation.scorers.grounded import GroundedShare
from app.ui import grounded, lanes
from app.ui.words import help_for
from tests.ui.answers import an_answer, given_passage
from tests.ui.opened import shown
from tests.ui.streamlit_markdown import read

TEXT = "The rope is red. It is 90 years old. ![x](https://example.org/x.png) :red[$5]"
RED = ScoredPart(0, 16, 0.95, "Passage 1 has it.")
OLD = ScoredPart(17, 36, 0.04, "No.")
ODD = ScoredPart(37, 80, 0.2, "*b* <i> :blue[x]")


def scored(value: float | None, *parts: ScoredPart, words: str = "", text: str = TEXT) -> Answer:
    score = Score("grounded share", "1", value, words, parts)
    return an_answer(text, given=(given_passage(1),), scores=(score,))


def line(answer: Answer) -> str:
    return read(lanes.figures_line(answer)).text.replace("\u00a0", " ")


def lines(answer: Answer) -> list[str]:
    """As a browser shows them; nothing in them may be more than text."""
    told = [read(one) for one in grounded.lines(answer, answer.scores[0])]
    assert not any(one.found or one.links for one in told)
    return [one.text.replace("\u2060", "").strip() for one in told]


def test_the_name_is_that_of_the_scorer() -> None:
    assert GroundedShare.name == grounded.SCORER


def test_the_figure_stands_first_among_the_others() -> None:
    assert line(scored(0.834, RED)).startswith("grounded 83% · first token")
    assert line(scored(1.0)).startswith("grounded 100% ·")
    assert "grounded" not in line(an_answer("x"))


def test_what_is_unscored_is_unknown_and_the_help_says_why() -> None:
    answer = scored(None, words="The answer says that the documents do not contain it.")
    assert line(answer).startswith("grounded unknown ·")
    told = lanes._figures_help(answer)
    assert told.startswith(f"- Grounded: {help_for('grounded share')} Unknown here: The answer says that")
    assert "Unknown here" not in lanes._figures_help(scored(0.5))
    assert "Grounded" not in lanes._figures_help(an_answer("x"))


def test_of_two_versions_the_newer_one_is_drawn() -> None:
    answer = an_answer(
        "x", scores=(Score("grounded share", "1", 0.1, ""), Score("grounded share", "2", 0.9, ""))
    )
    assert line(answer).startswith("grounded 90%")
    assert "grounded" not in line(an_answer("x", scores=(Score("another", "1", 0.1, ""),)))


@pytest.mark.parametrize(
    ("parts", "title"),
    [
        ((RED,), "Its sentence was found in the passages"),
        ((OLD,), "Its sentence was not found in the passages"),
        ((RED, OLD, ODD), "1 of its 3 sentences was found in the passages"),
        ((OLD, ODD), "None of its 2 sentences were found in the passages"),
    ],
)
def test_the_title_is_the_finding(parts: tuple[ScoredPart, ...], title: str) -> None:
    assert grounded.title(scored(0.5, *parts).scores[0]) == title


def test_the_unsupported_sentences_come_first_and_read_as_typed() -> None:
    answer = scored(0.4, RED, OLD, ODD)
    assert lines(answer) == [
        "Not found (4%): “It is 90 years old.” No.",
        f"Not found (20%): “{TEXT[37:]}” *b* <i> :blue[x]",
        "Found (95%): “The rope is red.” Passage 1 has it.",
    ]


def test_what_a_model_repeats_is_said_once_and_long_lists_end() -> None:
    repeated = scored(0.5, *[replace(OLD, start=0, end=0)] * 3, *[RED] * 2)
    assert lines(repeated) == [
        "Not found (4%, 3 times): “” No.",
        "Found (95%, 2 times): “The rope is red.” Passage 1 has it.",
    ]
    many = scored(0.5, *[ScoredPart(0, 3, number / 1000, "Why.") for number in range(50)])
    told = lines(many)
    assert len(told) == grounded.MOST_LINES + 1
    assert told[-1] == "And 30 sentences more."


def drawn(answer: Answer) -> AppTest:
    def body(answer):  # type: ignore[no-untyped-def]  # runs apart from this module's imports
        from app.ui import grounded

        grounded.draw(answer)

    test = AppTest.from_function(body, kwargs={"answer": answer}, default_timeout=30).run()
    assert not test.exception
    return test


def test_an_expander_shows_the_sentences() -> None:
    test = drawn(scored(0.4, RED, OLD))
    assert [one.label for one in test.expander] == ["1 of its 2 sentences was found in the passages"]
    assert "**Not found** (4%): “It is 90 years old" in shown(test)
    assert "without a language model" in shown(test)


def test_nothing_is_drawn_where_nothing_was_scored() -> None:
    for answer in (scored(None, words="The answer is empty."), an_answer("x")):
        assert not drawn(answer).expander
