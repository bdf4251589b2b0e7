"""The phase of a run between asking and looking for causes: the judge says what matches (METRICS, "Judge").

It is a phase of its own because a backend that loads models then loads the judge once, not after every
answer; re-askings for causes are judged in the same way, as many as there are at a time. An answer that waits
for the judge has no rule yet (""), so that a run which goes on judges nothing twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence

from app.domain import (
    Answer,
    Case,
    Experiment,
    Judged,
    JudgeProgress,
    RightRule,
    Slot,
    Trial,
)
from app.evaluation.experiments.asking import JudgeTask
from app.evaluation.experiments.order import by_model
from app.evaluation.experiments.pieces import Piece
from app.evaluation.judging import by_judge, with_score, without_judge
from app.evaluation.scorers.judge import question_of, score_of, scorer_of
from storage.experiments import Experiments
from storage.removing import in_parts

PAGE = 50
"""So many answers are read and looked at at once."""


def unjudged(experiment: Experiment, trial: Trial) -> bool:
    """Whether the answer waits for the judge."""
    return experiment.judge is not None and not trial.told_by


def unclear(trial: Trial) -> bool:
    """Whether the judge was to tell, and could not."""
    return trial.told_by == RightRule.JUDGE.value and trial.by_rule is None


def judge_progress(experiment: Experiment, trials: Iterable[Trial]) -> JudgeProgress:
    """Of how many of the answers that the judge is asked about it has said something."""
    waiting = done = 0
    for one in trials:
        waiting += unjudged(experiment, one)
        done += one.told_by == RightRule.JUDGE.value
    return JudgeProgress(done, done + waiting)


class Rulings:
    """What is left to judge, and what comes of it. For the run's coordinator; ``progress`` for any thread."""

    def __init__(
        self,
        experiments: Experiments,
        experiment: Experiment,
        trials: Sequence[Trial],
        cases: Sequence[Case],
        *,
        again: bool = False,
    ) -> None:
        """``again``: what the judge could not tell is put to it once more."""
        self._experiments = experiments
        self._experiment = experiment
        self._cases = cases
        self._judge = experiment.judge
        self._ids = {one.slot: one.answer_id for one in trials}
        chosen = [one for one in trials if not one.told_by or (again and unclear(one))]
        self._left = deque(by_model(experiment, chosen))
        self._open = len(chosen)
        self._size = self._open + sum(
            one.told_by == RightRule.JUDGE.value and not (again and unclear(one)) for one in trials
        )
        self._asked: dict[Piece, Answer] = {}
        self.lines: dict[str, deque[Piece]] = {self._judge.backend: deque()} if self._judge else {}

    @property
    def progress(self) -> JudgeProgress:
        """How many are judged."""
        return JudgeProgress(self._size - self._open, self._size)

    @property
    def waiting(self) -> Collection[Slot]:
        """The slots whose answers the judge is asked about now."""
        return {one.slot for line in self.lines.values() for one in line}

    # ----------------------------------------------------------------- all of them, without a model

    def look(self, ended: Callable[[], bool]) -> None:
        """Decide whatever the scores on record decide, until ``ended()``; the rest stands in ``lines`` then.

        So it is where another judge was chosen. Raises DatabaseTrouble.
        """
        while self._left and not ended():
            page = [self._left.popleft() for _ in range(min(PAGE, len(self._left)))]
            waiting = self._decide([(one.slot, one.answer_id) for one in page])
            self._open -= len(page) - len(waiting)
            for line in self.lines.values():
                line.extend(Piece(one.slot, judges=True) for one in page if one.answer_id in waiting)
        if not ended():
            for part in in_parts(self._experiments.unjudged_probes(self._experiment.id), PAGE):
                self._decide(part)

    def _decide(self, page: Sequence[tuple[Slot, str]]) -> set[str]:
        """Write what can be told; the ids of those that wait."""
        answers = self._experiments.answers([name for _, name in page])
        found = [self._told(slot, answers[name]) for slot, name in page]
        if told := [one for one in found if one.rule]:
            self._experiments.set_rights(told, scorer_of(self._judge))
        return {one.answer.id for one in found if not one.rule}

    def _told(self, slot: Slot, answer: Answer) -> Judged:
        """A judge that could not tell is asked again; what it did say holds."""
        name = scorer_of(self._judge)
        unscored = any(one.scorer == name and one.value is None for one in answer.scores)
        bare = without_judge(answer, self._judge) if unscored else answer
        return by_judge(self._cases[slot.case], Judged(bare, None, ""), self._judge)

    # ----------------------------------------------------------------- one by one, by the judge

    def task(self, piece: Piece, answer_id: str, question_id: str) -> JudgeTask:
        """What the judge is asked about the answer of a piece. Raises DatabaseTrouble."""
        assert self._judge is not None  # noqa: S101 - there are no pieces without one
        self._asked[piece] = self._answer(piece)
        question = question_of(self._cases[piece.slot.case], self._asked[piece].text)
        return JudgeTask(self._experiment.id, answer_id, question_id, question, self._judge)

    def question(self, piece: Piece) -> str:
        """The same as a text. Raises DatabaseTrouble."""
        return question_of(self._cases[piece.slot.case], self._answer(piece).text)

    def take(self, piece: Piece, ruling: Answer, *, counts: bool) -> tuple[Judged | None, Callable[[], None]]:
        """What comes of the judge's answer, and how it is logged; None where it does not count.

        Nothing is read for that: what was paid for is logged, or kept, whatever the database does.
        """
        assert self._judge is not None  # noqa: S101 - as above
        answer, ruled = self._asked.pop(piece), None
        if counts:
            scored = with_score(answer, score_of(self._judge, ruling))
            ruled = by_judge(self._cases[piece.slot.case], Judged(scored, None, ""), self._judge)
            self._open -= piece.kind is None
        name = scorer_of(self._judge)
        return ruled, lambda: self._experiments.commit_ruling(answer.id, name, ruling, ruled)

    def _answer(self, piece: Piece) -> Answer:
        name = self._ids[piece.slot]
        if piece.kind is not None:
            probed = self._experiments.probes([name])[name]
            name = next(p.answer_id for p in probed if (p.kind, p.number) == (piece.kind, piece.number))
        return self._experiments.answers([name])[name]
