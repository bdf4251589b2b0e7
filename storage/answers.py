"""The log of questions and answers: everything that was shown, failed and stopped answers too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, case, select, text, update
from sqlalchemy.orm import Session

from app.domain import Answer, AnswerFilter, AnswerState, Mark, Question
from app.errors import DatabaseTrouble, NotFound
from storage.answer_rows import (
    ASIDE,
    ASKED,
    FOLLOW_UP,
    IMPORTED,
    IMPORTING,
    JUDGE,
    PROBE,
    insert_question,
    keep_prompt,
    load_answers,
    next_position,
    question_key,
    question_of,
    write_answer,
)
from storage.asked import changing
from storage.database import Database
from storage.tables import AnswerContentRow, AnswerRow, ProbeRow, QuestionRow, RulingRow

INTERRUPTED = "Assay was closed before this answer ended."
UNFINISHED = f"{INTERRUPTED} What was sent is kept; what it had written by then is not."
PAGE = 200
"""How many answers ``export`` reads at once."""


class Answers:
    """Questions and answers. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------- writing

    def begin(self, question: Question, answers: Sequence[Answer]) -> None:
        """Log a question with its answers (usually PENDING), in one transaction.

        Raises ValueError for an answer to another question.
        """
        if any(one.question_id != question.id for one in answers):
            raise ValueError("answers to another question")
        with self._database.write() as session, changing(session, [_key(question)]):
            row = insert_question(session, question)
            for answer in answers:
                write_answer(session, row, answer, answer.position)

    def add(self, question_id: str, answer: Answer) -> None:
        """Log one more answer to a question, at the next position. Raises NotFound."""
        with self._database.write() as session:
            row = _question_row(session, question_id)
            if row is None:
                raise NotFound("That question is no longer there.", "Ask it anew.")
            with changing(session, [_key(row)]):
                write_answer(session, row, answer, next_position(session, question_id))

    def prompted(self, answer: Answer) -> None:
        """Log the prompt and the passages of an answer that is about to be asked for, and its model.

        Nothing happens where the answer is not in the log: then all of it is logged at its end.
        """
        with self._database.write() as session:
            own = session.scalars(select(AnswerRow).where(AnswerRow.id == answer.id)).one_or_none()
            if own is not None:
                with changing(session, [own.question_key]):
                    keep_prompt(session, own, answer)

    def finish(self, answer: Answer, question: Question | None = None, origin: str = ASKED) -> None:
        """Log everything of the answer; safe to repeat. Its position and a mark made since stay.

        With ``question``, one that could not be logged at its beginning is logged now; without, such
        an answer raises DatabaseTrouble.
        """
        with self._database.write() as session:
            row = _question_row(session, answer.question_id)
            if row is None and question is not None:
                row = insert_question(session, question)
            if row is None:
                raise DatabaseTrouble("The answer was not saved, because its question could not be saved.")
            with changing(session, [_key(row)]):
                write_answer(session, row, answer, next_position(session, row.id), origin)

    def mark(self, answer_id: str, mark: Mark) -> None:
        """Set the person's judgement; the last one counts. Raises NotFound."""
        self._set_mark(answer_id, mark)

    def unmark(self, answer_id: str) -> None:
        """Take the judgement back. Raises NotFound."""
        self._set_mark(answer_id, None)

    def _set_mark(self, answer_id: str, mark: Mark | None) -> None:
        with self._database.write() as session:
            row = session.scalars(select(AnswerRow).where(AnswerRow.id == answer_id)).one_or_none()
            if row is None:
                raise NotFound("That answer is no longer there.")
            with changing(session, [row.question_key]):
                row.judgement = mark.judgement.value if mark else None
                row.correct_answer = mark.correct_answer if mark else None
                row.marked_at = mark.marked_at if mark else None

    def mark_interrupted(self) -> int:
        """PENDING answers become FAILED, in words; returns how many. For the start, before any work."""
        with self._database.write() as session:
            # Named in the text of the query, so that the small index over pending ones is used.
            pending = select(AnswerRow.id, AnswerRow.question_key).where(text("answers.state = 'pending'"))
            found = session.execute(pending).all()
            with changing(session, {row.question_key for row in found}):
                for row in found:
                    _interrupt(session, row.id)
            return len(found)

    # ----------------------------------------------------------------- reading

    def question(self, question_id: str) -> Question | None:
        """One, or None."""
        with self._database.read() as session:
            row = _question_row(session, question_id)
            return question_of(row) if row else None

    def answers(self, question_id: str) -> list[Answer]:
        """All of a question, by position."""
        return self._load(
            select(AnswerRow).where(AnswerRow.question_id == question_id).order_by(AnswerRow.position)
        )

    def answer(self, answer_id: str) -> Answer | None:
        """One, or None."""
        found = self._load(select(AnswerRow).where(AnswerRow.id == answer_id))
        return found[0] if found else None

    def history(self, limit: int = 50, before: str = "") -> list[Question]:
        """Newest first, as people asked them; ``before`` is the last question's id ("" for none)."""
        asked = select(QuestionRow).where(
            QuestionRow.origin == ASKED, QuestionRow.conversation_id != FOLLOW_UP
        )
        statement = asked.order_by(QuestionRow.sequence.desc()).limit(limit)
        if before:
            last = select(QuestionRow.sequence).where(QuestionRow.id == before).scalar_subquery()
            statement = statement.where(QuestionRow.sequence < last)
        with self._database.read() as session:
            return [question_of(row) for row in session.scalars(statement)]

    def conversation(self, conversation_id: str) -> list[Question]:
        """The questions of a conversation in the order of asking; none for ""."""
        if not conversation_id:
            return []
        statement = select(QuestionRow).where(QuestionRow.conversation_id == conversation_id)
        with self._database.read() as session:
            return [question_of(row) for row in session.scalars(statement.order_by(QuestionRow.sequence))]

    def of_candidate(
        self, candidate_hash: str, flt: AnswerFilter, limit: int, offset: int = 0
    ) -> list[tuple[Question, Answer]]:
        """What a candidate answered to people, as far as it passes the filter, newest first.

        Not its answers of experiments, which are in no figure of what was asked.
        """
        asked = (AnswerRow.candidate_hash == candidate_hash, AnswerRow.origin == ASKED)
        statement = (
            select(AnswerRow)
            .where(*asked, *passes(flt))
            .order_by(AnswerRow.sequence.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as session:
            rows = session.scalars(statement).all()
            return _with_questions(session, rows)

    def export(self, flt: AnswerFilter, *, aside: bool = False) -> Iterator[tuple[Question, Answer, str]]:
        """Every answer to a question that passes the filter, with its origin; the oldest first.

        ``aside``: also what answers no question of anybody (ASIDE), with such an origin also where it came
        with an experiment from elsewhere ("imported, probe"). PAGE of them are read at a time; between
        the pages the database is free, so a slow reader holds up no writer.
        """
        hidden = (IMPORTING,) if aside else (IMPORTING, *ASIDE)
        wanted = [*passes(flt), AnswerRow.origin.not_in(hidden)]
        last = 0
        while True:
            statement = (
                select(AnswerRow)
                .where(AnswerRow.sequence > last, *wanted)
                .order_by(AnswerRow.sequence)
                .limit(PAGE)
            )
            with self._database.read() as session:
                rows = session.scalars(statement).all()
                beside = _beside(session, [row.id for row in rows if row.origin == IMPORTED])
                shown = rows if aside else [row for row in rows if row.id not in beside]
                pairs = _with_questions(session, shown)
            if not rows:
                return
            last = rows[-1].sequence
            origins = {row.id: row.origin + beside.get(row.id, "") for row in shown}
            yield from ((question, answer, origins[answer.id]) for question, answer in pairs)

    def _load(self, statement: Select[AnswerRow]) -> list[Answer]:
        with self._database.read() as session:
            return load_answers(session, session.scalars(statement).all())


def _beside(session: Session, imported: Sequence[str]) -> dict[str, str]:
    """Which of these answer nobody's question, and what they are instead: all of them have one origin."""
    found: dict[str, str] = {}
    for role, of in ((PROBE, ProbeRow.answer_id), (JUDGE, RulingRow.answer_id)):
        found |= dict.fromkeys(session.scalars(select(of).where(of.in_(imported))), f", {role}")
    return found


def _interrupted() -> ColumnElement[str]:
    return case((AnswerContentRow.messages.is_(None), INTERRUPTED), else_=UNFINISHED)


def passes(flt: AnswerFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter on AnswerRow; ``until`` is not included any more."""
    conditions: list[ColumnElement[bool]] = []
    if flt.collection_id:
        conditions.append(AnswerRow.collection_id == flt.collection_id)
    if flt.candidates:
        conditions.append(AnswerRow.candidate_hash.in_(flt.candidates))
    if flt.since is not None:
        conditions.append(AnswerRow.asked_at >= flt.since)
    if flt.until is not None:
        conditions.append(AnswerRow.asked_at < flt.until)
    return conditions


def _with_questions(session: Session, rows: Sequence[AnswerRow]) -> list[tuple[Question, Answer]]:
    wanted = {row.question_id for row in rows}
    found = session.scalars(select(QuestionRow).where(QuestionRow.id.in_(wanted)))
    questions = {row.id: question_of(row) for row in found}
    return [(questions[one.question_id], one) for one in load_answers(session, rows)]


def _interrupt(session: Session, answer_id: str) -> None:
    session.execute(update(AnswerRow).where(AnswerRow.id == answer_id).values(state=AnswerState.FAILED.value))
    session.execute(
        update(AnswerContentRow)
        .where(AnswerContentRow.answer_id == answer_id)
        .values(error=_interrupted(), remedy="Ask again.")
    )


def _key(question: Question | QuestionRow) -> int:
    return question_key(question.standalone)


def _question_row(session: Session, question_id: str) -> QuestionRow | None:
    return session.scalars(select(QuestionRow).where(QuestionRow.id == question_id)).one_or_none()
