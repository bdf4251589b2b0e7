"""Rebuilding the index from SQL, and changing a collection's embedder."""

from __future__ import annotations

import pytest

from app.documents.reading import Stopped
from app.domain import DocumentState
from app.errors import AppError, BackendDown, EmbedderMismatch, NotFound, UnreadableDocument
from app.ui.collections import _ITEMS, EMBED
from tests.documents.conftest import Archive, ref
from tests.documents.samples import PROSE
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.integration  # each file is read by a process of its own

LONG = "\n\n".join(f"Paragraph {number}. {PROSE}" for number in range(40))


@pytest.fixture
def new() -> FakeEmbedder:
    return FakeEmbedder("new/words", digest="sha256:new", dimensions=32, max_tokens=100)


@pytest.fixture
def filled(archive: Archive, new: FakeEmbedder) -> Archive:
    archive.add("a.txt", LONG)
    archive.add("b.txt", "The funicular has a gradient of 48 percent.")
    archive.embedders[new.name] = new
    return archive


def test_rebuild_from_sql_without_embedding(filled: Archive) -> None:
    filled.index.drop(filled.collection.id)
    assert filled.index.count(filled.collection.id) == 0
    calls, told = len(filled.embedder.calls), []
    filled.ingesting.rebuild(filled.collection.id, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == filled.documents.count_searchable(filled.collection.id)
    assert len(filled.embedder.calls) == calls
    filled.consistent()
    assert filled.found("funicular gradient", 1) == ["b.txt"]


def test_rebuild_of_an_empty_collection(archive: Archive) -> None:
    archive.ingesting.rebuild(archive.collection.id)
    assert archive.index.count(archive.collection.id) == 0


def test_another_embedder(filled: Archive, new: FakeEmbedder) -> None:
    told: list[tuple[int, int]] = []
    before = len(filled.texts("a.txt"))
    filled.ingesting.reembed(
        filled.collection.id, "new/words", lambda done, total: told.append((done, total))
    )
    assert told[-1] == (before + 1, before + 1), "it counts passages as they were"
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    filled.collection = filled.collections.get(filled.collection.id)
    assert filled.collection.embedder == ref(new)
    assert len(filled.texts("a.txt")) > before
    assert max(new.count(text) for text in filled.texts("a.txt")) <= 98
    filled.consistent()
    filled.embedder = new
    assert filled.found("funicular gradient", 1) == ["b.txt"]
    sent = [text for batch in new.calls for text in batch if len(batch) > 1]
    assert len(sent) == len(set(sent))


def test_until_the_switch_nothing_changes(filled: Archive, new: FakeEmbedder) -> None:
    new.failures.append(None)
    new.failures.append(BackendDown("gone"))
    with pytest.raises(BackendDown):
        filled.ingesting.reembed(filled.collection.id, "new/words")
    with pytest.raises(Stopped):
        filled.ingesting.reembed(filled.collection.id, "new/words", stop=lambda: True)
    assert filled.collections.get(filled.collection.id).embedder == ref(filled.embedder)
    filled.consistent()
    assert filled.found("funicular gradient", 1) == ["b.txt"]


@pytest.mark.parametrize("when", ["embedded again", "switched", "passages renewed"])
def test_a_document_that_is_deleted_meanwhile_is_left_out(
    filled: Archive, new: FakeEmbedder, when: str
) -> None:
    """Before the switch and in it; nothing is left that a rebuild must mend."""
    ids = [filled.entry(name).document_id for name in ("a.txt", "b.txt")]

    def gone(at: str) -> None:
        if at == when and len(ids) == 2:
            filled.ingesting.delete(filled.collection.id, ids.pop(0))

    object.__setattr__(filled.ingesting._rooms, "at_step", gone)
    filled.ingesting.reembed(filled.collection.id, "new/words")
    filled.collection, filled.embedder = filled.collections.get(filled.collection.id), new
    filled.consistent()
    for entry in filled.documents.entries(filled.collection.id):
        assert entry.state is DocumentState.SEARCHABLE


def test_a_new_embedder_that_cannot_read_the_language(
    filled: Archive, new: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new, "unknown_share", lambda _text: 0.9)
    with pytest.raises(UnreadableDocument, match="language"):
        filled.ingesting.reembed(filled.collection.id, "new/words")
    filled.consistent()


@pytest.mark.parametrize("step", ["switched", "passages renewed", "document renewed"])
def test_killed_within_the_switch(filled: Archive, new: FakeEmbedder, step: str) -> None:
    """As by a kill: the process ends there, and the next start marks, rebuilds, and retries."""

    class Killed(BaseException):
        pass

    def die(at: str) -> None:
        if at == step:
            raise Killed

    rooms = filled.ingesting._rooms
    object.__setattr__(rooms, "at_step", die)
    with pytest.raises(Killed):
        filled.ingesting.reembed(filled.collection.id, "new/words")
    object.__setattr__(rooms, "at_step", filled.steps.append)
    filled.documents.mark_interrupted()
    filled.collection = filled.collections.get(filled.collection.id)
    filled.embedder = new
    filled.ingesting.rebuild(filled.collection.id)
    for entry in filled.documents.entries(filled.collection.id):
        if entry.state is not DocumentState.SEARCHABLE:
            filled.ended(filled.ingesting.retry(filled.collection.id, entry.document_id))
    filled.consistent()
    assert filled.found("funicular gradient", 1) == ["b.txt"]
    assert {one.state for one in filled.documents.entries(filled.collection.id)} == {DocumentState.SEARCHABLE}


def test_a_rebuild_does_not_pretend_to_mend_another_embedder(filled: Archive) -> None:
    """Its index could be made again, but no search would use it: the words name what helps."""
    filled.embedders[filled.embedder.name] = FakeEmbedder(digest="sha256:words-2")
    with pytest.raises(EmbedderMismatch) as refused:
        filled.ingesting.rebuild(filled.collection.id)
    assert "“Change the embedder”" in refused.value.remedy
    assert _ITEMS[EMBED].endswith("Change the embedder")
    assert filled.found("funicular gradient", 1) == ["b.txt"]
    filled.ingesting.reembed(filled.collection.id, filled.embedder.name)
    filled.ingesting.rebuild(filled.collection.id)


@pytest.mark.parametrize("gone", [NotFound("no such embedder"), BackendDown("nobody answers")])
def test_a_rebuild_needs_no_embedder(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, gone: AppError
) -> None:
    def missing(_: str) -> FakeEmbedder:
        raise gone

    object.__setattr__(filled.ingesting._rooms, "embedder_of", missing)
    filled.index.drop(filled.collection.id)
    filled.ingesting.rebuild(filled.collection.id)
    assert filled.found("funicular gradient", 1) == ["b.txt"]


def test_a_damaged_index_is_mended_for_all_whatever_embedder_one_has(
    filled: Archive, new: FakeEmbedder
) -> None:
    other = filled.new("Other", embedder=new)
    filled.add("c.txt", "The tower has a clock.", other.id)
    filled.embedders[new.name] = FakeEmbedder(new.name, digest="sha256:newer", dimensions=32)
    filled.ingesting.mend_index()
    assert filled.index.count(other.id) == 1
    assert filled.found("funicular gradient", 1) == ["b.txt"]
