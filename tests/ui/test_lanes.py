from __future__ import annotations

import pytest

from app.domain import AnswerState, Checks, Citation, Cost, Options, Phase, Quote, Timing, Usage
from app.ui import lanes
from tests.ui.answers import a_lane, an_answer, given_passage


@pytest.mark.parametrize(
    ("phase", "seconds", "speed", "attempts", "words"),
    [
        (Phase.QUEUED, 0.4, None, 1, "in the queue"),
        (Phase.LOADING, 12.7, None, 1, "loading the model (12 s)"),
        (Phase.READING, 3.0, None, 2, "reading the prompt (3 s), attempt 2"),
        (Phase.ANSWERING, 9.0, 31.2, 1, "answering at 31 tokens/s"),
        (Phase.ANSWERING, 9.0, None, 1, "answering"),
    ],
)
def test_a_running_lane_says_what_it_waits_for(
    phase: Phase, seconds: float, speed: float | None, attempts: int, words: str
) -> None:
    lane = a_lane(phase=phase, phase_seconds=seconds, tokens_per_second=speed, attempts=attempts)
    assert lanes.phase_words(lane) == words


def test_badges_name_what_is_to_be_known() -> None:
    left = an_answer("x", given=(given_passage(1), given_passage(0)))
    assert lanes.badges_of(a_lane(left), left) == []
    cut = an_answer(
        "x", state=AnswerState.CUT_SHORT, attempts=3, checks=Checks(schema_held=True, found=False)
    )
    assert lanes.badges_of(a_lane(cut, saved=False), cut) == [
        "cut short",
        "schema held",
        "says it is not in the documents",
        "no documents",
        "attempts: 3",
        "not saved",
    ]


def test_lanes_that_read_alike_are_numbered_and_others_told_apart_by_their_options() -> None:
    same = [a_lane(an_answer("a")), a_lane(an_answer("b")), a_lane(an_answer("c", options=Options(seed=7)))]
    assert list(lanes.lane_names(same).values()) == [
        "tiny without documents (1)",
        "tiny without documents (2)",
        "tiny without documents, seed 7",
    ]


def test_the_figures_are_told_in_one_line_and_unknown_ones_called_so() -> None:
    known = an_answer(
        "x",
        usage=Usage(412, 58),
        timing=Timing(queue=0.5, load=0.0, first_token=0.94, generation=2.0, wall=3.07),
        cost=Cost(310_000_000, "USD", "assumed", "By your assumptions."),
    )
    assert lanes.figures_line(known).replace("\u00a0", " ").replace("\\", "") == (
        "0.5 s in the queue · first token 0.94 s · total 3.1 s · 29 tokens/s · 412 tokens in, 58 out · "
        "$0.31 per 1,000 questions (assumed)"
    )
    unknown = lanes.figures_line(an_answer("x"))
    assert unknown.count("unknown") == 6
    assert "None" not in unknown
    assert "nan" not in unknown


def test_of_an_answer_that_broke_off_only_what_is_known_is_told() -> None:
    stopped = an_answer("x", state=AnswerState.STOPPED, timing=Timing(wall=3.2), usage=Usage(412, None))
    assert lanes.figures_line(stopped).replace("\u00a0", " ").replace("\\", "") == (
        "total 3.2 s · 412 tokens in"
    )
    assert "broke off" in lanes._figures_help(stopped)
    assert lanes.figures_line(an_answer("", state=AnswerState.FAILED)) == ""


@pytest.mark.parametrize(
    ("text", "state", "offered"),
    [
        ("It is red. And", AnswerState.STOPPED, True),
        ("Es sind 3.5", AnswerState.STOPPED, False),
        ("It is", AnswerState.FAILED, False),
        ("Red", AnswerState.COMPLETE, True),
        ("Red and", AnswerState.CUT_SHORT, True),
        ("", AnswerState.COMPLETE, False),
    ],
)
def test_an_answer_that_broke_off_before_its_first_sentence_ended_is_not_judged(
    text: str, state: AnswerState, offered: bool
) -> None:
    assert lanes.can_be_judged(an_answer(text, state=state)) is offered


def test_what_was_cached_and_what_was_thought_is_told_where_it_is_known() -> None:
    answer = an_answer("x", usage=Usage(412, 58, thinking=20, cached=300))
    told = lanes.figures_line(answer).replace("\u00a0", " ").replace("\\", "")
    assert "412 tokens in (300 cached), 58 out (20 thinking)" in told
    assert "remembered from before" in lanes._figures_help(answer)
    assert "cached" not in lanes.figures_line(an_answer("x", usage=Usage(412, 58, cached=0)))


def test_badges_and_checks_are_explained() -> None:
    answer = an_answer(
        "x",
        given=(given_passage(1), given_passage(0)),
        quotes=(Quote("red", 1),),
        citations=(Citation(9, 0, 1, valid=False),),
        attempts=2,
    )
    said = [*lanes.badges_of(a_lane(answer), answer), *lanes.check_words(answer)]
    assert len(said) == 3
    assert all(lanes._help(one) for one in said)
    assert lanes._help("not saved") is None


def test_the_checks_are_told_in_words() -> None:
    answer = an_answer(
        "x",
        given=(given_passage(1),),
        quotes=(Quote("the rope is red", 1), Quote("the rope is green", 0)),
        citations=(Citation(9, 0, 1, valid=False), Citation(1, 0, 1, valid=True)),
    )
    assert lanes.check_words(answer) == [
        "Quotes: 1 of 2 stand word for word in the passages.",
        r"\[9\] points to no passage that was given.",
    ]
    assert lanes.check_words(an_answer("x")) == []
