"""A world with a dataset and everything that runs experiments; only models and embedder are fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from app.domain import Answer, AnswerState, Candidate, Case, Gold, Judged, Limit, PosedCase, RunView
from app.evaluation.experiments.asking import Here
from app.evaluation.experiments.drift import Placing
from app.evaluation.experiments.experimenting import Experimenting, Wanted
from app.evaluation.experiments.running import Rooms
from app.evaluation.experiments.tracing import CollectionSearch
from app.workers import Workers
from storage.datasets import Datasets
from storage.experiments import Experiments
from tests.answering.conftest import World, world

CASES = tuple(Case(f"Question {n}?", (f"answer {n}",), (Gold("mill.txt", "stones"),)) for n in range(6))


def unplaced(_collection: str, cases: Sequence[Case]) -> list[PosedCase]:
    """No document has the gold text: then no cause takes asking again."""
    return [PosedCase(one, (None,) * len(one.gold), (False,) * len(one.gold)) for one in cases]


def judge(posed: PosedCase, answer: Answer) -> Judged:
    """Right is what holds a reference; the real rules have tests of their own."""
    right = answer.state is AnswerState.COMPLETE and any(one in answer.text for one in posed.case.answers)
    return Judged(answer, right, "contains")


@dataclass
class Laboratory:
    """What the tests of experiments look at."""

    world: World
    judge: Callable[[PosedCase, Answer], Judged] = judge
    worst: Callable[[Candidate, Case], int | None] = lambda _candidate, _case: 0
    pose: Callable[[str, Sequence[Case]], Iterable[PosedCase]] = unplaced
    cases: tuple[Case, ...] = CASES
    made: list[Experimenting] = field(default_factory=list)

    def __post_init__(self) -> None:
        database = self.world.database
        self.datasets, self.experiments = Datasets(database), Experiments(database)
        self.dataset = self.datasets.by_name("Mill") or self.datasets.create("Mill", self.cases)
        self.world.add("mill.txt", "The mill has seven stones.", "The inn has nine beds.")
        self.experimenting = self.opened()

    def opened(self) -> Experimenting:
        """As at the start of a process."""
        here = Here(self.world.comparing._answering)
        rooms = Rooms(
            self.experiments,
            self.world.searching,
            self.world.comparing._answering,
            Workers(8, "task"),
            here,
            self._judge,
            lambda name: self.world.backend(name).concurrency,
            self.world.collections.get,
            lambda collection, cases: self.pose(collection, cases),  # noqa: PLW0108 - a test may change it
            lambda one: CollectionSearch(one, self.world.documents, self.world.index, self.world.searching),
            Placing(self.world.searching, self.world.documents),
        )
        self.made.append(
            Experimenting(
                rooms,
                backend_of=self.world.backend,
                datasets=self.datasets,
                collections=self.world.collections,
                documents=self.world.documents,
                worst=self._worst,
            )
        )
        return self.made[-1]

    def _judge(self, posed: PosedCase, answer: Answer) -> Judged:
        return self.judge(posed, answer)

    def _worst(self, candidate: Candidate, case: Case, _currency: str) -> int | None:
        return self.worst(candidate, case)

    def wanted(
        self,
        *candidates: Candidate,
        repeats: int = 1,
        one_at_a_time: bool = False,
        limit: Limit | None = None,
        judge: Candidate | None = None,
    ) -> Wanted:
        chosen = candidates or (self.world.candidate(), self.world.candidate(documents=False))
        return Wanted("First", self.dataset.id, chosen, repeats, one_at_a_time, limit, judge=judge)

    def ended(self, experiment: str) -> RunView:
        """The view once the run has ended."""
        run = self.experimenting._runs[experiment]
        assert run.done.wait(30), run.view()
        return self.experimenting.view(experiment)


@pytest.fixture
def laboratory(world: World) -> Iterator[Laboratory]:
    made = Laboratory(world)
    yield made
    for one in made.made:
        assert one.close(10)


__all__ = ["world"]
