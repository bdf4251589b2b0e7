"""What is said of an answer to a question of an experiment."""

from __future__ import annotations

import pytest

from app.domain import (
    AnswerState,
    Cause,
    Family,
    Gold,
    GoldSeen,
    GoldState,
    Judgement,
    Probed,
    ProbeKind,
    ProbeSeen,
    RightRule,
    Slot,
    Trial,
    TrialSeen,
)
from app.ui import case_words
from tests.ui.answers import an_answer


def trial(right: bool | None = False, **more: object) -> Trial:
    values: dict[str, object] = {"state": AnswerState.COMPLETE, "rule": "contains", "by_rule": right, **more}
    return Trial(Slot(0, 0, 0), "a", right=right, **values)  # type: ignore[arg-type]


def test_every_rule_place_family_and_probe_has_words() -> None:
    assert set(case_words.RULES) == {one.value for one in RightRule}
    assert set(case_words.FAMILIES) == set(Family)
    assert set(case_words.PROBES) == set(ProbeKind)
    for place in GoldState:
        assert case_words.gold_line(GoldSeen(Gold("a.txt", "x"), "c", "Mill", place, "d", "a.txt", 2))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (trial(True), "right"),
        (trial(None), "unscored"),
        (trial(), "wrong"),
        (trial(abstained=True), "refused"),
        (trial(state=AnswerState.CUT_SHORT), "wrong, cut short"),
        (trial(state=AnswerState.FAILED), "failed"),
        (trial(state=AnswerState.STOPPED), "failed, stopped by you"),
        (trial(True, abstained=True), "right"),
    ],
)
def test_how_an_answer_came_out(one: Trial, words: str) -> None:
    assert case_words.outcome_words(one) == words
    assert case_words.standing_words([one]) == words


def test_repeats_count_what_was_scored() -> None:
    assert case_words.standing_words([trial(True), trial(), trial(None)]) == "right in 1 of 2"
    assert case_words.standing_words([trial(None), trial(None)]) == "unscored"
    assert case_words.standing_words([]) == "no answer yet"


def test_a_cause_with_its_evidence_as_typed() -> None:
    lines = case_words.cause_lines(trial(cause=Cause.RANKED_TOO_LOW.value, evidence="In ![x](http://x) 9."))
    assert lines[0].startswith("**Why: Ranked too low** (the index). ")
    assert "\\!\\[x\\]" in lines[1]
    assert case_words.cause_lines(trial()) == [case_words.NOT_LOOKED]
    assert case_words.cause_lines(trial(True)) == []
    assert case_words.cause_lines(trial(cause="of a newer version")) == [case_words.NOT_LOOKED]


def test_a_mark_tells_what_the_rule_said() -> None:
    assert case_words.rule_alone(trial(True, judgement=Judgement.RIGHT, by_rule=False)) == (
        "Without your mark it is not right."
    )
    assert case_words.rule_alone(trial(judgement=Judgement.WRONG)) == ""
    assert case_words.rule_alone(trial()) == ""


@pytest.mark.parametrize(
    ("covered", "words"),
    [
        (None, ""),
        (0.0, "It was given none of the text that the answer stands in."),
        (1.0, "It was given all of the text that the answer stands in."),
        (0.996, "It was given 99.9% of the text that the answer stands in."),
        (0.5, "It was given 50% of the text that the answer stands in."),
    ],
)
def test_how_much_of_the_text_was_given(covered: float | None, words: str) -> None:
    assert case_words.covered_line(TrialSeen(trial(), an_answer("x"), covered=covered)) == words


def test_re_askings_are_counted_and_what_tells_nothing_is_not() -> None:
    def probe(number: int, right: bool | None) -> ProbeSeen:
        return ProbeSeen(Probed(ProbeKind.GOLD, number, f"p{number}", right), an_answer("x"))

    several = [probe(0, True), probe(1, False), probe(2, None)]
    assert case_words.probes_title(several) == "Asked again to find the cause: right in 1 of 2"
    assert case_words.probes_title(several[2:]) == "Asked again, without result"
    assert case_words.probe_line(several[2]) == "**With nothing but the right text**: tells nothing"
