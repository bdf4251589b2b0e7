"""Vectors: known ones are not made again, new ones are kept batch by batch."""

from __future__ import annotations

import numpy as np
import pytest

from app.backends.base import Vectors
from app.documents.embedding import _MOST, _next_size, vectors_of
from app.documents.reading import Stopped, never
from app.documents.rooms import nothing
from app.errors import BackendDown, BackendError
from tests.documents.conftest import Archive
from tests.fakes import FakeEmbedder

TEXTS = [f"passage number {number} {'long ' * (number % 7)}" for number in range(150)]


def test_in_order_once_each_and_kept(archive: Archive) -> None:
    told: list[tuple[int, int]] = []
    doubled = [*TEXTS, *TEXTS[:10]]
    made = vectors_of(
        archive.documents, archive.embedder, doubled, lambda done, total: told.append((done, total)), never
    )
    assert np.allclose(made, FakeEmbedder().embed(doubled))
    sent = [text for batch in archive.embedder.calls for text in batch]
    assert sorted(sent) == sorted(TEXTS)
    assert (told[0], told[-1]) == ((0, 160), (160, 160))
    assert told == sorted(told)
    again = vectors_of(archive.documents, archive.embedder, doubled, nothing, never)
    assert np.array_equal(made, again)
    assert sum(map(len, archive.embedder.calls)) == len(TEXTS)


def test_after_a_failure_only_the_rest_is_left(archive: Archive) -> None:
    archive.embedder.failures.extend([None, None, BackendDown("gone")])
    with pytest.raises(BackendDown):
        vectors_of(archive.documents, archive.embedder, TEXTS, nothing, never)
    kept = sum(map(len, archive.embedder.calls[:2]))
    assert len(archive.documents.known_vectors(archive.embedder.digest, TEXTS)) == kept > 0
    archive.embedder.calls.clear()
    vectors_of(archive.documents, archive.embedder, TEXTS, nothing, never)
    assert sum(map(len, archive.embedder.calls)) == len(TEXTS) - kept


def test_stop_between_batches(archive: Archive) -> None:
    with pytest.raises(Stopped):
        vectors_of(
            archive.documents, archive.embedder, TEXTS, nothing, lambda: len(archive.embedder.calls) > 1
        )
    assert len(archive.embedder.calls) == 2


@pytest.mark.parametrize("bad", [np.full((1, 64), np.nan), np.zeros((1, 3)), np.zeros((2, 64))])
def test_vectors_that_cannot_be_used(archive: Archive, bad: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive.embedder, "embed", lambda _texts: bad)
    with pytest.raises(BackendError, match="cannot be used"):
        vectors_of(archive.documents, archive.embedder, ["one"], nothing, never)


def test_batches_follow_the_embedders_speed() -> None:
    assert _next_size(8, 0.5) == 8
    assert _next_size(8, 0.01) == 16
    assert _next_size(60, 0.01) == _MOST
    assert _next_size(16, 2.0) == 4
    assert _next_size(8, 60.0) == 1
    assert _next_size(8, 0.0) == 16
