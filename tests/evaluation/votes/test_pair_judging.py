"""A judge of pairs at work: both ways, logged and paid for, stopped, resumed, and never asked twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from app.domain import Candidate, Case, Choice, Experiment, Limit, PairView, Request, TextDelta
from app.errors import BackendDown, NotAllowed
from app.evaluation.scorers.judge import judge_of as single_judge_of
from app.evaluation.votes.pair_judge import PREFIX, judge_of
from app.evaluation.votes.pair_judging import PairJudging
from app.evaluation.votes.pairs import shown
from app.evaluation.votes.polling import Polling
from storage.archives import Archives
from storage.votes import Votes
from tests.answering.conftest import world
from tests.evaluation.experiments.conftest import Laboratory, laboratory
from tests.experiments import moved
from tests.fakes import FakeBackend, Step, completed
from tests.waiting import until

pytestmark = pytest.mark.integration  # over a real database and index

READ = re.compile(r"First answer: (.*)\nSecond answer: (.*)\nQuestion: (.*)\n")
Said = Callable[[str, str], str]


def longer(first: str, second: str) -> str:
    return "first" if len(first) > len(second) else "second"


def always_first(_first: str, _second: str) -> str:
    return "first"


class Bench(FakeBackend):
    """A judge that says what ``says`` makes of two texts, unless something else is queued."""

    def __init__(self, says: Said = longer) -> None:
        super().__init__("bench", models=("solomon",), concurrency=2)
        self.says = says

    def _next(self, request: Request) -> Sequence[Step]:
        steps = super()._next(request)
        if steps is not self.default:
            return steps
        found = READ.match(request.messages[-1].content)
        assert found is not None
        said = self.says(json.loads(found.group(1)), json.loads(found.group(2)))
        return TextDelta(json.dumps({"better": said})), completed()


@dataclass
class Hall:
    laboratory: Laboratory
    bench: Bench
    votes: Votes
    polling: Polling
    judging: PairJudging
    experiment: Experiment

    @property
    def judge(self) -> Candidate:
        return judge_of("bench", "solomon")

    def ended(self) -> PairView:
        until(lambda: not self.look().busy)
        return self.look()

    def look(self) -> PairView:
        found = self.judging.view(self.experiment.id)
        assert found is not None
        return found


@pytest.fixture
def hall(laboratory: Laboratory) -> Iterator[Hall]:
    for place in range(12):
        laboratory.world.backends["fake"].say("It is " + "very " * place + "long.")
    bench = Bench()
    laboratory.world.backends["bench"] = bench
    name = laboratory.experimenting.start(laboratory.wanted())
    laboratory.ended(name)
    votes = Votes(laboratory.world.database)
    polling = Polling(votes, lambda: laboratory.world.database.writes)
    judging = PairJudging(
        laboratory.experimenting._rooms,
        datasets=laboratory.datasets,
        votes=votes,
        polling=polling,
        backend_of=laboratory.world.backend,
        alone=laboratory.experimenting.alone,
        worst=laboratory.experimenting._worst,
    )
    experiment = laboratory.experiments.get(name)
    yield Hall(laboratory, bench, votes, polling, judging, experiment)
    judging.stop()
    assert judging.close(10)


def test_each_pair_is_asked_both_ways_logged_and_never_again(hall: Hall) -> None:
    before = hall.judging.estimate(hall.experiment.id, hall.judge, 100)
    assert (before.judgements, before.seconds) == (12, None), "six pairs, both ways, and no record yet"
    assert hall.judging.estimate(hall.experiment.id, hall.judge, 2).judgements == 4
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    view = hall.ended()
    assert (view.done, view.of, view.words) == (12, 12, "")
    assert hall.judging.estimate(hall.experiment.id, hall.judge, 100).judgements == 0
    rooms = hall.laboratory.experimenting._rooms
    assert rooms.experiments.recorded(hall.judge, judging=True).answers == 12
    single = single_judge_of("bench", "solomon")
    assert rooms.experiments.recorded(single, judging=True).answers == 0, "pairs take longer than one answer"
    assert len(hall.bench.requests) == 12
    polled = hall.polling.polled(hall.experiment, hall.laboratory.experiments.trials(hall.experiment.id))
    assert polled is not None
    (found,) = polled.judges
    assert (found.pairs, found.flips.hits, found.unclear) == (6, 0, 0)
    assert {one.pairs for one in found.by_candidate} == {6}
    with pytest.raises(NotAllowed, match="asked about so many pairs"):
        hall.judging.start(hall.experiment.id, hall.judge, 100)
    for request in hall.bench.requests:
        assert not re.search("tiny|fake", request.messages[-1].content), "no name reaches the judge"
    archive = Archives(hall.laboratory.world.database).read(hall.experiment.id)
    assert len([one for one in archive.rulings if one.scorer.startswith(PREFIX)]) == 12, "in its file, too"


def test_one_that_always_takes_the_first_says_ties_only(hall: Hall) -> None:
    hall.bench.says = always_first
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    hall.ended()
    polled = hall.polling.polled(hall.experiment, [])
    assert polled is not None
    (found,) = polled.judges
    assert (found.flips.hits, found.flips.of) == (6, 6)
    assert [one.said for one in found.by_candidate] == [0.5, 0.5]


def test_pairs_with_votes_come_first(hall: Hall) -> None:
    last = hall.polling.pairs(hall.experiment.id).pairs[-1]
    left, right = shown(last, "ada")
    hall.polling.vote("Ada", (left.answer_id, right.answer_id), Choice.LEFT)
    hall.judging.start(hall.experiment.id, hall.judge, 1)
    hall.ended()
    found = {
        (of, scorer.rpartition(":")[2])
        for of, scorer, *_ in hall.votes.pair_rulings(hall.experiment.id, PREFIX)
    }
    assert found == {last.key, last.key[::-1]}


def test_a_judge_that_only_fails_ends_it_in_words_and_what_was_said_is_kept(hall: Hall) -> None:
    hall.bench.concurrency = 1
    for _ in range(3):
        hall.bench.say('{"better": "first"}')
    for _ in range(60):  # before its first word each is tried again
        hall.bench.fail(BackendDown("The bench is empty.", "Fill it."))
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    view = hall.ended()
    assert "failed 5 times in a row: The bench is empty." in view.words
    hall.bench._queue.clear()
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    assert hall.ended().of == 12 - 3, "what was said is not asked again"


def test_stopped_it_ends_and_the_rest_can_be_asked_later(hall: Hall) -> None:
    def stopping(first: str, second: str) -> str:
        hall.judging.stop(hall.experiment.id)
        return longer(first, second)

    hall.bench.says = stopping
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    view = hall.ended()
    assert "stopped" in view.words
    assert view.done < view.of
    hall.bench.says = longer
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    assert hall.ended().words == ""


def test_while_it_judges_the_experiment_is_left_alone(hall: Hall) -> None:
    refused: list[str] = []

    def meanwhile(first: str, second: str) -> str:
        with pytest.raises(NotAllowed) as deleted:
            hall.laboratory.experimenting.delete(hall.experiment.id)
        with pytest.raises(NotAllowed) as judged:
            hall.judging.start(hall.experiment.id, hall.judge, 1)
        refused.extend([deleted.value.message, judged.value.message])
        return longer(first, second)

    hall.bench.says = meanwhile
    hall.judging.start(hall.experiment.id, hall.judge, 1)
    hall.ended()
    assert set(refused) == {
        "Pairs of this experiment are being judged.",
        "A judge is reading pairs of this experiment already.",
    }


def test_what_was_run_elsewhere_is_not_judged_here(hall: Hall) -> None:
    there = moved(Archives(hall.laboratory.world.database), hall.experiment.id)
    with pytest.raises(NotAllowed, match="run elsewhere"):
        hall.judging.start(there, hall.judge, 1)


def test_passages_leave_this_machine_only_where_that_was_agreed_to(hall: Hall) -> None:
    hall.bench.local, hall.bench.host = False, "api.example.org"
    with pytest.raises(NotAllowed, match="judge would read answers made from passages"):
        hall.judging.start(hall.experiment.id, hall.judge, 1)


__all__ = ["laboratory", "world"]


def test_the_experiments_spending_limit_holds_for_it_too(hall: Hall) -> None:
    """Nothing is asked that could pass it; with more to spend the rest is asked."""
    experiments, asked = hall.laboratory.experiments, list[str]()

    def worst(_candidate: Candidate, case: Case) -> int:
        asked.append(case.question)
        return 20

    hall.laboratory.worst = worst
    experiments.set_limit(hall.experiment.id, Limit(10, "USD"))
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    view = hall.ended()
    assert (view.done, hall.bench.requests) == (0, [])
    assert view.words == "The next judgement could have passed the spending limit. What was said is kept."
    assert "First answer:" in asked[0], "all that it is sent is counted"

    experiments.set_limit(hall.experiment.id, Limit(1000, "USD"))
    hall.judging.start(hall.experiment.id, hall.judge, 100)
    assert (hall.ended().done, hall.look().words) == (12, "")
