"""Context drift: a model that reads only the front is told, and one that reads everything is not accused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.answering.prompting import build
from app.domain import (
    AnswerState,
    Candidate,
    DriftPlan,
    Experiment,
    FoundPassage,
    Passage,
    Prompt,
    Slot,
    Trial,
    drifted,
    places_of,
    sentence,
)
from app.evaluation.experiments.drift_results import drift_of
from tests.storage.examples import NOON, candidate

PLAN = DriftPlan((1, 4, 8))


def experiment(*candidates: Candidate, cases: int = 40) -> Experiment:
    return Experiment("E", "Drift", "D", "Mill", "v", candidates, 1, cases, NOON)


def trials(one: Experiment, right: Callable[[Candidate, int], bool | None]) -> list[Trial]:
    return [
        Trial(Slot(who, case, 0), f"A{who}-{case}", AnswerState.COMPLETE, right=right(candidate, case))
        for who, candidate in enumerate(one.candidates)
        for case in range(one.cases)
    ]


def test_front_middle_and_end() -> None:
    assert [places_of(k) for k in (1, 2, 3, 4, 16)] == [[1], [1, 2], [1, 2, 3], [1, 2, 4], [1, 8, 16]]
    made = drifted(candidate("small", "c"), PLAN)
    placed = [(one.retrieval.k, one.retrieval.gold_at) for one in made if one.retrieval]
    assert placed == [(1, 1), (4, 1), (4, 2), (4, 4), (8, 1), (8, 4), (8, 8)]
    assert len({one.hash for one in made}) == len(made)
    for lengths in ((), (0,), (2, 4)):
        with pytest.raises(ValueError, match="each length"):
            DriftPlan(lengths)


def test_a_model_that_reads_the_front_only() -> None:
    one = experiment(*drifted(candidate("small", "c"), PLAN))

    def right(who: Candidate, case: int) -> bool:
        assert who.retrieval is not None
        return who.retrieval.gold_at == 1 and case % 4 != 0

    found = drift_of(one, trials(one, right))
    assert found is not None
    shares = {(point.k, point.place): point.right.value for point in found.points}
    assert shares == {
        (1, "alone"): 0.75,
        **{
            (k, place): 0.75 if place == "front" else 0.0
            for k in (4, 8)
            for place in ("front", "middle", "end")
        },
    }
    said = [sentence(pair, found.names) for pair in found.comparisons]
    assert said[0].startswith(
        "small with the passage at the front was right more often than small with the passage in the middle, "
        "by 75 percentage points"
    )
    assert [pair.decisive for pair in found.comparisons] == [True, True, False, True]
    assert said[-1].startswith("small with the right passage alone was right more often than small with 8")
    assert {pair.pairs for pair in found.comparisons} == {4}, "corrected together"


def test_a_model_that_reads_everything() -> None:
    one = experiment(*drifted(candidate("small", "c"), PLAN))
    found = drift_of(one, trials(one, lambda _, case: case % 3 != 0))
    assert found is not None
    assert not any(pair.decisive for pair in found.comparisons)
    assert all("was right as often as" in sentence(pair, found.names) for pair in found.comparisons)


def test_models_are_kept_apart_and_others_left_out() -> None:
    two = [*drifted(candidate("small", "c"), PLAN), *drifted(candidate("large", "c"), PLAN)]
    one = experiment(*two, candidate("small", "c"), candidate("small"))
    found = drift_of(one, trials(one, lambda who, case: who.model == "large" and case % 2 == 0))
    assert found is not None
    assert len(found.points) == 14
    assert {point.model for point in found.points} == {"small", "large"}
    assert len(found.comparisons) == 8
    for pair in found.comparisons:
        assert found.names[pair.first].split()[0] == found.names[pair.second].split()[0]


def test_what_is_unscored_or_not_asked_yet_is_in_no_share() -> None:
    one = experiment(*drifted(candidate("small", "c"), PLAN), cases=3)
    found = drift_of(one, trials(one, lambda _, case: None if case == 0 else True)[:-1])
    assert found is not None
    assert [point.right.of for point in found.points] == [2, 2, 2, 2, 2, 2, 1]


def test_other_experiments_are_none() -> None:
    one = experiment(candidate("small", "c"), candidate("small"))
    assert drift_of(one, trials(one, lambda *_: True)) is None


def test_what_came_later_changes_no_hash() -> None:
    plain = candidate("small", "c")
    assert plain.retrieval is not None
    assert plain.hash == "0e04b0d896aabe60"
    assert replace(plain, retrieval=replace(plain.retrieval, gold_at=2)).hash != plain.hash


# ------------------------------------------------------------------------ prompts that leave passages out


def passage(number: int, words: int) -> Passage:
    text = ("The track rope must be replaced when its diameter falls below the limit. " * 40)[:words]
    return Passage(f"p{number}", "c", f"d{number}", f"d{number}.txt", 1, 0, words, text)


def prompt_of(asked: Candidate, k: int, words: int, window: int) -> Prompt:
    found = [FoundPassage(passage(n, words), 0.5, n) for n in range(1, k + 1)]
    return build("Below which diameter?", found, asked, window, lambda _messages: None)


def read_by_a_perfect_reader(one: Experiment, window: int) -> tuple[list[Trial], set[Slot]]:
    """Right whenever it was given the right passage; passages of some cases are longer than of others."""
    made, partial = [], set()
    for who, asked in enumerate(one.candidates):
        assert asked.retrieval is not None
        prompts = [prompt_of(asked, asked.retrieval.k, 400 + 45 * longer, window) for longer in range(20)]
        for case in range(one.cases):
            prompt = prompts[case % 20]
            slot = Slot(who, case, 0)
            there = prompt.given[(asked.retrieval.gold_at or 1) - 1].fitted
            made.append(Trial(slot, f"A{who}-{case}", AnswerState.COMPLETE, right=there))
            if not all(given.fitted for given in prompt.given):
                partial.add(slot)
    return made, partial


@pytest.mark.parametrize("window", [1024, 3000, 8192])
def test_a_perfect_reader_is_never_called_drifting_however_small_its_window(window: int) -> None:
    one = experiment(*drifted(candidate("perfect", "c"), DriftPlan((1, 4, 8, 16))))
    made, partial = read_by_a_perfect_reader(one, window)
    found = drift_of(one, made, partial)
    assert found is not None
    assert not any(pair.decisive for pair in found.comparisons)
    assert {point.right.value for point in found.points if point.right.of} == {1.0}
    if partial:
        accused = drift_of(one, made)
        assert accused is not None
        assert any(pair.decisive for pair in accused.comparisons), "so it was before they were left out"


def test_what_does_not_fit_at_one_place_counts_at_no_place_of_that_length() -> None:
    one = experiment(*drifted(candidate("small", "c"), PLAN), cases=4)
    end_of_eight, middle_of_four = Slot(6, 2, 0), Slot(2, 0, 0)
    found = drift_of(one, trials(one, lambda *_: True), {end_of_eight, middle_of_four})
    assert found is not None
    assert [(point.k, point.right.of, point.left_out) for point in found.points] == [
        (1, 4, 0),
        *[(4, 3, 1)] * 3,
        *[(8, 3, 1)] * 3,
    ]


def test_places_are_compared_on_lengths_that_are_scored_at_all_of_them() -> None:
    """It is right with 4 passages and never with 8; at the end of 8 nothing could be scored."""
    one = experiment(*drifted(candidate("small", "c"), DriftPlan((4, 8))))

    def right(who: Candidate, _case: int) -> bool | None:
        assert who.retrieval is not None
        return None if (who.retrieval.k, who.retrieval.gold_at) == (8, 8) else who.retrieval.k == 4

    found = drift_of(one, trials(one, right))
    assert found is not None
    assert [pair.difference for pair in found.comparisons[:3]] == [0, 0, 0]
