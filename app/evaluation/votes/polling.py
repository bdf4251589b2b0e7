"""The votes on an experiment: what comes next for a voter, and what all of them say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar, cast

from app.domain import (
    Candidate,
    Choice,
    Experiment,
    PairJudge,
    PlacedVote,
    Polled,
    Standing,
    Trial,
    Vote,
    VoteOrigin,
)
from app.errors import NotFound
from app.evaluation.scorers.marks import unmarked
from app.evaluation.votes.agreement import among_voters, with_right
from app.evaluation.votes.bradley_terry import Ballots, standing
from app.evaluation.votes.judged import judged
from app.evaluation.votes.looks import TRAITS, differences
from app.evaluation.votes.pair_judge import PREFIX, ruling_of
from app.evaluation.votes.pairs import Pairs, Turn, pairs_of, turn_of
from storage.names import name_key
from storage.votes import Votes

KEPT = 4
"""So many experiments' pairs stay made, and so many things that votes say."""
T = TypeVar("T")


class Polling:
    """Votes on experiments and on Ask. ``writes`` counts the writes of this process."""

    def __init__(self, votes: Votes, writes: Callable[[], int]) -> None:
        self._votes = votes
        self._writes = writes
        self._pairs: dict[str, tuple[tuple[int, str], Pairs]] = {}
        self._said: dict[str, tuple[int, object]] = {}
        self._lock = threading.Lock()

    # ----------------------------------------------------------------- voting

    def pairs(self, experiment_id: str) -> Pairs:
        """The pairs that can be voted on; made once for the answers that count."""
        token = self._votes.answered(experiment_id)
        with self._lock:
            known = self._pairs.get(experiment_id)
            if known is not None and known[0] == token:
                return known[1]
        made = pairs_of(self._votes.texts(experiment_id))
        with self._lock:
            self._pairs[experiment_id] = token, made
            while len(self._pairs) > KEPT:
                del self._pairs[next(iter(self._pairs))]
        return made

    def turn(self, experiment_id: str, voter: str) -> Turn:
        """Where the voter stands, and the pair that comes next."""
        mine = {(one.first, one.second) for one in self._votes.of_voter(experiment_id, voter)}
        return turn_of(self.pairs(experiment_id), mine, self._votes.compared(experiment_id))

    def vote(
        self,
        voter: str,
        shown: tuple[str, str],
        choice: Choice,
        origin: VoteOrigin = VoteOrigin.EXPERIMENT,
    ) -> bool:
        """Keep a choice between the answers ``shown`` left and right; whether it took another one's place.

        Raises NotFound, and NotAllowed, also where their experiment has not finished.
        """
        return bool(self._votes.put(Vote.of(voter, shown, choice, datetime.now(UTC), origin)))

    def vote_best(self, voter: str, shown: Sequence[str], best: str | None, *, bad: bool) -> None:
        """Of several answers on Ask: ``best`` (an id) beats each other; None: all are alike, or all ``bad``.

        Kept as a vote on each pair that this says something of. Raises NotAllowed and NotFound.
        """
        now = datetime.now(UTC)
        pairs = [(one, other) for at, one in enumerate(shown) for other in shown[at + 1 :]]
        told = [pair for pair in pairs if best is None or best in pair]
        even = Choice.BAD if bad else Choice.TIE
        votes = [Vote.of(voter, pair, _of_best(pair, best) or even, now, VoteOrigin.ASK) for pair in told]
        self._votes.put(*votes)

    def undo(self, experiment_id: str, voter: str) -> Vote:
        """Take the voter's latest vote back; returns it. Raises NotFound where there is none."""
        own = self._votes.of_voter(experiment_id, voter)
        if not own:
            raise NotFound("There is no vote of yours to take back.")
        self._votes.take_back(own[-1])
        return own[-1]

    def on(self, answer_ids: Sequence[str]) -> list[Vote]:
        """All votes on pairs of these answers, by time."""
        return self._votes.on(answer_ids)

    def blinded(self, text: str) -> str:
        """An answer as it is put to a vote: without its marks [n], which tell whether it had documents."""
        return unmarked(text)

    def take_back(self, vote: Vote) -> None:
        """Delete it."""
        self._votes.take_back(vote)

    # ----------------------------------------------------------------- what they say

    def polled(self, experiment: Experiment, trials: Sequence[Trial]) -> Polled | None:
        """All that the votes say; None where there is neither a vote nor what a judge said of pairs."""
        return self._once(experiment.id, lambda: self._poll(experiment, trials))

    def styled(self, experiment: Experiment) -> Standing:
        """The standing with the looks of the answers taken out."""
        return self._once(f"{experiment.id} styled", lambda: self._styled(experiment))

    def of_ask(self) -> tuple[Standing, Mapping[str, Candidate]]:
        """The standing by the votes on Ask, and its candidates by their hashes."""
        return self._once("ask", self._of_ask)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        """What ``make`` gives, kept until something is written: a page is drawn anew at every click."""
        now = self._writes()
        with self._lock:
            then, found = self._said.get(name, (-1, None))
        if then == now:
            return cast("T", found)
        made = make()
        with self._lock:
            self._said.pop(name, None)
            self._said[name] = now, made
            while len(self._said) > KEPT:
                del self._said[next(iter(self._said))]
        return made

    def _styled(self, experiment: Experiment) -> Standing:
        votes = self._votes.of_experiment(experiment.id)
        texts = {one.answer_id: unmarked(one.text) for one in self._votes.texts(experiment.id)}
        looks = differences([(texts.get(v.vote.first, ""), texts.get(v.vote.second, "")) for v in votes])
        return standing(replace(_ballots(experiment, votes), traits=looks), TRAITS)

    def _of_ask(self) -> tuple[Standing, Mapping[str, Candidate]]:
        votes = self._votes.of_ask()
        known = {who.hash: who for _, _, one, other in votes for who in (one, other)}
        place = {name: at for at, name in enumerate(known)}
        asked = {name: at for at, name in enumerate(dict.fromkeys(question for _, question, _, _ in votes))}
        rows = [
            (place[one.hash], place[other.hash], vote.points, asked[question])
            for vote, question, one, other in votes
            if one.hash != other.hash
        ]
        return standing(Ballots.of(list(known), rows)), known

    def _poll(self, experiment: Experiment, trials: Sequence[Trial]) -> Polled | None:
        votes = self._votes.of_experiment(experiment.id)
        judges = self._judges(experiment, votes)
        if not votes and not judges:
            return None
        return Polled(
            standing=standing(_ballots(experiment, votes)),
            voters=len({name_key(one.vote.voter) for one in votes}),
            pairs=len({(one.vote.first, one.vote.second) for one in votes}),
            concord=among_voters(one.vote for one in votes),
            with_right=with_right(votes, {one.answer_id: one.right for one in trials}),
            judges=judges,
        )

    def _judges(self, experiment: Experiment, votes: Sequence[PlacedVote]) -> tuple[PairJudge, ...]:
        replies = self._votes.pair_rulings(experiment.id, PREFIX)
        if not replies:
            return ()
        rulings = [ruling_of(*one) for one in replies]
        known = self._votes.judges({one.judge for one in rulings})
        pairs = {one.key: one for one in self.pairs(experiment.id).pairs}
        names = [one.hash for one in experiment.candidates]
        return tuple(
            judged(who, [one for one in rulings if one.judge == name], votes, pairs, names)
            for name, who in sorted(known.items())
        )


def _ballots(experiment: Experiment, votes: Sequence[PlacedVote]) -> Ballots:
    rows = [(one.first, one.second, one.vote.points, one.case) for one in votes]
    return Ballots.of([one.hash for one in experiment.candidates], rows)


def _of_best(pair: tuple[str, str], best: str | None) -> Choice | None:
    if best not in pair:
        return None
    return Choice.LEFT if pair[0] == best else Choice.RIGHT
