"""The composition root over a real data folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import services as module
from app.commands import check_all, rebuilt
from app.domain import EmbedderRef, Passage, Splitting, passage_id
from app.errors import DatabaseTrouble, DataFolderBusy, IndexUnwritable, NotAllowed, NotFound
from app.services import Services, current, install, open_services
from app.settings import load
from storage.lock import DataLock
from tests.fakes import FakeEmbedder
from tests.storage.conftest import open_folder
from tests.storage.examples import as_nobody

pytestmark = pytest.mark.integration

__all__ = ["open_folder"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def services(folder: Path) -> Iterator[Services]:
    with open_services(load(Path("none.toml")), "a test") as opened:
        yield opened


def searchable(services: Services) -> tuple[str, FakeEmbedder]:
    """A collection with one searchable passage, made past the reader."""
    embedder = FakeEmbedder()
    ref = EmbedderRef(embedder.name, embedder.digest, embedder.dimensions)
    collection = services.collections.create("Mill", ref, Splitting())
    text = "the mill has seven stones"
    passage = Passage(
        passage_id(collection.id, "d", 0, len(text)), collection.id, "d", "a.txt", 1, 0, len(text), text
    )
    services.documents.begin(collection.id, "d", "a.txt", len(text))
    services.documents.keep_vectors(ref, [text], embedder.embed([text]))
    services.documents.store_passages(collection.id, "d", [passage])
    services.index.upsert(collection.id, ref, [passage.id], embedder.embed([text]))
    services.documents.publish(collection.id, "d")
    return collection.id, embedder


def probed(services: Services) -> str:
    """What the probe says, once it has said it."""
    services.probe_index()
    services.executor.submit(lambda: None).result(30)
    services.executor.shutdown(wait=True)
    return services.index_trouble


def test_a_sound_index_is_not_complained_of(services: Services) -> None:
    searchable(services)
    assert probed(services) == ""


def test_a_damaged_index_is_noticed_and_mended_without_embedding(services: Services) -> None:
    collection_id, embedder = searchable(services)
    services.index.close()
    (services.folder / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 500)
    assert "damaged" in probed(services)
    embedder.calls.clear()
    services.mend_index()
    assert services.index_trouble == ""
    assert services.index.count(collection_id) == 1
    assert embedder.calls == []


def test_a_folder_that_cannot_be_written_is_opened_to_be_read_and_nothing_is_written(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents, answers and the search work; the banner's words are there; each save is refused."""
    monkeypatch.setenv("ASSAY_DATA", str(open_folder))
    with open_services(load(Path("none.toml")), "a test") as services:
        collection_id, embedder = searchable(services)
    places = [open_folder, *open_folder.rglob("*")]
    with as_nobody(*places):
        for one in places:
            one.chmod(0o555 if one.is_dir() else 0o444)
        before = {one: one.stat().st_mtime_ns for one in [open_folder, *open_folder.rglob("*")]}
        with open_services(load(Path("none.toml")), "a test") as services:
            assert "only reads it" in services.database.trouble
            with pytest.raises(DataFolderBusy):
                open_services(load(Path("none.toml")), "a second one")
            monkeypatch.setattr(services.searching, "_embedder_of", lambda _: embedder)
            found = services.searching.search(collection_id, "stones", 1)
            assert [one.passage.document_name for one in found] == ["a.txt"]
            assert probed(services) == ""
            with pytest.raises(DatabaseTrouble, match="only reads it"):
                services.collections.rename(collection_id, "Cables")
            copy = services.index.folder
        assert before == {one: one.stat().st_mtime_ns for one in [open_folder, *open_folder.rglob("*")]}
        assert open_folder not in copy.parents
        assert not copy.exists()


def full(*_: object, **__: object) -> None:
    raise shutil.Error([("from", "to", "[Errno 28] No space left on device: 'to'")])


def test_a_look_for_which_there_is_no_room_is_told_and_is_no_damage(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    searchable(services)
    monkeypatch.setattr(shutil, "copytree", full)
    assert probed(services) == ""
    assert "could not be looked at: the disk is full" in services.index_unseen
    assert "Rebuild" not in services.index_unseen
    with pytest.raises(IndexUnwritable, match="the disk is full"):
        rebuilt(services, "Mill")
    services.close()
    (line,) = [one for one in check_all(services.settings) if one.words.startswith("index: ")]
    assert not line.well
    assert "the disk is full" in line.words
    assert "rebuild" not in line.words


def test_the_data_folder_has_one_owner(services: Services, folder: Path) -> None:
    with pytest.raises(DataFolderBusy, match="a test"):
        open_services(load(Path("none.toml")), "another")
    services.close()
    open_services(load(Path("none.toml")), "another").close()


def test_the_process_has_one_services_and_a_refusal_is_tried_again(folder: Path) -> None:
    held = DataLock.acquire(folder, "somebody else")
    with pytest.raises(DataFolderBusy, match="somebody else"):
        current()
    held.release()
    first = current()
    assert current() is first
    first.close()
    install(None)
    assert module._holder.services is None


def test_a_trouble_while_building_gives_the_lock_back(folder: Path) -> None:
    (folder / "assay.sqlite3").write_bytes(b"this is no database at all, but long enough " * 100)
    with pytest.raises(DatabaseTrouble):
        open_services(load(Path("none.toml")), "a test")
    DataLock.acquire(folder, "afterwards").release()


def test_an_unknown_embedder_is_said_in_words(services: Services) -> None:
    with pytest.raises(NotFound, match="mars"):
        services.new_collection("New", "mars/embedder")


def test_local_models_only_and_an_embedder_elsewhere_exclude_each_other(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = FakeEmbedder(local=False)
    monkeypatch.setattr(services.backends, "embedder", lambda _: elsewhere)
    with pytest.raises(NotAllowed, match="runs at"):
        services.new_collection("Secret", elsewhere.name, local_only=True)
    assert services.collections.list() == []
    assert services.new_collection("Open", elsewhere.name).embedder.name == elsewhere.name


def test_starts_without_the_database_delete_no_file(folder: Path) -> None:
    """Somebody took a damaged database away: the files must be there when a mended one comes back."""
    with open_services(load(Path("none.toml")), "a test") as opened:
        kept = opened.files.put(b"the only copy")
        opened.files.leave(kept)
        searchable(opened)
    (folder / "assay.sqlite3").rename(folder / "damaged.sqlite3")
    for _ in range(2):
        with open_services(load(Path("none.toml")), "a test") as opened:
            assert opened.files.ids() == {kept}
