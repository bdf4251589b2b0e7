"""The sample workspace as it is put into a folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.commands import sample_loaded
from app.domain import AnswerFilter, DocumentState, Upload
from app.evaluation.scorers.grounded import GroundedShare
from app.evaluation.scorers.registry import case_scorers, scorers
from app.sample.loading import COLLECTION_NAME, Sample
from storage.answers import Answers
from storage.archives import Archives
from storage.database import Database
from tests.migrated import migrated
from tests.ui.opened import EMBEDDER, opened


def test_the_experiment_waits_for_the_documents_and_what_failed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = [Upload("rope.txt", b"The rope is red."), Upload("empty.txt", b"")]
    monkeypatch.setattr(Sample, "documents", lambda _: uploads)
    with opened(tmp_path, monkeypatch) as (services, _):
        made = services.new_collection(COLLECTION_NAME, EMBEDDER)
        seen: list[DocumentState] = []
        monkeypatch.setattr(
            Sample,
            "experiment",
            lambda _: seen.extend(one.state for one in services.documents.entries(made.id)),
        )
        (words,) = sample_loaded(services)
        assert DocumentState.SEARCHABLE in seen
        assert words.startswith("empty.txt: ")


def test_its_experiment_is_scored_by_todays_measures() -> None:
    """Else recorded answers that are added to it would be scored by others. tools/ has the command for it."""
    archive = Sample().experiment()
    assert archive is not None
    today = {(one.name, one.version) for one in scorers()}
    today |= {(one.name, one.version) for one in case_scorers()}
    for trial in archive.trials:
        told = {(one.scorer, one.version) for one in trial.answer.scores}
        grounded = trial.answer.candidate.retrieval is not None
        missing = {name for name, version in today - told}
        assert missing <= (set() if grounded else {GroundedShare().name})


def test_what_its_experiment_asked_for_causes_is_not_exported_among_the_answers(tmp_path: Path) -> None:
    archive = Sample().experiment()
    assert archive is not None
    database = Database.open(migrated(tmp_path))
    Archives(database).write(archive)
    logged = Answers(database)
    answers = [(answer.id, origin) for _, answer, origin in logged.export(AnswerFilter())]
    assert {origin for _, origin in answers} == {"imported"}
    assert {one for one, _ in answers} == {one.answer.id for one in archive.trials}
    every = Counter(origin for *_, origin in logged.export(AnswerFilter(), aside=True))
    assert every == {"imported": len(archive.trials), "imported, probe": len(archive.probes)}
    database.close()
