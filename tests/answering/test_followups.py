from __future__ import annotations

import threading
from functools import partial

import pytest

from app.backends.base import Cancel
from app.domain import AnswerFilter, AnswerState, StandAlone
from app.errors import BackendDown, BackendError
from tests.answering.conftest import World


def reworded(world: World, text: str, conversation: str) -> StandAlone:
    return world.comparing.standalone(text, conversation, world.candidate(), "me")


@pytest.fixture
def conversation(world: World) -> str:
    asked = world.comparing.ask("Where is the mill?", [world.candidate(documents=False)], "", "me")
    view = world.ended(asked)
    world.backends["fake"].requests.clear()
    return view.question.conversation_id


def test_the_first_question_needs_no_model(world: World) -> None:
    assert reworded(world, "Why?", "") == StandAlone("Why?")
    assert world.backends["fake"].requests == []


def test_it_is_made_from_the_questions_only(world: World, conversation: str) -> None:
    backend = world.backends["fake"]
    backend.say('"How many stones does the mill have?"\n', "I hope this helps!")
    made = reworded(world, "And how many stones?", conversation)
    assert made == StandAlone("How many stones does the mill have?", "tiny")
    (request,) = backend.requests
    assert "Where is the mill?" in request.messages[1].content
    assert "The fake answer" not in request.messages[1].content
    assert (request.temperature, request.max_tokens) == (0.0, 120)


def test_what_makes_no_sense_leaves_the_question_as_it_is(world: World, conversation: str) -> None:
    world.backends["fake"].say(" \n ")
    world.backends["fake"].say("blah " * 500)
    with pytest.raises(BackendError, match="without writing"):
        reworded(world, "And why?", conversation)
    assert reworded(world, "And why?", conversation) == StandAlone("And why?", "tiny", refused=True)


def test_a_statement_or_an_invention_leaves_the_question_as_it_is(world: World, conversation: str) -> None:
    for text in ("The mill is there because of the river.", "Why is the mill beside the river?"):
        world.backends["fake"].say(text)
        assert reworded(world, "And why?", conversation) == StandAlone("And why?", "tiny", refused=True)


def test_a_person_who_does_not_wait_keeps_their_own_words(world: World, conversation: str) -> None:
    gate, cancel = world.backends["fake"].hold("How many "), Cancel()
    made: list[StandAlone] = []
    ask = partial(world.comparing.standalone, "And why?", conversation, world.candidate(), "me", cancel)
    thread = threading.Thread(target=lambda: made.append(ask()))
    thread.start()
    assert gate.reached.wait(10)
    cancel.cancel()
    thread.join(10)
    assert made == [StandAlone("And why?", "tiny", stopped=True)]
    # Stopped before it began, nothing is asked.
    asked = len(world.backends["fake"].requests)
    assert ask() == StandAlone("And why?", "tiny", stopped=True)
    assert len(world.backends["fake"].requests) == asked


def test_a_server_that_is_away_is_said(world: World, conversation: str) -> None:
    for _ in range(3):
        world.backends["fake"].fail(BackendDown("Nobody answers.", "Start it."))
    with pytest.raises(BackendError, match="Nobody answers"):
        reworded(world, "And why?", conversation)


def test_it_is_logged_and_paid_for_and_compared_with_nothing(world: World, conversation: str) -> None:
    from storage.reports import Reports

    reports = Reports(world.database)
    before = {one.candidate_hash for one in reports.by_candidate(AnswerFilter())}
    world.backends["fake"].say("Why is the mill there?")
    reworded(world, "And why?", conversation)
    assert {one.candidate_hash for one in reports.by_candidate(AnswerFilter())} == before
    assert sum(one.answers for one in reports.spend(AnswerFilter())) == 2
    assert [one.text for one in world.answers.history()] == ["Where is the mill?"]
    *_, (question, answer, origin) = world.answers.export(AnswerFilter(), aside=True)
    assert origin == "follow-up"
    assert "follow-up" not in {one for *_, one in world.answers.export(AnswerFilter())}
    assert (question.text, answer.text) == ("And why?", "Why is the mill there?")
    assert answer.state is AnswerState.COMPLETE
    assert answer.usage.completion == 7
