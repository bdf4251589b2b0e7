"""Recorded answers scored anew: no model is asked, old scores stay, and causes that rested on them go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain import Again, Answer, Cause, Judged, Judgement, Mark, PosedCase, RescoreView, Score, TextDelta
from app.errors import NotAllowed
from app.evaluation.experiments.rescoring import Rescoring
from app.evaluation.right import newest, right
from app.evaluation.scorers.judge import judge_of, scorer_of
from app.ui.experiment_files import rescored_words
from storage.answers import Answers
from storage.archives import Archives
from storage.rescoring import Rescores
from tests.evaluation.experiments.conftest import Laboratory
from tests.experiments import moved
from tests.fakes import completed
from tests.waiting import until

pytestmark = pytest.mark.integration  # whole experiments over a database and an index

OLD, NEW = "1", "2"


def scoring(version: str, wanted: str, **others: float | None) -> object:
    """A judge whose ``contains`` looks for this text; ``others`` are values of other scorers."""

    def judge(posed: PosedCase, answer: Answer) -> Judged:
        scores = [Score("contains", version, float(wanted in answer.text), f"By version {version}.")]
        scores += [Score(name, version, value, "As told.") for name, value in others.items()]
        told = right(posed.case, answer, scores)
        return Judged(replace(answer, scores=tuple(scores)), told.value, told.rule.value)

    return judge


def finished(laboratory: Laboratory) -> str:
    """An experiment whose answers all say "The fake answer [1].", scored by the old version as wrong."""
    laboratory.judge = scoring(OLD, "nowhere")  # type: ignore[assignment]
    experiment = laboratory.experimenting.start(laboratory.wanted())
    laboratory.ended(experiment)
    return experiment


def rescoring(laboratory: Laboratory) -> Rescoring:
    experimenting, kept = laboratory.experimenting, Rescores(laboratory.world.database)
    return Rescoring(experimenting._rooms, laboratory.datasets, kept, experimenting.alone)


def asked(laboratory: Laboratory) -> int:
    return len(laboratory.world.backends["fake"].requests)


def test_no_model_is_asked_and_what_is_right_follows_the_new_version(laboratory: Laboratory) -> None:
    experiment = finished(laboratory)
    before, embedded = asked(laboratory), len(laboratory.world.embedder.calls)
    laboratory.judge = scoring(NEW, "fake answer")  # type: ignore[assignment]
    seen: list[RescoreView] = []
    view = rescoring(laboratory).rescore(experiment, seen.append)
    assert asked(laboratory) == before
    assert len(laboratory.world.embedder.calls) == embedded
    assert (view.done, view.of, view.now_right, view.now_wrong) == (12, 12, 12, 0)
    assert seen[-1] == view
    trials = laboratory.experiments.trials(experiment)
    assert all(one.right is True and one.rule == "contains" for one in trials)


def test_scores_of_old_versions_stay_beside_the_new_and_the_same_version_is_written_over(
    laboratory: Laboratory,
) -> None:
    experiment = finished(laboratory)
    laboratory.judge = scoring(NEW, "fake answer")  # type: ignore[assignment]
    for _ in range(2):
        rescoring(laboratory).rescore(experiment)
    (trial, *_) = laboratory.experiments.trials(experiment)
    answer = laboratory.experiments.answers([trial.answer_id])[trial.answer_id]
    assert [(one.version, one.value) for one in answer.scores] == [(OLD, 0.0), (NEW, 1.0)]
    assert answer.text == "The fake answer [1]."


def test_causes_of_what_changed_are_looked_for_again_and_others_stay(laboratory: Laboratory) -> None:
    experiment = finished(laboratory)
    first = laboratory.experiments.trials(experiment)
    assert all(one.cause for one in first)
    same = rescoring(laboratory).rescore(experiment)
    assert (same.look_again, same.now_right, same.now_wrong) == (0, 0, 0)
    assert [one.cause for one in laboratory.experiments.trials(experiment)] == [one.cause for one in first]
    # Still wrong, but it refused: the cause may be another now.
    laboratory.judge = scoring(NEW, "nowhere", abstention=1.0)  # type: ignore[assignment]
    view = rescoring(laboratory).rescore(experiment)
    assert view.look_again == 12
    assert {one.cause for one in laboratory.experiments.trials(experiment)} == {""}
    laboratory.experimenting.trace(experiment)
    laboratory.ended(experiment)
    assert all(one.cause for one in laboratory.experiments.trials(experiment))


def test_a_persons_mark_stays_and_the_rule_beneath_it_is_rewritten(laboratory: Laboratory) -> None:
    experiment = finished(laboratory)
    (trial, *_) = laboratory.experiments.trials(experiment)
    Answers(laboratory.world.database).mark(
        trial.answer_id, Mark(Judgement.WRONG, "", datetime(2026, 5, 4, tzinfo=UTC))
    )
    laboratory.judge = scoring(NEW, "fake answer")  # type: ignore[assignment]
    rescoring(laboratory).rescore(experiment)
    (again, *_) = laboratory.experiments.trials(experiment)
    assert (again.right, again.by_rule, again.judgement) == (False, True, Judgement.WRONG)


def test_where_the_documents_changed_what_was_scored_of_the_search_stays(laboratory: Laboratory) -> None:
    laboratory.judge = scoring(OLD, "fake", **{"hit@k": 1.0})  # type: ignore[assignment]
    experiment = laboratory.experimenting.start(laboratory.wanted())
    laboratory.ended(experiment)
    laboratory.world.add("new.txt", "Another document.")
    laboratory.judge = scoring(OLD, "fake", **{"hit@k": None})  # type: ignore[assignment]
    view = rescoring(laboratory).rescore(experiment)
    assert view.unlocated == 6
    answers = laboratory.experiments.answers(
        [one.answer_id for one in laboratory.experiments.trials(experiment)]
    )
    hits = {
        one.candidate.with_documents: [score.value for score in one.scores if score.scorer == "hit@k"]
        for one in answers.values()
    }
    assert hits == {True: [1.0], False: [None]}
    # Nor does a newer version that can say nothing any more; what needs no documents follows the new one.
    laboratory.judge = scoring(NEW, "nowhere", **{"hit@k": None})  # type: ignore[assignment]
    rescoring(laboratory).rescore(experiment)
    told = laboratory.experiments.scores(experiment, ["hit@k"])
    assert {value for candidate, _case, _scorer, value in told if candidate == 0} == {1.0}
    assert {one.right for one in laboratory.experiments.trials(experiment)} == {False}


def test_why_a_judge_is_not_asked_is_kept_with_the_answer(laboratory: Laboratory) -> None:
    laboratory.world.backends["fake"].default = (TextDelta("pasted words " * 100), completed())
    experiment = finished(laboratory)
    judge = judge_of("court", "solomon")
    laboratory.experiments.set_judge(experiment, judge)
    laboratory.judge = scoring(NEW, "nowhere", **{"share copied": 1.0})  # type: ignore[assignment]
    rescoring(laboratory).rescore(experiment)
    trials = laboratory.experiments.trials(experiment)
    assert {(one.right, one.told_by) for one in trials} == {(None, "judge")}
    for answer in laboratory.experiments.answers([one.answer_id for one in trials]).values():
        told = newest(scorer_of(judge), answer.scores)
        assert told is not None
        assert told.words.startswith("The judge is not asked")


def test_one_that_runs_is_refused(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    gate = fake.hold("half", then=" whole")
    experiment = laboratory.experimenting.start(
        laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True)
    )
    until(lambda: len(fake.requests) == 1)
    with pytest.raises(NotAllowed, match="is running"):
        rescoring(laboratory).rescore(experiment)
    gate.open()
    laboratory.ended(experiment)
    assert rescoring(laboratory).rescore(experiment).done == 6


def test_while_it_is_scored_anew_nobody_runs_judges_deletes_or_scores_it(laboratory: Laboratory) -> None:
    experiment = finished(laboratory)
    experimenting, before = laboratory.experimenting, asked(laboratory)
    others = (
        lambda: experimenting.resume(experiment),
        lambda: experimenting.resume(experiment, Again.FAILED),
        lambda: experimenting.trace(experiment),
        lambda: experimenting.judge_again(experiment, None),
        lambda: experimenting.delete(experiment),
        lambda: rescoring(laboratory).rescore(experiment),
    )
    refused: list[str] = []

    def meanwhile(_view: RescoreView) -> None:
        for one in others:
            with pytest.raises(NotAllowed) as told:
                one()
            refused.append(told.value.message)

    rescoring(laboratory).rescore(experiment, meanwhile)
    assert refused == ["This experiment is being scored anew."] * len(others)
    assert asked(laboratory) == before
    # Nor does one that broke off stand in anybody's way.
    with pytest.raises(ZeroDivisionError):
        rescoring(laboratory).rescore(experiment, lambda _view: 1 / 0)
    experimenting.resume(experiment)
    laboratory.ended(experiment)


def test_scoring_ends_with_assay_and_keeps_what_is_done(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = finished(laboratory)
    monkeypatch.setattr("app.evaluation.experiments.rescoring.PAGE", 5)
    laboratory.judge = scoring(NEW, "fake answer")  # type: ignore[assignment]
    made = rescoring(laboratory)
    with pytest.raises(NotAllowed, match="closed when 5 of 12 answers were scored"):
        made.rescore(experiment, lambda _view: made.close())
    rights = [one.right for one in laboratory.experiments.trials(experiment)]
    assert rights == [True] * 5 + [False] * 7


def test_stopped_it_keeps_what_is_done(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment, told = finished(laboratory), []
    monkeypatch.setattr("app.evaluation.experiments.rescoring.PAGE", 5)
    laboratory.judge = scoring(NEW, "fake answer")  # type: ignore[assignment]

    def stop(view: RescoreView) -> None:
        told.append((view.done, view.of))
        raise NotAllowed("Stopped.")

    with pytest.raises(NotAllowed, match="Stopped"):
        rescoring(laboratory).rescore(experiment, stop)
    assert told == [(5, 12)]
    assert [one.right for one in laboratory.experiments.trials(experiment)] == [True] * 5 + [False] * 7


# ----------------------------------------------------------------- what cannot be found again


def away(laboratory: Laboratory, experiment: str) -> str:
    return moved(Archives(laboratory.world.database), experiment)


def test_causes_that_nobody_can_look_for_again_stay_and_it_is_said(laboratory: Laboratory) -> None:
    experiment = finished(laboratory)
    experiment = away(laboratory, experiment)
    first = {one.slot: one.cause for one in laboratory.experiments.trials(experiment)}
    assert all(first.values())
    laboratory.judge = scoring(NEW, "nowhere", abstention=1.0)  # type: ignore[assignment]
    view = rescoring(laboratory).rescore(experiment)
    # Of those without documents the cause is told at once, and it is the same.
    assert (view.look_again, view.kept_causes, view.elsewhere) == (0, 6, True)
    assert {one.slot: one.cause for one in laboratory.experiments.trials(experiment)} == first
    words = "6 causes stay as found before, though it may be another now: the experiment was run elsewhere"
    assert words in rescored_words(view)


def test_why_one_is_not_right_any_more_is_told_where_it_takes_no_document(laboratory: Laboratory) -> None:
    laboratory.judge = scoring(OLD, "fake answer")  # type: ignore[assignment]
    experiment = laboratory.experimenting.start(laboratory.wanted())
    laboratory.ended(experiment)
    experiment = away(laboratory, experiment)
    laboratory.judge = scoring(NEW, "nowhere")  # type: ignore[assignment]
    view = rescoring(laboratory).rescore(experiment)
    assert (view.now_wrong, view.look_again, view.untold) == (12, 0, 6)
    causes = {(one.slot.candidate, one.cause) for one in laboratory.experiments.trials(experiment)}
    assert causes == {(0, ""), (1, Cause.NO_DOCUMENTS.value)}
    assert "Why 6 answers are not right any more cannot be looked for" in rescored_words(view)


def test_causes_stay_where_the_documents_are_not_what_they_were(laboratory: Laboratory) -> None:
    experiment = finished(laboratory)
    laboratory.world.add("new.txt", "Another document.")
    laboratory.judge = scoring(NEW, "nowhere", abstention=1.0)  # type: ignore[assignment]
    view = rescoring(laboratory).rescore(experiment)
    assert (view.look_again, view.kept_causes, view.elsewhere) == (6, 6, False)
    causes = [bool(one.cause) for one in laboratory.experiments.trials(experiment)]
    assert causes == [True] * 6 + [False] * 6


def test_what_only_a_judge_could_tell_stays_where_none_is_asked(laboratory: Laboratory) -> None:
    laboratory.judge = scoring(OLD, "nowhere", abstention=1.0)  # type: ignore[assignment]
    experiment = laboratory.experimenting.start(laboratory.wanted())
    laboratory.ended(experiment)
    laboratory.experiments.set_judge(experiment, judge_of("court", "solomon"))
    rescoring(laboratory).rescore(experiment)
    told = {(one.right, one.rule) for one in laboratory.experiments.trials(experiment)}
    assert told == {(False, "abstention")}
    experiment = away(laboratory, experiment)
    laboratory.judge = scoring(NEW, "nowhere", abstention=0.0)  # type: ignore[assignment]
    view = rescoring(laboratory).rescore(experiment)
    assert (view.kept_rulings, view.unjudged, view.otherwise) == (12, 0, 0)
    assert {(one.right, one.rule) for one in laboratory.experiments.trials(experiment)} == told
    assert "12 answers stay right or wrong as before" in rescored_words(view)
