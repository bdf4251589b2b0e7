"""What votes say is reckoned once for each state of the data: pages are drawn anew at every click."""

from __future__ import annotations

from typing import cast

from app.domain import AnswerText, Candidate, Choice, PlacedVote, Vote, VoteOrigin
from app.evaluation.votes.polling import Polling
from storage.votes import Votes
from tests.experiments import bare, experiment_of, given
from tests.storage.examples import NOON


class Counted:
    """Votes that are kept nowhere, with how often they were read."""

    def __init__(self) -> None:
        self.vote = Vote.of("Ada", ("A1", "A2"), Choice.LEFT, NOON, VoteOrigin.ASK)
        self.reads = 0

    def of_ask(self) -> list[tuple[Vote, str, Candidate, Candidate]]:
        self.reads += 1
        return [(self.vote, "Q", given(), bare())]

    def of_experiment(self, _experiment_id: str) -> list[PlacedVote]:
        self.reads += 1
        return [PlacedVote(self.vote, 0, 0, 0, 1)]

    def texts(self, _experiment_id: str) -> list[AnswerText]:
        return []

    def pair_rulings(self, _experiment_id: str, _prefix: str) -> list[tuple[str, str, str, str]]:
        return []


def test_they_are_read_anew_only_after_a_write() -> None:
    votes, writes = Counted(), [1]
    polling = Polling(cast("Votes", votes), lambda: writes[0])
    one = experiment_of([given(), bare()], 1)
    for look in (polling.of_ask, lambda: polling.styled(one), lambda: polling.polled(one, [])):
        before = votes.reads
        first = look()
        assert look() is first
        assert votes.reads == before + 1
        writes[0] += 1
        assert look() == first
        assert votes.reads == before + 2
