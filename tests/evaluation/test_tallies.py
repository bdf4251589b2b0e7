"""Tallies of causes: each answer that is not right is in exactly one, and remedies go by their size."""

from __future__ import annotations

from hypothesis import given as drawn
from hypothesis import strategies as st

from app.domain import AnswerState, Cause, Examined, Family, Slot, Trial
from app.evaluation.tallies import tallies_of
from tests.experiments import bare, examined, given

CAUSES = st.sampled_from(["", *(one.value for one in Cause)])


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


def remedies(found: Examined, candidate: int) -> list[tuple[Cause, int, float]]:
    return [(one.causes[0], one.answers, round(one.at_most, 6)) for one in found.remedies[candidate].largest]


def test_the_largest_come_first_with_what_they_could_win_at_most() -> None:
    causes = {"w": Cause.MODEL_WRONG, "a": Cause.RANKED_TOO_LOW, "f": Cause.FAILED}
    found = examined([given()], "rrrrwwwaafuu", causes=causes)
    assert remedies(found, 0) == [
        (Cause.MODEL_WRONG, 3, 0.7),
        (Cause.RANKED_TOO_LOW, 2, 0.6),
        (Cause.FAILED, 1, 0.5),
    ]
    families = {one.family: (one.answers, round(one.at_most, 6)) for one in found.remedies[0].families}
    assert families == {Family.INDEX: (2, 0.6), Family.MODEL: (3, 0.7)}


def test_where_all_that_is_wrong_is_the_model_s_all_of_it_could_be_won() -> None:
    """Parts of questions sum up to 0.9999999999999999, which a screen would tell as ">99.9%"."""
    causes = {"w": Cause.MODEL_WRONG, "a": Cause.REFUSED, "f": Cause.CUT_SHORT}
    for letters in ("waaaaf", "waaaaff", "wwfffffffa", "rrwfffffffffa"):
        found = examined([given()], letters, causes=causes)
        assert [one.at_most for one in found.remedies[0].families] == [1.0], letters


def test_of_repeats_a_question_wins_its_own_part_only() -> None:
    found = examined([given()], "rrwwwwrru", repeats=3, causes={"w": Cause.MODEL_WRONG})
    ((cause, answers, at_most),) = remedies(found, 0)
    assert (cause, answers, at_most) == (Cause.MODEL_WRONG, 4, 1.0)


@drawn(st.lists(st.text("rwau", min_size=8, max_size=8), min_size=2, max_size=2))
def test_no_remedy_wins_more_than_all_nor_less_than_there_is(letters: list[str]) -> None:
    causes = {"w": Cause.MODEL_WRONG, "a": Cause.RANKED_TOO_LOW}
    found = examined([given(), bare("other")], *letters, causes=causes)
    for own, result in zip(found.remedies, found.results.candidates, strict=True):
        for one in (*own.largest, *own.families):
            assert result.right.value <= one.at_most + 1e-9
            assert one.at_most <= 1


def test_each_candidate_s_causes_are_its_own() -> None:
    """Those of lanes without documents are in nobody else's count."""
    found = examined([given(), bare()], "rrwr", "wwww", causes={"w": Cause.INVENTED})
    assert remedies(found, 0) == [(Cause.INVENTED, 1, 1.0)]
    assert remedies(found, 1) == [(Cause.INVENTED, 4, 1.0)]


def test_to_turn_documents_on_is_no_advice_where_they_were_on_as_well() -> None:
    causes = {"w": Cause.NO_DOCUMENTS, "a": Cause.REFUSED}
    assert remedies(examined([given(), bare()], "ra", "ww", causes=causes), 1) == []
    others = examined([given(), bare("another")], "ra", "ww", causes=causes)
    assert remedies(others, 1) == [(Cause.NO_DOCUMENTS, 2, 1.0)]
