"""Index recall against an exact search."""

from __future__ import annotations

import pytest

from app.documents.auditing import audit
from tests.documents.conftest import Archive
from tests.documents.samples import PROSE

pytestmark = pytest.mark.integration  # each file is read by a process of its own


@pytest.fixture
def filled(archive: Archive) -> Archive:
    for number in range(4):
        words = " ".join(f"word{number}x{place}" for place in range(60))
        archive.add(f"{number}.txt", f"{words}. {PROSE}\n\n" * 8 + f"Part {number} of the report.")
    return archive


def test_a_sound_index(filled: Archive) -> None:
    found = audit(filled.documents, filled.index, filled.collection, k=5, queries=20)
    assert found.passages == filled.documents.count_searchable(filled.collection.id)
    assert (found.k, found.too_few) == (5, 0)
    assert found.queries == min(20, found.passages)
    assert found.recall > 0.99
    assert found == audit(filled.documents, filled.index, filled.collection, k=5, queries=20)
    everything = audit(filled.documents, filled.index, filled.collection, k=1000)
    assert (everything.k, everything.too_few) == (everything.passages, 0)


def test_an_index_that_lost_passages(filled: Archive) -> None:
    ids = sorted(filled.index.ids(filled.collection.id))
    filled.index.delete(filled.collection.id, ids[: len(ids) // 2])
    found = audit(filled.documents, filled.index, filled.collection, k=len(ids), queries=10)
    assert found.recall == pytest.approx((len(ids) - len(ids) // 2) / len(ids))
    assert found.too_few == found.queries


def test_passages_that_only_the_index_still_has_do_not_count(filled: Archive) -> None:
    entry = filled.entry("3.txt")
    filled.documents.delete(filled.collection.id, entry.document_id, from_past_answers=False)
    assert audit(filled.documents, filled.index, filled.collection, k=5).recall > 0.99


def test_an_empty_collection(archive: Archive) -> None:
    found = audit(archive.documents, archive.index, archive.collection)
    assert (found.passages, found.queries, found.recall, found.too_few) == (0, 0, 1.0, 0)
