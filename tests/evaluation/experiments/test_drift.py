"""The right passage is put where it is wanted, among passages that do not have the answer."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from app.domain import (
    Candidate,
    Case,
    DriftPlan,
    ExperimentState,
    FoundPassage,
    Gold,
    GoldSpan,
    Passage,
    PosedCase,
    Retrieval,
    drifted,
)
from app.errors import NotAllowed
from app.evaluation.experiments.drift import Placing
from app.evaluation.experiments.examining import Examining
from tests.answering.conftest import World, world
from tests.evaluation.experiments.conftest import Laboratory, laboratory

pytestmark = pytest.mark.integration  # whole experiments over a database and an index

CASE = Case("How many stones has the mill?", ("seven stones",), (Gold("mill.txt", "has seven stones"),))


@pytest.fixture
def mill(world: World) -> tuple[World, Passage]:
    right, *_ = world.add("mill.txt", "The mill has seven stones.", "The mill has a wheel.")
    world.add("copy.txt", "Somebody wrote: it has seven stones, I think.")
    for number in range(20):
        world.add(f"inn{number}.txt", f"The inn number {number} has many beds for the guests of the mill.")
    return world, right


def posed(right: Passage, start: int = 9, end: int = 25) -> PosedCase:
    span = GoldSpan(right.document_id, right.document_name, start, end, 1.0, (right.id,))
    return PosedCase(CASE, (span,), (True,))


def placed(world: World, right: Passage, k: int, at: int) -> tuple[FoundPassage, ...]:
    placing = Placing(world.searching, world.documents)
    return placing.passages(Retrieval(world.collection.id, k, at), posed(right))


@pytest.mark.parametrize(("k", "at"), [(1, 1), (3, 1), (3, 2), (3, 3), (8, 8), (16, 8)])
def test_it_stands_at_its_place_among_others(mill: tuple[World, Passage], k: int, at: int) -> None:
    world, right = mill
    found = placed(world, right, k, at)
    assert [one.rank for one in found] == list(range(1, k + 1))
    assert found[at - 1].passage == right
    assert len({one.passage.id for one in found}) == k
    others = [one.passage.text for one in found if one.passage != right]
    assert not any("seven stones" in one for one in others), "nobody else has the answer"
    similarities = [one.similarity for one in found if one.passage != right]
    assert similarities == sorted(similarities, reverse=True), "the nearest others, best first"


def test_the_same_others_wherever_it_stands(mill: tuple[World, Passage]) -> None:
    world, right = mill
    sets = [{one.passage.id for one in placed(world, right, 8, at)} for at in (1, 4, 8)]
    assert sets[0] == sets[1] == sets[2]


def test_a_small_collection_gives_what_it_has(world: World) -> None:
    right, *_ = world.add("mill.txt", "The mill has seven stones.", "The mill has a wheel.")
    found = placed(world, right, 16, 16)
    assert [one.passage.text for one in found] == ["The mill has a wheel.", "The mill has seven stones."]


def test_gold_text_in_no_single_passage_cannot_be_placed(mill: tuple[World, Passage]) -> None:
    world, right = mill
    placing = Placing(world.searching, world.documents)
    over_the_edge = posed(right, 9, 60)
    nowhere = PosedCase(CASE, (None,), (True,))
    unanswerable = PosedCase(Case("Who?", unanswerable=True))
    cases = [posed(right), over_the_edge, nowhere, unanswerable]
    usable = placing.usable(world.collection.id, cases)
    assert usable == [True, False, False, False]
    assert placing.passages(Retrieval(world.collection.id, 3, 1), over_the_edge) == ()


def test_a_passage_that_the_search_does_not_return_has_no_similarity(mill: tuple[World, Passage]) -> None:
    world, right = mill
    far = replace(CASE, question="guests beds inn number")
    case = replace(posed(right), case=far)
    found = Placing(world.searching, world.documents).passages(Retrieval(world.collection.id, 2, 1), case)
    assert found[0].passage == right
    assert math.isnan(found[0].similarity) or found[0].similarity < found[1].similarity


def test_a_whole_experiment_asks_what_can_be_placed(laboratory: Laboratory) -> None:
    """One of the questions has no gold text: it is left out, and the experiment says of what it is."""
    world = laboratory.world
    right, *_ = world.add("wheel.txt", "The wheel has nine spokes.", "It turns.")
    for number in range(6):
        world.add(f"inn{number}.txt", f"The inn number {number} has beds.")
    case = Case("How many spokes has the wheel?", ("nine",), (Gold("wheel.txt", "nine spokes"),))
    dataset = laboratory.datasets.create("Drift", [case, Case("Who?", ("Ada",))])
    span = GoldSpan(right.document_id, "wheel.txt", 14, 25, 1.0, (right.id,))
    laboratory.pose = lambda _collection, cases: [
        PosedCase(one, (span,), (True,)) if one == case else PosedCase(one) for one in cases
    ]
    candidates = drifted(world.candidate(), DriftPlan((1, 4)))
    wanted = replace(laboratory.wanted(*candidates, world.candidate(documents=False)), dataset_id=dataset.id)
    experiment_id = laboratory.experimenting.start(replace(wanted, reask=False))
    experiment = laboratory.ended(experiment_id).experiment
    assert (experiment.state, experiment.cases) == (ExperimentState.FINISHED, 1)
    assert laboratory.datasets.cases(experiment.version) == (case,)
    assert laboratory.datasets.get(dataset.id).size == 2
    prompts = [world.answers.answer(one.answer_id) for one in laboratory.experiments.trials(experiment_id)]
    given = [
        [one.passage.id for one in answer.prompt.given] for answer in prompts if answer and answer.prompt
    ]
    assert [ids.index(right.id) + 1 for ids in given[:-1]] == [1, 1, 2, 4]
    assert [len(ids) for ids in given] == [1, 4, 4, 4, 0]


# ------------------------------------------------------------------------ what fits


LONG = "How many has the barn? " * 60


@pytest.fixture
def barn(laboratory: Laboratory) -> tuple[Laboratory, str, tuple[Candidate, ...]]:
    """Three questions; of the barn's the nearest other passages are long, each too long for the room."""
    world = laboratory.world
    world.backends["fake"].context = 400 + 300
    cases = [Case("Who?", ("Ada",))]
    posed: dict[Case, GoldSpan] = {}
    for name, has in (("wheel", "nine spokes"), ("gate", "two bars"), ("barn", "three doors")):
        text = f"The {name} has {has}."
        right, *_ = world.add(f"{name}.txt", text)
        case = Case(f"How many has the {name}?", (has.split()[0],), (Gold(f"{name}.txt", has),))
        start = text.index(has)
        posed[case] = GoldSpan(right.document_id, f"{name}.txt", start, start + len(has), 1.0, (right.id,))
        cases.append(case)
        for number in range(4):
            about = LONG if name == "barn" else f"How many has the {name}?"
            world.add(f"{name}{number}.txt", about)
    laboratory.pose = lambda _collection, several: [
        PosedCase(one, (posed[one],), (True,)) if one in posed else PosedCase(one) for one in several
    ]
    dataset = laboratory.datasets.create("Barn", cases)
    return laboratory, dataset.id, drifted(world.candidate(), DriftPlan((1, 4, 12)))


def test_lengths_that_do_not_fit_are_refused_and_told_before_anything_is_asked(
    barn: tuple[Laboratory, str, tuple[Candidate, ...]],
) -> None:
    laboratory, dataset_id, candidates = barn
    check = laboratory.experimenting.drift_check(dataset_id, candidates)
    (words,) = check.left_out
    assert words.startswith(
        "Prompts of 12 passages are left out for tiny: with an answer of up to 400 tokens "
    )
    assert words.endswith(" they do not fit its window of 700 tokens.")
    assert [one.retrieval and one.retrieval.k for one in check.candidates] == [1, 4, 4, 4]
    assert (len(check.cases), check.of) == (3, 4)
    wanted = replace(laboratory.wanted(*candidates), dataset_id=dataset_id)
    with pytest.raises(NotAllowed, match="Prompts of 12 passages are left out for tiny"):
        laboratory.experimenting.start(wanted)
    assert laboratory.world.backends["fake"].requests == []


def test_where_no_length_with_places_fits_nothing_is_left(
    barn: tuple[Laboratory, str, tuple[Candidate, ...]],
) -> None:
    laboratory, dataset_id, _ = barn
    candidates = drifted(laboratory.world.candidate(), DriftPlan((1, 12)))
    with pytest.raises(NotAllowed, match="So nothing is left to compare for tiny"):
        laboratory.experimenting.drift_check(dataset_id, candidates)


def test_a_collection_with_too_few_passages_cannot_fill_a_prompt(
    barn: tuple[Laboratory, str, tuple[Candidate, ...]],
) -> None:
    laboratory, dataset_id, _ = barn
    laboratory.world.backends["fake"].context = 100_000
    check = laboratory.experimenting.drift_check(
        dataset_id, drifted(laboratory.world.candidate(), DriftPlan((4, 32)))
    )
    (words,) = check.left_out
    assert words.startswith("Prompts of 32 passages are left out: “Mill” has too few other passages")
    assert len(check.candidates) == 3


def test_passages_that_may_not_leave_are_sent_to_nobody_to_be_counted(
    barn: tuple[Laboratory, str, tuple[Candidate, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory, dataset_id, candidates = barn
    server = laboratory.world.backends["fake"]
    server.local, server.host = False, "far.example"
    monkeypatch.setattr(server, "count_tokens", lambda *_: pytest.fail("it was sent"))
    check = laboratory.experimenting.drift_check(dataset_id, candidates)
    assert (check.candidates, check.left_out) == (candidates, ())


def test_a_question_whose_prompt_left_passages_out_counts_at_no_place(
    barn: tuple[Laboratory, str, tuple[Candidate, ...]],
) -> None:
    laboratory, dataset_id, candidates = barn
    asked = laboratory.experimenting.drift_check(dataset_id, candidates).candidates
    wanted = replace(laboratory.wanted(*asked), dataset_id=dataset_id, reask=False)
    estimate = laboratory.experimenting.estimate(wanted)
    assert (estimate.questions, estimate.answers) == (3, 12), "as many as are asked"
    experiment_id = laboratory.experimenting.start(wanted)
    assert laboratory.ended(experiment_id).experiment.state is ExperimentState.FINISHED
    assert len(laboratory.experiments.trials(experiment_id)) == 12
    drift = Examining(laboratory.experiments, laboratory.datasets, lambda: 0).of(experiment_id).drift
    assert drift is not None
    assert [(one.k, one.right.of, one.left_out) for one in drift.points] == [
        (1, 3, 0),
        *[(4, 2, 1)] * 3,
    ]


def test_nothing_to_place_is_said(laboratory: Laboratory) -> None:
    candidates = drifted(laboratory.world.candidate(), DriftPlan((1, 4)))
    with pytest.raises(NotAllowed, match="None of these questions has its gold text within one passage"):
        laboratory.experimenting.start(laboratory.wanted(*candidates))


__all__ = ["laboratory", "world"]
