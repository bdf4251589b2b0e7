"""Tallies of causes: each answer that is not right is in exactly one, and remedies go by their size."""

from __future__ import annotations

from hypothesis import given as drawn
from hypothesis import strategies as st

from app.domain import AnswerState, Cause, Family, Slot, Trial
from app.evaluation.tallies import largest, tallies_of
from tests.experiments import bare, given

CAUSES = st.sampled_from(["", *(one.value for one in Cause)])


def wrong(candidate: int, place: int, cause: str) -> Trial:
    return Trial(
        Slot(candidate, place, 0), f"A{candidate}-{place}", AnswerState.COMPLETE, right=False, cause=cause
    )


@drawn(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([True, False, None]), CAUSES), max_size=40))
def test_every_answer_that_is_not_right_is_counted_once(rows: list[tuple[int, bool | None, str]]) -> None:
    trials = [
        Trial(
            Slot(candidate, place, 0),
            f"A{place}",
            AnswerState.COMPLETE,
            right=right,
            cause=cause if right is False else "",
        )
        for place, (candidate, right, cause) in enumerate(rows)
    ]
    found = tallies_of(3, trials)
    assert [one.candidate for one in found] == [0, 1, 2]
    for one in found:
        own = [trial for trial in trials if trial.slot.candidate == one.candidate and trial.right is False]
        assert one.wrong == len(own)
        assert sum(one.of(family) for family in Family) + one.untold == one.wrong
        assert one.untold == sum(not trial.cause for trial in own)


def test_the_largest_come_first_and_equal_ones_in_the_order_of_the_causes() -> None:
    told = [Cause.MODEL_WRONG, Cause.MODEL_WRONG, Cause.RANKED_TOO_LOW, Cause.REFUSED, Cause.NOT_READ]
    tallies = tallies_of(1, [wrong(0, place, cause.value) for place, cause in enumerate(told)])
    found = largest(tallies, [given()])
    assert found == [(Cause.MODEL_WRONG, 2), (Cause.NOT_READ, 1), (Cause.RANKED_TOO_LOW, 1)]


def test_to_turn_documents_on_is_no_advice_where_they_were_on_as_well() -> None:
    trials = [wrong(1, place, Cause.NO_DOCUMENTS.value) for place in range(5)] + [
        wrong(0, 0, Cause.REFUSED.value)
    ]
    both = [given(), bare()]
    assert largest(tallies_of(2, trials), both) == [(Cause.REFUSED, 1)]
    others = [given(), bare("another")]
    assert largest(tallies_of(2, trials), others) == [(Cause.NO_DOCUMENTS, 5), (Cause.REFUSED, 1)]
