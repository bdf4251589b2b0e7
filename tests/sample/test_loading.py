"""The sample workspace as it is put into a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands import sample_loaded
from app.domain import DocumentState, Upload
from app.sample.loading import COLLECTION_NAME, Sample
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
