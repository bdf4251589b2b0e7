"""`report ID --html F` writes the report of an experiment, also beside a running app."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.domain import Experiment, PriceUse
from storage.database import DATABASE_FILE, Database
from storage.datasets import Datasets
from storage.experiments import Experiments
from storage.lock import DataLock
from tests.experiments import bare, given, kept
from tests.migrated import migrated
from tests.ui.reported import parsed

pytestmark = pytest.mark.integration


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return migrated(tmp_path / "data")


def logged(folder: Path) -> Experiment:
    database = Database.open(folder)
    try:
        letters = "r" * 18 + "ww", "w" * 20
        return kept(Experiments(database), Datasets(database), (given(), bare()), *letters, name="Mill <b>")
    finally:
        database.close()


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "report", *words],
        env={**os.environ, "ASSAY_DATA": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_writes_one_file_beside_a_running_app_and_never_over_another(folder: Path, tmp_path: Path) -> None:
    one, target = logged(folder), tmp_path / "report.html"
    lock = DataLock.acquire(folder, "a running app")
    try:
        done = command(folder, one.id, "--html", str(target))
        assert (done.returncode, done.stderr) == (0, "")
        assert str(target) in done.stdout
        found = parsed(target.read_text("utf-8"))
        assert "On your 20 questions, small with documents was right 90% of the time (70-97)." in found.text
        assert "Mill <b>" in found.text
        written = target.stat().st_mtime_ns
        again = command(folder, one.id, "--html", str(target))
        assert again.returncode == 1
        assert "is there already" in again.stderr
        assert "--force" in again.stderr
        assert target.stat().st_mtime_ns == written
        assert command(folder, one.id, "--html", str(target), "--force").returncode == 0
        assert target.stat().st_mtime_ns > written
    finally:
        lock.release()
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["report.html"]


def test_what_cannot_be_written_or_is_not_there_is_said(folder: Path, tmp_path: Path) -> None:
    one = logged(folder)
    nowhere = command(folder, one.id, "--html", str(tmp_path / "nowhere" / "report.html"))
    assert nowhere.returncode == 1
    assert "cannot be written" in nowhere.stderr
    unknown = command(folder, "unknown", "--html", str(tmp_path / "report.html"))
    assert unknown.returncode == 1
    assert "Traceback" not in unknown.stderr
    assert not (tmp_path / "report.html").exists()


def test_the_prices_of_answers_are_told_without_what_is_one_answer_s_alone(folder: Path) -> None:
    one = logged(folder)
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as file, file:
        file.execute(
            "UPDATE answer_contents SET cost_entry = json_object('kind', 'own machine', 'watts', '40', "
            "'machine seconds', answer_id, 'joules', answer_id)"
        )
    database = Database.open(folder)
    try:
        used = Experiments(database).used(one.id).prices
    finally:
        database.close()
    assert list(used) == [PriceUse({"kind": "own machine", "watts": "40"}, 40)]


def test_answers_without_a_cost_are_told_apart_from_those_that_a_price_was_for(folder: Path) -> None:
    one = logged(folder)
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as file, file:
        file.execute("UPDATE answer_contents SET cost_entry = json_object('kind', 'list price')")
        file.execute(
            "UPDATE answers SET cost_amount = NULL, cost_basis = 'unknown' "
            "WHERE id IN (SELECT id FROM answers ORDER BY id LIMIT 10)"
        )
    database = Database.open(folder)
    try:
        used = Experiments(database).used(one.id).prices
    finally:
        database.close()
    kind = {"kind": "list price"}
    assert list(used) == [PriceUse(kind, 30), PriceUse(kind, 10, known=False)]
