"""`recorded`: answers of models that were asked elsewhere, from a terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from app.domain import Experiment
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments
from tests.experiments import bare, cases_of, given, kept
from tests.migrated import migrated
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # whole commands, over a real database
ROWS = "question,answer\nQuestion 0?,answer 0\nQuestion 1?,never\nWhich?,x\n"


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    monkeypatch.setenv("ASSAY_DATA", str(migrated(tmp_path / "data")))
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([FakeServer()])))
    with opened(tmp_path) as (experiments, datasets):
        return kept(experiments, datasets, (given(), bare()), "rrww", "wwww")


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Experiments, Datasets]]:
    """The repositories of the folder, while no command runs."""
    database = Database.open(folder / "data")
    yield Experiments(database), Datasets(database)
    database.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "said.csv"
    path.write_text(ROWS)
    return path


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, ["recorded", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def candidates(tmp_path: Path, experiment_id: str) -> list[str]:
    with opened(tmp_path) as (experiments, _):
        return [one.label for one in experiments.get(experiment_id).candidates]


def test_looked_at_added_and_removed(tmp_path: Path, experiment: Experiment, file: Path) -> None:
    before = [one.label for one in experiment.candidates]
    told = ("--model", "gpt-4o", "--documents", "with")
    dry = run("add", experiment.id, file, *told, "--dry-run")
    assert dry.exit_code == 0
    assert "gpt-4o (imported, with documents): 2 of 4 answers could be added" in dry.stdout
    assert "row 4, left out: The experiment does not ask this question." in dry.stderr
    assert candidates(tmp_path, experiment.id) == before
    added = run("add", experiment.id, file, *told)
    assert "2 of 4 answers added, priced by the list of openai" in added.stdout
    assert "Not answered: 2 of 4" in added.stdout
    assert "1 row left out." in added.stdout
    assert candidates(tmp_path, experiment.id) == [*before, "gpt-4o (imported, with documents)"]
    assert run("remove", experiment.id, "gpt-5").exit_code == 1
    assert "with its 2 answers" in run("remove", experiment.id, "gpt-4o").stdout
    assert candidates(tmp_path, experiment.id) == before


def test_as_objects(experiment: Experiment, file: Path) -> None:
    result = run("add", experiment.id, file, "--model", "our-own", "--json")
    group, rows = map(json.loads, result.stdout.splitlines())
    assert (group["model"], group["answers"], group["missing"], group["provider"]) == ("our-own", 2, 2, "")
    assert rows["left_out"] == [{"number": 4, "reason": "The experiment does not ask this question."}]


def test_what_cannot_be_is_said_in_words(experiment: Experiment, file: Path, tmp_path: Path) -> None:
    nobody = run("add", experiment.id, file)
    assert (nobody.exit_code, "No row of the file can be added" in nobody.stderr) == (1, True)
    assert run("add", "gone", file).exit_code == 1
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    assert "has no rows" in run("add", experiment.id, empty).stderr
    assert "no dataset called" in run("new", "Nothing", file).stderr


def test_the_questions_filled_in_make_an_experiment_of_their_own(
    tmp_path: Path, experiment: Experiment
) -> None:
    path = tmp_path / "questions.csv"
    assert run("questions", experiment.id, "--output", path).exit_code == 0
    assert run("questions", experiment.id).stdout_bytes == path.read_bytes()
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert [one["question"] for one in rows] == [f"Question {n}?" for n in range(4)]
    assert [one["id"] for one in rows] == [one.id for one in cases_of(4)]
    with path.open("w", newline="") as output:
        writer = csv.DictWriter(output, list(rows[0]))
        writer.writeheader()
        writer.writerows({**one, "answer": "answer 1", "model": "gpt-4o"} for one in rows)
    made = run("new", "First", path, "--name", "Alone")
    assert "4 of 4 answers added" in made.stdout
    name = made.stdout.split()[1]
    assert candidates(tmp_path, name) == ["gpt-4o (imported)"]
