"""An experiment goes into a file and comes back with the same figures; what is no such file is refused."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain import (
    Answer,
    AnswerFilter,
    AnswerState,
    ArchivedExperiment,
    ArchivedProbe,
    ArchivedRuling,
    ArchivedTrial,
    Case,
    Cost,
    Elsewhere,
    Experiment,
    ExperimentState,
    Gold,
    Judgement,
    Options,
    ProbeKind,
    Prompt,
    Score,
    ScoredPart,
    Slot,
    version_of,
)
from app.errors import NotAllowed
from app.evaluation.experiments import archive as module
from app.evaluation.experiments.archive import archive_of, lines_of, opened
from app.evaluation.experiments.results import results_of
from app.evaluation.scorers.judge import judge_of, scorer_of
from storage import archives
from storage.answer_rows import IMPORTED, AnswerBatch
from storage.answers import Answers
from storage.archives import Archives
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments
from storage.reports import Reports
from storage.tables import AnswerContentRow, AnswerRow, GivenRow, QuestionRow, ScoreRow
from tests.answering.conftest import world
from tests.evaluation.experiments.conftest import Laboratory, laboratory
from tests.migrated import migrated
from tests.storage.examples import NOON, answer, candidate, passages_of, question

CASES = (
    Case("Who?", ("Ada",), (Gold("mill.txt", "Ada built it"),), tags=("plain", "lang:de")),
    Case("What is $94 and <b>?", unanswerable=True),
)
GIVEN = passages_of("c", "d", ["Ada built it.", "It has seven\nstones and a 🌾."], "mill.txt")


def answered(number: int, slot: Slot, **more: Any) -> Answer:
    who = (candidate("small", "c"), candidate("small"))[slot.candidate]
    seeded = replace(who, options=Options(seed=1 + slot.repeat))
    given = GIVEN if who.with_documents else ()
    made = replace(answer(question(), who=seeded, given=given, **more), id=f"A{number}")
    scores = (
        Score("contains", "1", None, "not scored"),
        Score("contains", "2", 1.0, "it is there", (ScoredPart(0, 2, 0.5, "a part"),)),
    )
    return replace(made, scores=scores)


def made() -> ArchivedExperiment:
    experiment = Experiment(
        id="E1",
        name="First “try”",
        dataset_id="D1",
        dataset_name="Mill",
        version=version_of(CASES),
        candidates=(candidate("small", "c"), candidate("small")),
        repeats=2,
        cases=2,
        made_at=NOON,
        state=ExperimentState.FINISHED,
        ended_at=NOON,
        snapshot={"machine": "2 cores"},
        judge=judge_of("court", "solomon"),
    )
    slots = [Slot(who, case, repeat) for who in (0, 1) for case in (0, 1) for repeat in (0, 1)]
    trials = [
        ArchivedTrial(
            slot, 1, answered(n, slot), right=n % 3 != 0, rule="contains", cause="" if n % 3 else "refused"
        )
        for n, slot in enumerate(slots)
    ]
    failed = answered(50, slots[0], state=AnswerState.FAILED, text="", cost=Cost(None, "", "unknown", "?"))
    trials.insert(0, ArchivedTrial(slots[0], 1, replace(failed, prompt=None), superseded=True, right=False))
    trials[1] = replace(trials[1], attempt=2, evidence="It has it in place 7.")
    marked = answered(60, slots[1], judgement=Judgement.WRONG)
    probe = ArchivedProbe("A0", ProbeKind.GOLD, 0, marked, right=True)
    other = ArchivedProbe("A0", ProbeKind.GOLD, 1, answered(61, slots[1]), unjudged=True)
    return ArchivedExperiment(experiment, CASES, tuple(trials), (probe, other), rulings(experiment))


def rulings(experiment: Experiment) -> tuple[ArchivedRuling, ...]:
    """What the judge said of an answer, the first time nothing, and of a re-asking."""
    who = experiment.judge
    assert who is not None
    said = [
        replace(answer(question(), who=who, text=text), id=f"R{n}")
        for n, text in enumerate(["", "yes", "no"])
    ]
    of = [("A1", 1), ("A1", 2), ("A60", 1)]
    return tuple(
        ArchivedRuling(name, scorer_of(who), attempt, one)
        for (name, attempt), one in zip(of, said, strict=True)
    )


@pytest.fixture
def open_database(tmp_path: Path) -> Callable[[str], Database]:
    def open_one(name: str) -> Database:
        return Database.open(migrated(tmp_path / name))

    return open_one


def compared(archive: ArchivedExperiment) -> ArchivedExperiment:
    """Without what belongs to the place where it is kept."""

    def bare(one: Answer) -> Answer:
        prompt = one.prompt and replace(
            one.prompt, given=tuple(replace(each, deleted=False) for each in one.prompt.given)
        )
        return replace(one, position=0, question_id="", prompt=prompt)

    return replace(
        archive,
        experiment=replace(archive.experiment, dataset_id=""),
        trials=tuple(replace(one, answer=bare(one.answer)) for one in archive.trials),
        probes=tuple(replace(one, answer=bare(one.answer)) for one in archive.probes),
        rulings=tuple(replace(one, answer=bare(one.answer)) for one in archive.rulings),
    )


def test_file_and_back() -> None:
    archive = made()
    lines = list(lines_of(archive))
    assert [json.loads(one)["kind"] for one in lines].count("passage") == 2, "each text stands there once"
    assert archive_of(lines) == archive
    assert archive_of(f"{one}\r\n".encode() for one in lines) == archive


def test_into_another_folder_and_out_of_it(open_database: Callable[[str], Database]) -> None:
    archive, database = made(), open_database("one")
    kept = Archives(database).write(archive)
    assert compared(Archives(database).read(kept.id)) == compared(archive)
    second = open_database("two")
    Archives(second).write(archive_of(lines_of(Archives(database).read("E1"))))
    first_figures, second_figures = (
        results_of(one.get("E1"), one.trials("E1")) for one in (Experiments(database), Experiments(second))
    )
    assert first_figures == second_figures
    assert [one.right.of for one in first_figures.candidates] == [2, 2]


def test_nobody_here_paid_for_it(open_database: Callable[[str], Database]) -> None:
    database = open_database("one")
    Archives(database).write(made())
    assert Reports(database).spend(AnswerFilter()) == []
    assert Experiments(database).spend("E1").amounts == {"USD": 65}
    assert Experiments(database).recorded(candidate("small", "c")).answers == 0, "of another machine"
    assert IMPORTED == "imported"


def test_it_belongs_to_the_dataset_with_the_same_questions(open_database: Callable[[str], Database]) -> None:
    database = open_database("one")
    own = Datasets(database).create("My own", CASES)
    other = Datasets(database).create("mill", CASES[:1])
    assert Archives(database).write(made()).dataset_id == own.id
    Datasets(database).delete(own.id)
    second = open_database("two")
    Datasets(second).create("mill", CASES[:1])
    named = Archives(second).write(made())
    assert (named.dataset_name, Datasets(second).get(named.dataset_id).size) == ("Mill (2)", 2)
    assert Datasets(database).get(other.id).size == 1


def test_once_only(open_database: Callable[[str], Database]) -> None:
    database = open_database("one")
    Archives(database).write(made())
    with pytest.raises(NotAllowed, match="is there already"):
        Archives(database).write(made())
    again = replace(made(), experiment=replace(made().experiment, id="E2"))
    with pytest.raises(NotAllowed, match="Answers of this experiment"):
        Archives(database).write(again)
    assert [one.id for one in Experiments(database).list()] == ["E1"]


def test_deleted_it_can_be_read_again(open_database: Callable[[str], Database]) -> None:
    database = open_database("one")
    Archives(database).write(made())
    assert Experiments(database).imported("E1")
    Experiments(database).delete("E1")
    assert not Experiments(database).imported("E1")
    assert database.check() == []
    kept = Archives(database).write(made())
    assert len(Experiments(database).trials(kept.id)) == 8


def test_deleted_it_takes_no_conversation_of_that_id_along(open_database: Callable[[str], Database]) -> None:
    database = open_database("one")
    mine = replace(question(), id="mine", conversation_id="E1")
    Answers(database).begin(mine, [replace(answer(mine), id="reply")])
    Archives(database).write(made())
    Experiments(database).delete("E1")
    assert [one.id for one in Answers(database).answers("mine")] == ["reply"]


def test_what_looked_for_causes_or_judged_elsewhere_takes_nobodys_colour(
    open_database: Callable[[str], Database],
) -> None:
    database = open_database("one")
    Archives(database).write(made())
    judge = made().rulings[0].answer.candidate
    later = answer(question(), who=candidate("large"))
    Answers(database).begin(replace(question(), id=later.question_id), [later])
    order = list(Reports(database).candidates())
    assert order[-2:] == [later.candidate.hash, judge.hash]
    own = [one for one in Reports(database).order() if not isinstance(one, Elsewhere)]
    assert own[0] == (later.candidate.hash,), "what was made elsewhere has places of its own"


class Killed(BaseException):
    """What stands for a kill: nothing of Assay's own runs after it."""


def fail_at(monkeypatch: pytest.MonkeyPatch, database: Database, step: int) -> None:
    """Let the write number ``step`` (from 1) and all later ones come to nothing."""
    write, steps = Database.write, itertools.count(1)

    @contextmanager
    def failing(self: Database) -> Iterator[Session]:
        number = next(steps)
        with write(self) as session:
            yield session
            if self is database and number >= step:
                raise Killed

    monkeypatch.setattr(Database, "write", failing)


def seen(database: Database) -> list[object]:
    """Everything that a person could see of an import."""
    logged = [
        answer.id for _question, answer, _origin in Answers(database).export(AnswerFilter(), aside=True)
    ]
    return [
        *logged,
        *Experiments(database).list(),
        *Reports(database).candidates(),
        *Datasets(database).list(),
    ]


def test_killed_at_each_step_nothing_of_it_is_seen_and_the_next_start_takes_it_away(
    open_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "AT_ONCE", 3)
    database, archive = open_database("one"), made()
    killed = 0
    for step in itertools.count(1):
        with monkeypatch.context() as patched:
            fail_at(patched, database, step)
            try:
                Archives(database).write(archive)
                break
            except Killed:
                killed += 1
        assert seen(database) == []
        Archives(database).sweep()
        assert database.check() == []
        with database.read() as session:
            for table in (QuestionRow, AnswerRow, AnswerContentRow, GivenRow, ScoreRow):
                assert session.scalar(select(func.count()).select_from(table)) == 0
    assert killed >= 5, "in several small transactions"
    assert compared(Archives(database).read("E1")) == compared(archive)


def test_stopped_nothing_of_it_stays_and_it_can_be_read_again(
    open_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "AT_ONCE", 3)
    database, archive, told = open_database("one"), made(), []

    def stop(done: int, of: int) -> None:
        told.append((done, of))
        if done:
            raise NotAllowed("Stopped.")

    with pytest.raises(NotAllowed, match="Stopped"):
        Archives(database).write(archive, stop)
    answers = len(archive.trials) + len(archive.probes) + len(archive.rulings)
    assert told == [(0, answers), (3, answers)]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AnswerRow)) == 0
    assert compared(Archives(database).read(Archives(database).write(archive).id)) == compared(archive)


def test_reading_a_long_file_can_be_stopped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.evaluation.experiments.archive.TOLD_EVERY", 2)
    told: list[tuple[int, int]] = []
    lines = list(lines_of(made()))
    archive_of(lines, lambda done, of: told.append((done, of)))
    assert told[:2] == [(2, 0), (4, 0)]


def test_answers_are_saved_in_the_middle_of_an_import(
    open_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "AT_ONCE", 3)
    database = open_database("one")
    write, mine = AnswerBatch.write, replace(question(), id="mine")
    saving: list[threading.Thread] = []

    def slow(self: AnswerBatch, session: Session) -> None:
        write(self, session)
        if not saving:
            answered = replace(answer(mine), id="reply")
            saving.append(threading.Thread(target=Answers(database).begin, args=(mine, [answered])))
            saving[0].start()
        elif len(saving) == 1:
            saving.append(saving[0])
            assert not saving[0].is_alive(), "it stood in line before this part"

    monkeypatch.setattr(AnswerBatch, "write", slow)
    Archives(database).write(made())
    saving[0].join(10)
    assert [one.id for one in Answers(database).answers("mine")] == ["reply"]


def test_nothing_more_is_asked_of_it_here(laboratory: Laboratory) -> None:
    Archives(laboratory.world.database).write(made())
    for go_on in (laboratory.experimenting.resume, laboratory.experimenting.trace):
        with pytest.raises(NotAllowed, match="was run elsewhere"):
            go_on("E1")


def test_one_that_was_running_is_interrupted() -> None:
    running = replace(made(), experiment=replace(made().experiment, state=ExperimentState.RUNNING))
    read = archive_of(lines_of(running)).experiment
    assert (read.state, read.words) == (ExperimentState.INTERRUPTED, "It was exported while it ran.")


def test_a_similarity_that_is_not_known() -> None:
    archive = made()
    prompt = archive.trials[1].answer.prompt
    assert isinstance(prompt, Prompt)
    given = tuple(replace(one, similarity=math.nan) for one in prompt.given)
    trial = replace(
        archive.trials[1], answer=replace(archive.trials[1].answer, prompt=replace(prompt, given=given))
    )
    text = "\n".join(lines_of(replace(archive, trials=(trial,), probes=(), rulings=())))
    assert "NaN" not in text
    read = archive_of(text.splitlines()).trials[0].answer.prompt
    assert read is not None
    assert all(math.isnan(one.similarity) for one in read.given)


def test_packed_or_not() -> None:
    archive = made()
    text = "\n".join(lines_of(archive)).encode()
    assert archive_of(opened(io.BytesIO(text))) == archive
    assert archive_of(opened(io.BytesIO(gzip.compress(text)))) == archive
    with pytest.raises(NotAllowed, match="could not be unpacked"):
        archive_of(opened(io.BytesIO(gzip.compress(text)[:-20])))


def changed(line: int, change: Callable[[dict[str, Any]], object]) -> list[str]:
    lines = list(lines_of(made()))
    row = json.loads(lines[line])
    change(row)
    lines[line] = json.dumps(row)
    return lines


def _twice(row: dict[str, Any]) -> list[Any]:
    candidates: list[Any] = row["experiment"]["candidates"]
    return [*candidates, candidates[0]]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "holds no experiment"),
        (["{"], "Line 1 of the file"),
        (["[1]"], "Line 1"),
        (['{"kind": "case"}'], "the first line must be the experiment"),
        (["[" * 100_000], "Line 1"),
        (list(lines_of(made()))[:2], "Questions of the experiment are missing"),
        ([*lines_of(made()), *lines_of(made())], "one experiment"),
        (changed(0, lambda row: row.update(format=2)), "format 2 is not known"),
        (changed(0, lambda row: row["experiment"].update(state="dancing")), "state"),
        (changed(0, lambda row: row["experiment"].update(cases=10**15)), "Questions of the experiment"),
        (changed(0, lambda row: row["experiment"].update(repeats=10**9)), "do not fit"),
        (changed(0, lambda row: row["experiment"].update(candidates=_twice(row))), "do not fit"),
        (changed(4, lambda row: row["passage"].pop("text")), "text"),
        (changed(-1, lambda row: row["ruling"].update(of="nobody")), "do not fit"),
        (changed(-1, lambda row: row["ruling"].update(of="A1")), "do not fit"),
        (changed(-1, lambda row: row["ruling"].pop("scorer")), "scorer"),
        (changed(-4, lambda row: row["probe"]["answer"].update(state="dancing")), "state"),
        (changed(-5, lambda row: row["probe"]["answer"]["prompt"]["given"][0].update(passage=99)), "Line"),
        (changed(-4, lambda row: row["probe"].update(of="nobody")), "do not fit"),
        (changed(-6, lambda row: row["trial"].update(slot=[0, 9, 0])), "do not fit"),
        (changed(-6, lambda row: row["trial"].update(slot=[0, -1, 0])), "do not fit"),
        (changed(-6, lambda row: row["trial"].update(slot=[0, 0, 0])), "do not fit"),
        (changed(-6, lambda row: row["trial"]["answer"].update(id="A0")), "do not fit"),
    ],
)
def test_what_is_no_experiment_is_refused_in_words(lines: list[str], words: str) -> None:
    with pytest.raises(NotAllowed, match=words) as refused:
        archive_of(lines)
    assert refused.value.remedy == "Nothing was imported."


__all__ = ["laboratory", "world"]


@pytest.mark.parametrize("limit", ["LONGEST_LINE", "MOST_BYTES"])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_a_small_file_that_unpacks_without_end_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(module, limit, 1000)
    content = b"\n".join([b" " * 400] * 20) if limit == "MOST_BYTES" else b" " * 5000
    with pytest.raises(NotAllowed, match="too large"):
        list(opened(io.BytesIO(pack(content))))
