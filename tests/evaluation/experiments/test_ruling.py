"""A judge is asked once about each answer that is its to judge, after all were asked, and never twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain import (
    Again,
    Answer,
    AnswerFilter,
    Case,
    Cause,
    Cost,
    ExperimentState,
    Gold,
    GoldSpan,
    Judged,
    Judgement,
    Limit,
    Mark,
    Options,
    PosedCase,
    RunPhase,
)
from app.errors import BackendDown, DatabaseTrouble, NotAllowed
from app.evaluation.experiments.results import results_of
from app.evaluation.experiments.running import FAILED_IN_A_ROW
from app.evaluation.judging import Judging
from app.evaluation.scorers.judge import SCHEMA, scorer_of, stable_text
from app.evaluation.scorers.registry import case_scorers
from storage.experiments import question_id
from storage.reports import Reports
from tests.evaluation.experiments.conftest import CASES, Laboratory
from tests.evaluation.experiments.court import NO, YES, Court
from tests.waiting import until

pytestmark = pytest.mark.integration  # whole runs, over a real database and index


@pytest.fixture
def court(laboratory: Laboratory) -> Court:
    made = Court()
    laboratory.world.backends["court"] = made
    return made


def saying(laboratory: Laboratory, *texts: str) -> None:
    """The candidates' next answers, in the order of the questions where one asks at a time."""
    for one in texts:
        laboratory.world.backends["fake"].say(one)


def alone(laboratory: Laboratory, court: Court, **more: object) -> str:
    """The id of a run of one candidate, asked one question after the other."""
    wanted = laboratory.wanted(
        laboratory.world.candidate(documents=False), one_at_a_time=True, judge=court.judge
    )
    return laboratory.experimenting.start(replace(wanted, **more))  # type: ignore[arg-type]


def test_each_answer_is_judged_once_after_all_were_asked(laboratory: Laboratory, court: Court) -> None:
    saying(laboratory, *(f"It is answer {n} [1]." if n % 2 else "It is nine." for n in range(6)))
    name = alone(laboratory, court)
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.FINISHED
    assert (view.judged.done, view.judged.of) == (6, 6)
    assert [one.unjudged for one in view.progress] == [0]
    trials = laboratory.experiments.trials(name)
    assert [one.right for one in trials] == [False, True] * 3
    assert {one.rule for one in trials} == {"judge"}
    assert Counter(question for question, _ in court.asked()) == {one.question: 1 for one in CASES}
    assert {(one.temperature, one.schema) for one in court.requests} == {(0.0, SCHEMA)}
    judge = view.experiment.judge
    assert judge is not None
    assert judge.digest == "sha256:solomon"
    score = laboratory.world.answers.answer(trials[1].answer_id).scores[0]  # type: ignore[union-attr]
    assert (score.scorer, score.value) == (scorer_of(judge), 1.0)
    assert score.words == "The judge solomon says that it matches the right answer."
    assert view.experiment.snapshot["prompt of the judge"] == stable_text(judge)


def test_judgements_are_logged_with_what_they_cost(laboratory: Laboratory, court: Court) -> None:
    class Dear:
        def cost(self, *_: object, backend: str = "") -> Cost:
            return Cost(10, "USD", "listed", "ten")

    laboratory.world.comparing._answering._pricing = Dear()
    name = alone(laboratory, court)
    assert laboratory.ended(name).spend.amounts == {"USD": 120}
    assert laboratory.experiments.spend(name).amounts == {"USD": 120}
    spent = Reports(laboratory.world.database).spend(AnswerFilter())
    assert Counter({one.label: one.amount for one in spent}).total() == 120
    assert [one.label for one in spent if one.judging] == ["solomon, judging"]
    logged = laboratory.world.answers.answers(question_id(name, 0))
    assert [one.candidate.model for one in logged] == ["tiny", "solomon"]
    assert logged[1].prompt is not None
    assert logged[1].usage.completion == 7
    # What a judge took tells nothing of how long its model answers, and the other way round.
    judge = replace(court.judge, options=Options())
    assert laboratory.experiments.recorded(judge).answers == 0
    assert laboratory.experiments.recorded(court.judge, judging=True).answers == 6
    assert laboratory.experiments.recorded(laboratory.world.candidate(), judging=True).answers == 0


def test_the_limit_holds_for_the_judge(laboratory: Laboratory, court: Court) -> None:
    class Dear:
        def cost(self, *_: object, backend: str = "") -> Cost:
            return Cost(10, "USD", "listed", "ten")

    laboratory.world.comparing._answering._pricing = Dear()
    seen: list[Case] = []

    def worst(candidate: object, case: Case) -> int:
        seen.append(case)
        return 10

    laboratory.worst = worst
    name = alone(laboratory, court, limit=Limit(85, "USD"))
    view = laboratory.ended(name)
    assert (view.experiment.state, view.spend.amounts) == (ExperimentState.AT_LIMIT, {"USD": 80})
    assert len(court.requests) == 2
    assert "Answer to check" in seen[-1].question, "the whole prompt tells the most that it can cost"
    laboratory.experimenting.resume(name, limit=Limit(1000, "USD"))
    assert laboratory.ended(name).spend.amounts == {"USD": 120}


def test_stopped_while_judging_and_resumed(laboratory: Laboratory, court: Court) -> None:
    court.say(YES)
    court.say(YES)
    gate = court.hold("{")
    name = alone(laboratory, court)
    until(lambda: len(court.requests) == 3)
    view = laboratory.experimenting.view(name)
    assert (view.phase, view.judged.done, view.judged.of) == (RunPhase.JUDGING, 2, 6)
    laboratory.experimenting.stop(name)
    view = laboratory.ended(name)
    assert (view.experiment.state, view.progress[0].unjudged, view.progress[0].unscored) == (
        ExperimentState.STOPPED,
        4,
        0,
    )
    gate.open()
    asked = len(laboratory.world.backends["fake"].requests)
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).experiment.state is ExperimentState.FINISHED
    assert len(laboratory.world.backends["fake"].requests) == asked
    # Two were judged before, one was broken off and judged again, and three had not been judged.
    assert len(court.requests) == 3 + 4
    assert all(one.right is not None for one in laboratory.experiments.trials(name))


@pytest.mark.parametrize("reply", ["Score: 10", '{"match": "maybe"}'])
def test_what_is_neither_yes_nor_no_is_unscored_and_only_judged_again(
    laboratory: Laboratory, court: Court, reply: str
) -> None:
    court.say(reply)
    name = alone(laboratory, court)
    view = laboratory.ended(name)
    assert (view.progress[0].unscored, view.progress[0].failed) == (1, 0)
    first = laboratory.experiments.trials(name)[0]
    assert (first.right, first.rule, first.cause) == (None, "judge", "")
    words = laboratory.world.answers.answer(first.answer_id).scores[0].words  # type: ignore[union-attr]
    assert words == "The judge solomon said neither yes nor no."
    asked = len(laboratory.world.backends["fake"].requests)
    laboratory.experimenting.resume(name)
    laboratory.ended(name)
    assert len(court.requests) == 6, "a run that goes on judges nothing twice"
    laboratory.experimenting.resume(name, Again.UNSCORED)
    view = laboratory.ended(name)
    assert (view.progress[0].unscored, len(court.requests)) == (0, 7)
    assert len(laboratory.world.backends["fake"].requests) == asked
    assert laboratory.experiments.trials(name)[0].attempts == 1


def test_a_judge_that_only_fails_ends_the_run_in_words(laboratory: Laboratory, court: Court) -> None:
    for _ in range(30):
        court.fail(BackendDown("Nobody answers.", "Start it."))
    name = alone(laboratory, court)
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.STOPPED
    assert view.experiment.words == "The judge solomon failed 5 times in a row: Nobody answers. Start it."
    assert (view.progress[0].unscored, view.progress[0].unjudged) == (FAILED_IN_A_ROW, 1)
    assert all(one.right is None for one in laboratory.experiments.trials(name)), "unscored, and never wrong"


def test_a_database_that_fails_while_it_judges_ends_the_run_and_loses_no_ruling(
    laboratory: Laboratory, court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = laboratory.experiments.answers

    def failing(ids: Sequence[str]) -> dict[str, Answer]:
        if court.requests:
            raise DatabaseTrouble("The disk is broken.")
        return reading(ids)

    monkeypatch.setattr(laboratory.experiments, "answers", failing)
    name = alone(laboratory, court)
    experiment = laboratory.ended(name).experiment
    assert (experiment.state, experiment.words) == (ExperimentState.STOPPED, "The disk is broken.")
    assert Counter(one.told_by for one in laboratory.experiments.trials(name)) == {"judge": 1, "": 5}


def test_a_judge_that_is_replaced_ends_the_run(laboratory: Laboratory, court: Court) -> None:
    court.say(YES)
    gate = court.hold("{", then='"match": "yes"}')
    name = alone(laboratory, court)
    until(lambda: len(court.requests) == 2)
    court.change_digest("solomon", "sha256:other")
    gate.open()
    view = laboratory.ended(name)
    assert "solomon was replaced by another version of it" in view.experiment.words
    assert view.judged.done == 1


def test_a_mark_goes_before_the_judge_and_tells_how_it_errs(laboratory: Laboratory, court: Court) -> None:
    court.ruling = lambda _prompt: YES
    name = alone(laboratory, court)
    laboratory.ended(name)
    first = laboratory.experiments.trials(name)[0]
    wrong = Mark(Judgement.WRONG, "", datetime(2026, 5, 4, tzinfo=UTC))
    laboratory.world.answers.mark(first.answer_id, wrong)
    trials = laboratory.experiments.trials(name)
    assert (trials[0].right, trials[0].by_rule, trials[0].told_by) == (False, True, "judge")
    (result,) = results_of(laboratory.experiments.get(name), trials).candidates
    assert result.judge is not None
    assert (result.right.hits, result.judge.said.hits) == (5, 6)
    assert (result.judge.specificity.hits, result.judge.specificity.of) == (0, 1)
    assert result.judge.words.endswith("so far there are 0 and 1.")


def located(_collection: str, cases: Sequence[Case]) -> list[PosedCase]:
    """The gold text stands in the mill's only document, within what every candidate is given."""
    span = GoldSpan("doc-mill.txt", "mill.txt", 0, 26, 1.0, ())
    return [PosedCase(replace(one, gold=(Gold("mill.txt", "x"),)), (span,), (True,)) for one in cases]


def test_re_askings_are_judged_too_and_resumed(laboratory: Laboratory, court: Court) -> None:
    laboratory.pose = located
    court.ruling = lambda prompt: YES if "found it" in prompt else NO
    for _ in range(6):
        court.say(NO)
    gate = court.hold("{")
    with_documents = replace(laboratory.world.candidate(), options=Options(temperature=0.0))
    saying(laboratory, *["no idea of it"] * 6, *["found it"] * 6)
    name = laboratory.experimenting.start(
        laboratory.wanted(with_documents, one_at_a_time=True, judge=court.judge)
    )
    until(lambda: len(court.requests) == 7)
    laboratory.experimenting.stop(name)
    laboratory.ended(name)
    gate.open()
    asked = len(laboratory.world.backends["fake"].requests)
    assert asked == 12, "all were asked again before the first of them was judged"
    laboratory.experimenting.resume(name)
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.FINISHED
    assert len(laboratory.world.backends["fake"].requests) == asked, "what waits for the judge is not asked"
    other = replace(court.judge, model="another")
    assert laboratory.experimenting.estimate_judging(name, other).judgements == 6 + 6, "re-askings, too"
    assert len(court.requests) == 7 + 6
    trials = laboratory.experiments.trials(name)
    assert {one.cause for one in trials} == {Cause.DISTRACTED.value}
    assert trials[0].evidence == "Given nothing but the right passage, it was right 1 of 1 times."


def test_another_judge_and_none_ask_the_candidates_nothing(laboratory: Laboratory, court: Court) -> None:
    laboratory.judge = Judging((), case_scorers())
    laboratory.world.backends["second"] = second = Court(lambda _prompt: YES, "second")
    saying(laboratory, *(f"answer {n}" if n % 2 else "nine" for n in range(6)))
    name = laboratory.experimenting.start(
        laboratory.wanted(laboratory.world.candidate(documents=False), one_at_a_time=True)
    )
    laboratory.ended(name)
    fake = laboratory.world.backends["fake"]
    assert [one.right for one in laboratory.experiments.trials(name)] == [False, True] * 3

    estimated = laboratory.experimenting.estimate_judging(name, second.judge)
    assert (estimated.judgements, estimated.seconds) == (6, None), "it has judged nothing yet"
    laboratory.experimenting.judge_again(name, second.judge)
    view = laboratory.ended(name)
    assert len(second.requests) == estimated.judgements
    assert laboratory.experimenting.estimate_judging(name, second.judge).judgements == 0, "it said all of it"
    assert view.experiment.state is ExperimentState.FINISHED
    assert [one.right for one in laboratory.experiments.trials(name)] == [True] * 6
    assert view.experiment.snapshot["prompt of the judge"] == stable_text(second.judge)
    laboratory.experimenting.judge_again(name, court.judge)
    laboratory.ended(name)
    trials = laboratory.experiments.trials(name)
    assert [(one.right, one.rule) for one in trials] == [(False, "judge"), (True, "judge")] * 3
    assert [one.cause for one in trials] == ["no documents given", ""] * 3

    laboratory.experimenting.judge_again(name, second.judge)
    laboratory.ended(name)
    assert [one.right for one in laboratory.experiments.trials(name)] == [True] * 6
    assert laboratory.experimenting.estimate_judging(name, None).judgements == 0
    laboratory.experimenting.judge_again(name, None)
    view = laboratory.ended(name)
    assert {one.rule for one in laboratory.experiments.trials(name)} == {"contains"}
    assert view.experiment.judge is None
    assert "prompt of the judge" not in view.experiment.snapshot
    assert (len(fake.requests), len(second.requests), len(court.requests)) == (6, 6, 6)


def test_no_judge_without_a_price_where_there_is_a_limit(laboratory: Laboratory, court: Court) -> None:
    name = laboratory.experimenting.start(laboratory.wanted(limit=Limit(10**12, "USD")))
    laboratory.ended(name)
    laboratory.worst = lambda candidate, _case: None if candidate.model == "solomon" else 0
    with pytest.raises(NotAllowed, match="No price in USD is known for solomon"):
        laboratory.experimenting.judge_again(name, court.judge)
    assert laboratory.experiments.get(name).judge is None


def test_what_a_person_could_not_tell_is_not_asked_again(laboratory: Laboratory) -> None:
    laboratory.judge = lambda _posed, answer: Judged(answer, None, "contains")
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(documents=False)))
    laboratory.ended(name)
    looked_at, *_ = laboratory.experiments.trials(name)
    laboratory.world.answers.mark(looked_at.answer_id, Mark(Judgement.CANNOT_TELL, "", datetime.now(UTC)))
    assert laboratory.experimenting.view(name).progress[0].unscored == 5
    laboratory.experimenting.resume(name, Again.UNSCORED)
    laboratory.ended(name)
    assert [one.attempts for one in laboratory.experiments.trials(name)] == [1, 2, 2, 2, 2, 2]


def test_scoring_anew_keeps_what_a_judge_said(laboratory: Laboratory, court: Court) -> None:
    name = alone(laboratory, court)
    laboratory.ended(name)
    answer = laboratory.world.answers.answer(laboratory.experiments.trials(name)[0].answer_id)
    assert answer is not None
    again = Judging((), case_scorers())(PosedCase(CASES[0]), answer)
    assert answer.scores[0] in again.answer.scores
    assert len(again.answer.scores) == 1 + len(case_scorers())


def test_answers_made_from_passages_go_to_no_judge_elsewhere_unasked(
    laboratory: Laboratory, court: Court
) -> None:
    court.local, court.host = False, "far.example"
    wanted = laboratory.wanted(judge=court.judge)
    with pytest.raises(NotAllowed, match="The judge would read answers made from passages"):
        laboratory.experimenting.start(wanted)
    assert laboratory.experiments.list() == []
    # Nothing of the documents is in the answers of those that are given none.
    laboratory.ended(alone(laboratory, court))
    laboratory.world.collections.agree(laboratory.world.collection.id, "far.example")
    laboratory.ended(laboratory.experimenting.start(wanted))
    assert len(court.requests) == 6 + 12


def test_the_estimate_and_the_probe_have_the_judge(laboratory: Laboratory, court: Court) -> None:
    wanted = laboratory.wanted(judge=court.judge)
    found = laboratory.experimenting.estimate(wanted)
    assert (found.answers, found.judgements) == (12, 12)
    assert "solomon as a judge" in found.unknown
    laboratory.experimenting.measure(wanted)
    until(lambda: (view := laboratory.experimenting.measuring.view()) is not None and not view.busy)
    assert [text for _, text in court.asked()] == ["answer 1", "answer 4"]
    found = laboratory.experimenting.estimate(wanted)
    assert found.unknown == ()
    assert found.tokens == 24 * 18
    assert found.seconds is not None


def test_before_another_judge_begins_it_is_told_how_much_that_takes(
    laboratory: Laboratory, court: Court
) -> None:
    """What is empty, or says that nothing is there, is put to nobody."""
    laboratory.judge = Judging((), case_scorers())
    saying(laboratory, "The documents do not contain this.", "", *["nine"] * 4)
    wanted = laboratory.wanted(laboratory.world.candidate(documents=False), one_at_a_time=True)
    name = laboratory.experimenting.start(wanted)
    laboratory.ended(name)
    before = laboratory.experimenting.estimate_judging(name, court.judge)
    assert (before.judgements, before.unknown) == (4, ("solomon as a judge",))
    laboratory.experimenting.judge_again(name, court.judge)
    laboratory.ended(name)
    assert len(court.requests) == 4
    again = laboratory.experimenting.start(replace(wanted, name="Again"))
    laboratory.ended(again)
    found = laboratory.experimenting.estimate_judging(again, court.judge)
    assert found.judgements == 6
    assert found.seconds is not None
    assert (found.unknown, found.tokens) == ((), 6 * 18)
