"""Putting recorded answers into an experiment: priced, scored and attributed like others, and never asked.

What is measured is what the file has: speeds are nobody's to know, and which passages were given is not
recorded, so that measures of these leave an imported answer unscored and no cause blames the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from ulid import ULID

from app.costs.pricing import Pricing
from app.domain import (
    ASSUMED_DATE,
    Answer,
    AnswerState,
    ArchivedTrial,
    Candidate,
    Case,
    Checks,
    Cost,
    Experiment,
    ExperimentState,
    Judged,
    PosedCase,
    Reached,
    RecordedAnswer,
    RecordedColumns,
    RecordedDefaults,
    RecordedGroup,
    RecordedPreview,
    Slot,
    Timing,
    Upload,
    untold,
)
from app.errors import NotAllowed
from app.evaluation.attribution import Asked, without_documents
from app.evaluation.experiments.pieces import MOST_REPEATS
from app.evaluation.experiments.running import Rooms
from app.evaluation.judging import by_judge
from app.evaluation.recorded.previewing import Ground, preview
from app.evaluation.right import abstained
from storage.archives import Archives
from storage.datasets import Datasets

NOTHING = "Nothing was added."
LISTED = "USD"
ASSUMED = "The date of the answer was not told; that of the import is assumed."


@dataclass(frozen=True)
class Recording:
    """Recorded answers of experiments. Raises DatabaseTrouble.

    ``alone`` keeps everybody else from an experiment, or raises NotAllowed; as in Experimenting.
    """

    rooms: Rooms
    datasets: Datasets
    archives: Archives
    pricing: Pricing
    alone: Callable[[str], AbstractContextManager[None]]

    def preview(
        self,
        experiment_id: str,
        upload: Upload,
        defaults: RecordedDefaults,
        chosen: RecordedColumns | None = None,
    ) -> RecordedPreview:
        """What the file would bring. Raises NotFound, and NotAllowed for what is no such file."""
        return preview(upload, self._ground(self.rooms.experiments.get(experiment_id)), defaults, chosen)

    def add(
        self,
        experiment_id: str,
        upload: Upload,
        defaults: RecordedDefaults,
        chosen: RecordedColumns | None = None,
        reached: Reached = untold,
    ) -> RecordedPreview:
        """Put the file's answers into the experiment; all of them or none. Returns what was put in.

        ``reached`` is told how many are scored, of how many; what it raises ends it, and nothing is put in.
        Raises NotFound, and NotAllowed while it runs, and where no row can be taken.
        """
        with self.alone(experiment_id):
            experiment = self.rooms.experiments.get(experiment_id)
            self._refuse_unjudgeable(experiment)
            ground = self._ground(experiment)
            found = preview(upload, ground, defaults, chosen)
            self._put(experiment, ground, found, upload, reached)
            return found

    def make(
        self,
        dataset_id: str,
        upload: Upload,
        defaults: RecordedDefaults,
        chosen: RecordedColumns | None = None,
        *,
        name: str = "",
        reached: Reached = untold,
    ) -> tuple[str, RecordedPreview]:
        """A new experiment of recorded answers alone; returns its id, and what was put in. As ``add``.

        Raises NotFound for the dataset, and NotAllowed where no row can be taken.
        """
        experiment = self._bare(dataset_id, name)
        found, experiment = self._of_dataset(experiment, upload, defaults, chosen)
        if not found.answers:
            raise NotAllowed("No row of the file has an answer to any of its questions.", NOTHING)
        self._put(experiment, self._ground(experiment), found, upload, reached)
        return experiment.id, found

    def preview_new(
        self,
        dataset_id: str,
        upload: Upload,
        defaults: RecordedDefaults,
        chosen: RecordedColumns | None = None,
    ) -> RecordedPreview:
        """What ``make`` would put in. Raises NotFound, and NotAllowed for what is no such file."""
        return self._of_dataset(self._bare(dataset_id, ""), upload, defaults, chosen)[0]

    def take_out(self, experiment_id: str, candidate: Candidate) -> int:
        """Delete an imported candidate with its answers; returns how many. Raises NotFound, NotAllowed."""
        with self.alone(experiment_id):
            return self.rooms.experiments.take_out(experiment_id, candidate, _note(candidate))

    # ----------------------------------------------------------------- inside

    def _ground(self, experiment: Experiment) -> Ground:
        known = self.rooms.experiments.known(experiment.id)
        trials = self.rooms.experiments.trials(experiment.id) if known else []
        cases = self.datasets.cases(experiment.version)
        taken = frozenset(one.slot for one in trials)
        return Ground(experiment, cases, taken, datetime.now(UTC), self.pricing.maker)

    def _bare(self, dataset_id: str, name: str) -> Experiment:
        dataset = self.datasets.get(dataset_id)
        now = datetime.now(UTC)
        return Experiment(
            id=str(ULID()),
            name=name.strip() or f"{dataset.name}: recorded answers",
            dataset_id=dataset.id,
            dataset_name=dataset.name,
            version=dataset.version,
            candidates=(),
            repeats=1,
            cases=dataset.size,
            made_at=now,
            state=ExperimentState.FINISHED,
            ended_at=now,
        )

    def _of_dataset(
        self,
        experiment: Experiment,
        upload: Upload,
        defaults: RecordedDefaults,
        chosen: RecordedColumns | None,
    ) -> tuple[RecordedPreview, Experiment]:
        """With as many repeats as the file has."""
        wide = preview(upload, self._ground(replace(experiment, repeats=MOST_REPEATS)), defaults, chosen)
        most = max((one.repeat for group in wide.groups for one in group.answers), default=0) + 1
        fitting = replace(experiment, repeats=most)
        return preview(upload, self._ground(fitting), defaults, chosen), fitting

    def _refuse_unjudgeable(self, experiment: Experiment) -> None:
        if experiment.judge is not None and self.rooms.experiments.imported(experiment.id):
            raise NotAllowed(
                "A judge says what is right in this experiment, and it was run elsewhere: no judge is asked "
                "here.",
                "Add the answers where it was run.",
            )

    def _put(
        self,
        experiment: Experiment,
        ground: Ground,
        found: RecordedPreview,
        upload: Upload,
        reached: Reached,
    ) -> None:
        if not found.answers:
            raise NotAllowed("No row of the file can be added.", NOTHING)
        new = [one for one in found.groups if one.place is None]
        places = {one.candidate: len(experiment.candidates) + n for n, one in enumerate(new)}
        trials: list[ArchivedTrial] = []
        for group in found.groups:
            for answer in group.answers:
                reached(len(trials), found.answers)
                place = places.get(group.candidate, group.place or 0)
                trials.append(self._trial(experiment, group, answer, ground, place))
        reached(len(trials), found.answers)
        self.archives.add(
            experiment, [one.candidate for one in new], trials, notes_of(found, upload, ground.now)
        )

    def _trial(
        self,
        experiment: Experiment,
        group: RecordedGroup,
        recorded: RecordedAnswer,
        ground: Ground,
        place: int,
    ) -> ArchivedTrial:
        """The answer with its price, scores, and the cause where it is not right."""
        case = ground.cases[recorded.case]
        answer = self._answer(group.candidate, recorded, ground.now)
        judged = self.rooms.judge(PosedCase(case), answer)
        if experiment.judge is not None:
            judged = by_judge(case, judged, experiment.judge)
        cause, evidence = cause_of(case, judged)
        slot = Slot(place, recorded.case, recorded.repeat)
        return ArchivedTrial(
            slot, 1, judged.answer, right=judged.right, rule=judged.rule, cause=cause, evidence=evidence
        )

    def _answer(self, candidate: Candidate, recorded: RecordedAnswer, now: datetime) -> Answer:
        return Answer(
            id=str(ULID()),
            question_id="",
            position=0,
            candidate=candidate,
            state=AnswerState.COMPLETE,
            text=recorded.text,
            thinking="",
            prompt=None,
            checks=Checks(),
            usage=recorded.usage,
            timing=Timing(),
            cost=self._cost(recorded, now),
            error="",
            remedy="",
            attempts=1,
            backend_version="",
            asked_at=recorded.asked_at or now,
        )

    def _cost(self, recorded: RecordedAnswer, now: datetime) -> Cost:
        """By the list price at the answer's date; never by what this machine costs."""
        cost = self._listed(recorded, recorded.asked_at or now)
        if recorded.asked_at is not None:
            return cost
        words = cost.words if cost.amount is None else f"{cost.words} {ASSUMED}"
        return replace(cost, words=words, entry={**cost.entry, ASSUMED_DATE: "assumed: that of the import"})

    def _listed(self, recorded: RecordedAnswer, at: datetime) -> Cost:
        provider, usage = recorded.provenance.provider, recorded.usage
        if not provider:
            return unknown(f"no provider is known by the name {recorded.model}")
        if usage.prompt is None or usage.completion is None:
            return unknown("the file does not tell how many tokens were used")
        return self.pricing.cost(provider, recorded.model.removeprefix(f"{provider}/"), usage, Timing(), at)


def unknown(why: str) -> Cost:
    """A cost that cannot be known, and why."""
    return Cost(None, LISTED, "unknown", f"Cost unknown: {why}.", {"kind": "list price"})


def cause_of(case: Case, judged: Judged) -> tuple[str, str]:
    """Why an imported answer is not right, and what shows it; "" for one that is, or that waits."""
    if judged.right is not False:
        return "", ""
    asked = Asked(PosedCase(case), judged.answer, abstained(judged.answer.scores), lambda _text: False)
    found = without_documents(asked)
    return (found.cause.value, found.evidence) if found and found.cause else ("", "")


def notes_of(found: RecordedPreview, upload: Upload, now: datetime) -> dict[str, str]:
    """What the snapshot says of an import: which file brought whose answers, and when."""
    file = f"{upload.name}, SHA-256 {sha256(upload.content).hexdigest()[:16]}"
    return {
        f"{_note(one.candidate)}{now:%Y-%m-%d %H:%M:%S}": f"{len(one.answers)} from {file}"
        for one in found.groups
    }


def _note(candidate: Candidate) -> str:
    """How the notes on a candidate begin; two of one name are told apart by their hashes."""
    return f"answers of {candidate.label} {candidate.hash[:6]} imported "


def missing_words(groups: Sequence[RecordedGroup]) -> str:
    """What is not answered by whom, in words; "" where nothing is missing."""
    told = [f"{one.missing:,} of {one.of:,} by {one.candidate.label}" for one in groups if one.missing]
    return f"Not answered: {', '.join(told)}. They stay empty and count neither way." if told else ""
