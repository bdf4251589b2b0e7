"""A data folder with a large experiment: the first questions through the real log, the rest copied by SQL."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from ulid import ULID

from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Case,
    Cause,
    Checks,
    Cost,
    Experiment,
    ExperimentState,
    Gold,
    Judged,
    Question,
    Retrieval,
    Score,
    Slot,
    Timing,
    Usage,
)
from benchmarks.filled import bulk, copy_rows
from storage.database import DATABASE_FILE, Database
from storage.datasets import Datasets
from storage.experiments import Experiments

LOGGED = 20
"""Questions that go through the real log before they are copied."""
COLLECTION = "benchmark-collection"
YES_OR_NO = ("contains", "exact match", "abstention", "hit@k")
SHARES = ("token F1", "MRR@k", "nDCG@k", "citation recall", "citation precision", "grounded share")
TAGS = ("table", "two passages", "newer version")
READ = (Cause.RANKED_TOO_LOW, Cause.MISSED_BY_EMBEDDER, Cause.DISTRACTED, Cause.MODEL_WRONG)
SCORED = [*YES_OR_NO, *SHARES, "quote check", "share copied"]


def fill_experiment(folder: Path, candidates: int, cases: int) -> str:
    """Log a finished experiment with ``cases``, a multiple of LOGGED, of ``candidates``; returns its id."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database.open(folder)
    path = database.path
    try:
        asked = tuple(_case(place) for place in range(cases))
        dataset = Datasets(database).create("Ropes", asked)
        experiment = _experiment(dataset.id, dataset.version, candidates, cases)
        Experiments(database).create(experiment)
        _log(Experiments(database), experiment, asked[:LOGGED])
    finally:
        database.close()
    with bulk(path) as connection:
        _copy(connection, cases // LOGGED - 1)
    return experiment.id


def copy_experiments(folder: Path, copies: int) -> None:
    """Every experiment so many times more, each with answers of its own, under the same cases."""
    end = "('^' || copy)"
    mine, of_answer = {"experiment_id": f"experiment_id || {end}"}, {"answer_id": f"answer_id || {end}"}
    named = {"id": f"id || {end}"}
    changed = {
        "experiments": named,
        "experiment_candidates": mine,
        "questions": {**named, "conversation_id": f"conversation_id || {end}"},
        "answers": {**named, "question_id": f"question_id || {end}"},
        "answer_contents": of_answer,
        "scores": of_answer,
        "trials": {**mine, **of_answer},
    }
    with bulk(folder / DATABASE_FILE) as connection:
        for table, expressions in changed.items():
            copy_rows(connection, table, expressions, copies)


def _case(place: int) -> Case:
    question, tags = f"How often is rope {place} inspected?", (TAGS[place % len(TAGS)],)
    if place % 6 == 0:
        return Case(question, unanswerable=True, tags=tags)
    return Case(question, (f"every {place} days",), (Gold("ropes.txt", f"every {place} days"),), tags=tags)


def _experiment(dataset: str, version: str, candidates: int, cases: int) -> Experiment:
    now = datetime.now(UTC)
    return Experiment(
        id=str(ULID()),
        name="Benchmark",
        dataset_id=dataset,
        dataset_name="Ropes",
        version=version,
        candidates=tuple(_candidate(number) for number in range(candidates)),
        repeats=1,
        cases=cases,
        made_at=now,
        state=ExperimentState.FINISHED,
        ended_at=now,
        snapshot={"Assay": "benchmark", "machine": "a machine"},
    )


def _candidate(number: int) -> Candidate:
    retrieval = None if number % 2 else Retrieval(COLLECTION)
    return Candidate("embedded", f"model-{number // 2}", retrieval=retrieval)


def _log(log: Experiments, experiment: Experiment, cases: tuple[Case, ...]) -> None:
    chance = random.Random(1)
    for place, case in enumerate(cases):
        question = Question(
            str(ULID()), case.question, case.question, experiment.id, COLLECTION, (), experiment.made_at
        )
        for number, candidate in enumerate(experiment.candidates):
            judged = _judged(question, case, candidate, chance)
            log.commit(experiment.id, Slot(number, place, 0), question, judged)
            if judged.right is False:
                log.set_causes({judged.answer.id: (_cause(case, judged, chance), "As it was made.")})


def _judged(question: Question, case: Case, candidate: Candidate, chance: random.Random) -> Judged:
    likely = 0.7 if candidate.with_documents else 0.15
    right = chance.random() < likely - 0.02 * int(candidate.model.rpartition("-")[2])
    failed = chance.random() < 0.02
    scores = _scores(case, right=right, documents=candidate.with_documents, chance=chance)
    answer = Answer(
        id=str(ULID()),
        question_id=question.id,
        position=0,
        candidate=candidate,
        state=AnswerState.FAILED if failed else AnswerState.COMPLETE,
        text="" if failed else "The rope is inspected every fourteen days.",
        thinking="",
        prompt=None,
        checks=Checks(),
        usage=Usage(900, chance.randint(10, 200), None, 0),
        timing=Timing(0.0, 0.0, 0.4, 0.4, 2.0, 2.4, 1, 2.4),
        cost=Cost(chance.randint(10**6, 10**9), "USD", "assumed", "a share of the machine's time"),
        error="The server gave up." if failed else "",
        remedy="",
        attempts=1,
        backend_version="benchmark",
        asked_at=question.asked_at,
        scores=scores,
    )
    return Judged(answer, right and not failed, "end" if failed else "contains")


def _scores(case: Case, *, right: bool, documents: bool, chance: random.Random) -> tuple[Score, ...]:
    values: dict[str, float | None] = {
        **{name: float(chance.random() < 0.6) for name in YES_OR_NO},
        **{name: round(chance.random(), 3) for name in SCORED if name not in YES_OR_NO},
        "abstention": float(right == case.unanswerable and chance.random() < 0.5),
        "quote check": None,
    }
    if not documents or case.unanswerable:
        values = values | dict.fromkeys(("hit@k", "MRR@k", "nDCG@k"))
    return tuple(Score(name, "1", values[name], "As it was made.") for name in SCORED)


def _cause(case: Case, judged: Judged, chance: random.Random) -> str:
    if judged.answer.state is AnswerState.FAILED:
        return Cause.FAILED.value
    if case.unanswerable:
        return Cause.INVENTED.value
    if not judged.answer.candidate.with_documents:
        return Cause.NO_DOCUMENTS.value
    return chance.choice(READ).value


def _copy(connection: sqlite3.Connection, copies: int) -> None:
    """Every logged answer so many times more, under other ids, as the answer to another case."""
    end = "('~' || copy)"
    named, of_answer = {"id": f"id || {end}"}, {"answer_id": f"answer_id || {end}"}
    changed = {
        "questions": {**named, "text": f"text || {end}"},
        "answers": {**named, "question_id": f"question_id || {end}"},
        "answer_contents": of_answer,
        "scores": of_answer,
        "trials": {**of_answer, "case_place": f"case_place + copy * {LOGGED}"},
    }
    for table, expressions in changed.items():
        copy_rows(connection, table, expressions, copies)
