"""Votes: one a person and pair, whatever the case of the name; many at once; gone with their answers."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from app.domain import Choice, Experiment, Judged, Question, Slot, Vote, VoteOrigin
from app.errors import NotAllowed, NotFound
from storage.answers import Answers
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments
from storage.votes import Votes
from tests.experiments import bare, given, kept
from tests.storage.examples import NOON, answer, question


@pytest.fixture
def votes(database: Database) -> Votes:
    return Votes(database)


@pytest.fixture
def experiment(database: Database) -> Experiment:
    """Two candidates, three questions; answers are First-A0-0 to First-A1-2."""
    return kept(Experiments(database), Datasets(database), [given(), bare()], "rwr", "wrw")


def pair(case: int = 0) -> tuple[str, str]:
    return f"First-A0-{case}", f"First-A1-{case}"


def vote(voter: str = "Ada", choice: Choice = Choice.LEFT, case: int = 0) -> Vote:
    return Vote.of(voter, pair(case), choice, NOON)


def test_a_vote_is_by_answer_and_not_by_side() -> None:
    one, other = pair()
    left, right = (
        Vote.of("a", (one, other), Choice.LEFT, NOON),
        Vote.of("a", (other, one), Choice.RIGHT, NOON),
    )
    assert (left.first, left.second) == (right.first, right.second) == (one, other)
    assert left.preferred == right.preferred == one
    assert (left.points, vote(choice=Choice.RIGHT).points, vote(choice=Choice.BAD).points) == (1, 0, 0.5)
    assert vote(choice=Choice.BAD).both_bad
    assert not vote(choice=Choice.TIE).both_bad
    with pytest.raises(ValueError, match="between two"):
        Vote.of("a", (one, one), Choice.TIE, NOON)


def test_they_come_back_in_their_places(votes: Votes, experiment: Experiment) -> None:
    assert votes.put(vote(), vote("Bob", Choice.TIE, 2)) == []
    found = votes.of_experiment(experiment.id)
    assert [one.vote for one in found] == [vote(), vote("Bob", Choice.TIE, 2)]
    assert [(one.case, one.repeat, one.first, one.second) for one in found] == [(0, 0, 0, 1), (2, 0, 0, 1)]
    assert votes.count(experiment.id) == 2
    assert votes.of_experiment("another") == []
    assert votes.compared(experiment.id) == {(0, 1): 2}
    assert votes.of_voter(experiment.id, " BOB") == [vote("Bob", Choice.TIE, 2)]
    assert votes.of_voter(experiment.id, "Cleo") == []


def test_one_a_person_and_pair_whatever_the_case(votes: Votes, experiment: Experiment) -> None:
    votes.put(vote("Ada"))
    assert votes.put(vote(" aDA ", Choice.BAD)) == [vote("Ada")], "what it replaced is told"
    (found,) = votes.of_experiment(experiment.id)
    assert (found.vote.voter, found.vote.both_bad) == ("aDA", True)
    votes.put(vote("Ada B."))
    assert votes.count(experiment.id) == 2


def test_it_can_be_taken_back(votes: Votes, experiment: Experiment) -> None:
    votes.put(vote("Ada"), vote("Bob"))
    votes.take_back(vote("ADA"))
    votes.take_back(vote("nobody"))
    assert [one.vote.voter for one in votes.of_experiment(experiment.id)] == ["Bob"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb"])
def test_who_has_no_usable_name_does_not_vote(votes: Votes, experiment: Experiment, name: str) -> None:
    with pytest.raises(NotAllowed):
        votes.put(vote(name))
    assert votes.count(experiment.id) == 0


def test_on_an_answer_that_is_gone_nothing_is_kept(votes: Votes, experiment: Experiment) -> None:
    gone = Vote.of("Ada", (pair()[0], "gone"), Choice.LEFT, NOON)
    with pytest.raises(NotFound, match="was not kept"):
        votes.put(vote(), gone)
    assert votes.count(experiment.id) == 0, "all of them or none"


def test_many_vote_at_once_and_none_is_lost(votes: Votes, experiment: Experiment) -> None:
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait()
        for case in range(3):
            votes.put(vote(f"voter {number}", Choice.LEFT, case))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert votes.count(experiment.id) == 24


def test_on_an_answer_that_was_asked_again_it_does_not_count(
    votes: Votes, experiment: Experiment, database: Database, answers: Answers
) -> None:
    votes.put(vote(), vote(case=1))
    old = answers.answer(pair()[0])
    assert old is not None
    asked = answers.question(old.question_id)
    assert asked is not None
    again = replace(old, id="again")
    Experiments(database).commit(experiment.id, Slot(0, 0, 0), asked, Judged(again, True, "contains"))
    assert [one.case for one in votes.of_experiment(experiment.id)] == [1]


def test_they_go_with_the_experiment_and_nobody_else_s_do(
    votes: Votes, experiment: Experiment, database: Database
) -> None:
    other = kept(Experiments(database), Datasets(database), [given(), bare()], "r", "w", name="Second")
    votes.put(vote(), Vote.of("Ada", ("Second-A0-0", "Second-A1-0"), Choice.TIE, NOON))
    Experiments(database).delete(experiment.id)
    assert votes.on(pair()) == []
    assert votes.count(other.id) == 1
    assert database.check() == []


def test_only_readable_answers_are_put_to_a_vote(votes: Votes, database: Database) -> None:
    one = kept(Experiments(database), Datasets(database), [given(), bare()], "rf", "w.", name="Third")
    assert [(each.candidate, each.case) for each in votes.texts(one.id)] == [(0, 0), (1, 0)]
    assert votes.answered(one.id) == (3, "Third-A1-0")


def test_votes_on_ask_know_whose_the_answers_are(votes: Votes, answers: Answers) -> None:
    asked = replace(question("Which?"), blind=True)
    lanes = [answer(asked, 0, who=given()), answer(asked, 1, who=bare())]
    answers.begin(asked, lanes)
    assert _question(answers, asked).blind
    shown = lanes[0].id, lanes[1].id
    votes.put(Vote.of("Ada", shown, Choice.LEFT, NOON, VoteOrigin.ASK))
    ((found, where, first, second),) = votes.of_ask()
    assert (found.preferred, where) == (lanes[0].id, asked.id)
    assert {first.hash, second.hash} == {given().hash, bare().hash}
    assert votes.on(shown) == [found]
    assert votes.on(shown[:1]) == []


def _question(answers: Answers, one: Question) -> Question:
    found = answers.question(one.id)
    assert found is not None
    return found
