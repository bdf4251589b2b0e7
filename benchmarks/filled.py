"""A data folder with many logged answers: some through the real log, the rest copied by SQL."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ulid import ULID

from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Checks,
    Cost,
    GivenPassage,
    Judgement,
    Mark,
    Options,
    Passage,
    Prompt,
    PromptMessage,
    Question,
    Retrieval,
    Segment,
    Timing,
    Usage,
)
from storage import asked
from storage.answers import Answers
from storage.database import Database

LOGGED = 1000
"""Answers that go through the real log before they are copied."""
LANES = 5
COLLECTION = "benchmark-collection"
DAYS = 180
TEXT = "The rope is inspected every fourteen days, and after each storm, by two people of the valley crew. "


def fill(folder: Path, answers: int) -> None:
    """Log ``answers`` answers (a multiple of LOGGED) of LANES candidates: a third of the questions is put to
    all of them, the others to some.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copies = max(1, answers // LOGGED)
    database = Database.open(folder)
    path = database.path
    try:
        _log(Answers(database), min(answers, LOGGED), timedelta(days=DAYS / copies))
    finally:
        database.close()
    with bulk(path) as connection:
        _copy(connection, copies - 1)
    sum_up(folder)


def sum_up(folder: Path) -> None:
    """Make the sums of what was asked, which copying by SQL passes by."""
    database = Database.open(folder)
    try:
        with database.write() as session:
            asked.fill(session)
    finally:
        database.close()


@contextmanager
def bulk(path: Path) -> Iterator[sqlite3.Connection]:
    """The database for writing very much at once: nothing is kept that a crash would need."""
    with closing(sqlite3.connect(path)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "temp_store = 2"):
            connection.execute(f"PRAGMA {pragma}")
        with connection:
            yield connection


def _log(log: Answers, answers: int, within: timedelta) -> None:
    """The first ``answers``, asked ``within`` some time that began DAYS ago."""
    chance = random.Random(1)
    candidates = [
        Candidate(
            "embedded", f"model-{number // 2}", Options(), None if number % 2 else Retrieval(COLLECTION)
        )
        for number in range(LANES)
    ]
    start, logged, number = datetime.now(UTC) - timedelta(days=DAYS), 0, 0
    while logged < answers:
        shown = LANES if chance.random() < 1 / 3 else chance.randint(2, LANES - 1)
        chosen = chance.sample(candidates, min(shown, answers - logged))
        question = Question(
            str(ULID()), f"How often is rope {number} inspected?", f"How often is rope {number} inspected?",
            str(ULID()), COLLECTION, (), start + within * (logged / answers),
        )  # fmt: skip
        log.begin(question, [_answer(question, place, one, chance) for place, one in enumerate(chosen)])
        logged, number = logged + len(chosen), number + 1


def _answer(question: Question, place: int, candidate: Candidate, chance: random.Random) -> Answer:
    passages = [_passage(chance.randrange(2000)) for _ in range(4)] if candidate.with_documents else []
    given = tuple(GivenPassage(n, one, 0.9 - n / 10) for n, one in enumerate(passages, start=1))
    segments = (*(Segment("", one.number) for one in given), Segment(question.text))
    first = chance.uniform(0.2, 3.0)
    marked = chance.random()
    judgement = Judgement.RIGHT if marked < 0.3 else Judgement.WRONG
    return Answer(
        id=str(ULID()),
        question_id=question.id,
        position=place,
        candidate=candidate,
        state=AnswerState.FAILED if chance.random() < 0.03 else AnswerState.COMPLETE,
        text=TEXT * chance.randint(1, 4),
        thinking="",
        prompt=Prompt((PromptMessage("user", segments),), given, 900, exact=True, window=4096),
        checks=Checks(),
        usage=Usage(900, chance.randint(10, 200), None, 0),
        timing=Timing(0.0, 0.0, first, first, 2.0, first + 2.0, 1, first + 2.0),
        cost=Cost(chance.randint(10**6, 10**9), "USD", "assumed", "a share of the machine's time"),
        error="",
        remedy="",
        attempts=1,
        backend_version="benchmark",
        asked_at=question.asked_at,
        mark=Mark(judgement, "", question.asked_at) if marked < 0.5 else None,
    )


def _passage(number: int) -> Passage:
    return Passage(
        f"passage-{number}", COLLECTION, f"document-{number // 100}", "ropes.txt", 1, 0, len(TEXT), TEXT
    )


def _copy(connection: sqlite3.Connection, copies: int) -> None:
    """Every logged row so many times more, under other ids and as other questions, each copy later."""
    later = f"copy * {timedelta(days=DAYS / (copies + 1)) // timedelta(microseconds=1)}"
    end = "('~' || copy)"
    asked, of_asked = "origin = 'ask'", "answer_id IN (SELECT id FROM answers WHERE origin = 'ask')"
    question = {"text": f"text || {end}", "standalone": f"standalone || {end}"}
    answer = {
        "question_id": f"question_id || {end}",
        "question_key": "question_key / 2 + copy",
        "asked_at": f"asked_at + {later}",
    }
    # What belongs to the answers goes first, while there are no others.
    for table in ("answer_contents", "given"):
        copy_rows(connection, table, {"answer_id": f"answer_id || {end}"}, copies, of_asked)
    copy_rows(connection, "questions", {"id": f"id || {end}", **question}, copies, asked)
    copy_rows(connection, "answers", {"id": f"id || {end}", **answer}, copies, asked)


def copy_rows(
    connection: sqlite3.Connection,
    table: str,
    expressions: Mapping[str, str],
    copies: int,
    which: str = "true",
) -> None:
    """Every row so many times more; ``expressions`` (SQL) tell what is other, by column.

    ``copy`` in them is the number of the copy, from 1. ``which`` is the condition for a row to be copied.
    Raises sqlite3.OperationalError, or RuntimeError, where the table or a column is no longer there.
    """
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "sequence"]
    if missing := set(expressions) - set(columns):
        raise RuntimeError(f"{table} has no {', '.join(sorted(missing))} any more: mend the benchmarks")
    chosen = ", ".join(expressions.get(name, f'"{name}"') for name in columns)
    named = ", ".join(f'"{name}"' for name in columns)
    connection.execute(f"CREATE TEMP TABLE copied AS SELECT * FROM {table} WHERE {which}")
    connection.execute(
        "WITH RECURSIVE copies (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies LIMIT ?)"
        f" INSERT INTO {table} ({named}) SELECT {chosen} FROM copies CROSS JOIN copied WHERE copy <= ?",
        (max(1, copies), copies),
    )
    connection.execute("DROP TABLE copied")
