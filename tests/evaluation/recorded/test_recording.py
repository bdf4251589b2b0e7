"""Recorded answers in an experiment: scored like others, never asked, and taken out with nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.domain import (
    Again,
    AnswerFilter,
    Candidate,
    Case,
    Cause,
    Examined,
    ExperimentState,
    Gold,
    Judgement,
    Mark,
    Outcome,
    PricedModel,
    RecordedDefaults,
    RecordedPreview,
    Slot,
    Timing,
    Upload,
    outcome_of,
)
from app.errors import DatabaseTrouble, NotAllowed, NotFound
from app.evaluation.experiments.archive import archive_of, lines_of
from app.evaluation.experiments.experimenting import Wanted
from app.evaluation.judging import NOT_RECORDED
from app.evaluation.scorers.registry import OF_THE_TEXT, case_scorers, scorers
from app.services import Services
from storage.archives import Archives
from storage.tables import AnswerRow, QuestionRow
from tests.evaluation.experiments.court import Court
from tests.experiments import moved
from tests.fakes import Gate, completed
from tests.ui import experiments as ran_there
from tests.ui.opened import FakeServer, filled, opened
from tests.waiting import until

pytestmark = pytest.mark.integration  # whole services, over a real database

CASES = (
    Case("How many stones has the mill?", ("seven",), (Gold("mill.txt", "The mill has seven stones."),)),
    Case("How many beds has the inn?", ("nine",), (Gold("inn.txt", "The inn has nine beds."),)),
    Case("Who is the miller?", unanswerable=True),
    Case("How old is the bridge?", ("80 years",), (Gold("mill.txt", "80 years"),)),
)
DAY = datetime(2025, 6, 1, tzinfo=UTC)
TOLD = RecordedDefaults("gpt-4o")


@pytest.fixture
def court() -> Court:
    return Court()


@pytest.fixture
def house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, court: Court
) -> Iterator[tuple[Services, list[FakeServer]]]:
    with opened(tmp_path, monkeypatch, FakeServer(), court) as made:  # type: ignore[arg-type]
        yield made


@pytest.fixture
def services(house: tuple[Services, list[FakeServer]]) -> Services:
    return house[0]


@pytest.fixture
def asked(house: tuple[Services, list[FakeServer]]) -> FakeServer:
    return house[1][0]


def experiment(services: Services, **more: object) -> str:
    """One that ran, of two candidates."""
    collection = services.collections.by_name("Mill") or filled(services, "Mill", **ran_there.TEXTS)
    dataset = ran_there.dataset(services, cases=CASES)
    wanted = Wanted("First", dataset.id, ran_there.both(collection), **more)  # type: ignore[arg-type]
    made = services.experimenting.start(wanted)
    until(lambda: not services.experimenting.view(made).busy)
    return made


def said(*answers: str, **more: object) -> Upload:
    """The answers to the cases, in their order; "." for none."""
    rows = [
        {"question": case.question, "answer": text, **more}
        for case, text in zip(CASES, answers, strict=False)
        if text != "."
    ]
    return Upload("said.jsonl", "\n".join(json.dumps(one) for one in rows).encode())


def add(services: Services, name: str, upload: Upload, told: RecordedDefaults = TOLD) -> RecordedPreview:
    return services.recording.add(name, upload, told)


def of_candidate(examined: Examined, place: int) -> dict[int, Outcome]:
    return {one.slot.case: outcome_of(one) for one in examined.trials if one.slot.candidate == place}


def causes(services: Services, name: str, place: int) -> dict[int, str]:
    trials = services.experiments.trials(name)
    return {one.slot.case: one.cause for one in trials if one.slot.candidate == place}


# ------------------------------------------------------------------------ what comes of them


def test_they_are_a_candidate_in_every_comparison(services: Services) -> None:
    name = experiment(services)
    before = services.examining.of(name)
    add(services, name, said("seven", "It has ten beds.", ".", "I could not find that in the documents."))
    now = services.examining.of(name)
    assert now.experiment.candidates[:2] == before.experiment.candidates
    assert now.experiment.candidates[2].label == "gpt-4o (imported)"
    assert of_candidate(now, 2) == {0: Outcome.RIGHT, 1: Outcome.WRONG, 3: Outcome.REFUSED}
    assert now.results.candidates[2].right.of == 3, "what was not answered is absent, not wrong"
    pairs = {frozenset({one.first, one.second}) for one in now.results.comparisons}
    assert len(pairs) == 3, "all pairs, corrected together"
    assert now.results.candidates[:2] == before.results.candidates
    assert now.experiment.state is ExperimentState.FINISHED


def test_no_cause_ever_blames_the_index_or_a_model_that_nobody_saw(services: Services) -> None:
    name = experiment(services)
    add(services, name, said("ten", "I could not find that in the documents.", "It is Ada.", ""))
    assert causes(services, name, 2) == {
        0: Cause.NOT_RECORDED.value,
        1: Cause.NOT_RECORDED.value,
        2: Cause.INVENTED.value,
        3: Cause.FAILED.value,
    }
    add(services, name, said("ten", documents="without documents"))
    assert causes(services, name, 3) == {0: Cause.NO_DOCUMENTS.value}
    add(services, name, said("ten", documents="with documents"))
    assert causes(services, name, 4) == {0: Cause.NOT_RECORDED.value}
    tallies = services.examining.of(name).tallies
    assert not any(cause.family.value == "index" for one in tallies[2:] for cause in one.counts)


def test_every_scorer_scores_or_says_why_not(services: Services) -> None:
    name = experiment(services)
    add(services, name, said("seven [1]"))
    trial = services.experiments.trials(name)[-1]
    answer = services.experiments.answers([trial.answer_id])[trial.answer_id]
    scores = {one.scorer: one for one in answer.scores}
    assert set(scores) == {one.name for one in scorers()} | {one.name for one in case_scorers()}
    assert {key for key, one in scores.items() if one.value is not None} == OF_THE_TEXT
    assert {one.words for one in scores.values() if one.value is None} == {NOT_RECORDED}
    assert answer.timing == Timing(), "nobody measured its speed here"


def test_they_cost_what_the_list_says_of_their_day(services: Services) -> None:
    name = experiment(services)
    tokens = {"prompt_tokens": 1000, "completion_tokens": 100}
    add(services, name, said("seven", ".", ".", ".", **tokens, date="2025-06-01"))
    (dated,) = [one for one in services.experiments.costed(name) if one.slot.candidate == 2]
    assert (dated.amount, dated.currency, dated.basis) == (3_500_000_000, "USD", "listed")
    assert dated.asked_at == DAY
    add(services, name, said(".", "nine", ".", ".", **tokens))
    undated = services.experiments.trials(name, 1)[-1].answer_id
    cost = services.experiments.answers([undated])[undated].cost
    assert "that of the import is assumed" in cost.words
    assert cost.amount == 3_500_000_000


@pytest.mark.parametrize(
    ("called", "provider"),
    [("GPT-4o mini", "openai"), ("Claude Sonnet 4.5", "anthropic"), ("Gemini 2.5 Pro", "google")],
)
def test_a_model_is_priced_by_the_name_that_people_write(
    services: Services, called: str, provider: str
) -> None:
    name = experiment(services)
    tokens = {"prompt_tokens": 1000, "completion_tokens": 100}
    add(services, name, said("seven", **tokens, date="2025-11-01"), RecordedDefaults(called))
    (cost,) = [one for one in services.experiments.costed(name) if one.slot.candidate == 2]
    assert (cost.basis, bool(cost.amount)) == ("listed", True)
    (imported,) = [one for one in services.experiments.get(name).candidates if one.provenance]
    assert imported.provenance is not None
    assert imported.provenance.provider == provider


def test_at_its_own_price_of_today_what_if_comes_to_what_it_cost(services: Services) -> None:
    name = experiment(services)
    # This provider's completion leaves the thinking tokens out.
    tokens = {"prompt_tokens": 1000, "completion_tokens": 100, "thinking_tokens": 500}
    add(services, name, said("seven", model="grok-3-mini", provider="x-ai", **tokens))
    (cost,) = [one for one in services.experiments.costed(name) if one.slot.candidate == 2]
    found = services.what_if(name, [PricedModel("x-ai", "grok-3-mini")], remembered=True)
    (same,) = [one for one in found.repriced if one.candidate == 2]
    assert (same.amount, same.untold) == (cost.amount, 0)
    assert cost.amount


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "does not tell how many tokens"),
        ({"model": "our-own", "prompt_tokens": 5, "completion_tokens": 5}, "no provider is known"),
        ({"provider": "nobody", "prompt_tokens": 5, "completion_tokens": 5}, "no price list"),
    ],
)
def test_a_cost_that_nobody_can_know_is_unknown_and_never_this_machine_s(
    services: Services, more: dict[str, object], words: str
) -> None:
    name = experiment(services)
    add(services, name, said("seven", **more))
    answer_id = services.experiments.trials(name)[-1].answer_id
    cost = services.experiments.answers([answer_id])[answer_id].cost
    assert (cost.amount, cost.basis) == (None, "unknown")
    assert words in cost.words


def test_nothing_of_them_is_spending_or_experience_of_this_machine(services: Services) -> None:
    name = experiment(services)
    before = services.experiments.spend(name), services.reports.spend(AnswerFilter())
    apart = services.examining.of(name).costs.apart
    add(services, name, said("seven", prompt_tokens=9, completion_tokens=9, date="2025-06-01"))
    assert (services.experiments.spend(name), services.reports.spend(AnswerFilter())) == before
    assert services.examining.of(name).costs.apart == apart, "nothing was paid here, nor less than nothing"
    who = services.experiments.get(name).candidates[2]
    assert services.experiments.recorded(who).answers == 0


# ------------------------------------------------------------------------ nobody asks them


def test_neither_resume_nor_asking_again_nor_causes_nor_scores_ask_them(
    services: Services, asked: FakeServer
) -> None:
    name = experiment(services)
    add(services, name, said("ten", "", "It is Ada."))
    trials = [one for one in services.experiments.trials(name) if one.slot.candidate == 2]
    services.answers.mark(trials[0].answer_id, Mark(Judgement.WRONG, "", DAY))
    requests = len(asked.requests)
    for again in Again:
        services.experimenting.resume(name, again)
        until(lambda: not services.experimenting.view(name).busy)
    services.experimenting.trace(name, reask=True)
    until(lambda: not services.experimenting.view(name).busy)
    services.rescoring.rescore(name)
    after = [one for one in services.experiments.trials(name) if one.slot.candidate == 2]
    assert [one.answer_id for one in after] == [one.answer_id for one in trials]
    assert all(one.cause for one in after)
    assert all("tiny" in one.model for one in asked.requests[requests:]), "only the others"
    view = services.experimenting.view(name)
    assert view.experiment.state is ExperimentState.FINISHED
    assert (view.progress[2].done, view.progress[2].of, view.progress[2].failed) == (3, 3, 0)


def test_a_stopped_experiment_asks_what_is_left_and_no_more(services: Services, asked: FakeServer) -> None:
    collection = filled(services, "Mill", **ran_there.TEXTS)
    gate = Gate()
    asked.script(gate, completed())
    wanted = Wanted("First", ran_there.dataset(services, cases=CASES).id, ran_there.both(collection))
    name = services.experimenting.start(wanted)
    assert gate.reached.wait(30)
    with pytest.raises(NotAllowed, match="running already"):
        add(services, name, said("seven"))
    services.experimenting.stop(name)
    gate.open()
    until(lambda: not services.experimenting.view(name).busy)
    assert services.experiments.get(name).state is ExperimentState.STOPPED
    add(services, name, said("seven", "nine"))
    (summary,) = services.experiments.summaries()
    assert summary.done < summary.experiment.size == 8, "what is missing still shows"
    services.experimenting.resume(name)
    until(lambda: not services.experimenting.view(name).busy)
    trials = services.experiments.trials(name)
    assert len(trials) == 8 + 2
    assert {request.model for request in asked.requests} == {"tiny"}
    assert services.experiments.summaries()[0].done == 8


def test_a_new_experiment_with_an_imported_candidate_is_refused_in_words(services: Services) -> None:
    name = experiment(services)
    add(services, name, said("seven"))
    one = services.experiments.get(name)
    with pytest.raises(NotFound, match="recorded elsewhere"):
        services.experimenting.start(Wanted("Again", one.dataset_id, one.candidates[2:]))


def test_where_a_judge_decides_they_wait_for_it_and_it_alone_is_asked(
    services: Services, asked: FakeServer, court: Court
) -> None:
    name = experiment(services, judge=court.judge)
    add(services, name, said("It has seven.", "ten"))
    view = services.experimenting.view(name)
    assert view.progress[2].unjudged == 2
    requests = len(asked.requests)
    services.experimenting.resume(name)
    until(lambda: not services.experimenting.view(name).busy)
    own = of_candidate(services.examining.of(name), 2)
    assert own == {0: Outcome.RIGHT, 1: Outcome.WRONG}
    assert len(asked.requests) == requests


# ------------------------------------------------------------------------ in and out


def test_an_experiment_is_never_seen_with_answers_of_a_candidate_that_it_has_not(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here they come in while the experiment is being looked at."""
    name = experiment(services)
    read = services.datasets.cases
    added: list[str] = []

    def meanwhile(version: str) -> tuple[Case, ...]:
        if not added:
            added.append(name)
            add(services, name, said("seven", "nine"))
        return read(version)

    monkeypatch.setattr(services.datasets, "cases", meanwhile)
    before = services.examining.of(name)
    assert added
    assert len(before.experiment.candidates) == 2
    assert {one.slot.candidate for one in before.trials} == {0, 1}
    assert len(services.examining.of(name).experiment.candidates) == 3


def test_a_second_file_fills_what_the_first_left(services: Services) -> None:
    name = experiment(services)
    assert add(services, name, said("seven", ".", ".", ".")).groups[0].missing == 3
    more = add(services, name, said("eight", "nine"))
    assert [one.number for one in more.bad] == [1]
    assert more.groups[0].missing == 2
    assert len(services.experiments.get(name).candidates) == 3
    with pytest.raises(NotAllowed, match="No row of the file can be added"):
        add(services, name, said("eight", "nine"))


def test_deleting_one_leaves_all_others_as_they_are(services: Services) -> None:
    name = experiment(services)
    empty = services.archives.read(name)
    models = "gpt-4o", "claude-3-5-haiku-latest", "our-own"
    for model in models:
        add(services, name, said("seven", "ten", "."), RecordedDefaults(model))
    before = services.archives.read(name)
    gone = before.experiment.candidates[3]
    assert services.recording.take_out(name, gone) == 2
    now = services.archives.read(name)
    assert [one.model for one in now.experiment.candidates] == ["tiny", "tiny", "gpt-4o", "our-own"]
    shift = {4: 3}
    kept = [one for one in before.trials if one.slot.candidate != 3]
    as_moved = [
        replace(one, slot=one.slot._replace(candidate=shift.get(one.slot.candidate, one.slot.candidate)))
        for one in kept
    ]
    assert sorted(now.trials, key=lambda one: one.answer.id) == sorted(
        as_moved, key=lambda one: one.answer.id
    )
    for one in now.experiment.candidates[2:]:
        services.recording.take_out(name, one)
    assert services.archives.read(name) == empty


def test_who_was_asked_here_cannot_be_taken_out(services: Services) -> None:
    name = experiment(services)
    one = services.experiments.get(name).candidates[0]
    with pytest.raises(NotAllowed, match="asked here"):
        services.recording.take_out(name, one)
    with pytest.raises(NotFound):
        services.recording.take_out(name, Candidate("imported", "nobody"))


def counted(services: Services) -> tuple[int, int]:
    """How many answers and questions there are."""
    with services.database.read() as session:
        tables = AnswerRow, QuestionRow
        return tuple(session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)  # type: ignore[return-value]


def test_they_go_with_their_experiment_while_what_was_asked_stays_logged(services: Services) -> None:
    name = experiment(services)
    before = counted(services)
    add(services, name, said("seven", "nine"))
    services.experimenting.delete(name)
    assert counted(services) == before


def test_all_of_a_file_or_nothing(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    name = experiment(services)
    before = counted(services), services.archives.read(name)

    def full(*_: object) -> None:
        raise DatabaseTrouble("The disk is full.", "Make room.")

    monkeypatch.setattr(Archives, "_publish_more", full)
    with pytest.raises(DatabaseTrouble):
        add(services, name, said("seven", "nine"))
    assert (counted(services), services.archives.read(name)) == before


def test_stopped_while_they_are_scored_nothing_is_put_in(services: Services) -> None:
    name = experiment(services)
    before, told = (counted(services), services.archives.read(name)), []

    def stop(done: int, of: int) -> None:
        told.append((done, of))
        if done:
            raise NotAllowed("Stopped.")

    with pytest.raises(NotAllowed, match="Stopped"):
        services.recording.add(name, said("seven", "nine"), TOLD, reached=stop)
    assert told == [(0, 2), (1, 2)]
    assert (counted(services), services.archives.read(name)) == before


def test_what_a_kill_leaves_is_swept_and_a_second_try_is_whole(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = experiment(services)
    before = counted(services)
    monkeypatch.setattr(Archives, "_publish_more", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr(Archives, "_sweep", lambda _self: None)
    with pytest.raises(KeyboardInterrupt):
        add(services, name, said("seven", "nine"))
    assert counted(services) != before
    monkeypatch.undo()
    services.archives.sweep()
    assert counted(services) == before
    assert len(add(services, name, said("seven", "nine")).groups[0].answers) == 2


# ------------------------------------------------------------------------ elsewhere and alone


def figures(examined: Examined) -> Examined:
    """Everything that the screens tell of it, but for where it was run and the name of its dataset there."""
    bare = replace(examined.experiment, dataset_id="", dataset_name="")
    return replace(examined, experiment=bare, elsewhere=frozenset())


def test_a_file_of_the_experiment_reads_back_to_the_same_figures(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = experiment(services, repeats=2)
    tokens = {"prompt_tokens": 1000, "completion_tokens": 100, "date": "2025-06-01"}
    add(services, name, said("seven", "", "It is Ada.", "ten", **tokens, documents="with our wiki"))
    before = figures(services.examining.of(name)), services.experiments.costed(name)
    spent = services.experiments.spend(name)
    archive = list(lines_of(services.archives.read(name)))
    services.close()
    with opened(tmp_path / "other", monkeypatch) as (other, _):
        other.archives.write(archive_of(archive))
        assert figures(other.examining.of(name)) == before[0]
        assert other.experiments.costed(name) == before[1]
        assert other.experiments.spend(name) == spent


def test_one_that_was_run_elsewhere_takes_them_unless_a_judge_would_have_to_tell(
    services: Services, court: Court
) -> None:
    ran = experiment(services)
    before = counted(services)
    name = moved(services.archives, ran)
    add(services, name, said("seven"))
    assert services.experiments.imported(name)
    assert of_candidate(services.examining.of(name), 2) == {0: Outcome.RIGHT}
    services.experimenting.delete(name)
    assert counted(services) == before
    judged = moved(services.archives, experiment(services, judge=court.judge))
    with pytest.raises(NotAllowed, match="no judge is asked here"):
        add(services, judged, said("seven"))


def test_an_experiment_of_recorded_answers_alone(services: Services, asked: FakeServer) -> None:
    dataset = ran_there.dataset(services, cases=CASES)
    rows = [
        {"question": CASES[0].question, "answer": text, "model": model, "run": run}
        for model in ("gpt-4o", "claude-3-5-haiku-latest")
        for run, text in ((1, "seven"), (2, "ten"))
    ]
    upload = Upload("said.jsonl", "\n".join(json.dumps(one) for one in rows).encode())
    name, found = services.recording.make(dataset.id, upload, RecordedDefaults())
    one = services.experiments.get(name)
    assert (one.repeats, len(one.candidates), one.size, one.state) == (2, 2, 0, ExperimentState.FINISHED)
    assert not found.bad
    assert not services.experiments.imported(name), "it is no experiment from elsewhere"
    assert [c.right.value for c in services.examining.of(name).results.candidates] == [0.5, 0.5]
    services.experimenting.resume(name)
    until(lambda: not services.experimenting.view(name).busy)
    assert not asked.requests
    assert len(services.experiments.trials(name)) == 4, "and nothing failed in the place of answers"
    services.experimenting.delete(name)
    assert counted(services) == (0, 0)
    with pytest.raises(NotAllowed, match="No row"):
        services.recording.make(dataset.id, said("seven"), RecordedDefaults())


def test_slots_are_where_they_belong(services: Services) -> None:
    name = experiment(services)
    add(services, name, said(".", "nine", ".", "80 years"))
    slots: Sequence[Slot] = [one.slot for one in services.experiments.trials(name)]
    assert [one for one in slots if one.candidate == 2] == [Slot(2, 1, 0), Slot(2, 3, 0)]
