from __future__ import annotations

from app.answering.followups import standalone
from tests.fakes import FakeBackend


def test_the_first_question_needs_no_model() -> None:
    backend = FakeBackend()
    assert standalone("Why?", [], backend, "tiny") == "Why?"
    assert backend.requests == []


def test_it_is_made_from_the_questions_only() -> None:
    backend = FakeBackend()
    backend.say('"How many stones does the mill in Aun have?"\n', "I hope this helps!")
    made = standalone("And how many stones?", ["Where is the mill?"], backend, "tiny")
    assert made == "How many stones does the mill in Aun have?"
    assert "Where is the mill?" in backend.requests[0].messages[1].content


def test_what_makes_no_sense_leaves_the_question_as_it_is() -> None:
    backend = FakeBackend()
    backend.say(" \n ")
    assert standalone("And why?", ["Where?"], backend, "tiny") == "And why?"
    backend.say("blah " * 500)
    assert standalone("And why?", ["Where?"], backend, "tiny") == "And why?"
