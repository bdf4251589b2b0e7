"""Experiments: every answer has one slot, the last attempt counts, and all of them are paid for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import (
    OWN_MACHINE,
    SAID_NOTHING,
    Answer,
    AnswerState,
    Candidate,
    Case,
    Cause,
    Cost,
    Experiment,
    ExperimentState,
    Judged,
    Judgement,
    Limit,
    Mark,
    Options,
    ProbeKind,
    PromptMessage,
    Question,
    RightRule,
    Score,
    Segment,
    Slot,
    Spend,
    Timing,
    Usage,
)
from app.errors import NotFound
from storage.answers import Answers
from storage.archives import Archives
from storage.database import Database
from storage.datasets import Datasets
from storage.erasing import erase_document
from storage.experiments import INTERRUPTED, Experiments, question_id
from tests.experiments import given, kept
from tests.storage.examples import NOON, answer, candidate, passages_of, prompt_of, question

CASES = [Case("Who?", ("Ada",)), Case("When?", ("1714",))]


@pytest.fixture
def experiments(database: Database) -> Experiments:
    return Experiments(database)


@pytest.fixture
def datasets(database: Database) -> Datasets:
    return Datasets(database)


@pytest.fixture
def experiment(experiments: Experiments, datasets: Datasets) -> Experiment:
    made = datasets.create("Mill", CASES)
    one = Experiment(
        id="E1",
        name="First",
        dataset_id=made.id,
        dataset_name=made.name,
        version=made.version,
        candidates=(candidate("small", "c"), candidate("small")),
        repeats=2,
        cases=2,
        made_at=NOON,
        limit=Limit(5, "EUR"),
        snapshot={"Assay": "0.1.0", "machine": "2 cores"},
    )
    experiments.create(one)
    return one


def asked(case: int = 0) -> Question:
    return replace(
        question(CASES[case].question, collection_id=""), id=question_id("E1", case), conversation_id="E1"
    )


def answered(
    place: int, case: int = 0, state: AnswerState = AnswerState.COMPLETE, cost: int | None = 7
) -> Answer:
    who = candidate("small", "c")
    made = replace(answer(asked(case), who=who), id=f"A{place}", question_id=asked(case).id, state=state)
    return replace(made, cost=Cost(cost, "EUR", "listed", "so it is"), mark=None)


def test_it_comes_back_as_it_was(experiments: Experiments, experiment: Experiment) -> None:
    assert experiments.get("E1") == experiment
    assert experiments.list() == [experiment]
    assert experiment.size == 8
    with pytest.raises(NotFound):
        experiments.get("E2")


def test_an_answer_takes_its_slot(experiments: Experiments, experiment: Experiment, answers: Answers) -> None:
    experiments.commit("E1", Slot(1, 0, 1), asked(), Judged(answered(1), True, "contains"))
    experiments.commit("E1", Slot(0, 1, 0), asked(1), Judged(answered(2, 1), None, "contains"))
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(3), False, "contains"))
    found = experiments.trials("E1")
    assert [one.slot for one in found] == [(0, 0, 0), (0, 1, 0), (1, 0, 1)]
    assert [one.right for one in found] == [False, None, True]
    assert [one.answer_id for one in found] == ["A3", "A2", "A1"]
    assert {one.id for one in answers.answers(asked().id)} == {"A1", "A3"}


def test_committing_the_same_again_changes_nothing(experiments: Experiments, experiment: Experiment) -> None:
    for _ in range(2):
        experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(1), True, "contains"))
    assert [one.attempts for one in experiments.trials("E1")] == [1]
    assert experiments.spend("E1").amounts == {"EUR": 7}


def test_of_two_attempts_the_last_counts_and_both_are_paid(
    experiments: Experiments, experiment: Experiment
) -> None:
    failed = answered(1, state=AnswerState.FAILED)
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(failed, False, "failed"))
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(2), True, "contains"))
    (found,) = experiments.trials("E1")
    assert (found.answer_id, found.attempts, found.state) == ("A2", 2, AnswerState.COMPLETE)
    assert experiments.spend("E1").amounts == {"EUR": 14}


def test_what_has_no_price_is_counted_apart(experiments: Experiments, experiment: Experiment) -> None:
    assert (experiments.spend("E1").amounts, experiments.spend("E1").unknown) == ({}, 0)
    for place, cost in enumerate([3, None, 4]):
        slot = Slot(0, 0, place)
        experiments.commit("E1", slot, asked(), Judged(answered(place, cost=cost), True, ""))
    assert (experiments.spend("E1").amounts, experiments.spend("E1").unknown) == ({"EUR": 7}, 1)


def test_what_ones_own_machine_cost_is_told_apart_and_so_is_what_may_still_be_billed(
    experiments: Experiments, experiment: Experiment
) -> None:
    own, listed = {"kind": OWN_MACHINE}, {"kind": "list price"}
    made = [(3, own, 1), (4, listed, 1), (None, own, 1), (None, listed, 1), (None, listed, 0), (None, {}, 0)]
    for place, (amount, entry, attempts) in enumerate(made):
        one = answered(place)
        one = replace(one, cost=replace(one.cost, amount=amount, entry=entry), attempts=attempts)
        experiments.commit("E1", Slot(0, 0, place), asked(), Judged(one, True, ""))
    spent = experiments.spend("E1")
    assert spent == Spend({"EUR": 7}, 4, own={"EUR": 3}, owed=1)
    assert spent.billed == {"EUR": 4}
    assert experiments.recorded(experiment.candidates[0]).own == pytest.approx(1.5)


def test_a_sum_may_be_larger_than_any_one_number_that_sqlite_holds(
    experiments: Experiments, experiment: Experiment
) -> None:
    """Nine million of a currency of which a dollar buys 25,000 are not much."""
    for place in range(2):
        slot = Slot(0, 0, place)
        experiments.commit("E1", slot, asked(), Judged(answered(place, cost=9 * 10**18 + 7), True, ""))
    assert experiments.spend("E1").amounts == {"EUR": 2 * (9 * 10**18 + 7)}


def test_what_each_answer_cost_and_took_comes_back_by_its_slot(
    experiments: Experiments, experiment: Experiment
) -> None:
    usage, timing = Usage(100, 20, 5, 60), Timing(0.5, 1.0, 0.25, 0.5, 2.0, 3.0, 2, 1.5, 12.5)
    told = replace(answered(1), usage=usage, timing=timing)
    failed = answered(2, 1, state=AnswerState.FAILED)
    for slot, one in (
        (Slot(1, 1, 0), failed),
        (Slot(1, 1, 0), answered(3, 1, cost=None)),
        (Slot(0, 0, 1), told),
    ):
        experiments.commit("E1", slot, asked(slot.case), Judged(one, True, ""))
    first, second = experiments.costed("E1")
    assert (first.slot, first.amount, first.currency, first.basis) == ((0, 0, 1), 7, "EUR", "listed")
    assert (first.usage, first.timing, first.asked_at) == (usage, timing, told.asked_at)
    assert (second.slot, second.amount) == ((1, 1, 0), None)
    # The plain rows say the same.
    same, trials, paid = experiments.paid_trials("E1")
    assert same == experiment
    assert trials == experiments.trials("E1")
    told_again, unknown = paid
    assert told_again == (0, 0, 1, 7, "EUR", "listed", 100, 20, 5, 60, 1.0, 1.5, 2)
    assert unknown[:4] == (1, 1, 0, None)


@pytest.mark.parametrize(
    ("judgement", "right", "rule"),
    [
        (Judgement.RIGHT, True, RightRule.MARK),
        (Judgement.WRONG, False, RightRule.MARK),
        (Judgement.CANNOT_TELL, None, RightRule.MARK),
    ],
)
def test_a_persons_mark_goes_before_every_rule(
    experiments: Experiments,
    experiment: Experiment,
    answers: Answers,
    judgement: Judgement,
    right: bool | None,
    rule: str,
) -> None:
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(1), False, "contains"))
    answers.mark("A1", Mark(judgement, "", NOON))
    (found,) = experiments.trials("E1")
    assert (found.right, found.rule) == (right, rule)


def test_a_run_that_was_killed_is_interrupted_and_keeps_what_it_has(
    experiments: Experiments, experiment: Experiment
) -> None:
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(1), True, "contains"))
    assert experiments.mark_interrupted() == 1
    assert experiments.mark_interrupted() == 0
    found = experiments.get("E1")
    assert (found.state, found.words) == (ExperimentState.INTERRUPTED, INTERRUPTED)
    assert len(experiments.trials("E1")) == 1
    experiments.set_state("E1", ExperimentState.RUNNING)
    experiments.set_state("E1", ExperimentState.FINISHED)
    assert experiments.mark_interrupted() == 0
    assert experiments.get("E1").ended_at is not None


def test_its_version_stays_when_the_dataset_changes_or_goes(
    experiments: Experiments, experiment: Experiment, datasets: Datasets
) -> None:
    datasets.save(experiment.dataset_id, CASES[:1], read=experiment.version)
    datasets.delete(experiment.dataset_id)
    assert datasets.cases(experiment.version) == tuple(CASES)
    assert experiments.get("E1") == experiment


def test_its_questions_are_not_among_those_that_people_asked(
    experiments: Experiments, experiment: Experiment, answers: Answers
) -> None:
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(1), True, "contains"))
    assert answers.history() == []
    assert answers.question(asked().id) is not None


def test_a_cause_stands_with_its_answer(experiments: Experiments, experiment: Experiment) -> None:
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(1), False, "contains"))
    experiments.set_causes({"A1": ("refused", "It says that it does not know.")})
    assert [one.cause for one in experiments.trials("E1")] == ["refused"]


def test_one_that_was_broken_off_is_paid_for_and_leaves_the_slot_as_it_was(
    experiments: Experiments, experiment: Experiment
) -> None:
    stopped = Judged(answered(1, state=AnswerState.STOPPED), None, "")
    experiments.commit("E1", Slot(0, 0, 0), asked(), stopped, counts=False)
    assert experiments.trials("E1") == []
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(2), True, "contains"))
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(3), None, ""), counts=False)
    assert [(one.answer_id, one.attempts) for one in experiments.trials("E1")] == [("A2", 2)]
    assert experiments.spend("E1").amounts == {"EUR": 21}


def test_of_several_versions_of_a_scorer_the_newest_tells(
    experiments: Experiments, experiment: Experiment
) -> None:
    scores = (
        Score("hit@k", "9", 0.0, "the older"),
        Score("hit@k", "10", 1.0, "the newer"),
        Score("MRR@k", "1", None, "no gold text"),
        Score("contains", "1", 1.0, "not asked for"),
    )
    experiments.commit(
        "E1", Slot(0, 1, 0), asked(1), Judged(replace(answered(1, 1), scores=scores), True, "x")
    )
    other = replace(answered(2, 1), candidate=candidate("small"), scores=scores)
    experiments.commit("E1", Slot(1, 1, 0), asked(1), Judged(other, True, "x"))
    wanted = ("hit@k", "MRR@k")
    told = {"hit@k": 1.0, "MRR@k": None}
    assert set(experiments.scores("E1", wanted)) == {(who, 1, *one) for who in (0, 1) for one in told.items()}
    assert {one[2] for one in experiments.scores("E1")} == {"hit@k", "MRR@k", "contains"}
    assert len(experiments.scores("E1")) == 6
    assert experiments.scores("another", wanted) == []


def test_what_was_superseded_is_in_no_figure(experiments: Experiments, experiment: Experiment) -> None:
    for place, value in ((1, 0.0), (2, 1.0)):
        scored = replace(answered(place), scores=(Score("hit@k", "1", value, ""),))
        experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(scored, True, "x"))
    assert experiments.scores("E1", ("hit@k",)) == [(0, 0, "hit@k", 1.0)]


def test_only_those_with_answers_are_answered(experiments: Experiments, experiment: Experiment) -> None:
    assert experiments.answered(5) == []
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(1), True, "x"))
    experiments.create(replace(experiment, id="E2"))
    assert [one.id for one in experiments.answered(5)] == ["E1"]
    assert experiments.answered(0) == []


# ----------------------------------------------------------------- judges

SOLOMON = Candidate("court", "solomon", Options("You judge."))
SCORER = f"judge:{SOLOMON.hash}"


def ruling(place: int, text: str = "yes") -> Answer:
    prompt = replace(prompt_of([]), messages=(PromptMessage("user", (Segment("Is “Ada built it” right?"),)),))
    made = replace(answer(asked(), who=SOLOMON, text=text), id=f"R{place}", question_id=asked().id)
    return replace(made, cost=Cost(5, "EUR", "listed", "so it is"), prompt=prompt)


def ruled(one: Answer, value: float | None) -> Judged:
    right = None if value is None else bool(value)
    return Judged(replace(one, scores=(Score(SCORER, "1", value, "So it says."),)), right, "judge")


def test_what_a_judge_says_stands_with_its_answer_and_is_paid(
    experiments: Experiments, experiment: Experiment, answers: Answers
) -> None:
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(answered(1), None, ""))
    (found,) = experiments.trials("E1")
    assert (found.right, found.told_by) == (None, "")
    experiments.commit_ruling("A1", SCORER, ruling(1, "?"), ruled(answered(1), None))
    for _ in range(2):
        experiments.commit_ruling("A1", SCORER, ruling(2), ruled(answered(1), 1.0))
    experiments.commit_ruling("A1", SCORER, ruling(3), None)
    (found,) = experiments.trials("E1")
    assert (found.right, found.rule, found.by_rule, found.told_by) == (True, "judge", True, "judge")
    assert experiments.spend("E1").amounts == {"EUR": 7 + 3 * 5}
    kept = answers.answer("A1")
    assert kept is not None
    assert kept.scores == (Score(SCORER, "1", 1.0, "So it says."),)
    archived = Archives(experiments._database).read("E1").rulings
    assert [(one.of, one.attempt, one.answer.id) for one in archived] == [
        ("A1", 1, "R1"),
        ("A1", 2, "R2"),
        ("A1", 3, "R3"),
    ]


def test_another_judge_decides_anew_only_what_is_a_judges(
    experiments: Experiments, experiment: Experiment
) -> None:
    rules = ["contains", "judge", "abstention", "the answer's end", "the answer's end"]
    for place, rule in enumerate(rules):
        slot = Slot(place // 4, place // 2 % 2, place % 2)
        told = Judged(answered(place, slot.case), False, rule)
        experiments.commit("E1", slot, asked(slot.case), told)
    causes = ["model wrong", "not read", "refused", "failed", "distracted"]
    experiments.set_causes({f"A{place}": (cause, "So it is.") for place, cause in enumerate(causes)})
    probe = answered(9)
    experiments.commit_probe("A0", ProbeKind.GOLD, 0, probe, right=False)
    experiments.set_judge("E1", SOLOMON)
    assert experiments.get("E1").judge == SOLOMON
    found = experiments.trials("E1")
    assert [(one.right, one.told_by) for one in found] == [
        (None, ""),
        (None, ""),
        (False, "abstention"),
        (False, "the answer's end"),
        (False, "the answer's end"),
    ]
    assert experiments.unjudged_probes("E1") == [(Slot(0, 0, 0), "A9")]
    experiments.set_rights([Judged(answered(place), False, "judge") for place in (0, 1, 9)])
    # A cause that asking again found is looked for again; where the text is missing stays so.
    assert [one.cause for one in experiments.trials("E1")] == ["", "not read", "refused", "failed", ""]
    assert experiments.unjudged_probes("E1") == []
    experiments.set_judge("E1", None)
    assert experiments.get("E1").judge is None


def test_what_a_judge_was_asked_goes_with_the_passages_that_it_quotes(
    experiments: Experiments, experiment: Experiment, answers: Answers, database: Database
) -> None:
    given = passages_of("c", "d", ["Ada built it, and she built it of the oak of her own wood."], "mill.txt")
    experiments.commit(
        "E1", Slot(0, 0, 0), asked(), Judged(replace(answered(1), prompt=prompt_of(given)), None, "")
    )
    experiments.commit("E1", Slot(0, 0, 1), asked(), Judged(answered(2), None, ""))
    experiments.commit_ruling("A1", SCORER, ruling(1, "Ada built it: yes"), None)
    experiments.commit_ruling("A2", SCORER, ruling(2), None)
    with database.write() as session:
        assert erase_document(session, "c", "d", "mill.txt") == 1
    first, second = answers.answer("R1"), answers.answer("R2")
    assert first is not None
    assert second is not None
    assert first.prompt is not None
    assert second.prompt is not None
    assert "Ada" not in first.text + first.prompt.rendered()[0].content
    assert (second.text, second.prompt.rendered()[0].content) == ("yes", "Is “Ada built it” right?")


def test_what_a_judge_says_after_the_passages_were_erased_quotes_them_no_more(
    experiments: Experiments, experiment: Experiment, answers: Answers, database: Database
) -> None:
    given = passages_of("c", "d", ["Ada built it, and she built it of the oak of her own wood."], "mill.txt")
    judged = replace(answered(1), prompt=prompt_of(given))
    experiments.commit("E1", Slot(0, 0, 0), asked(), Judged(judged, None, ""))
    experiments.commit("E1", Slot(0, 0, 1), asked(), Judged(answered(2), None, ""))
    with database.write() as session:
        erase_document(session, "c", "d", "mill.txt")
    ruled = Judged(replace(judged, scores=(Score(SCORER, "1", 1.0, "Ada built it: yes"),)), True, "judge")
    experiments.commit_ruling("A1", SCORER, ruling(1, "Ada built it: yes"), ruled)
    experiments.commit_ruling("A2", SCORER, ruling(2), None)
    first, second, of = answers.answer("R1"), answers.answer("R2"), answers.answer("A1")
    assert first is not None
    assert first.prompt is not None
    assert second is not None
    assert of is not None
    assert "Ada" not in first.text + first.prompt.rendered()[0].content + of.scores[0].words
    assert (of.scores[0].value, second.text) == (1.0, "yes")


def test_an_empty_answer_that_an_earlier_version_called_invented_has_failed(
    experiments: Experiments, datasets: Datasets
) -> None:
    causes = {"e": Cause.INVENTED}
    made = kept(experiments, datasets, [given()], "ee", unanswerable=1, causes=causes, name="Second")
    told = experiments.trials(made.id)
    assert [one.unanswerable for one in told] == [False, True]
    assert [one.cause for one in told] == [Cause.INVENTED, Cause.FAILED]
    assert told[1].evidence == SAID_NOTHING
