"""The sums that home reads are those of the answers, to the last digit, whatever is written."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import storage.answers
from app.domain import Answer, AnswerFilter, AnswerState, Cost, Judgement, Mark, Question
from storage import asked
from storage.answer_rows import FOLLOW_UP, write_answer
from storage.answers import Answers
from storage.database import DATABASE_FILE, Database
from storage.reports import Reports
from storage.upgrading import MIGRATIONS, migrate
from tests.storage.examples import NOON, answer, candidate, question

WHO = [candidate("a"), candidate("b"), candidate("b", "c0"), candidate("c", "c1")]
ALL = AnswerFilter()


def differences(database: Database) -> int:
    with database.read() as session:
        return asked.differences(session)


class Life:
    """What people do, at random: few questions, so that the same words come again and again."""

    def __init__(self, answers: Answers, seed: int) -> None:
        self.answers = answers
        self.chance = random.Random(seed)
        self.logged: dict[str, Answer] = {}
        self.questions: list[Question] = []

    def step(self) -> None:
        acts: list[Callable[[], None]] = [self.ask, self.ask, self.end, self.mark, self.unmark, self.more]
        self.chance.choice(acts)()

    def ask(self) -> None:
        chance = self.chance
        one = question(f"question {chance.randrange(6)}", chance.choice(["c0", "c1", ""]))
        lanes = [self._reply(one, place, who) for place, who in enumerate(WHO) if chance.random() < 0.6]
        self.answers.begin(one, lanes)
        self.questions.append(one)
        self.logged |= {lane.id: lane for lane in lanes}

    def more(self) -> None:
        if self.questions:
            one = self.chance.choice(self.questions)
            lane = self._reply(one, 9 + len(self.logged), self.chance.choice(WHO))
            self.answers.add(one.id, lane)
            self.logged[lane.id] = lane

    def end(self) -> None:
        if self.logged:
            old = self.chance.choice(list(self.logged.values()))
            one = next(asked for asked in self.questions if asked.id == old.question_id)
            new = replace(self._reply(one, old.position, old.candidate), id=old.id, mark=None)
            self.answers.finish(new)

    def mark(self) -> None:
        if self.logged:
            which = self.chance.choice(list(self.logged))
            self.answers.mark(which, Mark(self.chance.choice(list(Judgement)), "", NOON))

    def unmark(self) -> None:
        if self.logged:
            self.answers.unmark(self.chance.choice(list(self.logged)))

    def _reply(self, one: Question, place: int, who: object) -> Answer:
        chance = self.chance
        amount = chance.choice([None, chance.randrange(10**15), 2**63 - 1, -5])
        made = answer(
            one,
            place,
            who=who,  # type: ignore[arg-type]
            state=chance.choice(list(AnswerState)),
            cost=Cost(amount, chance.choice(["USD", "USD", "EUR", ""]), "listed", ""),
            judgement=chance.choice([None, *Judgement]),
        )
        return replace(made, id=f"{one.id}-{place}-{chance.random()}")


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_those_of_the_answers_after_every_step(
    database: Database, answers: Answers, seed: int
) -> None:
    life = Life(answers, seed)
    for _ in range(25):
        life.step()
        assert differences(database) == 0
    answers.mark_interrupted()
    assert differences(database) == 0
    assert life.logged, "nothing was tried"


def test_without_the_guard_they_are_not(
    database: Database, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above would see it."""

    @contextmanager
    def nothing(_session: Session, _keys: object) -> Iterator[None]:
        yield

    one = question()
    lane = answer(one)
    answers.begin(one, [lane])
    monkeypatch.setattr(storage.answers, "changing", nothing)
    answers.mark(lane.id, Mark(Judgement.RIGHT, "", NOON))
    assert differences(database) > 0


def test_what_is_undone_changes_no_sum(
    database: Database, answers: Answers, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*rest: object) -> None:
        write_answer(*rest)  # type: ignore[arg-type]
        raise ArithmeticError

    one = question()
    answers.begin(one, [answer(one)])
    before = reports.by_candidate(ALL)
    monkeypatch.setattr(storage.answers, "write_answer", fails)
    with pytest.raises(ArithmeticError):
        answers.add(one.id, answer(one, 1))
    assert reports.by_candidate(ALL) == before
    assert differences(database) == 0


def test_a_mark_is_seen_at_once(answers: Answers, reports: Reports) -> None:
    """What was looked up is kept only while nothing is written."""
    one = question()
    lane = answer(one)
    answers.begin(one, [lane])
    assert reports.right(ALL) == ([], [])
    answers.mark(lane.id, Mark(Judgement.RIGHT, "", NOON))
    assert reports.right(ALL)[0][0].right == 1
    answers.unmark(lane.id)
    assert reports.right(ALL) == ([], [])


def test_rewording_a_follow_up_is_in_no_sum(database: Database, answers: Answers, reports: Reports) -> None:
    one = replace(question(), conversation_id=FOLLOW_UP)
    answers.finish(answer(one), one, FOLLOW_UP)
    assert reports.by_candidate(ALL) == []
    assert differences(database) == 0


def test_one_question_in_two_collections_is_one_of_all_and_one_of_each(
    answers: Answers, reports: Reports
) -> None:
    for place, collection in enumerate(["c0", "c1"]):
        one = question("How many?", collection)
        answers.begin(one, [answer(one, who=WHO[place])])
    assert (reports.questions(ALL), reports.common_questions(ALL)) == (1, 1)
    own = AnswerFilter(collection_id="c0")
    assert (reports.questions(own), [one.label for one in reports.by_candidate(own)]) == (1, [WHO[0].label])


def test_a_database_of_an_older_assay_gets_its_sums(folder: Path) -> None:
    opened = Database.open(folder)
    life = Life(Answers(opened), 1)
    for _ in range(20):
        life.step()
    told = Reports(opened).by_candidate(ALL)
    opened.close()
    _as_it_was(folder / DATABASE_FILE)
    opened = Database.open(folder)
    assert told
    assert Reports(opened).by_candidate(ALL) == told
    assert differences(opened) == 0
    opened.close()


def _as_it_was(path: Path) -> None:
    """The same answers in the schema before there were sums."""
    old = path.with_name("old.sqlite3")
    (ours,) = (MIGRATIONS / "versions").glob("*_asked.py")
    migrate(old, f"{int(ours.name[:4]) - 1:04}")
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("ATTACH ? AS new", (str(path),))
        for (name,) in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table'"
        ).fetchall():
            if name not in {"alembic_version", "sqlite_sequence"}:
                old_ones = connection.execute(f"PRAGMA main.table_info({name})").fetchall()
                columns = ", ".join(f'"{one[1]}"' for one in old_ones)  # later ones are left behind
                copy = f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM new.{name}"  # noqa: S608
                connection.execute(copy)
    old.replace(path)
