"""Answers (signatures first; the code follows)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.domain import Answer, AnswerFilter, Mark, Question
from storage.database import Database


class Answers:
    """The log of questions and answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, question: Question, answers: Sequence[Answer]) -> None:
        """Log a question with its answers, in one transaction."""
        raise NotImplementedError

    def add(self, question_id: str, answer: Answer) -> Answer:
        """Log one more answer at the next position; returns it with that position."""
        raise NotImplementedError

    def finish(self, answer: Answer) -> None:
        """Log everything of the answer; safe to repeat. A mark already made stays."""
        raise NotImplementedError

    def question(self, question_id: str) -> Question | None:
        """One, or None."""
        raise NotImplementedError

    def answers(self, question_id: str) -> list[Answer]:
        """By position."""
        raise NotImplementedError

    def answer(self, answer_id: str) -> Answer | None:
        """One, or None."""
        raise NotImplementedError

    def history(self, limit: int = 50, before: str = "") -> list[Question]:
        """Newest first; ``before`` is the id of the last question already shown."""
        raise NotImplementedError

    def conversation(self, conversation_id: str) -> list[Question]:
        """Oldest first."""
        raise NotImplementedError

    def mark(self, answer_id: str, mark: Mark) -> None:
        """Set the person's judgement. Raises NotFound."""
        raise NotImplementedError

    def unmark(self, answer_id: str) -> None:
        """Take the judgement back. Raises NotFound."""
        raise NotImplementedError

    def of_candidate(
        self, candidate_hash: str, flt: AnswerFilter, limit: int, offset: int = 0
    ) -> list[tuple[Question, Answer]]:
        """A candidate's answers, newest first."""
        raise NotImplementedError

    def export(self, flt: AnswerFilter) -> Iterator[tuple[Question, Answer]]:
        """Every answer, oldest first, without holding the database."""
        raise NotImplementedError

    def mark_interrupted(self) -> int:
        """PENDING answers become FAILED; returns how many."""
        raise NotImplementedError
