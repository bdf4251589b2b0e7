"""A run asks every slot once, survives whatever ends it, and never asks a finished question again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from app.domain import (
    OWN_MACHINE,
    Again,
    Answer,
    AnswerState,
    Candidate,
    Case,
    Cost,
    ExperimentState,
    Judged,
    Limit,
    Options,
    PosedCase,
    Spend,
    Used,
)
from app.errors import BackendDown, DatabaseTrouble, NotAllowed, NotFound
from app.evaluation.experiments import experimenting
from app.evaluation.experiments.running import FAILED_IN_A_ROW
from app.evaluation.experiments.snapshot import machines_of
from app.ui.result_how import how_lines
from storage.experiments import question_id
from tests.evaluation.experiments.conftest import CASES, Laboratory, unplaced
from tests.experiments import examined, given
from tests.fakes import FakeBackend
from tests.waiting import until

pytestmark = pytest.mark.integration  # whole runs, over a real database and index


def prompts(backend: FakeBackend) -> list[str]:
    """The questions that the backend was asked, in order."""
    return [one.messages[-1].content.rpartition("Question: ")[2] for one in backend.requests]


def test_every_slot_is_asked_once_and_judged(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    name = laboratory.experimenting.start(laboratory.wanted(repeats=2))
    view = laboratory.ended(name)
    assert (view.experiment.state, view.busy) == (ExperimentState.FINISHED, False)
    assert [(one.done, one.failed, one.of) for one in view.progress] == [(12, 0, 12), (12, 0, 12)]
    assert Counter(prompts(fake)) == {one.question: 4 for one in CASES}
    trials = laboratory.experiments.trials(name)
    assert [one.slot for one in trials] == sorted(
        (c, q, r) for c in range(2) for q in range(6) for r in range(2)
    )
    assert {one.rule for one in trials} == {"contains"}
    assert view.spend.amounts == {"USD": 0}


def test_a_repeat_has_the_next_seed(laboratory: Laboratory) -> None:
    who = replace(laboratory.world.candidate(), options=Options(seed=7, temperature=0.5))
    laboratory.ended(laboratory.experimenting.start(laboratory.wanted(who, repeats=3)))
    seeds = Counter(one.seed for one in laboratory.world.backends["fake"].requests)
    assert seeds == {7: 6, 8: 6, 9: 6}


def test_candidates_that_share_a_setting_get_the_same_passages(laboratory: Laboratory) -> None:
    one = laboratory.world.candidate()
    other = replace(one, options=Options(max_tokens=50))
    name = laboratory.experimenting.start(
        laboratory.wanted(one, other, laboratory.world.candidate(documents=False))
    )
    laboratory.ended(name)
    for case in range(6):
        answers = laboratory.world.answers.answers(question_id(name, case))
        given = [[p.passage.id for p in a.prompt.given] if a.prompt else [] for a in answers]
        assert sorted(map(len, given)) == [0, 2, 2]
        assert len({tuple(one) for one in given if one}) == 1
    # Six questions, embedded once each.
    assert sum(len(texts) for texts in laboratory.world.embedder.calls if "Question" in texts[0]) == 6


def test_stop_keeps_what_is_done_and_resume_asks_only_the_rest(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    for _ in range(3):
        fake.say("so it is")
    gates = [fake.hold("half") for _ in range(4)]
    name = laboratory.experimenting.start(laboratory.wanted())
    until(lambda: len(fake.requests) >= 7)
    laboratory.experimenting.stop(name)
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.STOPPED
    done = sum(one.done for one in view.progress)
    assert done == 3
    for gate in gates:
        gate.open()
    asked = len(fake.requests)
    laboratory.experimenting.resume(name)
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.FINISHED
    assert len(fake.requests) - asked == 12 - done
    trials = laboratory.experiments.trials(name)
    assert len(trials) == 12
    assert {one.state for one in trials} == {AnswerState.COMPLETE}


def test_what_was_told_at_rest_is_told_again_only_of_the_same(laboratory: Laboratory) -> None:
    """With no answers, too, where the answers of two experiments are one and the same empty thing."""
    names = []
    for fake_says in ("so it is", "or not"):
        laboratory.world.backends["fake"].say(fake_says)
        names.append(laboratory.experimenting.start(laboratory.wanted()))
        laboratory.ended(names[-1])
    known = {name: laboratory.experiments.with_trials(name) for name in names}
    empty = {name: (one, ()) for name, (one, _) in known.items()}
    view = laboratory.experimenting.view
    for name in (*names, *names):
        assert view(name, empty[name]).experiment.id == name
    told = view(names[0], known[names[0]])
    assert view(names[0], known[names[0]]) is told
    assert told == view(names[0])


def test_a_process_that_ends_leaves_an_interrupted_run_that_goes_on_in_the_next(
    laboratory: Laboratory,
) -> None:
    fake = laboratory.world.backends["fake"]
    fake.say("so it is")
    fake.hold("half")
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    until(lambda: len(fake.requests) == 2)
    assert laboratory.experimenting.close(10)
    assert laboratory.experimenting.view(name).experiment.state is ExperimentState.INTERRUPTED
    laboratory.experimenting = laboratory.opened()
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).experiment.state is ExperimentState.FINISHED
    # One was finished before, one was broken off and asked again, and four had not been asked.
    assert len(fake.requests) == 2 + 5


def test_one_at_a_time_never_asks_two_at_once(laboratory: Laboratory) -> None:
    other = laboratory.world.backends["other"] = FakeBackend("other", concurrency=4)
    candidates = laboratory.world.candidate(), laboratory.world.candidate("other")
    name = laboratory.experimenting.start(laboratory.wanted(*candidates, one_at_a_time=True))
    laboratory.ended(name)
    answers = [a for case in range(6) for a in laboratory.world.answers.answers(question_id(name, case))]
    assert len(answers) == 12
    assert {one.timing.shared for one in answers} == {1}
    assert len(other.requests) == 6


def test_a_candidate_that_only_fails_ends_the_run_in_words(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    for _ in range(40):
        fake.fail(BackendDown("Nobody answers.", "Start it."))
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.STOPPED
    assert view.experiment.words == "tiny with documents failed 5 times in a row: Nobody answers. Start it."
    assert view.progress[0].failed == FAILED_IN_A_ROW


def test_only_the_failed_are_asked_again_and_the_attempts_are_counted(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    fake.say("so it is")
    for _ in range(3):
        fake.fail(BackendDown("Nobody answers.", "Start it."))
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    assert laboratory.ended(name).progress[0].failed == 1
    before = len(fake.requests)
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).progress[0].failed == 1
    assert len(fake.requests) == before
    laboratory.experimenting.resume(name, Again.FAILED)
    assert laboratory.ended(name).progress[0].failed == 0
    assert len(fake.requests) == before + 1
    assert Counter(one.attempts for one in laboratory.experiments.trials(name)) == {1: 5, 2: 1}


def test_only_the_unscored_are_asked_again(laboratory: Laboratory) -> None:
    laboratory.judge = lambda posed, answer: Judged(answer, None if "2" in posed.case.question else True, "r")
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate()))
    laboratory.ended(name)
    before = len(laboratory.world.backends["fake"].requests)
    laboratory.experimenting.resume(name, Again.UNSCORED)
    laboratory.ended(name)
    assert prompts(laboratory.world.backends["fake"])[before:] == ["Question 2?"]


def test_the_limit_is_never_passed(laboratory: Laboratory) -> None:
    class Dear:
        def cost(self, *_: object, backend: str = "") -> Cost:
            return Cost(10, "USD", "listed", "ten")

    laboratory.world.comparing._answering._pricing = Dear()
    laboratory.worst = lambda _candidate, _case: 15
    wanted = laboratory.wanted(laboratory.world.candidate(), limit=Limit(47, "USD"))
    name = laboratory.experimenting.start(wanted)
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.AT_LIMIT
    # Three that may cost 15 fit at once; then 30 are spent, one more may begin, and after 40 none.
    assert view.spend.amounts == {"USD": 40}
    assert "limit" in view.experiment.words
    laboratory.experimenting.resume(name, limit=Limit(1000, "USD"))
    assert laboratory.ended(name).spend.amounts == {"USD": 60}


class ByBackend:
    """Ten for an answer of the API; seven, in the same currency, for one of the own machine."""

    def cost(self, *_: object, backend: str = "") -> Cost:
        if backend == "api":
            return Cost(10, "USD", "listed", "ten", {"kind": "list price"})
        return Cost(7, "USD", "assumed", "seven", {"kind": OWN_MACHINE})


def test_what_the_own_machine_costs_is_told_apart_and_stops_nothing(laboratory: Laboratory) -> None:
    laboratory.world.backends["api"] = FakeBackend("api")
    laboratory.world.comparing._answering._pricing = ByBackend()
    laboratory.worst = lambda candidate, _case: 15 if candidate.backend == "api" else 0
    own, api = laboratory.world.candidate(), laboratory.world.candidate("api")
    name = laboratory.experimenting.start(laboratory.wanted(own, limit=Limit(10, "USD")))
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.FINISHED
    assert view.spend == Spend({"USD": 42}, 0, own={"USD": 42})
    name = laboratory.experimenting.start(laboratory.wanted(own, api, limit=Limit(30, "USD")))
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.AT_LIMIT
    assert view.spend.billed == {"USD": 20}, "with 15 more 30 could have been passed"
    assert view.spend == laboratory.experiments.spend(name)
    laboratory.experimenting.resume(name, limit=Limit(1000, "USD"))
    assert laboratory.ended(name).spend == Spend({"USD": 102}, 0, own={"USD": 42})


def test_documents_that_change_end_the_run(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    gate = fake.hold("half", then=" whole")
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    until(lambda: len(fake.requests) == 1)
    laboratory.world.add("new.txt", "The mill burnt down.")
    gate.open()
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.STOPPED
    assert "“Mill” were changed" in view.experiment.words
    assert view.progress[0].done == 1
    with pytest.raises(NotAllowed, match="were changed since the experiment began"):
        laboratory.experimenting.resume(name)


def test_a_model_that_is_replaced_ends_the_run_and_its_answer_does_not_count(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    fake.change_digest("tiny", "sha256:1")
    fake.say("one")
    gate = fake.hold("half", then=" whole")
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    until(lambda: len(fake.requests) == 2)
    fake.change_digest("tiny", "sha256:2")
    gate.open()
    view = laboratory.ended(name)
    assert "tiny was replaced by another version of it" in view.experiment.words
    assert view.progress[0].done == 1
    assert [one.digest for one in view.experiment.candidates] == ["sha256:1"]


def test_a_collection_that_is_deleted_ends_the_run(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    gate = fake.hold("half", then=" whole")
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    until(lambda: len(fake.requests) == 1)
    laboratory.world.collections.delete(laboratory.world.collection.id, from_past_answers=False)
    gate.open()
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.STOPPED
    assert "no longer there" in view.experiment.words
    with pytest.raises(NotAllowed, match="was deleted"):
        laboratory.experimenting.resume(name)


def test_an_answer_that_cannot_be_saved_ends_the_run_and_is_saved_at_its_end(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = laboratory.experiments.commit
    failures = [DatabaseTrouble("The disk is full.", "Make room.")]

    def commit(*args: object, **kwargs: object) -> None:
        if failures:
            raise failures.pop()
        real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(laboratory.experiments, "commit", commit)
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    view = laboratory.ended(name)
    assert view.experiment.words == "The disk is full. Make room."
    assert view.progress[0].done == 1
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).experiment.state is ExperimentState.FINISHED
    assert len(laboratory.world.backends["fake"].requests) == 6


def test_a_lost_task_is_a_failed_answer(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    real = laboratory.world.comparing._answering.answer
    lost = [1]

    def answer(*args: object, **kwargs: object) -> Answer:
        if lost and lost.pop():
            raise MemoryError
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(laboratory.world.comparing._answering, "answer", answer)
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.FINISHED
    assert view.progress[0].failed == 1


def test_an_error_of_our_own_ends_the_run_in_words(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda told: crashes.append(told.exc_type))

    def broken(_posed: PosedCase, _answer: Answer) -> Judged:
        raise ZeroDivisionError

    laboratory.judge = broken
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    view = laboratory.ended(name)
    assert view.experiment.state is ExperimentState.STOPPED
    assert "inside Assay" in view.experiment.words
    until(lambda: crashes == [ZeroDivisionError])


def test_two_who_resume_at_once_make_one_run(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    gate = fake.hold("half", then=" whole")
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True))
    with pytest.raises(NotAllowed, match="running already"):
        laboratory.experimenting.resume(name)
    gate.open()
    laboratory.ended(name)
    assert len(fake.requests) == 6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"candidates": ()}, "between 1 and 20"),
        ({"repeats": 0}, "between 1 and 100"),
        ({"candidates": (Candidate("fake", "tiny"), Candidate("fake", "tiny"))}, "there twice"),
    ],
)
def test_what_cannot_be_run_is_refused(laboratory: Laboratory, change: dict[str, object], words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        laboratory.experimenting.start(replace(laboratory.wanted(), **change))  # type: ignore[arg-type]
    assert laboratory.experiments.list() == []


def test_passages_leave_only_where_the_person_agreed(laboratory: Laboratory) -> None:
    far = laboratory.world.backends["far"] = FakeBackend("far")
    far.local, far.host = False, "far.example"
    with pytest.raises(NotAllowed, match="would leave this machine"):
        laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate("far")))
    laboratory.world.collections.agree(laboratory.world.collection.id, "far.example")
    laboratory.ended(laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate("far"))))
    assert len(far.requests) == 6


def test_a_dataset_that_is_gone(laboratory: Laboratory) -> None:
    laboratory.datasets.delete(laboratory.dataset.id)
    with pytest.raises(NotFound):
        laboratory.experimenting.start(laboratory.wanted())


def test_the_snapshot_says_what_was_used(laboratory: Laboratory) -> None:
    name = laboratory.experimenting.start(laboratory.wanted())
    taken = laboratory.ended(name).experiment.snapshot
    assert "1 documents" in taken["collection Mill"]
    assert laboratory.world.embedder.digest in taken["collection Mill"]
    assert taken["Assay"]
    assert "cores" in taken["machine"]
    assert taken["machine of fake"] == "this machine"
    assert "Read the passages" in taken["prompt with documents"]


def test_the_snapshot_tells_ones_own_machines_apart_without_their_addresses() -> None:
    here, api = FakeBackend("here"), FakeBackend("api", local=False, host="api.example", provider="openai")
    box, same = (FakeBackend(name, local=False, host="10.0.0.9") for name in ("box", "same box"))
    other = FakeBackend("other", local=False, host="10.0.0.10")
    assert machines_of([here, api, box, same]) == {
        "machine of here": "this machine",
        "machine of box": "another machine",
        "machine of same box": "another machine",
    }
    several = machines_of([box, other, same])
    assert several["machine of box"] == several["machine of same box"] == "another machine (1)"
    assert several["machine of other"] == "another machine (2)"


def test_resumed_on_another_computer_that_is_told_beside_the_first(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = laboratory.experimenting.start(laboratory.wanted())
    first = laboratory.ended(name).experiment.snapshot["machine"]
    laboratory.experimenting.resume(name)
    assert len([key for key in laboratory.ended(name).experiment.snapshot if key.startswith("machine")]) == 2
    monkeypatch.setattr(experimenting, "machine", lambda: "99 cores")
    for _ in range(2):
        laboratory.experimenting.resume(name)
        one = laboratory.ended(name).experiment
    later = {key: told for key, told in one.snapshot.items() if key.startswith("machine since ")}
    assert list(later.values()) == ["99 cores"]
    assert one.snapshot["machine"] == first
    found = examined([given()], "r")
    told = next(
        line for line in how_lines(replace(found, experiment=one), Used()) if line.startswith("**Machine:**")
    )
    assert told.count(" cores") == 2
    assert "99 cores" in told


def test_posed_cases_go_to_lanes_with_documents_only(laboratory: Laboratory) -> None:
    seen: list[tuple[bool, Case]] = []

    def watching(posed: PosedCase, answer: Answer) -> Judged:
        seen.append((answer.candidate.with_documents, posed.case))
        return Judged(answer, True, "r")

    laboratory.judge = watching
    laboratory.ended(laboratory.experimenting.start(laboratory.wanted()))
    assert Counter(with_documents for with_documents, _ in seen) == {True: 6, False: 6}
    assert {case for _, case in seen} == set(CASES)


# ----------------------------------------------------------------- ends that come at a bad moment


def test_what_goes_wrong_with_one_answer_ends_the_run_and_keeps_those_that_are_being_made(
    laboratory: Laboratory,
) -> None:
    fake = laboratory.world.backends["fake"]
    fake.concurrency = 2
    fake.say("so it is")
    gate = fake.hold("half", then=" whole")
    usual, first = laboratory.judge, [NotFound("The collection is no longer there.")]

    def judge(posed: PosedCase, answer: Answer) -> Judged:
        if first:
            raise first.pop()
        return usual(posed, answer)

    laboratory.judge = judge
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(documents=False)))
    until(lambda: laboratory.experimenting.view(name).stopping)
    gate.open()
    view = laboratory.ended(name)
    assert view.experiment.words == "The collection is no longer there."
    assert view.progress[0].done == 1
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).experiment.state is ExperimentState.FINISHED


def test_what_could_not_be_saved_at_the_end_either_is_saved_before_it_goes_on(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = DatabaseTrouble("The disk is full.", "Make room.")

    def commit(*_: object, **__: object) -> None:
        raise full

    fake = laboratory.world.backends["fake"]
    with monkeypatch.context() as patched:
        patched.setattr(laboratory.experiments, "commit", commit)
        name = laboratory.experimenting.start(
            laboratory.wanted(laboratory.world.candidate(), one_at_a_time=True)
        )
        laboratory.ended(name)
        with pytest.raises(DatabaseTrouble, match="The disk is full"):
            laboratory.experimenting.resume(name)
    assert (len(fake.requests), laboratory.experiments.trials(name)) == (1, [])
    laboratory.experimenting.resume(name)
    assert laboratory.ended(name).experiment.state is ExperimentState.FINISHED
    assert Counter(prompts(fake)) == {one.question: 1 for one in CASES}, "nothing was paid for twice"


def test_a_run_that_could_not_begin_can_be_resumed(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise DatabaseTrouble("The disk is full.", "Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(laboratory.experiments, "set_state", refused)
        with pytest.raises(DatabaseTrouble):
            laboratory.experimenting.start(laboratory.wanted())
    (one,) = laboratory.experiments.list()
    assert one.state is ExperimentState.INTERRUPTED
    laboratory.experimenting.resume(one.id)
    assert laboratory.ended(one.id).experiment.state is ExperimentState.FINISHED


def test_a_stop_that_comes_when_all_is_told_leaves_it_finished(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = laboratory.experiments.set_causes

    def last(causes: Mapping[str, tuple[str, str]]) -> None:
        real(causes)
        laboratory.experimenting.stop(laboratory.experiments.list()[0].id)

    monkeypatch.setattr(laboratory.experiments, "set_causes", last)
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate(documents=False)))
    view = laboratory.ended(name)
    assert (view.experiment.state, view.causes.found) == (ExperimentState.FINISHED, 6)


def test_nothing_begins_once_assay_is_being_closed(laboratory: Laboratory) -> None:
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate()))
    laboratory.ended(name)
    assert laboratory.experimenting.close(10)
    with pytest.raises(NotAllowed, match="is being closed"):
        laboratory.experimenting.resume(name)


def test_a_limit_that_could_not_be_kept_is_refused_when_it_goes_on_too(laboratory: Laboratory) -> None:
    name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate()))
    laboratory.ended(name)
    laboratory.worst = lambda _candidate, _case: None
    with pytest.raises(NotAllowed, match="No price in EUR is known for tiny: no limit could be kept"):
        laboratory.experimenting.resume(name, limit=Limit(5, "EUR"))
    assert laboratory.experiments.get(name).limit is None


@pytest.mark.parametrize("resumed", [False, True])
def test_stop_is_heard_while_the_gold_text_is_looked_for(laboratory: Laboratory, resumed: bool) -> None:
    name = ""
    if resumed:  # to look for causes alone
        name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate()))
        laboratory.ended(name)
        trials = laboratory.experiments.trials(name)
        laboratory.experiments.set_causes({one.answer_id: ("", "") for one in trials})
    asked = len(laboratory.world.backends["fake"].requests)
    begun, go_on, looked = threading.Event(), threading.Event(), []

    def slow(collection: str, cases: Sequence[Case]) -> Iterator[PosedCase]:
        for one in unplaced(collection, cases):
            looked.append(one)
            yield one
            begun.set()
            assert go_on.wait(20)

    laboratory.pose = slow
    if resumed:
        laboratory.experimenting.trace(name)
    else:
        name = laboratory.experimenting.start(laboratory.wanted(laboratory.world.candidate()))
    assert begun.wait(20)
    laboratory.experimenting.stop(name)
    go_on.set()
    laboratory.ended(name)
    assert len(looked) <= 2
    assert len(laboratory.world.backends["fake"].requests) == asked
