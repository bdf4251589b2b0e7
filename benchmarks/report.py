"""(q) The report of an experiment with 20 candidates and 1,000 questions, and of the sample's, as a file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.report_commands import report_of
from app.sample.loading import Sample
from benchmarks.filled_experiment import fill_experiment
from benchmarks.tables import goal, median, print_table, seconds
from storage.archives import Archives
from storage.database import Database

CANDIDATES, CASES = 20, 1000
ROUNDS = 5
GOAL_SECONDS = 5.0


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        large, sample = Path(scratch, "large"), Path(scratch, "sample")
        cases = [
            ("the sample's: 6 x 72", sample, _keep_sample(sample)),
            (f"{CANDIDATES} x {CASES:,}", large, fill_experiment(large, CANDIDATES, CASES)),
        ]
        measured = [(what, *_measured(folder, name)) for what, folder, name in cases]
    rows = [
        (what, seconds(median(inside)), seconds(median(command)), f"{size / 1e6:.2f} MB")
        for what, inside, command, size in measured
    ]
    print_table("The report of an experiment", ("experiment", "made", "whole command", "file"), rows)
    slowest = median(measured[-1][2])
    goal(f"the command for {CANDIDATES} x {CASES:,} answers takes (s)", slowest, at_most=GOAL_SECONDS)


def _keep_sample(folder: Path) -> str:
    folder.mkdir()
    database = Database.open(folder)
    try:
        archive = Sample().experiment()
        assert archive is not None
        return Archives(database).write(archive).id
    finally:
        database.close()


def _measured(folder: Path, name: str) -> tuple[list[float], list[float], int]:
    """Seconds within a running process, those of the command with its start, and the file's bytes."""
    os.environ["ASSAY_DATA"] = str(folder)
    database = Database.open(folder)
    inside: list[float] = []
    try:
        for _ in range(ROUNDS):
            began = time.monotonic()
            report_of(database, name)
            inside.append(time.monotonic() - began)
    finally:
        database.close()
    command: list[float] = []
    target = folder / "report.html"
    for _ in range(ROUNDS):
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "app", "report", name, "--html", str(target), "--force"],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        command.append(time.monotonic() - began)
    return inside, command, target.stat().st_size


if __name__ == "__main__":
    main()
