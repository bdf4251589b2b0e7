"""Whole experiments, read out and put in: those of another data folder, or those that come with Assay."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session
from ulid import ULID

from app.domain import (
    Answer,
    ArchivedExperiment,
    ArchivedProbe,
    ArchivedRuling,
    ArchivedTrial,
    Candidate,
    Experiment,
    ProbeKind,
    Question,
    Reached,
    Slot,
    untold,
)
from app.errors import DatabaseTrouble, NotAllowed
from storage.answer_rows import (
    EXPERIMENT,
    IMPORTED,
    IMPORTING,
    AnswerBatch,
    load_answers,
)
from storage.database import Database
from storage.datasets import Datasets, keep_version
from storage.experiment_rows import experiments_of, imported_of
from storage.experiments import (
    Experiments,
    delete_answers,
    insert_experiment,
    put_behind,
    question_id,
    the_experiment,
)
from storage.names import NAME_LENGTH, name_key
from storage.removing import in_parts
from storage.tables import (
    AnswerRow,
    Base,
    DatasetRow,
    ExperimentRow,
    ProbeRow,
    QuestionRow,
    RulingRow,
    TrialRow,
)
from storage.vote_rows import vote_row, votes_on

AT_ONCE = 100
"""So many answers are read, and so many written in one transaction."""


class Archives:
    """Experiments as wholes. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._experiments, self._datasets = Experiments(database), Datasets(database)
        self._one_at_a_time = threading.Lock()

    def read(self, experiment_id: str) -> ArchivedExperiment:
        """One with all attempts, re-askings and judgements. Raises NotFound."""
        with self._database.read() as session:
            experiment = experiments_of(session, [the_experiment(session, experiment_id)])[0]
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
            votes = votes_on(session, experiment_id)
        return ArchivedExperiment(
            experiment,
            self._datasets.cases(experiment.version),
            tuple(_trial(row, answers[row.answer_id]) for row in trials),
            tuple(_probe(row, answers[row.answer_id]) for row in probes),
            tuple(_ruling(row, answers[row.answer_id]) for row in rulings),
            tuple(votes),
        )

    def write(self, archive: ArchivedExperiment, reached: Reached = untold) -> Experiment:
        """Keep one that was made elsewhere; returns it as it is kept.

        Its ids stay. Its dataset is the one with the same cases, else a new one. What it cost was paid
        elsewhere: its answers are in no spending. Raises NotAllowed where one of its id is there.

        In small transactions, so that answers that end meanwhile are saved in between. Nothing of it is
        seen before the last one; where that is not reached, ``sweep`` takes the rest away. ``reached`` is
        told before each how many answers are written, of how many; what it raises ends the import.
        """
        of = len(archive.trials) + len(archive.probes) + len(archive.rulings)
        with self._one_at_a_time:
            with self._database.read() as session:
                _refuse_known(session, archive)
            self._sweep()
            try:
                for number, batch in enumerate(_batches_of(archive)):
                    reached(number * AT_ONCE, of)
                    with self._database.write() as session:
                        batch.write(session)
                self._publish(archive)
            except BaseException:
                with suppress(DatabaseTrouble):  # Then the next start or import does it.
                    self._sweep()
                raise
        return self._experiments.get(archive.experiment.id)

    def add(
        self,
        experiment: Experiment,
        more: Sequence[Candidate],
        trials: Sequence[ArchivedTrial],
        notes: Mapping[str, str],
    ) -> None:
        """Put imported candidates behind those of an experiment, and answers of such into its empty slots.

        ``slot.candidate`` counts on behind those there are; ``notes`` come to its snapshot. One that is not
        there yet is made with them. In small transactions, as ``write``. Raises NotAllowed where its
        candidates are not what they were.
        """
        with self._one_at_a_time:
            self._sweep()
            try:
                for batch in self._added(experiment, trials):
                    with self._database.write() as session:
                        batch.write(session)
                self._publish_more(experiment, more, trials, notes)
            except BaseException:
                with suppress(DatabaseTrouble):  # Then the next start or import does it.
                    self._sweep()
                raise

    def _added(self, experiment: Experiment, trials: Sequence[ArchivedTrial]) -> Iterator[AnswerBatch]:
        """The answers behind those that the questions have; questions that nobody was asked yet are new."""
        with self._database.read() as session:
            cases = self._datasets.cases(experiment.version)
            ids = dict.fromkeys(question_id(experiment.id, one.slot.case) for one in trials)
            there, position = _known_questions(session, list(ids))
        for some in in_parts(trials, AT_ONCE):
            batch = AnswerBatch()
            for one in some:
                case = one.slot.case
                question = _asked(experiment.id, case, cases[case].question, one.answer.asked_at)
                if question.id not in there:
                    batch.ask(question, IMPORTING)
                    there.add(question.id)
                batch.put(question, one.answer, position[question.id], IMPORTING)
                position[question.id] += 1
            yield batch

    def _publish_more(
        self,
        experiment: Experiment,
        more: Sequence[Candidate],
        trials: Sequence[ArchivedTrial],
        notes: Mapping[str, str],
    ) -> None:
        cases = self._datasets.cases(experiment.version)
        with self._database.write() as session:
            own = select(ExperimentRow).where(ExperimentRow.id == experiment.id)
            if (row := session.scalars(own).one_or_none()) is None:
                keep_version(session, cases, experiment.made_at)
                insert_experiment(session, replace(experiment, candidates=tuple(more), snapshot=dict(notes)))
            else:
                put_behind(session, row, experiment.candidates, more, notes)
            session.flush()
            session.execute(insert(TrialRow), [_trial_row(experiment.id, one) for one in trials])
            asked = IMPORTED if imported_of(session, [experiment.id]) else EXPERIMENT
            for made, origin in ((AnswerRow, IMPORTED), (QuestionRow, asked)):
                session.execute(update(made).where(made.origin == IMPORTING).values(origin=origin))

    def sweep(self) -> None:
        """Take away what a kill left of imports. For the start, and safe at any time."""
        with self._one_at_a_time:
            self._sweep()

    def _sweep(self) -> None:
        while ids := self._leftovers(AnswerRow.id, AnswerRow.origin):
            with self._database.write() as session:
                delete_answers(session, ids)
        while ids := self._leftovers(QuestionRow.id, QuestionRow.origin):
            with self._database.write() as session:
                session.execute(delete(QuestionRow).where(QuestionRow.id.in_(ids)))

    def _leftovers(self, ids: InstrumentedAttribute[str], origin: InstrumentedAttribute[str]) -> list[str]:
        with self._database.read() as session:
            return list(session.scalars(select(ids).where(origin == IMPORTING).limit(AT_ONCE)))

    def _publish(self, archive: ArchivedExperiment) -> None:
        """The last transaction: the experiment itself, its slots, and its answers for all to see."""
        tables: list[tuple[type[Base], list[dict[str, object]]]] = [
            (TrialRow, [_trial_row(archive.experiment.id, one) for one in archive.trials]),
            (ProbeRow, [_probe_row(one) for one in archive.probes]),
            (RulingRow, [_ruling_row(one) for one in archive.rulings]),
        ]
        with self._database.write() as session:
            _refuse_known(session, archive, answers=False)
            version = keep_version(session, archive.cases, archive.experiment.made_at)
            dataset = _dataset_of(session, archive.experiment, version)
            insert_experiment(session, _placed(archive.experiment, dataset, version, len(archive.cases)))
            session.flush()
            for table, rows in tables:
                if rows:
                    session.execute(insert(table), rows)
            session.add_all(vote_row(one) for one in archive.votes)
            for made in (AnswerRow, QuestionRow):
                session.execute(update(made).where(made.origin == IMPORTING).values(origin=IMPORTED))


def _batches_of(archive: ArchivedExperiment) -> Iterator[AnswerBatch]:
    """Its answers, each put to the question of its case, in order, and not yet to be seen."""
    of = {one.answer.id: one.slot.case for one in archive.trials}
    placed = [(one.answer, one.slot.case) for one in archive.trials]
    placed += [(one.answer, of[one.of]) for one in archive.probes]
    of |= {one.answer.id: of[one.of] for one in archive.probes}
    placed += [(one.answer, of[one.of]) for one in archive.rulings]
    questions: dict[int, Question] = {}
    position: Counter[int] = Counter()
    for some in in_parts(placed, AT_ONCE):
        batch = AnswerBatch()
        for answer, case in some:
            if case not in questions:
                questions[case] = _question(archive, case, answer.asked_at)
                batch.ask(questions[case], IMPORTING)
            batch.put(questions[case], answer, position[case], IMPORTING)
            position[case] += 1
        yield batch


def _question(archive: ArchivedExperiment, case: int, asked_at: datetime) -> Question:
    return _asked(archive.experiment.id, case, archive.cases[case].question, asked_at)


def _asked(experiment_id: str, case: int, text: str, asked_at: datetime) -> Question:
    return Question(
        id=question_id(experiment_id, case),
        text=text,
        standalone=text,
        conversation_id=experiment_id,
        collection_id="",
        only_documents=(),
        asked_at=asked_at,
    )


def _known_questions(session: Session, ids: Sequence[str]) -> tuple[set[str], Counter[str]]:
    """Which of these questions are there, and the first free position of those that have answers."""
    found: set[str] = set()
    free: Counter[str] = Counter()
    highest = select(AnswerRow.question_id, func.max(AnswerRow.position)).group_by(AnswerRow.question_id)
    for part in in_parts(ids):
        found |= set(session.scalars(select(QuestionRow.id).where(QuestionRow.id.in_(part))))
        rows = session.execute(highest.where(AnswerRow.question_id.in_(part)))
        free.update({name: last + 1 for name, last in rows})
    return found, free


def _answers(session: Session, ids: Sequence[str]) -> dict[str, Answer]:
    """The answers by id, read some at a time: a statement takes only so many values."""
    found: dict[str, Answer] = {}
    for some in in_parts(ids, AT_ONCE):
        rows = session.scalars(select(AnswerRow).where(AnswerRow.id.in_(some))).all()
        found |= {one.id: one for one in load_answers(session, rows)}
    return found


def _refuse_known(session: Session, archive: ArchivedExperiment, *, answers: bool = True) -> None:
    known = select(ExperimentRow.name).where(ExperimentRow.id == archive.experiment.id)
    name = session.scalar(known)
    if name is not None:
        raise NotAllowed(f"The experiment “{name}” is there already.", "Nothing was changed.")
    if not answers:
        return
    rows: list[ArchivedTrial | ArchivedProbe | ArchivedRuling]
    rows = [*archive.trials, *archive.probes, *archive.rulings]
    for some in in_parts([one.answer.id for one in rows], AT_ONCE):
        # What an earlier import left is swept away before this one begins.
        there = (AnswerRow.id.in_(some), AnswerRow.origin != IMPORTING)
        if session.scalar(select(AnswerRow.id).where(*there).limit(1)) is not None:
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


def _trial_row(experiment_id: str, trial: ArchivedTrial) -> dict[str, object]:
    return {
        "experiment_id": experiment_id,
        "candidate": trial.slot.candidate,
        "case_place": trial.slot.case,
        "repeat": trial.slot.repeat,
        "attempt": trial.attempt,
        "answer_id": trial.answer.id,
        "superseded": trial.superseded,
        "correct": trial.right,
        "rule": trial.rule,
        "cause": trial.cause,
        "evidence": trial.evidence,
    }


def _probe(row: ProbeRow, answer: Answer) -> ArchivedProbe:
    return ArchivedProbe(row.of_answer_id, ProbeKind(row.kind), row.number, answer, row.correct, row.unjudged)


def _probe_row(probe: ArchivedProbe) -> dict[str, object]:
    return {
        "of_answer_id": probe.of,
        "kind": probe.kind.value,
        "number": probe.number,
        "answer_id": probe.answer.id,
        "correct": probe.right,
        "unjudged": probe.unjudged,
    }


def _ruling(row: RulingRow, answer: Answer) -> ArchivedRuling:
    return ArchivedRuling(row.of_answer_id, row.scorer, row.attempt, answer)


def _ruling_row(ruling: ArchivedRuling) -> dict[str, object]:
    return {
        "of_answer_id": ruling.of,
        "scorer": ruling.scorer,
        "attempt": ruling.attempt,
        "answer_id": ruling.answer.id,
    }
