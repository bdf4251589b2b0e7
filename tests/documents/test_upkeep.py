"""Rebuilds, changes of the embedder and checks as work that is watched, stopped and not begun twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain import UpkeepKind, UpkeepState, UpkeepView, Upload
from app.errors import NotAllowed
from tests.documents.conftest import Archive
from tests.documents.samples import PROSE
from tests.fakes import FakeEmbedder, Gate
from tests.waiting import until

pytestmark = pytest.mark.integration  # each file is read by a process of its own


@pytest.fixture
def new() -> FakeEmbedder:
    return FakeEmbedder("new/words", digest="sha256:new", dimensions=32, max_tokens=100)


@pytest.fixture
def filled(archive: Archive, new: FakeEmbedder) -> Archive:
    archive.add("a.txt", "\n\n".join(f"Paragraph {number}. {PROSE}" for number in range(20)))
    archive.add("b.txt", "The funicular has a gradient of 48 percent.")
    archive.embedders[new.name] = new
    return archive


def view(archive: Archive, job: str) -> UpkeepView:
    found = archive.ingesting.upkeep.view(job)
    assert found is not None
    return found


def ended(archive: Archive, job: str) -> UpkeepView:
    until(lambda: not view(archive, job).busy)
    return view(archive, job)


def held(archive: Archive, new: FakeEmbedder) -> tuple[str, Gate]:
    """A change of the embedder that waits in its second batch."""
    gate = Gate()
    embed = new.embed

    def later(texts: list[str]) -> object:
        if len(new.calls) == 1:
            new.gate = gate
        return embed(texts)

    new.embed = later  # type: ignore[method-assign,assignment]
    job = archive.ingesting.begin_reembed(archive.collection.id, new.name)
    assert gate.reached.wait(20)
    return job, gate


def test_each_kind_comes_to_its_end(filled: Archive, new: FakeEmbedder) -> None:
    here, jobs = filled.collection.id, filled.ingesting
    rebuilt = ended(filled, jobs.begin_rebuild(here))
    passages = filled.documents.count_searchable(here)
    assert (rebuilt.state, rebuilt.done, rebuilt.total) == (UpkeepState.DONE, passages, passages)
    checked = ended(filled, jobs.begin_check(here))
    assert checked.state is UpkeepState.DONE
    assert checked.audit is not None
    assert checked.audit.recall > 0.99
    changed = ended(filled, jobs.begin_reembed(here, new.name))
    assert (changed.state, changed.about, changed.total) == (UpkeepState.DONE, new.name, passages)
    assert jobs.upkeep.recent(here) == [changed], "the last one only"
    looked: list[bool] = []
    mended = ended(filled, jobs.begin_mend(lambda: looked.append(True)))
    assert (mended.state, mended.collection_id, looked) == (UpkeepState.DONE, "", [True])
    assert mended.done == mended.total == filled.documents.count_searchable(here)
    filled.embedder, filled.collection = new, filled.collections.get(here)
    filled.consistent()
    jobs.upkeep.dismiss([changed.id, mended.id])
    assert jobs.upkeep.recent(here) == jobs.upkeep.recent("") == []


def test_how_far_it_is_and_how_long_it_takes_yet(
    filled: Archive, new: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("app.documents.upkeep.time.monotonic", lambda: now[0])
    job, gate = held(filled, new)
    first = view(filled, job)
    assert first.state is UpkeepState.RUNNING
    assert 0 < first.done < first.total == filled.documents.count_searchable(filled.collection.id)
    assert first.seconds_left is None, "too early to know"
    now[0] += 10
    left = view(filled, job).seconds_left
    assert left == pytest.approx(10 * (first.total - first.done) / first.done)
    gate.open()
    assert ended(filled, job).seconds_left is None


def test_a_stop_leaves_everything_as_it_was(filled: Archive, new: FakeEmbedder) -> None:
    job, gate = held(filled, new)
    filled.ingesting.upkeep.stop(job)
    assert view(filled, job).stopping
    gate.open()
    assert ended(filled, job).state is UpkeepState.STOPPED
    assert not view(filled, job).stopping
    assert filled.collections.get(filled.collection.id).embedder.name == filled.embedder.name
    filled.consistent()
    assert filled.found("funicular gradient", 1) == ["b.txt"]


def test_what_waits_for_its_turn_can_be_stopped_at_once(filled: Archive, new: FakeEmbedder) -> None:
    filled.embedder.gate = gate = Gate()
    upload = filled.ingesting.start(filled.collection.id, [Upload("c.txt", b"A rope of the lower station.")])
    assert gate.reached.wait(20)
    job = filled.ingesting.begin_reembed(filled.collection.id, new.name)
    assert view(filled, job).state is UpkeepState.WAITING
    filled.ingesting.upkeep.stop(job)
    assert view(filled, job).state is UpkeepState.STOPPED
    gate.open()
    filled.ended(upload)
    assert new.calls == []


def test_one_thing_at_a_time_in_a_collection(filled: Archive, new: FakeEmbedder) -> None:
    here, jobs = filled.collection.id, filled.ingesting
    other = filled.new("Other")
    job, gate = held(filled, new)
    begins: list[Callable[[], str]] = [
        lambda: jobs.begin_reembed(here, new.name),
        lambda: jobs.begin_rebuild(here),
        lambda: jobs.begin_check(here),
        lambda: jobs.begin_mend(lambda: None),
    ]
    for begin in begins:
        with pytest.raises(NotAllowed, match="is being made searchable anew"):
            begin()
    assert ended(filled, jobs.begin_rebuild(other.id)).state is UpkeepState.DONE
    assert len(jobs.upkeep.recent(here)) == 1
    gate.open()
    assert ended(filled, job).state is UpkeepState.DONE


def test_a_collection_that_is_worked_on_is_not_deleted_and_nobody_waits(
    filled: Archive, new: FakeEmbedder
) -> None:
    job, gate = held(filled, new)
    with pytest.raises(NotAllowed, match="“Mill” is being made searchable anew") as refused:
        filled.ingesting.delete_collection(filled.collection.id)
    assert "stop it" in refused.value.remedy
    filled.ingesting.upkeep._jobs.clear()  # as where a command of this process does it
    with pytest.raises(NotAllowed, match="is being worked on"):
        filled.ingesting.delete_collection(filled.collection.id)
    gate.open()
    until(lambda: filled.collections.get(filled.collection.id).embedder.name == new.name)
    until(lambda: not filled.ingesting._rooms._turns[filled.collection.id].locked())
    filled.ingesting.delete_collection(filled.collection.id)
    assert filled.collections.list() == []
    assert job


def test_what_fails_says_why(filled: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ended(filled, filled.ingesting.begin_reembed(filled.collection.id, "no/such"))
    assert (refused.state, refused.words) == (
        UpkeepState.FAILED,
        "There is no embedder called no/such.",
    )
    assert refused.remedy == "Choose another one."

    def breaks(*_: object, **__: object) -> None:
        raise ValueError("a secret of the document")

    monkeypatch.setattr("app.documents.ingesting.audit", breaks)
    broken = ended(filled, filled.ingesting.begin_check(filled.collection.id))
    assert broken.state is UpkeepState.FAILED
    assert broken.kind is UpkeepKind.CHECK
    assert "secret" not in broken.words
