from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from app.domain import Answer, AnswerState, Candidate, Judgement, Mark, Phase, Provenance, Score
from app.errors import BackendDown, DatabaseTrouble, NotAllowed, NotFound
from app.ui.candidates import choices_of
from storage.answers import Answers
from tests.answering.conftest import World
from tests.fakes import FakeBackend

pytestmark = pytest.mark.integration


@pytest.fixture
def mill(world: World) -> World:
    world.add("mill.txt", "the mill has seven stones", "oak wheel in the river")
    return world


def test_lanes_with_the_same_setting_get_the_same_passages_from_one_search(mill: World) -> None:
    mill.backends["other"] = FakeBackend("other")
    mill.embedder.calls.clear()
    lanes = [mill.candidate(), mill.candidate("other"), mill.candidate(documents=False)]
    view = mill.ended(mill.comparing.ask("How many stones?", lanes, mill.collection.id, "me"))
    first, second, third = (lane.answer for lane in view.lanes)
    assert first and second and third
    assert first.prompt and second.prompt and third.prompt
    assert first.prompt.given == second.prompt.given
    assert len(first.prompt.given) == 2
    assert third.prompt.given == ()
    assert len(mill.embedder.calls) == 1
    assert [one.state for one in (first, second, third)] == [AnswerState.COMPLETE] * 3


def test_a_question_that_was_searched_for_in_part_says_so(mill: World) -> None:
    mill.embedder.max_tokens = 12
    question = "How many stones has the mill, " * 20
    lanes = [mill.candidate(), mill.candidate(documents=False)]
    view = mill.ended(mill.comparing.ask(question, lanes, mill.collection.id, "me"))
    given, bare = (lane.answer for lane in view.lanes)
    assert given and bare
    read = mill.searching.read(mill.collection.id, question.strip())
    assert given.checks.note == (
        f"Passages were searched for by the first {read:,} of its {len(question.strip()):,} characters only."
    )
    assert bare.checks.note == ""
    again = mill.ended(mill.comparing.ask("How many stones?", lanes, mill.collection.id, "me"))
    assert [lane.answer.checks.note for lane in again.lanes if lane.answer] == ["", ""]


def test_a_held_lane_holds_up_no_other(mill: World) -> None:
    slow = mill.backends["slow"] = FakeBackend("slow")
    gate = slow.hold("Half ")
    lanes = [mill.candidate("slow"), mill.candidate()]
    question = mill.comparing.ask("Stones?", lanes, mill.collection.id, "me")
    assert mill.comparing._lanes()[1].done.wait(10)
    assert gate.reached.wait(10)
    view = mill.comparing.view(question)
    assert view and view.busy
    assert view.lanes[0].answer is None
    assert view.lanes[0].text == "Half "
    assert view.lanes[0].phase is Phase.ANSWERING
    assert view.lanes[1].answer is not None
    gate.open()
    assert not mill.ended(question).busy


def test_what_is_sent_is_in_the_log_before_the_first_token(mill: World) -> None:
    gate = mill.backends["fake"].hold("Half ")
    asked = mill.comparing.ask("How many stones?", [mill.candidate()], mill.collection.id, "me")
    assert gate.reached.wait(10)
    mill.answers.mark_interrupted()  # as the next start would find it after a kill at this moment
    (kept,) = mill.answers.answers(asked)
    assert kept.state is AnswerState.FAILED
    assert "What was sent is kept" in kept.error
    assert kept.prompt is not None
    assert kept.prompt.rendered() == tuple(mill.backends["fake"].requests[0].messages)
    assert [one.passage.document_name for one in kept.prompt.given] == ["mill.txt"] * 2
    assert kept.candidate.digest == "sha256:tiny"
    assert "not worked out" in kept.cost.words
    gate.open()
    (ended,) = (one.answer for one in mill.ended(asked).lanes)
    assert ended is not None
    assert mill.answers.answers(asked) == [ended]
    assert ended.state is AnswerState.COMPLETE


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_erased_while_an_answer_is_under_way_does_not_come_back(mill: World, whole: bool) -> None:
    copied = "the mill has seven stones, all of them from the quarry"
    mill.add("quarry.txt", copied)
    gate = mill.backends["fake"].hold("Half ", then=f"of it: {copied} [1].")
    asked = mill.comparing.ask(copied, [mill.candidate(k=1)], mill.collection.id, "me")
    assert gate.reached.wait(10)
    if whole:
        mill.collections.delete(mill.collection.id, from_past_answers=True)
    else:
        mill.documents.delete(mill.collection.id, "doc-quarry.txt", from_past_answers=True)
    gate.open()
    mill.ended(asked)
    (kept,) = mill.answers.answers(asked)
    assert kept.state is AnswerState.COMPLETE
    assert kept.prompt is not None
    assert [one.passage.text for one in kept.prompt.given] == ["[erased]"]
    assert "quarry" not in kept.text
    assert kept.text.startswith("Half of it: ")


def test_an_answer_goes_on_where_what_is_sent_cannot_be_logged(
    mill: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DatabaseTrouble("The disk is full.", "Make room.")

    monkeypatch.setattr(Answers, "prompted", full)
    asked = mill.comparing.ask("How many stones?", [mill.candidate()], mill.collection.id, "me")
    (ended,) = (one.answer for one in mill.ended(asked).lanes)
    assert ended is not None
    assert ended.state is AnswerState.COMPLETE


def test_a_dead_backend_fails_only_its_lane(mill: World) -> None:
    dead = mill.backends["dead"] = FakeBackend("dead")
    for _ in range(3):
        dead.fail(BackendDown("Nobody answers.", "Start it."))
    lanes = [mill.candidate("dead"), mill.candidate("gone"), mill.candidate()]
    view = mill.ended(mill.comparing.ask("Stones?", lanes, mill.collection.id, "me"))
    states = [lane.answer.state for lane in view.lanes if lane.answer]
    assert states == [AnswerState.FAILED, AnswerState.FAILED, AnswerState.COMPLETE]


def test_stop_one_and_stop_all(mill: World) -> None:
    gates = [mill.backends["fake"].hold("one "), mill.backends["fake"].hold("two ")]
    question = mill.comparing.ask("Stones?", [mill.candidate()] * 2, mill.collection.id, "me")
    for gate in gates:
        assert gate.reached.wait(10)
    lanes = mill.comparing._lanes()
    mill.comparing.stop(lanes[0].pending.id)
    assert lanes[0].done.wait(10)
    assert not lanes[1].done.is_set()
    mill.comparing.stop_all(question)
    view = mill.ended(question)
    assert {lane.answer.state for lane in view.lanes if lane.answer} == {AnswerState.STOPPED}
    assert {lane.text for lane in view.lanes} == {"one", "two"}


def test_one_after_another_for_fair_times(mill: World) -> None:
    mill.comparing.ask("Stones?", [mill.candidate()] * 3, mill.collection.id, "me", one_at_a_time=True)
    for lane in mill.comparing._lanes():
        assert lane.done.wait(10)
    assert mill.backends["fake"].most_running == 1


def test_stop_all_ends_lanes_that_wait_for_their_turn(mill: World) -> None:
    gate = mill.backends["fake"].hold("one ")
    question = mill.comparing.ask(
        "Stones?", [mill.candidate()] * 3, mill.collection.id, "me", one_at_a_time=True
    )
    assert gate.reached.wait(10)
    mill.comparing.stop_all(question)
    view = mill.ended(question)
    assert [lane.answer.state for lane in view.lanes if lane.answer] == [AnswerState.STOPPED] * 3
    assert len(mill.backends["fake"].requests) == 1


def test_everything_is_in_the_log_and_survives_a_new_process(mill: World) -> None:
    question = mill.comparing.ask("Stones?", [mill.candidate()], mill.collection.id, "me")
    seen = mill.ended(question)
    again = mill.comparing.view(question)
    assert again == mill.comparing.view(question)
    assert again and again.lanes[0].answer == seen.lanes[0].answer
    (logged,) = mill.answers.answers(question)
    assert logged.prompt and "seven stones" in logged.prompt.rendered()[1].content


def test_a_question_is_in_the_log_before_its_answer_ends(mill: World) -> None:
    gate = mill.backends["fake"].hold("half")
    question = mill.comparing.ask("Stones?", [mill.candidate()], mill.collection.id, "me")
    assert gate.reached.wait(10)
    assert [one.state for one in mill.answers.answers(question)] == [AnswerState.PENDING]
    gate.open()
    mill.ended(question)


def test_ask_again_adds_a_lane_and_keeps_the_first(mill: World) -> None:
    question = mill.comparing.ask("Stones?", [mill.candidate()], mill.collection.id, "me")
    first = mill.ended(question).lanes[0]
    mill.comparing.again(first.answer_id, "me")
    view = mill.ended(question)
    assert [lane.position for lane in view.lanes] == [0, 1]
    assert view.lanes[0].answer == first.answer
    assert view.lanes[1].candidate.hash == first.candidate.hash
    with pytest.raises(NotFound):
        mill.comparing.again("nothing", "me")


def test_what_was_recorded_elsewhere_is_not_asked_again_and_nothing_is_logged_of_the_try(mill: World) -> None:
    question = mill.comparing.ask("Stones?", [mill.candidate()], mill.collection.id, "me")
    first = mill.ended(question).lanes[0].answer
    assert first is not None
    who = Candidate("imported", "gpt-4o", provenance=Provenance("openai"))
    recorded = replace(first, id="recorded", position=1, candidate=who, mark=None)
    mill.answers.add(question, replace(recorded, state=AnswerState.PENDING))
    mill.answers.finish(recorded)
    before = mill.answers.answers(question)
    requests = len(mill.backends["fake"].requests)
    with pytest.raises(NotAllowed, match="recorded elsewhere"):
        mill.comparing.again("recorded", "me")
    assert mill.answers.answers(question) == before
    assert len(mill.backends["fake"].requests) == requests
    assert [one.model for one in choices_of([who, mill.candidate()])] == ["tiny"]


def test_a_mark_is_seen_in_the_view(mill: World) -> None:
    question = mill.comparing.ask("Stones?", [mill.candidate()], mill.collection.id, "me")
    view = mill.ended(question)
    mark = Mark(Judgement.WRONG, "Seven.", view.question.asked_at)
    mill.answers.mark(view.lanes[0].answer_id, mark)
    again = mill.comparing.view(question)
    assert again and again.lanes[0].answer and again.lanes[0].answer.mark == mark


def test_an_answer_that_cannot_be_saved_stays_on_the_screen(mill: World) -> None:
    gate = mill.backends["fake"].hold("Seven ", then="stones.")
    question = mill.comparing.ask("Stones?", [mill.candidate()], mill.collection.id, "me")
    assert gate.reached.wait(10)
    lane = mill.comparing._lanes()[0]
    mill.database.close()
    (mill.database.path).unlink()
    mill.database.path.mkdir()  # the disk's worst: no database can be written here any more
    gate.open()
    assert lane.done.wait(20)
    view = mill.comparing.view(question)
    assert view and view.lanes[0].answer
    assert view.lanes[0].answer.text == "Seven stones."
    assert not view.lanes[0].saved


def test_scores_are_seen_and_logged_with_the_answer(mill: World) -> None:
    lanes = [mill.candidate(), mill.candidate(documents=False)]
    view = mill.ended(mill.comparing.ask("Stones?", lanes, mill.collection.id, "me"))
    given, bare = (lane.answer for lane in view.lanes)
    assert given and bare
    assert [one.scorer for one in given.scores] == ["length"]
    assert bare.scores == ()
    assert mill.answers.answers(view.question.id) == [given, bare]


def test_a_scorer_with_a_fault_of_its_own_loses_no_answer(
    mill: World, crashes: list[type[BaseException]]
) -> None:
    """The fault still reaches the operator's log, as that of any thread."""

    def broken(answer: Answer) -> Score:
        raise ZeroDivisionError

    mill.scorer.score = broken  # type: ignore[method-assign]
    question = mill.comparing.ask(
        "Stones?", [mill.candidate()] * 2, mill.collection.id, "me", one_at_a_time=True
    )
    for lane in mill.ended(question).lanes:
        assert lane.answer
        assert (lane.answer.state, lane.answer.text) == (AnswerState.COMPLETE, "The fake answer [1].")
        assert lane.answer.scores == ()
        assert mill.answers.answer(lane.answer_id) == lane.answer
    assert set(crashes) <= {ZeroDivisionError}


def test_passages_leave_this_machine_only_after_agreeing(mill: World) -> None:
    mill.backends["far"] = FakeBackend("far", local=False, host="models.example")
    with pytest.raises(NotAllowed, match=r"leave this machine, to models\.example"):
        mill.comparing.ask("Stones?", [mill.candidate("far")], mill.collection.id, "me")
    mill.comparing.ask("Stones?", [mill.candidate("far", documents=False)], mill.collection.id, "me")
    mill.collections.agree(mill.collection.id, "models.example")
    view = mill.ended(mill.comparing.ask("S?", [mill.candidate("far")], mill.collection.id, "me"))
    assert view.lanes[0].answer and view.lanes[0].answer.state is AnswerState.COMPLETE
    mill.collections.set_local_only(mill.collection.id, True)
    with pytest.raises(NotAllowed, match="local models only"):
        mill.comparing.ask("Stones?", [mill.candidate("far")], mill.collection.id, "me")


@pytest.mark.parametrize("text", ["", "  \n", "x" * 20_001])
def test_empty_and_endless_questions_are_refused(mill: World, text: str) -> None:
    with pytest.raises(NotAllowed):
        mill.comparing.ask(text, [mill.candidate()], mill.collection.id, "me")
    assert mill.answers.history() == []


def test_no_lane_and_too_many(mill: World) -> None:
    for count in (0, 7):
        with pytest.raises(NotAllowed, match="lanes"):
            mill.comparing.ask("Q?", [mill.candidate()] * count, mill.collection.id, "me")


def test_two_people_are_served_in_turn(mill: World) -> None:
    one_place = mill.backends["one"] = FakeBackend("one", concurrency=1)
    gate = one_place.hold("first")
    mill.comparing.ask("A?", [mill.candidate("one", documents=False)] * 4, mill.collection.id, "greedy")
    assert gate.reached.wait(10)
    mill.comparing.ask("B?", [mill.candidate("one", documents=False)], mill.collection.id, "patient")
    queue = mill.comparing._answering.queue(one_place)
    ready = threading.Event()
    while queue.waiting() < 4:
        ready.wait(0.005)
    lanes = mill.comparing._lanes()
    gate.open()
    for lane in lanes:
        assert lane.done.wait(10)
    asked = [one.messages[1].content for one in one_place.requests]
    assert asked.index("Question: B?") <= 2
