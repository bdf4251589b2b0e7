"""The second phase of a run: why each answer that is not right is not (METRICS, "Attribution").

First all are looked at, page by page, and whatever can be told without a model is told. Then those whose
cause takes asking again are asked, as pieces in the lines of their backends like the answers before them.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain import (
    Answer,
    Cause,
    CauseProgress,
    Experiment,
    Found,
    FoundPassage,
    PosedCase,
    Probed,
    ProbeKind,
    Retrieval,
    Slot,
    Trial,
)
from app.errors import AppError, DatabaseTrouble, NotAllowed
from app.evaluation.attribution import Asked, Probes, cause_of, searches, without_documents
from app.evaluation.experiments.order import by_model
from app.evaluation.experiments.pieces import Piece, asked_as
from app.evaluation.experiments.tracing import CollectionSearch
from app.evaluation.scorers.contains import contains
from app.evaluation.scorers.language import rules_for
from storage.experiments import Experiments

PAGE = 50
"""So many answers are read, looked at and written at once."""
SWITCHED_OFF = "Asking again is switched off, so nothing more can be told."
BY_HAND = "You marked it as wrong and the rule did not, so it could not judge what comes when asked again."
Posing = Callable[[Retrieval | None, int], PosedCase]
"""A case, by its place, as it is posed to the collection of a retrieval setting."""


def untold(experiment: Experiment, trials: Iterable[Trial]) -> list[Trial]:
    """Those that are not right and lack a cause; also what was not split further, and may be now."""
    lacking = {"", Cause.MODEL_UNSPLIT.value} if experiment.reask else {""}
    return [one for one in trials if one.right is False and one.cause in lacking]


def cause_progress(trials: Iterable[Trial]) -> CauseProgress:
    """Of how many of the trials that are not right the cause was found."""
    wrong = [one for one in trials if one.right is False]
    return CauseProgress(sum(bool(one.cause) for one in wrong), len(wrong))


@dataclass
class _Waiting:
    """An answer whose cause takes asking again: ``out`` re-askings of ``kind`` are not back yet.

    Of the kinds in ``tried`` everything was asked, whether it could be scored or not.
    """

    trial: Trial
    kind: ProbeKind
    out: int = 0
    tried: set[ProbeKind] = field(default_factory=set)


class Causes:
    """What is left to find, and what was found. For the run's coordinator; the properties for any thread."""

    def __init__(
        self,
        experiments: Experiments,
        experiment: Experiment,
        trials: Sequence[Trial],
        *,
        pose: Posing,
        search: Callable[[str], CollectionSearch],
        unusable: Callable[[str], str],
    ) -> None:
        """``unusable`` says why a collection (by its id) cannot be searched for causes, "" where it can."""
        self._experiments = experiments
        self._experiment = experiment
        self._pose = pose
        self._search = search
        self._unusable = unusable
        self._left = deque(by_model(experiment, untold(experiment, trials)))
        self._open = len(self._left)
        self._wrong = cause_progress(trials).of
        self._searches: dict[str, CollectionSearch] = {}
        self._waiting: dict[Slot, _Waiting] = {}
        self._trouble: Counter[str] = Counter()
        self.lines: dict[str, deque[Piece]] = {one.backend: deque() for one in experiment.everybody}

    @property
    def progress(self) -> CauseProgress:
        """How many are found."""
        return CauseProgress(self._wrong - self._open, self._wrong)

    @property
    def most_left(self) -> int:
        """How many re-askings there are still at most, those that are being asked among them.

        With a judge each of them takes a judgement besides.
        """
        waiting, each = list(self._waiting.values()), 2 if self._experiment.judge else 1
        more = self._experiment.repeats
        return each * sum(one.out + more * (one.kind is ProbeKind.AGAIN) for one in waiting)

    @property
    def words(self) -> str:
        """What could not be told, and why; "" where all is."""
        return " ".join(f"{_answers(count)}: {why}" for why, count in self._trouble.items())

    # ----------------------------------------------------------------- all of them, without a model

    def look(self, ended: Callable[[], bool]) -> None:
        """Look at all, until ``ended()`` is true; what takes asking again stands in ``lines`` then.

        Raises DatabaseTrouble.
        """
        while self._left and not ended():
            page = [self._left.popleft() for _ in range(min(PAGE, len(self._left)))]
            for trial, kind in self._look_at(page):
                self._append(self._pieces(trial, kind))
        self._searches.clear()  # with the vectors of whole collections, which asking again does not take

    def _look_at(self, trials: Sequence[Trial]) -> list[tuple[Trial, ProbeKind]]:
        """Write what can be told; the others with the re-asking that they need."""
        asked = self._asked(trials)
        unusable = self._prepare(asked.values())
        told: dict[str, Found] = {}
        needs: list[tuple[Trial, ProbeKind]] = []
        for trial in trials:
            found = self._found(asked[trial.answer_id], unusable)
            if found is not None and found.needs is None:
                told[trial.answer_id] = found
            elif found is not None and found.needs is not None:
                needs.append((trial, found.needs))
        self._write(told)
        return needs

    def _prepare(self, asked: Iterable[Asked]) -> dict[str, str]:
        """Embed the questions of a page at once. Collection id -> why it cannot be used."""
        questions: dict[str, list[str]] = defaultdict(list)
        for one in asked:
            if one.answer.candidate.retrieval is not None:
                texts = questions[one.answer.candidate.retrieval.collection_id]
                texts += [one.posed.case.question] * searches(one)
        unusable = {one: self._unusable(one) for one in questions}
        for collection_id, texts in questions.items():
            try:
                if not unusable[collection_id]:
                    self._searched(collection_id).prepare(texts)
            except DatabaseTrouble:
                raise
            except AppError as error:
                unusable[collection_id] = str(error)
        return unusable

    def _found(self, asked: Asked, unusable: Mapping[str, str]) -> Found | None:
        """None where its collection cannot be used. Raises DatabaseTrouble."""
        retrieval = asked.answer.candidate.retrieval
        early = without_documents(asked)
        if early is not None or retrieval is None:
            return early
        try:
            if unusable[retrieval.collection_id]:
                raise NotAllowed(unusable[retrieval.collection_id])
            return cause_of(asked, self._searched(retrieval.collection_id))
        except DatabaseTrouble:
            raise
        except AppError as error:
            self._trouble[str(error)] += 1
            return None

    def _searched(self, collection_id: str) -> CollectionSearch:
        if collection_id not in self._searches:
            self._searches[collection_id] = self._search(collection_id)
        return self._searches[collection_id]

    def _write(self, told: Mapping[str, Found]) -> None:
        causes = {key: (one.cause.value, one.evidence) for key, one in told.items() if one.cause is not None}
        if causes:
            self._experiments.set_causes(causes)
            self._open -= len(causes)

    # ----------------------------------------------------------------- what is known of an answer

    def _asked(self, trials: Sequence[Trial]) -> dict[str, Asked]:
        ids = [one.answer_id for one in trials]
        answers, probed = self._experiments.answers(ids), self._experiments.probes(ids)
        return {
            one.answer_id: self._of(one, answers[one.answer_id], probed.get(one.answer_id, ()))
            for one in trials
        }

    def _of(self, trial: Trial, answer: Answer, probed: Sequence[Probed]) -> Asked:
        posed = self._pose(answer.candidate.retrieval, trial.slot.case)
        language = rules_for(posed.case)
        return Asked(
            posed=posed,
            answer=answer,
            abstained=bool(trial.abstained),
            holds=lambda text: any(contains(text, one, language) for one in posed.case.answers),
            probes=self._probes(trial, probed),
            no_probes=self._no_probes(trial),
        )

    def _probes(self, trial: Trial, probed: Sequence[Probed]) -> Probes:
        """Of the kinds of which all was asked, what could be scored."""
        rights = {kind: _scored(probed, kind) for kind in ProbeKind}
        waiting = self._waiting.get(trial.slot)
        tried = waiting.tried if waiting else set()
        return {k: one for k, one in rights.items() if k in tried or len(one) >= self._experiment.repeats}

    def _no_probes(self, trial: Trial) -> str:
        if trial.by_rule is not False:
            return BY_HAND
        return "" if self._experiment.reask else SWITCHED_OFF

    # ----------------------------------------------------------------- those that take asking again

    def passages(self, piece: Piece) -> tuple[FoundPassage, ...]:
        """What a re-asking is given: the same as before, or the gold text alone. Raises AppError."""
        answer_id = self.of(piece)
        answer = self._experiments.answers([answer_id])[answer_id]
        retrieval = answer.candidate.retrieval
        if piece.kind is ProbeKind.GOLD and retrieval is not None:
            if words := self._unusable(retrieval.collection_id):
                raise NotAllowed(words)
            return self._searched(retrieval.collection_id).gold(self._pose(retrieval, piece.slot.case))
        given = answer.prompt.given if answer.prompt else ()
        return tuple(FoundPassage(one.passage, one.similarity, n) for n, one in enumerate(given, start=1))

    def of(self, piece: Piece) -> str:
        """The id of the answer whose cause is looked for."""
        return self._waiting[piece.slot].trial.answer_id

    def came(self, piece: Piece, *, ended: bool) -> None:
        """A re-asking is back and logged. With the last of its kind, unless the run ends, look again.

        What it needs then goes to the front of its line, so that no model is loaded a second time for it;
        with a judge to its end, so that the judge is not loaded for every one. Raises DatabaseTrouble.
        """
        waiting = self._waiting[piece.slot]
        waiting.out -= 1
        if waiting.out or ended:
            return
        waiting.tried.add(waiting.kind)
        needs = self._look_at([waiting.trial])
        for trial, kind in needs:
            pieces = self._pieces(trial, kind)
            if self._experiment.judge is None:
                self.lines[self._backend(pieces[0])].extendleft(reversed(pieces))
            else:
                self._append(pieces)
        if not needs:
            del self._waiting[piece.slot]

    def judge(self, piece: Piece) -> None:
        """A re-asking is back and logged, and the judge has to tell whether it is right."""
        self._append([piece._replace(judges=True)])

    def _append(self, pieces: Iterable[Piece]) -> None:
        for one in pieces:
            self.lines[self._backend(one)].append(one)

    def _pieces(self, trial: Trial, kind: ProbeKind) -> list[Piece]:
        """What is missing of a kind; those that told nothing are not counted and keep their numbers.

        Those that wait for the judge are put to it, and not asked once more.
        """
        waiting = self._waiting.setdefault(trial.slot, _Waiting(trial, kind))
        probed = self._experiments.probes([trial.answer_id]).get(trial.answer_id, [])
        first = max((one.number for one in probed if one.kind is kind), default=-1) + 1
        waiting.kind = kind
        waiting.out = self._experiment.repeats - len(_scored(probed, kind))
        made = [one.number for one in probed if one.kind is kind and one.unjudged][: waiting.out]
        judged = [Piece(trial.slot, kind, number, judges=True) for number in made]
        return judged + [Piece(trial.slot, kind, first + n) for n in range(waiting.out - len(made))]

    def _backend(self, piece: Piece) -> str:
        return asked_as(self._experiment, piece).backend


def _scored(probed: Sequence[Probed], kind: ProbeKind) -> list[bool]:
    return [one.right for one in probed if one.kind is kind and one.right is not None]


def _answers(count: int) -> str:
    return f"Why {'1 answer is' if count == 1 else f'{count} answers are'} not right could not be told"
