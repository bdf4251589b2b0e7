"""SIGKILL at each step of adding documents: nothing half visible, nothing lost, Retry works."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain import DocumentState, OutcomeKind
from storage.database import Database
from storage.index import probe
from tests.documents.conftest import Archive
from tests.documents.ingesting_process import versions

SAMPLE = 4
SEED = 4


def _run(folder: Path, steps: int, turn: int) -> int:
    command = [sys.executable, "-m", "tests.documents.ingesting_process", str(folder), str(steps), str(turn)]
    return subprocess.run(command, check=False, timeout=120, stdout=subprocess.DEVNULL).returncode


def _reopen(folder: Path) -> Archive:
    archive = Archive(folder, Database.open(folder))
    archive.documents.mark_interrupted()
    archive.ingesting.tidy(new=archive.database.new)
    return archive


def _check_after_kill(folder: Path, turn: int) -> None:
    archive = _reopen(folder)
    try:
        assert archive.database.check() == []
        _nothing_half_visible(archive, turn)
        _retried(archive)
        _uploaded_again(archive, turn)
    finally:
        archive.close()


def _nothing_half_visible(archive: Archive, turn: int) -> None:
    """Whole documents only, and of the changing one exactly one version, the old or the new."""
    archive.consistent()
    entries = archive.documents.entries(archive.collection.id)
    assert {one.state for one in entries} <= {DocumentState.SEARCHABLE, DocumentState.NOT_FINISHED}
    changing = [
        one for one in entries if one.name == "changing.txt" and one.state is DocumentState.SEARCHABLE
    ]
    assert len(changing) == 1
    told = "".join(archive.texts("changing.txt"))
    assert f"version {turn}." in told or f"version {turn - 1}." in told
    assert not (f"version {turn}." in told and f"version {turn - 1}." in told)
    for one in entries:
        if one.state is DocumentState.NOT_FINISHED:
            assert "closed before this document was finished" in one.error
    # Bytes that were kept but not noted yet stay: nothing of a person's is deleted at a start.
    spare = archive.files.ids() - {one.document_id for one in entries}
    assert spare <= {hashlib.sha256(one.content).hexdigest() for one in versions(turn)}
    assert not archive.files.leaving()
    assert archive.found("ropeway")


def _retried(archive: Archive) -> None:
    for one in archive.documents.entries(archive.collection.id):
        if one.state is DocumentState.NOT_FINISHED:
            ended = (
                archive.ended(archive.ingesting.retry(archive.collection.id, one.document_id))
                .files[0]
                .outcome
            )
            assert ended is not None
            assert ended.kind in {OutcomeKind.ADDED, OutcomeKind.REPLACED}
    archive.consistent()


def _uploaded_again(archive: Archive, turn: int) -> None:
    for upload in versions(turn):
        ended = archive.ingesting.ingest(archive.collection.id, upload)
        assert ended.kind in {OutcomeKind.ADDED, OutcomeKind.REPLACED, OutcomeKind.UNCHANGED}
    archive.consistent()
    assert f"version {turn}." in archive.texts("changing.txt")[0]
    entries = archive.documents.entries(archive.collection.id)
    assert {one.state for one in entries} == {DocumentState.SEARCHABLE}
    assert archive.files.ids() == {one.document_id for one in entries}


def _steps_of_a_round(folder: Path) -> int:
    """How many steps a round has in which one document is replaced and one is added."""
    assert _run(folder, 0, 1) == 0
    archive = _reopen(folder)
    try:
        for upload in versions(2):
            archive.ingesting.ingest(archive.collection.id, upload)
        return len(archive.steps)
    finally:
        archive.close()


@pytest.mark.kill
def test_killed_at_each_step_of_adding(
    tmp_path: Path, soak: bool, trials: Callable[[str, int], None]
) -> None:
    steps = _steps_of_a_round(tmp_path)
    assert steps > 25
    chosen = list(range(1, steps + 1))
    if not soak:
        chosen = sorted(random.Random(SEED).sample(chosen, SAMPLE))
    for turn, step in enumerate(chosen, start=3):
        assert _run(tmp_path, step, turn) == -signal.SIGKILL, f"step {step} of {steps} was not reached"
        _check_after_kill(tmp_path, turn)
    assert probe(tmp_path) == ""
    trials(f"kills while adding documents, at steps {chosen[0]} to {chosen[-1]} of {steps}", len(chosen))


def test_the_check_sees_what_is_published_too_early(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the guard taken away (publish last), a kill in between is found by the check."""
    monkeypatch.setattr(archive.index, "upsert", lambda *_: None)
    assert archive.add("changing.txt", versions(1)[0].content).kind is OutcomeKind.ADDED
    with pytest.raises(AssertionError):
        archive.consistent()
