"""People's votes on pairs of answers, and what judges said of pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, and_, delete, func, select
from sqlalchemy.orm import Session, aliased

from app.domain import (
    Answer,
    AnswerState,
    AnswerText,
    Candidate,
    ExperimentState,
    PlacedVote,
    Vote,
    VoteOrigin,
)
from app.errors import NotAllowed, NotFound
from storage import records
from storage.answer_rows import JUDGE, next_position, write_answer
from storage.database import Database
from storage.erasing import unquoting
from storage.experiment_rows import counting
from storage.names import name_key, usable_name
from storage.tables import (
    AnswerContentRow,
    AnswerRow,
    CandidateRow,
    ExperimentRow,
    QuestionRow,
    RulingRow,
    TrialRow,
    VoteRow,
)
from storage.vote_rows import VOTE_COLUMNS, VOTE_KEY, vote_of, vote_row

READABLE = (AnswerState.COMPLETE.value, AnswerState.CUT_SHORT.value)
"""Answers that can be put to a vote ended like this."""
WIDTH = len(VOTE_COLUMNS)


class Votes:
    """Votes. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------- writing

    def put(self, *votes: Vote) -> list[Vote]:
        """Keep these, all in one transaction; returns what each of the same person took the place of.

        Raises NotAllowed for a name that nobody can have, and for answers of an experiment that has not
        finished, which may still change; NotFound where an answer is gone.
        """
        replaced = []
        with self._database.write() as session:
            for vote in votes:
                usable_name(vote.voter, "voter")
                _refuse_gone(session, vote)
                _refuse_unfinished(session, vote)
                row = session.get(VoteRow, (name_key(vote.voter), vote.first, vote.second))
                if row is not None:
                    replaced.append(vote_of([getattr(row, one.key) for one in VOTE_COLUMNS]))
                session.merge(vote_row(vote))
        return replaced

    def take_back(self, vote: Vote) -> None:
        """Delete that person's vote on the pair; nothing where there is none."""
        mine = (
            VoteRow.voter_key == name_key(vote.voter),
            VoteRow.first_id == vote.first,
            VoteRow.second_id == vote.second,
        )
        with self._database.write() as session:
            session.execute(delete(VoteRow).where(*mine))

    def commit_ruling(self, of: str, scorer: str, ruling: Answer) -> None:
        """Log what a judge said of a pair, in one transaction: it is paid for. Safe to repeat.

        ``of`` is the answer that stood first; ``scorer`` names the judge and the other answer.
        """
        with self._database.write() as session:
            question = session.scalars(select(QuestionRow).where(QuestionRow.id == ruling.question_id)).one()
            ruling = unquoting(session, of, ruling)
            write_answer(session, question, ruling, next_position(session, question.id), JUDGE)
            if session.scalars(select(RulingRow).where(RulingRow.answer_id == ruling.id)).first() is None:
                here = (RulingRow.of_answer_id == of, RulingRow.scorer == scorer)
                last = session.scalar(select(func.max(RulingRow.attempt)).where(*here)) or 0
                session.add(RulingRow(of_answer_id=of, scorer=scorer, attempt=last + 1, answer_id=ruling.id))

    # ----------------------------------------------------------------- reading

    def of_experiment(self, experiment_id: str) -> list[PlacedVote]:
        """All votes on two answers that count, by time."""
        one, other = aliased(TrialRow), aliased(TrialRow)
        columns = (*VOTE_COLUMNS, one.case_place, one.repeat, one.candidate, other.candidate)
        statement = _placed(experiment_id, one, other, *columns).order_by(VoteRow.voted_at, *VOTE_KEY)
        with self._database.read() as session:
            return [PlacedVote(vote_of(row[:WIDTH]), *row[WIDTH:]) for row in session.execute(statement)]

    def of_voter(self, experiment_id: str, voter: str) -> list[Vote]:
        """Those of one person, by time."""
        one, other = aliased(TrialRow), aliased(TrialRow)
        mine = VoteRow.voter_key == name_key(voter)
        statement = _placed(experiment_id, one, other, *VOTE_COLUMNS).where(mine)
        with self._database.read() as session:
            found = session.execute(statement.order_by(VoteRow.voted_at, *VOTE_KEY))
            return [vote_of(row) for row in found]

    def compared(self, experiment_id: str) -> dict[tuple[int, int], int]:
        """How many votes two candidates (their places, the smaller one first) have between them."""
        one, other = aliased(TrialRow), aliased(TrialRow)
        of = one.candidate, other.candidate
        statement = _placed(experiment_id, one, other, *of, func.count()).group_by(*of)
        found: dict[tuple[int, int], int] = defaultdict(int)
        with self._database.read() as session:
            for first, second, many in session.execute(statement):
                found[min(first, second), max(first, second)] += many
        return dict(found)

    def count(self, experiment_id: str) -> int:
        """How many there are on an experiment's answers."""
        mine = select(TrialRow.answer_id).where(TrialRow.experiment_id == experiment_id)
        with self._database.read() as session:
            counted = select(func.count()).select_from(VoteRow).where(VoteRow.first_id.in_(mine))
            return session.scalar(counted) or 0

    def on(self, answer_ids: Iterable[str]) -> list[Vote]:
        """All votes on pairs of these answers, by time."""
        ids = list(answer_ids)
        statement = select(*VOTE_COLUMNS).where(VoteRow.first_id.in_(ids), VoteRow.second_id.in_(ids))
        with self._database.read() as session:
            return [vote_of(row) for row in session.execute(statement.order_by(VoteRow.voted_at))]

    def of_ask(self) -> list[tuple[Vote, str, Candidate, Candidate]]:
        """All votes given on Ask, by time: with the question's id, and whose both answers are."""
        one, other = aliased(AnswerRow), aliased(AnswerRow)
        mine, its = aliased(CandidateRow), aliased(CandidateRow)
        statement = (
            select(*VOTE_COLUMNS, one.question_id, mine.settings, its.settings)
            .join(one, one.id == VoteRow.first_id)
            .join(other, other.id == VoteRow.second_id)
            .join(mine, mine.hash == one.candidate_hash)
            .join(its, its.hash == other.candidate_hash)
            .where(VoteRow.origin == VoteOrigin.ASK.value)
            .order_by(VoteRow.voted_at)
        )
        with self._database.read() as session:
            return [
                (vote_of(row[:WIDTH]), row[-3], records.candidate_of(row[-2]), records.candidate_of(row[-1]))
                for row in session.execute(statement)
            ]

    def texts(self, experiment_id: str) -> list[AnswerText]:
        """The texts of the answers that count, came to an end and are not empty, by their places."""
        with self._database.read() as session:
            return [AnswerText(*row) for row in session.execute(_texts(experiment_id)) if row.text.strip()]

    def answered(self, experiment_id: str) -> tuple[int, str]:
        """What changes when other answers count: how many do, and the newest one's id."""
        newest = select(func.count(), func.max(TrialRow.answer_id)).where(counting(experiment_id))
        with self._database.read() as session:
            row = session.execute(newest).one()
            return row[0], row[1] or ""

    def pair_rulings(self, experiment_id: str, prefix: str) -> list[tuple[str, str, str, str]]:
        """What judges replied about pairs: (answer that stood first, scorer, state, text), the last attempt.

        ``prefix`` begins the names of such scorers.
        """
        mine = counting(experiment_id)
        statement = (
            select(RulingRow.of_answer_id, RulingRow.scorer, AnswerRow.state, AnswerContentRow.text)
            .join(TrialRow, TrialRow.answer_id == RulingRow.of_answer_id)
            .join(AnswerRow, AnswerRow.id == RulingRow.answer_id)
            .join(AnswerContentRow, AnswerContentRow.answer_id == RulingRow.answer_id)
            .where(mine, RulingRow.scorer.startswith(prefix, autoescape=True))
            .order_by(RulingRow.attempt)
        )
        with self._database.read() as session:
            found = {(of, scorer): (state, text) for of, scorer, state, text in session.execute(statement)}
        return [(of, scorer, *told) for (of, scorer), told in found.items()]

    def judges(self, hashes: Iterable[str]) -> dict[str, Candidate]:
        """The candidates of these hashes, as far as they are known."""
        with self._database.read() as session:
            rows = session.scalars(select(CandidateRow).where(CandidateRow.hash.in_(list(hashes)))).all()
            return {row.hash: records.candidate_of(row.settings) for row in rows}


def _placed(
    experiment_id: str, one: type[TrialRow], other: type[TrialRow], *columns: Any
) -> Select[*tuple[Any, ...]]:
    """``columns`` of the votes on two answers of an experiment that count, with the slots of both."""
    return (
        select(*columns)
        .select_from(VoteRow)
        .join(one, and_(one.answer_id == VoteRow.first_id, ~one.superseded))
        .join(other, and_(other.answer_id == VoteRow.second_id, ~other.superseded))
        .where(one.experiment_id == experiment_id, other.experiment_id == experiment_id)
    )


def _texts(experiment_id: str) -> Select[*tuple[Any, ...]]:
    place = TrialRow.candidate, TrialRow.case_place, TrialRow.repeat
    return (
        select(*place, TrialRow.answer_id, AnswerContentRow.text)
        .join(AnswerRow, AnswerRow.id == TrialRow.answer_id)
        .join(AnswerContentRow, AnswerContentRow.answer_id == TrialRow.answer_id)
        .where(counting(experiment_id), AnswerRow.state.in_(READABLE))
        .order_by(TrialRow.case_place, TrialRow.repeat, TrialRow.candidate)
    )


def _refuse_gone(session: Session, vote: Vote) -> None:
    there = select(func.count()).select_from(AnswerRow).where(AnswerRow.id.in_((vote.first, vote.second)))
    if session.scalar(there) != 2:
        raise NotFound("One of these answers is gone, so the vote was not kept.", "Go on with another pair.")


def _refuse_unfinished(session: Session, vote: Vote) -> None:
    mine = TrialRow.answer_id.in_((vote.first, vote.second))
    going = ExperimentRow.state != ExperimentState.FINISHED.value
    statement = select(ExperimentRow.name).join(TrialRow, TrialRow.experiment_id == ExperimentRow.id)
    if name := session.scalar(statement.where(mine, going).limit(1)):
        raise NotAllowed(
            f"“{name}” has not finished, so the vote was not kept: its answers may still change.",
            "Vote when it has finished.",
        )
