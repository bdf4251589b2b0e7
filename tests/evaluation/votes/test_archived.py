"""Votes go with their experiment into a file and back; what is no vote on it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import ArchivedExperiment, Choice, Examined, Polled, VerdictSettings, Vote
from app.errors import NotAllowed
from app.evaluation.experiments.archive import archive_of, lines_of
from app.evaluation.experiments.examining import Examining
from app.evaluation.verdict import verdict_of
from app.evaluation.votes.polling import Polling
from app.ui.verdict_words import Voice, below, headline
from storage.archives import Archives
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments
from storage.votes import Votes
from tests.evaluation.experiments.test_archive import made
from tests.migrated import migrated
from tests.storage.examples import NOON

VOTES = (
    Vote.of("Ada", ("A4", "A0"), Choice.LEFT, NOON),
    Vote.of("Bob Δ", ("A0", "A4"), Choice.BAD, NOON),
    Vote.of("Ada", ("A1", "A5"), Choice.TIE, NOON),
)


def archive() -> ArchivedExperiment:
    return replace(made(), votes=VOTES)


def test_file_and_back() -> None:
    one = archive()
    assert archive_of(lines_of(one)) == one


def test_into_a_folder_and_out_of_it_and_gone_with_the_experiment(tmp_path: Path) -> None:
    database = Database.open(migrated(tmp_path))
    Archives(database).write(archive())
    assert set(Archives(database).read("E1").votes) == set(VOTES)
    assert {one.vote for one in Votes(database).of_experiment("E1")} == set(VOTES)
    Experiments(database).delete("E1")
    assert Votes(database).on(["A0", "A1", "A4", "A5"]) == []
    Archives(database).write(archive())
    assert Votes(database).count("E1") == 3
    database.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda vote: vote.update(first="nobody"),
        lambda vote: vote.update(preferred="A7"),
        lambda vote: vote.update(left="A7"),
        lambda vote: vote.update(voter=" "),
        lambda vote: vote.update(voter="x" * 81),
        lambda vote: vote.update(first="A4", second="A0"),
        lambda vote: vote.update(voted_at="2026-03-01T12:00:00"),
        lambda vote: vote.update(voter="aDA", first="A0", second="A4"),
        lambda vote: vote.update(first="A0", second="A1", left="A0"),
        lambda vote: vote.update(first="A0", second="A5", left="A0"),
        lambda vote: vote.update(first="A0", second="A6", left="A0"),
    ],
)
def test_what_is_no_vote_on_it_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    lines = list(lines_of(archive()))
    row = json.loads(lines[-1])
    change(row["vote"])
    with pytest.raises(NotAllowed, match="do not fit"):
        archive_of([*lines[:-1], json.dumps(row)])


def test_read_back_it_tells_the_same_costs_causes_verdict_and_standing(tmp_path: Path) -> None:
    """All that the screens show of it, not only how often each was right."""
    first, second = (Database.open(migrated(tmp_path / name)) for name in ("one", "two"))
    Archives(first).write(archive())
    Archives(second).write(archive_of(lines_of(Archives(first).read("E1"))))
    told = [looked(one) for one in (first, second)]
    assert told[0] == told[1]
    examined, sentences, polled = told[0]
    assert examined.costs.totals, "there is something to lose of each"
    assert any(one.counts for one in examined.tallies)
    assert len(sentences) > 1
    assert polled is not None
    assert polled.standing.votes == len(VOTES)
    for database in (first, second):
        database.close()


def looked(database: Database) -> tuple[Examined, list[str], Polled | None]:
    """Everything that is computed of it, what the verdict says, and what the votes do."""
    experiments = Experiments(database)
    examined = Examining(experiments, Datasets(database), lambda: database.writes).of("E1")
    found = verdict_of(examined, VerdictSettings())
    voice = Voice({one.hash: one.label for one in examined.experiment.candidates})
    said = [headline(found, examined.experiment, voice), *below(found, examined.experiment, voice)]
    polled = Polling(Votes(database), lambda: database.writes).polled(examined.experiment, examined.trials)
    # Each place gives the dataset an id of its own.
    return replace(examined, experiment=replace(examined.experiment, dataset_id="")), said, polled
