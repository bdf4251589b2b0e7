"""A data folder with many logged answers: some through the real log, the rest copied by SQL."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
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
from storage.answers import Answers
from storage.database import Database

LOGGED = 1000
"""Answers that go through the real log before they are copied."""
LANES = 5
COLLECTION = "benchmark-collection"
DAYS = 180
TEXT = "The rope is inspected every fourteen days, and after each storm, by two people of the valley crew. "


def fill(folder: Path, answers: int) -> None:
    """Log ``answers`` answers (a multiple of LOGGED) of LANES candidates, each asked everything."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database.open(folder)
    path = database.path
    try:
        _log(Answers(database), min(answers, LOGGED))
    finally:
        database.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for copy in range(1, answers // LOGGED):
            _copy(connection, copy)
        connection.execute("ANALYZE")


def _log(log: Answers, answers: int) -> None:
    chance = random.Random(1)
    candidates = [
        Candidate(
            "embedded", f"model-{number // 2}", Options(), None if number % 2 else Retrieval(COLLECTION)
        )
        for number in range(LANES)
    ]
    for number in range(answers // LANES):
        asked = datetime.now(UTC) - timedelta(days=chance.random() * DAYS)
        question = Question(
            str(ULID()), f"How often is rope {number} inspected?", f"How often is rope {number} inspected?",
            str(ULID()), COLLECTION, (), asked,
        )  # fmt: skip
        lanes = [_answer(question, place, one, chance) for place, one in enumerate(candidates)]
        log.begin(question, lanes)


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


def _copy(connection: sqlite3.Connection, copy: int) -> None:
    """Every logged row once more, under other ids and as other questions, an hour later a copy."""
    end = f"~{copy}"
    changed = {
        "questions": {
            "id": f"id || '{end}'",
            "text": f"text || '{end}'",
            "standalone": f"standalone || '{end}'",
        },
        "answers": {
            "id": f"id || '{end}'",
            "question_id": f"question_id || '{end}'",
            "question_key": f"substr(question_key, 1, 20) || '{end}'",
            "asked_at": f"asked_at - {copy * 3_600_000_000}",
        },
        "answer_contents": {"answer_id": f"answer_id || '{end}'"},
        "given": {"answer_id": f"answer_id || '{end}'"},
    }
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, expressions in changed.items():
        if table not in tables:
            raise RuntimeError(f"the table {table} is no longer there: mend benchmarks/filled.py")
        copy_rows(connection, table, expressions)


def copy_rows(connection: sqlite3.Connection, table: str, expressions: Mapping[str, str]) -> None:
    """Every row that is no copy once more; ``expressions`` (SQL) tell what is other, by column."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "sequence"]
    chosen = ", ".join(expressions.get(name, f'"{name}"') for name in columns)
    named = ", ".join(f'"{name}"' for name in columns)
    key = "id" if "id" in columns else "answer_id"
    connection.execute(
        f"INSERT INTO {table} ({named}) SELECT {chosen} FROM {table} WHERE instr({key}, '~') = 0"
    )
