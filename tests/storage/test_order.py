"""The order of candidates, by which they keep their colours, and the count of questions."""

from __future__ import annotations

from dataclasses import replace

from app.domain import AnswerFilter, AnswerState
from storage.answers import Answers
from storage.reports import Reports
from tests.storage.examples import answer, candidate, question


def test_of_nothing(reports: Reports) -> None:
    assert reports.order() == []


def test_by_first_answer_whatever_comes_later(reports: Reports, answers: Answers) -> None:
    first, second = candidate("zebra"), candidate("ant")
    for place, who in enumerate([first, second, first]):
        asked = question(f"Question {place}?")
        one = replace(answer(asked, who=who), id=f"a{place}", question_id=asked.id)
        answers.begin(asked, [one])
    assert [one[0] for one in reports.order()] == [first.hash, second.hash]


def test_a_lane_that_has_only_begun_looks_like_its_newest_weights(reports: Reports, answers: Answers) -> None:
    old, new = replace(candidate("m"), digest="sha256:1"), replace(candidate("m"), digest="sha256:2")
    begun = replace(new, digest="")
    for place, who in enumerate([old, new]):
        asked = question(f"Question {place}?")
        answers.begin(asked, [replace(answer(asked, who=who), id=f"a{place}", question_id=asked.id)])
    assert reports.order() == [(old.hash,), (new.hash, begun.hash)]


def test_a_lane_that_ended_leaves_no_place_of_its_beginning(reports: Reports, answers: Answers) -> None:
    asked = question()
    begun = replace(answer(asked, who=replace(candidate("m"), digest="")), state=AnswerState.PENDING)
    answers.begin(asked, [begun])
    ended = replace(begun, candidate=replace(begun.candidate, digest="sha256:1"), state=AnswerState.COMPLETE)
    answers.finish(ended)
    assert reports.order() == [(ended.candidate.hash, begun.candidate.hash)]


def test_equal_words_are_one_question(reports: Reports, answers: Answers) -> None:
    for place, text in enumerate(["One?", "Two?", "One?"]):
        asked = question(text)
        who = candidate("a" if place else "b")
        answers.begin(asked, [replace(answer(asked, who=who), id=f"a{place}", question_id=asked.id)])
    assert reports.questions(AnswerFilter()) == 2
    assert reports.questions(AnswerFilter(candidates=(candidate("b").hash,))) == 1
    assert reports.questions(AnswerFilter(collection_id="nowhere")) == 0
