"""Whole experiments, read out and put in: those of another data folder, or those that come with Assay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session
from ulid import ULID

from app.domain import (
    Answer,
    ArchivedExperiment,
    ArchivedProbe,
    ArchivedRuling,
    ArchivedTrial,
    Experiment,
    ProbeKind,
    Question,
    Slot,
)
from app.errors import NotAllowed
from storage.answer_rows import IMPORTED, insert_question, load_answers, write_answer
from storage.database import Database
from storage.datasets import Datasets, keep_version
from storage.experiments import Experiments, insert_experiment, question_id
from storage.names import NAME_LENGTH, name_key
from storage.tables import AnswerRow, DatasetRow, ExperimentRow, ProbeRow, QuestionRow, RulingRow, TrialRow

AT_ONCE = 200
"""So many answers are read at a time."""


class Archives:
    """Experiments as wholes. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._experiments, self._datasets = Experiments(database), Datasets(database)

    def read(self, experiment_id: str) -> ArchivedExperiment:
        """One with all attempts, re-askings and judgements. Raises NotFound."""
        experiment = self._experiments.get(experiment_id)
        cases = self._datasets.cases(experiment.version)
        with self._database.read() as session:
            trials = session.scalars(
                select(TrialRow)
                .where(TrialRow.experiment_id == experiment_id)
                .order_by(TrialRow.candidate, TrialRow.case_place, TrialRow.repeat, TrialRow.attempt)
            ).all()
            own = select(TrialRow.answer_id).where(TrialRow.experiment_id == experiment_id)
            probes = session.scalars(
                select(ProbeRow)
                .where(ProbeRow.of_answer_id.in_(own))
                .order_by(ProbeRow.of_answer_id, ProbeRow.kind, ProbeRow.number)
            ).all()
            judged = own.union(select(ProbeRow.answer_id).where(ProbeRow.of_answer_id.in_(own)))
            rulings = session.scalars(
                select(RulingRow)
                .where(RulingRow.of_answer_id.in_(judged))
                .order_by(RulingRow.of_answer_id, RulingRow.scorer, RulingRow.attempt)
            ).all()
            rows: list[TrialRow | ProbeRow | RulingRow] = [*trials, *probes, *rulings]
            answers = _answers(session, [one.answer_id for one in rows])
            return ArchivedExperiment(
                experiment,
                cases,
                tuple(_trial(row, answers[row.answer_id]) for row in trials),
                tuple(_probe(row, answers[row.answer_id]) for row in probes),
                tuple(_ruling(row, answers[row.answer_id]) for row in rulings),
            )

    def write(self, archive: ArchivedExperiment) -> Experiment:
        """Keep one that was made elsewhere, in one transaction; returns it as it is kept.

        Its ids stay. Its dataset is the one with the same cases, else a new one. What it cost was paid
        elsewhere: its answers are in no spending. Raises NotAllowed where one of its id is there.
        """
        with self._database.write() as session:
            _refuse_known(session, archive)
            version = keep_version(session, archive.cases, archive.experiment.made_at)
            dataset = _dataset_of(session, archive.experiment, version)
            experiment = _placed(archive.experiment, dataset, version, len(archive.cases))
            insert_experiment(session, experiment)
            places = _Places(session, archive)
            for trial in archive.trials:
                places.put(trial.answer, trial.slot.case)
                session.add(_trial_row(experiment.id, trial))
            session.flush()
            for probe in archive.probes:
                places.put(probe.answer, places.cases[probe.of])
                session.add(_probe_row(probe))
            session.flush()
            for ruling in archive.rulings:
                places.put(ruling.answer, places.cases[ruling.of])
                session.add(_ruling_row(ruling))
            session.flush()
        return self._experiments.get(experiment.id)


class _Places:
    """Puts answers to the question of their case, in order."""

    def __init__(self, session: Session, archive: ArchivedExperiment) -> None:
        self.cases: dict[str, int] = {}
        self._session = session
        self._archive = archive
        self._questions: dict[int, QuestionRow] = {}
        self._next: dict[int, int] = {}

    def put(self, answer: Answer, case: int) -> None:
        """Log the answer to the case at that place."""
        if case not in self._questions:
            self._questions[case] = self._question(answer, case)
        position = self._next[case] = self._next.get(case, -1) + 1
        self.cases[answer.id] = case
        write_answer(self._session, self._questions[case], answer, position, IMPORTED)

    def _question(self, answer: Answer, case: int) -> QuestionRow:
        text = self._archive.cases[case].question
        question = Question(
            id=question_id(self._archive.experiment.id, case),
            text=text,
            standalone=text,
            conversation_id=self._archive.experiment.id,
            collection_id="",
            only_documents=(),
            asked_at=answer.asked_at,
        )
        return insert_question(self._session, question, IMPORTED)


def _answers(session: Session, ids: Sequence[str]) -> dict[str, Answer]:
    """The answers by id, read some at a time: a statement takes only so many values."""
    found: dict[str, Answer] = {}
    for some in _batches(ids):
        rows = session.scalars(select(AnswerRow).where(AnswerRow.id.in_(some))).all()
        found |= {one.id: one for one in load_answers(session, rows)}
    return found


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _refuse_known(session: Session, archive: ArchivedExperiment) -> None:
    known = select(ExperimentRow.name).where(ExperimentRow.id == archive.experiment.id)
    name = session.scalar(known)
    if name is not None:
        raise NotAllowed(f"The experiment “{name}” is there already.", "Nothing was changed.")
    rows: list[ArchivedTrial | ArchivedProbe | ArchivedRuling]
    rows = [*archive.trials, *archive.probes, *archive.rulings]
    ids = [one.answer.id for one in rows]
    for some in _batches(ids):
        if session.scalar(select(AnswerRow.id).where(AnswerRow.id.in_(some)).limit(1)) is not None:
            raise NotAllowed("Answers of this experiment are there already.", "Nothing was changed.")


def _dataset_of(session: Session, experiment: Experiment, version: str) -> DatasetRow:
    """The dataset whose newest version has the same cases, else a new one of the same name."""
    same = select(DatasetRow).where(DatasetRow.version_id == version).limit(1)
    found = session.scalars(same).one_or_none()
    if found is not None:
        return found
    name, now = _free(session, experiment.dataset_name), datetime.now(UTC)
    row = DatasetRow(
        id=str(ULID()), name=name, name_key=name_key(name), version_id=version, made_at=now, changed_at=now
    )
    session.add(row)
    session.flush()
    return row


def _free(session: Session, name: str) -> str:
    """The name, with a number behind it where it is taken."""
    taken, number, wanted = True, 1, name
    while taken:
        key = select(DatasetRow.id).where(DatasetRow.name_key == name_key(wanted))
        taken = session.scalar(key) is not None
        if taken:
            number += 1
            wanted = f"{name[: NAME_LENGTH - 8]} ({number})"
    return wanted


def _placed(experiment: Experiment, dataset: DatasetRow, version: str, cases: int) -> Experiment:
    return replace(experiment, dataset_id=dataset.id, dataset_name=dataset.name, version=version, cases=cases)


def _trial(row: TrialRow, answer: Answer) -> ArchivedTrial:
    return ArchivedTrial(
        slot=Slot(row.candidate, row.case_place, row.repeat),
        attempt=row.attempt,
        answer=answer,
        superseded=row.superseded,
        right=row.correct,
        rule=row.rule,
        cause=row.cause,
        evidence=row.evidence,
    )


def _trial_row(experiment_id: str, trial: ArchivedTrial) -> TrialRow:
    return TrialRow(
        experiment_id=experiment_id,
        candidate=trial.slot.candidate,
        case_place=trial.slot.case,
        repeat=trial.slot.repeat,
        attempt=trial.attempt,
        answer_id=trial.answer.id,
        superseded=trial.superseded,
        correct=trial.right,
        rule=trial.rule,
        cause=trial.cause,
        evidence=trial.evidence,
    )


def _probe(row: ProbeRow, answer: Answer) -> ArchivedProbe:
    return ArchivedProbe(row.of_answer_id, ProbeKind(row.kind), row.number, answer, row.correct, row.unjudged)


def _probe_row(probe: ArchivedProbe) -> ProbeRow:
    return ProbeRow(
        of_answer_id=probe.of,
        kind=probe.kind.value,
        number=probe.number,
        answer_id=probe.answer.id,
        correct=probe.right,
        unjudged=probe.unjudged,
    )


def _ruling(row: RulingRow, answer: Answer) -> ArchivedRuling:
    return ArchivedRuling(row.of_answer_id, row.scorer, row.attempt, answer)


def _ruling_row(ruling: ArchivedRuling) -> RulingRow:
    return RulingRow(
        of_answer_id=ruling.of, scorer=ruling.scorer, attempt=ruling.attempt, answer_id=ruling.answer.id
    )
