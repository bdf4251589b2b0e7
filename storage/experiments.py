"""Experiments and the answers in their slots."""

from __future__ import annotations

import builtins
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain import (
    HOLDS,
    OWN_MACHINE,
    SAID_NOTHING,
    Answer,
    AnswerState,
    Candidate,
    Case,
    Cause,
    CostedAnswer,
    Experiment,
    ExperimentState,
    ExperimentSummary,
    Judged,
    Judgement,
    Limit,
    PaidAnswer,
    Probed,
    ProbeKind,
    Question,
    Recorded,
    RightRule,
    Slot,
    Spend,
    Trial,
    Used,
    stable_hash,
)
from app.errors import NotAllowed, NotFound
from storage import records
from storage.answer_rows import (
    EXPERIMENT,
    IMPORTED,
    JUDGE,
    PROBE,
    insert_question,
    keep_candidate,
    load_answers,
    next_position,
    put_score,
    write_answer,
)
from storage.asked import SPLIT
from storage.costed import PAID, costed_of, costs_of
from storage.database import Database
from storage.datasets import drop_unused_versions, keep_version
from storage.erasing import silenced, unquoting
from storage.experiment_rows import age_of, counting, experiments_of, imported_of, summaries_of
from storage.removing import in_parts
from storage.tables import (
    AnswerContentRow,
    AnswerRow,
    CandidateRow,
    CaseRow,
    ExperimentCandidateRow,
    ExperimentRow,
    GivenRow,
    ProbeRow,
    QuestionRow,
    RulingRow,
    ScoreRow,
    TrialRow,
    VersionCaseRow,
)
from storage.used import used_of
from storage.vote_rows import delete_votes_of, delete_votes_on

ABSTENTION = "abstention"
"""The scorer that tells whether an answer says that the documents do not contain it."""
ENDED = (AnswerState.COMPLETE.value, AnswerState.CUT_SHORT.value)
"""States whose answers tell how long one takes."""
BY_ASKING = (Cause.NOT_REPEATABLE, Cause.DISTRACTED, Cause.MODEL_WRONG, Cause.MODEL_UNSPLIT)
"""Causes that depend on whether re-askings were right."""
NEWEST = 200
"""So many answers tell what to expect of a candidate."""
INTERRUPTED = "Assay was closed before the experiment was finished."


def question_id(experiment_id: str, case: int) -> str:
    """The id of the question that a case becomes in an experiment: one for all its answers."""
    return stable_hash("experiment-question", experiment_id, case)[:26]


def insert_experiment(session: Session, experiment: Experiment) -> None:
    """Log an experiment with its candidates. Its dataset's version must be there."""
    limit = experiment.limit
    session.add(
        ExperimentRow(
            id=experiment.id,
            name=experiment.name,
            dataset_id=experiment.dataset_id,
            dataset_name=experiment.dataset_name,
            version_id=experiment.version,
            repeats=experiment.repeats,
            one_at_a_time=experiment.one_at_a_time,
            limit_amount=limit.amount if limit else None,
            limit_currency=limit.currency if limit else "",
            state=experiment.state.value,
            words=experiment.words,
            snapshot=records.json_text(dict(experiment.snapshot)),
            made_at=experiment.made_at,
            ended_at=experiment.ended_at,
            reask=experiment.reask,
            judge=records.judge_text(experiment.judge),
        )
    )
    session.flush()
    for place, candidate in enumerate(experiment.candidates):
        keep_candidate(session, candidate)
        row = ExperimentCandidateRow(experiment_id=experiment.id, place=place, candidate_hash=candidate.hash)
        session.add(row)


def put_behind(
    session: Session,
    row: ExperimentRow,
    known: Sequence[Candidate],
    more: Sequence[Candidate],
    notes: Mapping[str, str],
) -> None:
    """Candidates behind those of an experiment, and notes to its snapshot.

    Raises NotAllowed where its candidates are not those that are ``known``.
    """
    now = select(ExperimentCandidateRow.candidate_hash).where(ExperimentCandidateRow.experiment_id == row.id)
    if list(session.scalars(now.order_by(ExperimentCandidateRow.place))) != [one.hash for one in known]:
        raise NotAllowed(
            "The candidates of the experiment are not what they were.",
            "Nothing was added. Look at what the file would bring once more.",
        )
    for place, one in enumerate(more, start=len(known)):
        keep_candidate(session, one)
        session.add(ExperimentCandidateRow(experiment_id=row.id, place=place, candidate_hash=one.hash))
    row.snapshot = records.json_text(json.loads(row.snapshot) | dict(notes))


class Experiments:
    """Experiments with their trials. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------- writing

    def create(self, experiment: Experiment, cases: tuple[Case, ...] = ()) -> None:
        """Log an experiment before anything of it is asked.

        Its dataset's version must be there; or these are its ``cases``, where it asks some of a dataset only.
        """
        with self._database.write() as session:
            if cases:
                keep_version(session, cases, experiment.made_at)
            insert_experiment(session, experiment)

    def set_state(self, experiment_id: str, state: ExperimentState, words: str = "") -> None:
        """How the run stands now. Raises NotFound."""
        ended = None if state is ExperimentState.RUNNING else datetime.now(UTC)
        with self._database.write() as session:
            row = the_experiment(session, experiment_id)
            row.state, row.words, row.ended_at = state.value, words, ended

    def set_limit(self, experiment_id: str, limit: Limit) -> None:
        """The most it may cost from now on, with what it cost so far. Raises NotFound."""
        with self._database.write() as session:
            row = the_experiment(session, experiment_id)
            row.limit_amount, row.limit_currency = limit.amount, limit.currency

    def set_reask(self, experiment_id: str, *, reask: bool) -> None:
        """Whether causes may be looked for by asking again, from now on. Raises NotFound."""
        with self._database.write() as session:
            the_experiment(session, experiment_id).reask = reask

    def mark_interrupted(self) -> int:
        """Those that were running when the process ended; returns how many. For the start."""
        with self._database.write() as session:
            running = update(ExperimentRow).where(ExperimentRow.state == ExperimentState.RUNNING.value)
            values = {"state": ExperimentState.INTERRUPTED.value, "words": INTERRUPTED}
            return len(session.execute(running.values(**values).returning(ExperimentRow.id)).all())

    def commit(
        self, experiment_id: str, slot: Slot, question: Question, judged: Judged, *, counts: bool = True
    ) -> None:
        """Log an answer in its slot, all of it in one transaction; from now on it is the one that counts.

        One that does not count (it was broken off with the run) is logged and paid for, and its slot stays as
        it was. Safe to repeat with the same answer.
        """
        answer = judged.answer
        with self._database.write() as session:
            row = session.scalars(select(QuestionRow).where(QuestionRow.id == question.id)).one_or_none()
            row = row or insert_question(session, question, EXPERIMENT)
            write_answer(session, row, answer, next_position(session, row.id), EXPERIMENT)
            mine = TrialRow.answer_id == answer.id
            if session.scalars(select(TrialRow).where(mine)).first() is None:
                _take_slot(session, experiment_id, slot, answer.id, counts=counts)
            session.execute(update(TrialRow).where(mine).values(correct=judged.right, rule=judged.rule))

    def commit_probe(
        self,
        of_answer_id: str,
        kind: ProbeKind,
        number: int,
        answer: Answer,
        *,
        right: bool | None,
        unjudged: bool = False,
    ) -> None:
        """Log a re-asking that looks for the cause of another answer, in one transaction.

        Its question is the other one's, which must be there. Safe to repeat with the same answer.
        """
        with self._database.write() as session:
            question = session.scalars(select(QuestionRow).where(QuestionRow.id == answer.question_id)).one()
            write_answer(session, question, answer, next_position(session, question.id), PROBE)
            session.merge(
                ProbeRow(
                    of_answer_id=of_answer_id,
                    kind=kind.value,
                    number=number,
                    answer_id=answer.id,
                    correct=right,
                    unjudged=unjudged,
                )
            )

    def commit_ruling(self, of: str, scorer: str, ruling: Answer, ruled: Judged | None) -> None:
        """Log what a judge said of the answer ``of``, all of it in one transaction.

        ``ruled`` is that answer with what came of it; None where the judge was broken off with the run, or
        was another one than planned: then it is logged and paid for, and that is all. Safe to repeat.
        """
        with self._database.write() as session:
            question = session.scalars(select(QuestionRow).where(QuestionRow.id == ruling.question_id)).one()
            told = unquoting(session, of, ruling)
            write_answer(session, question, told, next_position(session, question.id), JUDGE)
            if session.scalars(select(RulingRow).where(RulingRow.answer_id == ruling.id)).first() is None:
                here = (RulingRow.of_answer_id == of, RulingRow.scorer == scorer)
                last = session.scalar(select(func.max(RulingRow.attempt)).where(*here)) or 0
                row = RulingRow(of_answer_id=of, scorer=scorer, attempt=last + 1, answer_id=ruling.id)
                session.add(row)
            if ruled is not None:
                _set_right(session, ruled if told is ruling else _silenced(ruled), scorer)

    def set_rights(self, judged: Iterable[Judged], scorer: str = "") -> None:
        """What the rule says of these answers from now on, and that score of theirs; in one transaction."""
        with self._database.write() as session:
            for one in judged:
                _set_right(session, one, scorer)

    def set_judge(
        self, experiment_id: str, judge: Candidate | None, snapshot: Mapping[str, str] | None = None
    ) -> None:
        """Who judges from now on, with the ``snapshot`` that holds then. Raises NotFound.

        Whatever "contains" or another judge decided waits to be decided again; of the causes those that were
        found by asking again are forgotten, as it is not told any more whether that was right.
        """
        of = TrialRow.experiment_id == experiment_id
        decided = TrialRow.rule.in_((RightRule.CONTAINS.value, RightRule.JUDGE.value, ""))
        own = select(TrialRow.answer_id).where(of)
        ended = select(AnswerRow.id).where(AnswerRow.state.in_(ENDED))
        probes = (ProbeRow.of_answer_id.in_(own), ProbeRow.answer_id.in_(ended))
        with self._database.write() as session:
            row = the_experiment(session, experiment_id)
            row.judge = records.judge_text(judge)
            if snapshot is not None:
                row.snapshot = records.json_text(dict(snapshot))
            asked = update(TrialRow).where(of, TrialRow.cause.in_([one.value for one in BY_ASKING]))
            session.execute(asked.values(cause="", evidence=""))
            session.execute(update(TrialRow).where(of, decided).values(correct=None, rule=""))
            session.execute(update(ProbeRow).where(*probes).values(correct=None, unjudged=True))

    def add_facts(self, experiment_id: str, facts: Mapping[str, str]) -> None:
        """Put these into its snapshot. Raises NotFound."""
        with self._database.write() as session:
            row = the_experiment(session, experiment_id)
            row.snapshot = records.json_text({**json.loads(row.snapshot), **facts})

    def set_causes(self, causes: Mapping[str, tuple[str, str]]) -> None:
        """Answer id -> why the answer is not right, and what shows it; all in one transaction."""
        with self._database.write() as session:
            for answer_id, (cause, evidence) in causes.items():
                own = update(TrialRow).where(TrialRow.answer_id == answer_id)
                session.execute(own.values(cause=cause, evidence=evidence))

    def keep_measured(self, question: Question, answer: Answer, *, judging: bool = False) -> None:
        """Log an answer that was only to tell how long answers take: it is paid for, and in no experiment.

        ``judging``: it is what a judge said.
        """
        with self._database.write() as session:
            row = session.scalars(select(QuestionRow).where(QuestionRow.id == question.id)).one_or_none()
            row = row or insert_question(session, question, EXPERIMENT)
            write_answer(
                session, row, answer, next_position(session, row.id), JUDGE if judging else EXPERIMENT
            )

    def delete(self, experiment_id: str) -> None:
        """Delete it, with the dataset's version that only it still needed. Raises NotFound.

        Its answers stay in the log, since they were paid for: spend and recorded speeds are as before. Only
        those of an imported one go with it, so that it can be imported again, and those of imported
        candidates. People's votes on them go, since nothing shows them any more.
        """
        with self._database.write() as session:
            row = the_experiment(session, experiment_id)
            delete_votes_of(session, experiment_id)
            if imported_of(session, [experiment_id]):
                _delete_answers(session, experiment_id)
            for place in sorted(experiments_of(session, [row])[0].imported, reverse=True):
                _take_out(session, experiment_id, place)
            session.delete(row)
            _drop_unanswered(session, experiment_id)
            session.flush()
            drop_unused_versions(session)

    def take_out(self, experiment_id: str, candidate: Candidate, notes: str) -> int:
        """Delete an imported candidate with its answers, and nothing else; returns how many there were.

        Those behind it move up; what the snapshot has under keys that begin with ``notes`` goes, too. Raises
        NotFound, and NotAllowed for a candidate that was asked here.
        """
        with self._database.write() as session:
            row = the_experiment(session, experiment_id)
            experiment = experiments_of(session, [row])[0]
            if candidate not in experiment.candidates:
                raise NotFound("That candidate is not in this experiment (any more).")
            if not candidate.imported:
                raise NotAllowed("Only imported candidates can be taken out: the others were asked here.")
            kept = {key: told for key, told in experiment.snapshot.items() if not key.startswith(notes)}
            row.snapshot = records.json_text(kept)
            return _take_out(session, experiment_id, experiment.candidates.index(candidate))

    # ----------------------------------------------------------------- reading

    def get(self, experiment_id: str) -> Experiment:
        """One by its id. Raises NotFound."""
        with self._database.read() as session:
            return experiments_of(session, [the_experiment(session, experiment_id)])[0]

    def known(self, experiment_id: str) -> bool:
        """Whether there is one of that id."""
        with self._database.read() as session:
            return (
                session.scalar(select(ExperimentRow.id).where(ExperimentRow.id == experiment_id)) is not None
            )

    def imported(self, experiment_id: str) -> bool:
        """Whether it was made elsewhere: then nothing more of it is asked here."""
        with self._database.read() as session:
            return bool(imported_of(session, [experiment_id]))

    def list(self) -> builtins.list[Experiment]:
        """All, the newest first."""
        with self._database.read() as session:
            return experiments_of(session, session.scalars(_newest_first()).all())

    def summaries(self, newest: int | None = None) -> builtins.list[ExperimentSummary]:
        """All, or so many of the ``newest``, with what came of each so far; the newest first."""
        with self._database.read() as session:
            return summaries_of(session, session.scalars(_newest_first().limit(newest)).all())

    def count(self) -> int:
        """How many there are."""
        with self._database.read() as session:
            return session.scalar(select(func.count()).select_from(ExperimentRow)) or 0

    def trials(self, experiment_id: str, case: int | None = None) -> builtins.list[Trial]:
        """The answers that count, by candidate, case and repeat; to one ``case`` only where it is told."""
        statement = _trials(experiment_id)
        if case is not None:
            statement = statement.where(TrialRow.case_place == case)
        with self._database.read() as session:
            return [_trial(row) for row in session.execute(statement)]

    def with_trials(self, experiment_id: str) -> tuple[Experiment, builtins.list[Trial]]:
        """One with its answers that count, as they stand at one moment: imports may come in between.

        Raises NotFound.
        """
        with self._database.read() as session:
            experiment = experiments_of(session, [the_experiment(session, experiment_id)])[0]
            return experiment, [_trial(row) for row in session.execute(_trials(experiment_id))]

    def paid_trials(
        self, experiment_id: str
    ) -> tuple[Experiment, builtins.list[Trial], builtins.list[PaidAnswer]]:
        """The same, and what these answers cost and took beside them: read at once it is twice as quick.

        Raises NotFound.
        """
        statement = _trials(experiment_id).add_columns(*PAID)
        with self._database.read() as session:
            experiment = experiments_of(session, [the_experiment(session, experiment_id)])[0]
            rows = session.execute(statement).all()
        width = -len(PAID)
        paid = [PaidAnswer(*row[:3], *row[width:]) for row in rows]
        return experiment, [_trial(row[:width]) for row in rows], paid

    def answered(self, newest: int) -> builtins.list[Experiment]:
        """Those that have any answer, so many of the newest, the newest first."""
        mine = select(TrialRow.answer_id).where(
            TrialRow.experiment_id == ExperimentRow.id, ~TrialRow.superseded
        )
        with self._database.read() as session:
            return experiments_of(
                session, session.scalars(_newest_first().where(mine.exists()).limit(newest)).all()
            )

    def scores(
        self, experiment_id: str, scorers: Collection[str] | None = None
    ) -> builtins.list[tuple[int, int, str, float | None]]:
        """What the newest versions of these scorers, or of all, say of the answers that count.

        (candidate, case, scorer, value) for each answer that has such a score; None where it is unscored.
        """
        # The newest version comes last, so that it is the one that is kept.
        order = (TrialRow.candidate, *age_of(ScoreRow.version))
        wanted = [ScoreRow.scorer.in_(scorers)] if scorers is not None else []
        statement = (
            select(
                TrialRow.candidate, TrialRow.case_place, ScoreRow.answer_id, ScoreRow.scorer, ScoreRow.value
            )
            .join(ScoreRow, ScoreRow.answer_id == TrialRow.answer_id)
            .where(counting(experiment_id), *wanted)
            .order_by(*order)
        )
        with self._database.read() as session:
            found = {
                (answer_id, scorer): (candidate, case, scorer, value)
                for candidate, case, answer_id, scorer, value in session.execute(statement)
            }
        return list(found.values())

    def partial(self, experiment_id: str, wanted: Mapping[int, int]) -> set[Slot]:
        """The slots of these candidates whose prompt does not hold so many passages; no prompt holds none."""
        fitted = and_(GivenRow.answer_id == TrialRow.answer_id, GivenRow.fitted)
        slot = TrialRow.candidate, TrialRow.case_place, TrialRow.repeat
        statement = (
            select(*slot, func.count(GivenRow.answer_id))
            .outerjoin(GivenRow, fitted)
            .where(counting(experiment_id), TrialRow.candidate.in_(wanted))
            .group_by(*slot)
        )
        with self._database.read() as session:
            found = session.execute(statement).all()
        return {Slot(*row[:3]) for row in found if row[3] != wanted[row[0]]}

    def answers(self, ids: Sequence[str]) -> dict[str, Answer]:
        """The answers of these ids, as far as they are there."""
        found: list[Answer] = []
        with self._database.read() as session:
            for part in in_parts(ids):
                rows = session.scalars(select(AnswerRow).where(AnswerRow.id.in_(part))).all()
                found += load_answers(session, rows)
        return {one.id: one for one in found}

    def probes(self, of_answer_ids: Iterable[str]) -> dict[str, builtins.list[Probed]]:
        """Answer id -> its re-askings so far, by kind and number; answers without any are not there."""
        found: dict[str, builtins.list[Probed]] = defaultdict(list)
        order = (ProbeRow.of_answer_id, ProbeRow.kind, ProbeRow.number)
        with self._database.read() as session:
            for part in in_parts(sorted(set(of_answer_ids))):
                statement = select(ProbeRow).where(ProbeRow.of_answer_id.in_(part)).order_by(*order)
                for row in session.scalars(statement):
                    kind = ProbeKind(row.kind)
                    one = Probed(kind, row.number, row.answer_id, row.correct, row.unjudged)
                    found[row.of_answer_id].append(one)
        return dict(found)

    def unjudged_probes(self, experiment_id: str) -> builtins.list[tuple[Slot, str]]:
        """The re-askings that wait for the judge: the slot of the answer asked about, and their own ids."""
        statement = (
            select(TrialRow, ProbeRow.answer_id)
            .join(ProbeRow, ProbeRow.of_answer_id == TrialRow.answer_id)
            .where(counting(experiment_id), ProbeRow.unjudged)
            .order_by(
                TrialRow.candidate, TrialRow.case_place, TrialRow.repeat, ProbeRow.kind, ProbeRow.number
            )
        )
        with self._database.read() as session:
            return [
                (Slot(row.candidate, row.case_place, row.repeat), answer_id)
                for row, answer_id in session.execute(statement)
            ]

    def unasked(self, experiment_id: str, scorer: str) -> int:
        """How many answers that count, and re-askings, a judge (its scores' name) has not told, at the most.

        Not those that end, abstain or have no answer in the documents: no judge is asked about these.
        """
        ruled = TrialRow.rule.in_((RightRule.CONTAINS.value, RightRule.JUDGE.value, ""))
        ended = select(AnswerRow.id).where(AnswerRow.id == ProbeRow.answer_id, AnswerRow.state.in_(ENDED))
        mine = select(func.count()).select_from(TrialRow).where(counting(experiment_id))
        again = mine.join(ProbeRow, ProbeRow.of_answer_id == TrialRow.answer_id).where(ended.exists())
        with self._database.read() as session:
            answers = session.scalar(mine.where(ruled, ~_told(TrialRow.answer_id, scorer))) or 0
            return answers + (session.scalar(again.where(~_told(ProbeRow.answer_id, scorer))) or 0)

    def recorded(self, candidate: Candidate, *, judging: bool = False) -> Recorded:
        """What the newest answers of its model tell that came to an end, given passages like it or not.

        ``judging``: what it said as a judge of that kind, and nothing else.
        """
        alike = select(CandidateRow.hash).where(
            CandidateRow.with_documents == candidate.with_documents,
            func.json_extract(CandidateRow.settings, "$.backend") == candidate.backend,
            func.json_extract(CandidateRow.settings, "$.model") == candidate.model,
        )
        if judging:
            # A judge of pairs is told more than one of single answers, and takes longer.
            told = func.json_extract(CandidateRow.settings, "$.options.instruction")
            alike = alike.where(told == candidate.options.instruction)
        with self._database.read() as session:
            # Step by step, each by an index, so that no answer of anybody else is looked at.
            found = [
                one
                for who in session.scalars(alike)
                for one in session.scalars(_newest_of(who, judging=judging))
            ]
            means = _means(sorted(found)[-NEWEST:])
            count, seconds, prompt, completion, cost, currency, own = session.execute(means).one()
        return Recorded(count, seconds, prompt, completion, cost, currency or "", own or 0.0)

    def costed(self, experiment_id: str) -> builtins.list[CostedAnswer]:
        """What the answers that count cost and took, by candidate, case and repeat."""
        with self._database.read() as session:
            return [costed_of(row) for row in session.execute(costs_of(experiment_id))]

    def used(self, experiment_id: str) -> Used:
        """Which scorers and prices its answers were given, and when they were asked for."""
        with self._database.read() as session:
            return used_of(session, experiment_id)

    def spend(self, experiment_id: str) -> Spend:
        """What all its answers cost so far, superseded ones, re-askings for causes and judgements too.

        Not what imported candidates cost where they were asked: no limit here is for that.
        """
        amounts: dict[str, int] = defaultdict(int)
        machine: dict[str, int] = {}
        unknown = owed = 0
        with self._database.read() as session:
            for currency, own, large, rest, count, sent in session.execute(_spent(experiment_id)):
                if large is None or rest is None:
                    unknown, owed = unknown + count, owed + (0 if own else sent)
                    continue
                amount = large * SPLIT + rest
                amounts[currency] += amount
                if own:
                    machine[currency] = amount
        return Spend(dict(amounts), unknown, machine, owed)


def _spent(experiment_id: str) -> Select[*tuple[Any, ...]]:
    """By currency and whether it is one's own machine's: the sums, how many, and how many were sent."""
    # All of them are answers to its questions, which are quicker to find than each by its own id.
    mine = QuestionRow.conversation_id == experiment_id
    amount, own = AnswerRow.cost_amount, _own_machine().label("own")
    sums = func.sum(amount // SPLIT), func.sum(amount % SPLIT)
    return (
        select(AnswerRow.cost_currency, own, *sums, func.count(), func.count().filter(AnswerRow.attempts > 0))
        .join(QuestionRow, QuestionRow.id == AnswerRow.question_id)
        .join(AnswerContentRow, AnswerContentRow.answer_id == AnswerRow.id)
        .where(mine, QuestionRow.origin.in_((EXPERIMENT, IMPORTED)))
        .where(AnswerRow.candidate_hash.not_in(_imported_hashes(experiment_id)))
        .group_by(AnswerRow.cost_currency, own, amount.is_(None))
    )


def _own_machine() -> ColumnElement[bool]:
    """Whether an answer's cost is a share of one's own machine, for which nobody sends a bill."""
    kind = func.json_extract(AnswerContentRow.cost_entry, "$.kind")
    return func.coalesce(kind, "") == OWN_MACHINE


def _delete_answers(session: Session, experiment_id: str) -> None:
    """Its answers, re-askings, judgements and questions."""
    # Its id came with a file, which may name a conversation of somebody's own.
    own = (QuestionRow.conversation_id == experiment_id, QuestionRow.origin == IMPORTED)
    mine = select(QuestionRow.id).where(*own)
    answers = session.scalars(select(AnswerRow.id).where(AnswerRow.question_id.in_(mine))).all()
    session.execute(delete(TrialRow).where(TrialRow.experiment_id == experiment_id))
    for part in in_parts(answers):
        delete_answers(session, part)
    session.execute(delete(QuestionRow).where(*own))


def _drop_unanswered(session: Session, experiment_id: str) -> None:
    """Its questions that only imported candidates had answered."""
    answered = select(AnswerRow.id).where(AnswerRow.question_id == QuestionRow.id).exists()
    own = (QuestionRow.conversation_id == experiment_id, QuestionRow.origin == EXPERIMENT)
    session.execute(delete(QuestionRow).where(*own, ~answered))


def _take_out(session: Session, experiment_id: str, place: int) -> int:
    """The candidate at that place goes with its answers; those behind it move up, one by one."""
    own = (TrialRow.experiment_id == experiment_id, TrialRow.candidate == place)
    answers = session.scalars(select(TrialRow.answer_id).where(*own)).all()
    for part in in_parts(answers):
        session.execute(delete(TrialRow).where(TrialRow.answer_id.in_(part)))
        # What a judge said of them was asked and paid for here: that stays in the log.
        delete_answers(session, part)
    of = ExperimentCandidateRow.experiment_id == experiment_id
    session.execute(delete(ExperimentCandidateRow).where(of, ExperimentCandidateRow.place == place))
    behind = select(ExperimentCandidateRow.place).where(of, ExperimentCandidateRow.place > place)
    for later in session.scalars(behind.order_by(ExperimentCandidateRow.place)).all():
        trials = (TrialRow.experiment_id == experiment_id, TrialRow.candidate == later)
        here = update(ExperimentCandidateRow).where(of, ExperimentCandidateRow.place == later)
        session.execute(update(TrialRow).where(*trials).values(candidate=later - 1))
        session.execute(here.values(place=later - 1))
    return len(answers)


def delete_answers(session: Session, ids: Sequence[str]) -> None:
    """Answers with all that belongs to them; they are in no slot any more."""
    delete_votes_on(session, ids)
    for asked in (RulingRow, ProbeRow):
        session.execute(delete(asked).where(or_(asked.answer_id.in_(ids), asked.of_answer_id.in_(ids))))
    for table in (AnswerContentRow, GivenRow):
        session.execute(delete(table).where(table.answer_id.in_(ids)))
    session.execute(delete(AnswerRow).where(AnswerRow.id.in_(ids)))


def _imported_hashes(experiment_id: str) -> Select[str]:
    """The hashes of an experiment's imported candidates."""
    return (
        select(CandidateRow.hash)
        .join(ExperimentCandidateRow, ExperimentCandidateRow.candidate_hash == CandidateRow.hash)
        .where(
            ExperimentCandidateRow.experiment_id == experiment_id,
            func.json_extract(CandidateRow.settings, "$.provenance").is_not(None),
        )
    )


def _take_slot(session: Session, experiment_id: str, slot: Slot, answer_id: str, *, counts: bool) -> None:
    here = (
        TrialRow.experiment_id == experiment_id,
        TrialRow.candidate == slot.candidate,
        TrialRow.case_place == slot.case,
        TrialRow.repeat == slot.repeat,
    )
    last = session.scalar(select(func.max(TrialRow.attempt)).where(*here)) or 0
    if counts:
        session.execute(update(TrialRow).where(*here).values(superseded=True))
    session.add(
        TrialRow(
            experiment_id=experiment_id,
            candidate=slot.candidate,
            case_place=slot.case,
            repeat=slot.repeat,
            attempt=last + 1,
            answer_id=answer_id,
            superseded=not counts,
            correct=None,
            rule="",
            cause="",
            evidence="",
        )
    )
    session.flush()


def _silenced(judged: Judged) -> Judged:
    scores = tuple(map(silenced, judged.answer.scores))
    return replace(judged, answer=replace(judged.answer, scores=scores))


def _set_right(session: Session, judged: Judged, scorer: str) -> None:
    """Of an answer in a slot and of a re-asking alike."""
    answer_id = judged.answer.id
    for score in judged.answer.scores:
        if score.scorer == scorer:
            put_score(session, answer_id, score)
    trial = update(TrialRow).where(TrialRow.answer_id == answer_id)
    session.execute(trial.values(correct=judged.right, rule=judged.rule))
    probe = update(ProbeRow).where(ProbeRow.answer_id == answer_id)
    session.execute(probe.values(correct=judged.right, unjudged=not judged.rule))


def _newest_of(candidate_hash: str, *, judging: bool) -> Select[int]:
    """Where the newest answers of a candidate stand that came to an end."""
    # Another machine is as fast as it is, and those for causes are given less than others.
    here = AnswerRow.origin == JUDGE if judging else AnswerRow.origin.not_in((IMPORTED, PROBE, JUDGE))
    mine = (AnswerRow.candidate_hash == candidate_hash, AnswerRow.state.in_(ENDED), here)
    return select(AnswerRow.sequence).where(*mine).order_by(AnswerRow.sequence.desc()).limit(NEWEST)


def _told(answer_id: InstrumentedAttribute[str], scorer: str) -> ColumnElement[bool]:
    """Whether the scorer said anything of the answer."""
    said = (ScoreRow.answer_id == answer_id, ScoreRow.scorer == scorer, ScoreRow.value.is_not(None))
    return exists().where(*said)


def _means(sequences: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """How many, seconds, tokens in and out, cost, its currency and one's own machine's part, of these."""
    own = AnswerRow.cost_amount * type_coerce(_own_machine(), Integer)
    means = select(
        func.count(),
        func.avg(AnswerRow.wall_seconds),
        func.avg(AnswerRow.prompt_tokens),
        func.avg(AnswerRow.completion_tokens),
        func.avg(AnswerRow.cost_amount),
        func.max(AnswerRow.cost_currency),
        func.avg(own),
    )
    of = means.join(AnswerContentRow, AnswerContentRow.answer_id == AnswerRow.id)
    return of.where(AnswerRow.sequence.in_(sequences))


def _newest_first() -> Select[ExperimentRow]:
    return select(ExperimentRow).order_by(ExperimentRow.sequence.desc())


def _trials(experiment_id: str) -> Select[*tuple[Any, ...]]:
    """Columns and no rows of tables: of 20,000 answers that takes a third of the time."""
    newest = [one.desc() for one in age_of(ScoreRow.version)]
    abstained = (
        select(ScoreRow.value)
        .where(ScoreRow.answer_id == TrialRow.answer_id, ScoreRow.scorer == ABSTENTION)
        .order_by(*newest)
        .limit(1)
        .scalar_subquery()
    )
    place = TrialRow.candidate, TrialRow.case_place, TrialRow.repeat
    told = TrialRow.correct, TrialRow.rule, TrialRow.cause, TrialRow.evidence
    placed = (
        VersionCaseRow.version_id == ExperimentRow.version_id,
        VersionCaseRow.place == TrialRow.case_place,
    )
    return (
        select(
            *place,
            TrialRow.answer_id,
            TrialRow.attempt,
            *told,
            AnswerRow.state,
            AnswerRow.judgement,
            abstained,
            CaseRow.unanswerable,
        )
        .join(AnswerRow, AnswerRow.id == TrialRow.answer_id)
        .join(ExperimentRow, ExperimentRow.id == TrialRow.experiment_id)
        .join(VersionCaseRow, and_(*placed))
        .join(CaseRow, CaseRow.id == VersionCaseRow.case_id)
        .where(counting(experiment_id))
        .order_by(*place)
    )


_STATES = {one.value: one for one in AnswerState}
_JUDGEMENTS = {one.value: one for one in Judgement}
_BY_HAND = {Judgement.RIGHT: True, Judgement.WRONG: False}


def _trial(found: Sequence[Any]) -> Trial:
    candidate, case, repeat, answer_id, attempt, correct, rule, cause, evidence, *rest = found
    state, judged, abstained, unanswerable = rest
    judgement = _JUDGEMENTS.get(judged)
    # A mark made since goes before every rule; where the person could not tell, nothing does.
    right = _BY_HAND.get(judgement) if judgement else correct
    made = Trial(
        slot=Slot(candidate, case, repeat),
        answer_id=answer_id,
        state=_STATES[state],
        attempts=attempt,
        judgement=judgement,
        right=right,
        rule=RightRule.MARK.value if judgement else rule,
        # What was found stays in its row, for where the mark is taken back.
        cause=cause if right is False else "",
        evidence=evidence if right is False else "",
        abstained=None if abstained is None else abstained >= HOLDS,
        by_rule=correct,
        told_by=rule,
        unanswerable=unanswerable,
    )
    if made.empty and unanswerable and made.cause == Cause.INVENTED:
        # Earlier versions called it so; what was told before is not looked for again.
        return replace(made, cause=Cause.FAILED.value, evidence=SAID_NOTHING)
    return made


def the_experiment(session: Session, experiment_id: str) -> ExperimentRow:
    """The experiment's row. Raises NotFound."""
    row = session.scalars(select(ExperimentRow).where(ExperimentRow.id == experiment_id)).one_or_none()
    if row is None:
        raise NotFound(
            "That experiment is not here: it was deleted, or there never was one of that id.",
            "Choose another one under Experiments.",
        )
    return row
