"""Scoring the recorded answers of an experiment anew. No model is asked, and nothing is run.

For scorers that were changed since (with another version, or mended). Every scorer is put to every answer
that counts and to every re-asking, a page at a time; scores of new versions stand beside the old ones. What
the rule then finds right is rewritten, and causes that rested on what changed are taken away, so that they
are looked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain import (
    Answer,
    Case,
    Experiment,
    Judged,
    PosedCase,
    Probed,
    Rescored,
    RescoreView,
    Score,
    Trial,
)
from app.errors import NotAllowed, NotFound
from app.evaluation.experiments.running import TOLD, Rooms, revision_of
from app.evaluation.judging import by_judge
from app.evaluation.right import abstained
from app.evaluation.scorers.spans import OF_THE_SEARCH
from storage.datasets import Datasets
from storage.rescoring import Rescores

PAGE = 50
"""So many answers are read, scored and written at once."""


@dataclass(frozen=True)
class _Scored:
    """An answer scored anew."""

    rescored: Rescored
    abstained: bool


class Rescoring:
    """Scores experiments anew. Raises DatabaseTrouble."""

    def __init__(
        self, rooms: Rooms, datasets: Datasets, kept: Rescores, running: Callable[[], Sequence[str]]
    ) -> None:
        """``running`` are the ids of experiments that run."""
        self._rooms = rooms
        self._datasets = datasets
        self._kept = kept
        self._running = running

    def rescore(
        self, experiment_id: str, report: Callable[[RescoreView], object] = lambda _view: None
    ) -> RescoreView:
        """Score all of it; ``report`` is told after each page. What is done stays done where it breaks off.

        Raises NotFound, and NotAllowed while it runs.
        """
        if experiment_id in self._running():
            raise NotAllowed("This experiment is running.", "Wait for its end, or stop it first.")
        experiment = self._rooms.experiments.get(experiment_id)
        cases = self._datasets.cases(experiment.version)
        trials = self._rooms.experiments.trials(experiment_id)
        posing = _Posing(self._rooms, experiment, cases)
        view = RescoreView(len(trials))
        for start in range(0, len(trials), PAGE):
            page = trials[start : start + PAGE]
            view = self._page(page, posing, view)
            report(view)
        return view

    def _page(self, trials: Sequence[Trial], posing: _Posing, view: RescoreView) -> RescoreView:
        ids = [one.answer_id for one in trials]
        probed = self._rooms.experiments.probes(ids)
        asked = [one.answer_id for several in probed.values() for one in several]
        answers = self._rooms.experiments.answers([*ids, *asked])
        before = self._kept.by_rule(ids)
        made: list[Rescored] = []
        for trial in trials:
            if trial.answer_id not in answers:
                continue
            old = before.get(trial.answer_id, (None, ""))
            new, probes = self._one(trial, old, answers, probed.get(trial.answer_id, ()), posing)
            made += [new, *probes]
            view = _counted(view, old[0], new, unlocated=not posing.usable(answers[trial.answer_id]))
        self._kept.keep(made)
        return replace(view, done=view.done + len(trials))

    def _one(
        self,
        trial: Trial,
        old: tuple[bool | None, str],
        answers: dict[str, Answer],
        probed: Sequence[Probed],
        posing: _Posing,
    ) -> tuple[Rescored, list[Rescored]]:
        """The trial and its re-askings scored anew."""
        place = trial.slot.case
        new = self._scored(answers[trial.answer_id], place, posing)
        probes: list[Rescored] = []
        other = (new.rescored.right, new.rescored.rule) != old or new.abstained != bool(trial.abstained)
        for one in probed:
            if one.answer_id in answers:
                again = self._scored(answers[one.answer_id], place, posing).rescored
                # What failed says nothing of what the model would have answered.
                told = answers[one.answer_id].state in TOLD and one.right is not None
                again = again if told else replace(again, right=one.right)
                other = other or again.right != one.right
                probes.append(again)
        return replace(new.rescored, look_again=other and bool(trial.cause)), probes

    def _scored(self, answer: Answer, place: int, posing: _Posing) -> _Scored:
        """Where a judge was chosen, by what it said of it; what it was never asked about waits for it."""
        unmarked = replace(answer, mark=None)
        posed = posing.posed(answer, place)
        new = self._rooms.judge(posed, unmarked).answer.scores
        if not posing.usable(answer):
            new = tuple(_as_it_was(new, answer.scores))
        made = {(one.scorer, one.version) for one in new}
        scores = [*(one for one in answer.scores if (one.scorer, one.version) not in made), *new]
        judged = Judged(replace(unmarked, scores=tuple(scores)), None, "")
        told = by_judge(posed.case, judged, posing.experiment.judge)
        # Why the judge is not asked about it, where that is new.
        noted = [one for one in told.answer.scores if one not in scores]
        rescored = Rescored(answer.id, (*new, *noted), told.right, told.rule)
        return _Scored(rescored, abstained(scores))


class _Posing:
    """The cases as they are posed to each collection, as far as its documents are what they were."""

    def __init__(self, rooms: Rooms, experiment: Experiment, cases: Sequence[Case]) -> None:
        self._rooms = rooms
        self.experiment = experiment
        self._cases = cases
        self._posed: dict[str, Sequence[PosedCase] | None] = {}

    def usable(self, answer: Answer) -> bool:
        """Whether its documents are here and as they were when it was made, or it was given none."""
        retrieval = answer.candidate.retrieval
        return retrieval is None or self._of(retrieval.collection_id) is not None

    def posed(self, answer: Answer, place: int) -> PosedCase:
        """The case at that place, without where its gold text stands if that is not known any more."""
        retrieval = answer.candidate.retrieval
        known = self._of(retrieval.collection_id) if retrieval else None
        return known[place] if known is not None else PosedCase(self._cases[place])

    def _of(self, collection_id: str) -> Sequence[PosedCase] | None:
        if collection_id not in self._posed:
            self._posed[collection_id] = self._pose(collection_id)
        return self._posed[collection_id]

    def _pose(self, collection_id: str) -> Sequence[PosedCase] | None:
        try:
            collection = self._rooms.collection(collection_id)
        except NotFound:
            return None
        if revision_of(self.experiment, collection_id) != str(collection.revision):
            return None
        return self._rooms.pose(collection_id, self._cases)


def _as_it_was(new: Sequence[Score], recorded: Sequence[Score]) -> Iterator[Score]:
    """Without the documents, what can no longer be scored of a search does not replace what once was."""
    known = {one.scorer for one in recorded if one.value is not None and one.scorer in OF_THE_SEARCH}
    return (one for one in new if one.value is not None or one.scorer not in known)


def _counted(view: RescoreView, old: bool | None, new: Rescored, *, unlocated: bool) -> RescoreView:
    return replace(
        view,
        now_right=view.now_right + (new.right is True and old is False),
        now_wrong=view.now_wrong + (new.right is False and old is True),
        otherwise=view.otherwise + (new.right is not old and None in {new.right, old}),
        look_again=view.look_again + new.look_again,
        unlocated=view.unlocated + unlocated,
    )
