"""How an answer came out, as the grid tells it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import AnswerState, Cause, Outcome, RightRule, Slot, Trial, outcome_of
from tests.experiments import trials_of

SLOT = Slot(0, 0, 0)


@pytest.mark.parametrize(
    ("letter", "outcome"),
    [
        ("r", Outcome.RIGHT),
        ("w", Outcome.WRONG),
        ("a", Outcome.REFUSED),
        ("k", Outcome.RIGHT),
        ("f", Outcome.FAILED),
        ("e", Outcome.WRONG),
        ("u", Outcome.UNSCORED),
    ],
)
def test_each_way_to_come_out(letter: str, outcome: Outcome) -> None:
    assert [outcome_of(one) for one in trials_of(letter)] == [outcome]


def test_what_was_cut_short_has_claimed_something() -> None:
    cut = Trial(SLOT, "A", AnswerState.CUT_SHORT, right=False, rule=RightRule.END.value)
    assert outcome_of(cut) is Outcome.WRONG


def test_no_valid_form_is_a_failure_and_a_mark_goes_before_all() -> None:
    invalid = Trial(SLOT, "A", AnswerState.COMPLETE, right=False, cause=Cause.FAILED.value, abstained=False)
    assert outcome_of(invalid) is Outcome.FAILED
    marked = Trial(SLOT, "A", AnswerState.FAILED, right=True, rule=RightRule.MARK.value)
    assert outcome_of(marked) is Outcome.RIGHT


@pytest.mark.parametrize("rule", [RightRule.END.value, RightRule.MARK.value])
def test_an_empty_answer_is_wrong_and_invents_nothing_where_there_is_no_answer(rule: str) -> None:
    """Whether or not a person marked it wrong, too."""
    empty = Trial(SLOT, "A", AnswerState.COMPLETE, right=False, rule=rule, told_by=RightRule.END.value)
    assert outcome_of(empty) is Outcome.WRONG
    assert outcome_of(replace(empty, unanswerable=True)) is Outcome.FAILED
