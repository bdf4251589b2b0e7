"""Scoring the recorded answers of an experiment anew. No model is asked, and nothing is run.

For scorers that were changed since (with another version, or mended). Every scorer is put to every answer
that counts and to every re-asking, a page at a time; scores of new versions stand beside the old ones. What
the rule then finds right is rewritten, and causes that rested on what changed are taken away, so that they
are looked for again. What nobody could find again here stays as it is: causes where the documents are not
what they were, or where the experiment was run elsewhere, and there what only a judge could tell.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
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
    RightRule,
    Score,
    Trial,
)
from app.errors import NotAllowed, NotFound
from app.evaluation.attribution import Asked, without_documents
from app.evaluation.experiments.running import TOLD, Rooms, revision_of
from app.evaluation.judging import by_judge
from app.evaluation.right import abstained
from app.evaluation.scorers.spans import OF_THE_SEARCH
from storage.datasets import Datasets
from storage.rescoring import Rescores

PAGE = 50
"""So many answers are read, scored and written at once."""
AGAIN = "Score it anew once more: what is done stays done."


@dataclass(frozen=True)
class _Scored:
    """An answer scored anew."""

    rescored: Rescored
    abstained: bool


class Rescoring:
    """Scores experiments anew. Raises DatabaseTrouble."""

    def __init__(
        self,
        rooms: Rooms,
        datasets: Datasets,
        kept: Rescores,
        alone: Callable[[str], AbstractContextManager[None]],
    ) -> None:
        """``alone`` keeps everybody else from an experiment, or raises NotAllowed; as in Experimenting."""
        self._rooms = rooms
        self._datasets = datasets
        self._kept = kept
        self._alone = alone
        self._closing = threading.Event()

    def close(self) -> None:
        """End whatever is being scored, without waiting; what is done is kept."""
        self._closing.set()

    def rescore(
        self, experiment_id: str, report: Callable[[RescoreView], object] = lambda _view: None
    ) -> RescoreView:
        """Score all of it; ``report`` is told after each page. What is done stays done where it breaks off.

        Raises NotFound, and NotAllowed while it runs, or is being scored anew.
        """
        with self._alone(experiment_id):
            return self._all(experiment_id, report)

    def _all(self, experiment_id: str, report: Callable[[RescoreView], object]) -> RescoreView:
        experiment = self._rooms.experiments.get(experiment_id)
        cases = self._datasets.cases(experiment.version)
        trials = self._rooms.experiments.trials(experiment_id)
        elsewhere = self._rooms.experiments.imported(experiment_id)
        posing = _Posing(self._rooms, experiment, cases, elsewhere=elsewhere)
        scoring = _Scoring(self._rooms, self._kept, posing, RescoreView(len(trials), elsewhere=elsewhere))
        for start in range(0, len(trials), PAGE):
            if self._closing.is_set():
                done = f"{scoring.view.done} of {scoring.view.of} answers"
                raise NotAllowed(f"Assay was closed when {done} were scored.", AGAIN)
            scoring.page(trials[start : start + PAGE])
            report(scoring.view)
        return scoring.view


class _Scoring:
    """One pass over an experiment; ``view`` is how far it is."""

    def __init__(self, rooms: Rooms, kept: Rescores, posing: _Posing, view: RescoreView) -> None:
        self._rooms = rooms
        self._kept = kept
        self._posing = posing
        self.view = view

    def page(self, trials: Sequence[Trial]) -> None:
        """Score these with their re-askings, and write what came of it."""
        ids = [one.answer_id for one in trials]
        probed = self._rooms.experiments.probes(ids)
        asked = [one.answer_id for several in probed.values() for one in several]
        answers = self._rooms.experiments.answers([*ids, *asked])
        before = self._kept.by_rule(ids)
        made: list[Rescored] = []
        for trial in trials:
            if trial.answer_id in answers:
                old = before.get(trial.answer_id, (None, ""))
                made += self._one(trial, old, answers, probed.get(trial.answer_id, ()))
        self._kept.keep(made)
        self._count(done=len(trials))

    def _count(self, **more: int) -> None:
        self.view = replace(self.view, **{name: getattr(self.view, name) + n for name, n in more.items()})

    def _one(
        self,
        trial: Trial,
        old: tuple[bool | None, str],
        answers: dict[str, Answer],
        probed: Sequence[Probed],
    ) -> list[Rescored]:
        """The trial and its re-askings scored anew."""
        place, answer = trial.slot.case, answers[trial.answer_id]
        scored = self._scored(answer, place)
        new = self._ruled(scored.rescored, *old)
        probes = [
            self._probe(one, answers[one.answer_id], place) for one in probed if one.answer_id in answers
        ]
        known = {one.answer_id: one.right for one in probed}
        changed = (
            (new.right, new.rule) != old
            or scored.abstained != bool(trial.abstained)
            or any(one.right != known[one.answer_id] for one in probes)
        )
        new = self._caused(trial, answer, replace(scored, rescored=new)) if changed else new
        self._count(
            now_right=new.right is True and old[0] is False,
            now_wrong=new.right is False and old[0] is True,
            otherwise=new.right is not old[0] and None in {new.right, old[0]},
            look_again=new.look_again and new.right is False,
            unlocated=not self._posing.usable(answer),
            unjudged=not new.rule,
            kept_rulings=new.rule != scored.rescored.rule,
        )
        return [new, *probes]

    def _probe(self, one: Probed, answer: Answer, place: int) -> Rescored:
        rule = "" if one.unjudged else RightRule.JUDGE.value
        again = self._ruled(self._scored(answer, place).rescored, one.right, rule)
        # What failed says nothing of what the model would have answered.
        told = answer.state in TOLD and one.right is not None
        return again if told else replace(again, right=one.right)

    def _ruled(self, new: Rescored, right: bool | None, rule: str) -> Rescored:
        """As it was before where now a judge would have to tell, and nobody asks one."""
        waits = not new.rule and rule
        return replace(new, right=right, rule=rule) if waits and self._posing.elsewhere else new

    def _caused(self, trial: Trial, answer: Answer, scored: _Scored) -> Rescored:
        """With what becomes of its cause, now that something it may rest on is otherwise."""
        new, place = scored.rescored, trial.slot.case
        if self._posing.traceable(answer, place):
            return replace(new, look_again=bool(trial.cause))
        if new.right is not False:
            return new
        posed = self._posing.posed(answer, place)
        found = without_documents(Asked(posed, answer, scored.abstained, lambda _text: False))
        if found is not None and found.cause is not None:
            return replace(new, cause=(found.cause.value, found.evidence))
        self._count(kept_causes=bool(trial.cause), untold=self._posing.elsewhere and not trial.cause)
        return new

    def _scored(self, answer: Answer, place: int) -> _Scored:
        """Where a judge was chosen, by what it said of it; what it was never asked about waits for it."""
        unmarked = replace(answer, mark=None)
        posed = self._posing.posed(answer, place)
        new = self._rooms.judge(posed, unmarked).answer.scores
        if not self._posing.usable(answer):
            new = tuple(_as_it_was(new, answer.scores))
        made = {(one.scorer, one.version) for one in new}
        scores = [*(one for one in answer.scores if (one.scorer, one.version) not in made), *new]
        judged = Judged(replace(unmarked, scores=tuple(scores)), None, "")
        told = by_judge(posed.case, judged, self._posing.experiment.judge)
        # Why the judge is not asked about it, where that is new.
        noted = [one for one in told.answer.scores if one not in scores]
        rescored = Rescored(answer.id, (*new, *noted), told.right, told.rule)
        return _Scored(rescored, abstained(scores))


class _Posing:
    """The cases as they are posed to each collection, as far as its documents are what they were."""

    def __init__(
        self, rooms: Rooms, experiment: Experiment, cases: Sequence[Case], *, elsewhere: bool
    ) -> None:
        self._rooms = rooms
        self.experiment = experiment
        self.elsewhere = elsewhere
        self._cases = cases
        self._posed: dict[str, Sequence[PosedCase] | None] = {}

    def usable(self, answer: Answer) -> bool:
        """Whether its documents are here and as they were when it was made, or it was given none."""
        retrieval = answer.candidate.retrieval
        return retrieval is None or self._of(retrieval.collection_id) is not None

    def traceable(self, answer: Answer, place: int) -> bool:
        """Whether why it is not right can be looked for again here; without gold text that takes no look.

        Nor does it for what was recorded elsewhere: that is told at once.
        """
        if self.elsewhere or answer.candidate.imported:
            return False
        return self.usable(answer) or not self._cases[place].gold

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
        return list(self._rooms.pose(collection_id, self._cases))


def _as_it_was(new: Sequence[Score], recorded: Sequence[Score]) -> Iterator[Score]:
    """Without the documents, what can no longer be scored of a search does not replace what once was."""
    known = {one.scorer for one in recorded if one.value is not None and one.scorer in OF_THE_SEARCH}
    return (one for one in new if one.value is not None or one.scorer not in known)
