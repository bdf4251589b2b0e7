"""The words and the file name of an experiment that goes out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain import Experiment, RescoreView
from app.ui import experiment_files


def experiment(name: str) -> Experiment:
    return Experiment("e", name, "d", "Mill", "v", (), 1, 4, datetime(2026, 5, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("First", "assay-First.jsonl.gz"),
        ("../../etc: <b>", "assay-etc-b.jsonl.gz"),
        ("…", "assay-experiment.jsonl.gz"),
        ("x" * 300, f"assay-{'x' * 60}.jsonl.gz"),
    ],
)
def test_the_file_is_called_as_every_disk_takes_it(name: str, called: str) -> None:
    assert experiment_files.file_name(experiment(name)) == called


def test_an_imported_name_reads_as_typed() -> None:
    told = experiment_files.imported_words(experiment("![x](https://x.example/y.png) :red[z]"))
    assert "\\!\\[x\\]" in told
    assert ":red[" not in told


def test_what_came_of_scoring_anew() -> None:
    told = experiment_files.rescored_words(RescoreView(12, 12, 3, 1, 0, 2, 6))
    assert told == (
        "12 answers scored anew; no model was asked. 3 right now that were not, 1 not right any more. "
        "2 causes must be looked for again. The documents of 6 answers are not as they were, so measures of "
        "the search stay."
    )
