"""The index: real Chroma, its known traps, real damage, and that rebuilding from SQL mends it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.domain import Collection, EmbedderRef
from app.errors import EmbedderMismatch, IndexDamaged, IndexUnwritable
from storage import index as module
from storage.collections import Collections
from storage.documents import Documents
from storage.index import ASIDE, FOLDER, Index, probe
from storage.probing import look, main
from storage.vector_store import _store_class
from tests.storage.examples import (
    EMBEDDER,
    SPLITTING,
    add_document,
    as_nobody,
    vector_of,
    vectors_of,
)

pytestmark = pytest.mark.integration

Vectors = NDArray[np.float32]
MANY = 1000  # so many Chroma moves from its log into the neighbour files


def near(cosine: float) -> float:
    """``cosine`` as float32 gets it."""
    return cast("float", pytest.approx(cosine, abs=1e-4))


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    made = Index(folder)
    yield made
    made.close()


@pytest.fixture(scope="session")
def many() -> tuple[list[str], Vectors]:
    texts = [f"passage {number}" for number in range(MANY)]
    return texts, vectors_of(texts)


@pytest.fixture
def filled(
    index: Index, documents: Documents, collection: Collection, many: tuple[list[str], Vectors]
) -> Collection:
    """A collection that is in SQL and in the index, which is closed then."""
    add_document(documents, collection.id, "d1", many[0])
    ids, matrix = documents.matrix(collection.id)
    index.upsert(collection.id, EMBEDDER, ids, matrix)
    index.close()
    return collection


def segments(folder: Path) -> list[Path]:
    return [one for one in (folder / FOLDER).iterdir() if one.is_dir()]


# ----------------------------------------------------------------- plain use


def test_the_similarity_is_the_cosine(index: Index) -> None:
    index.upsert("c1", EMBEDDER, ["a", "b", "c"], vectors_of(["a", "b", "c"]) * 3)
    query = vector_of("a") + vector_of("b") * np.float32(0.5)
    found = index.query("c1", EMBEDDER, query, 5)
    expected = {one: float(vector_of(one) @ query / np.linalg.norm(query)) for one in "abc"}
    assert [one for one, _ in found] == sorted(expected, key=lambda one: -expected[one])
    for one, cosine in found:
        assert cosine == near(expected[one])
    assert index.query("c1", EMBEDDER, query, 2) == found[:2]
    assert index.query("c1", EMBEDDER, query, 0) == []
    assert index.query("c1", EMBEDDER, -vector_of("a"), 1)[0][1] <= 1.0


def test_an_id_that_comes_again_is_replaced(index: Index) -> None:
    """LlamaIndex's own add() keeps the old one without a word."""
    index.upsert("c1", EMBEDDER, ["a", "b"], vectors_of(["a", "b"]))
    index.upsert("c1", EMBEDDER, ["a"], vectors_of(["new"]))
    assert index.count("c1") == 2
    assert index.query("c1", EMBEDDER, vector_of("new"), 1) == [("a", near(1.0))]


def test_ids_delete_drop(index: Index, folder: Path, many: tuple[list[str], Vectors]) -> None:
    index.upsert("c1", EMBEDDER, *many)
    index.upsert("c2", EMBEDDER, ["a"], vectors_of(["a"]))
    assert (index.count("c1"), index.ids("c2")) == (MANY, {"a"})
    index.delete("c1", [*many[0][: MANY - 3], "unknown"])
    assert index.ids("c1") == set(many[0][-3:])
    assert len(index.query("c1", EMBEDDER, vector_of("x"), 10)) == 3
    index.delete("c1", [])
    index.delete("nowhere", ["a"])
    index.drop("c1")
    index.drop("c1")
    assert (index.count("c1"), index.ids("c1"), index.ids("c2")) == (0, set(), {"a"})
    assert len(segments(folder)) == 1, "Chroma itself would leave the vectors of c1 on the disk"


def test_an_empty_collection(index: Index) -> None:
    index.upsert("c1", EMBEDDER, [], np.zeros((0, 8), np.float32))
    assert index.query("c1", EMBEDDER, vector_of("a"), 3) == []


def test_a_missing_collection_is_not_taken_for_an_empty_one(index: Index) -> None:
    with pytest.raises(IndexDamaged, match="missing") as caught:
        index.query("c1", EMBEDDER, vector_of("a"), 3)
    assert "Rebuild" in caught.value.remedy
    assert (index.count("c1"), index.ids("c1")) == (0, set())


def test_it_is_there_after_closing(index: Index, folder: Path) -> None:
    index.upsert("c1", EMBEDDER, ["a"], vectors_of(["a"]))
    index.close()
    index.close()
    again = Index(folder)
    assert again.ids("c1") == {"a"}
    again.close()
    assert index.ids("c1") == {"a"}


@pytest.mark.parametrize(
    "other",
    [EmbedderRef("embedded/tiny", "digest-2", 8), EmbedderRef("embedded/tiny", "digest-1", 9)],
    ids=["digest", "dimensions"],
)
def test_another_embedder_is_refused(index: Index, other: EmbedderRef) -> None:
    """With equal dimensions Chroma would mix the vectors without a word."""
    index.upsert("c1", EMBEDDER, ["a"], vectors_of(["a"]))
    vectors = np.ones((1, other.dimensions), np.float32)
    with pytest.raises(EmbedderMismatch, match="embedded/tiny") as caught:
        index.upsert("c1", other, ["b"], vectors)
    assert "Rebuild" in caught.value.remedy
    with pytest.raises(EmbedderMismatch):
        index.query("c1", other, vectors[0], 1)
    index.rebuild("c1", other, ["b"], vectors)
    assert index.query("c1", other, vectors[0], 5) == [("b", near(1.0))]


def test_vectors_of_another_shape_are_refused(index: Index) -> None:
    for vectors in (np.ones((2, 8), np.float32), np.ones((1, 7), np.float32)):
        with pytest.raises(ValueError, match="do not go with"):
            index.upsert("c1", EMBEDDER, ["a"], vectors)


def test_many_threads(index: Index, many: tuple[list[str], Vectors]) -> None:
    ids, vectors = many
    index.upsert("c1", EMBEDDER, ids[:100], vectors[:100])

    def work(number: int) -> bool:
        part = slice(100 + 50 * number, 150 + 50 * number)
        index.upsert("c1", EMBEDDER, ids[part], vectors[part])
        return index.query("c1", EMBEDDER, vectors[number], 1)[0][0] == ids[number]

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(10)))
    assert index.count("c1") == 600


def test_no_telemetry_and_no_texts(index: Index, folder: Path) -> None:
    index.upsert("c1", EMBEDDER, ["a"], vectors_of(["a"]))
    client = index._opened
    assert client is not None
    assert not client.get_settings().anonymized_telemetry
    got = client.get_collection("passages-c1", embedding_function=None).get()
    assert not any(got["documents"] or []) and not any(got["metadatas"] or [])


def test_the_llama_index_interface_tells_the_same(index: Index) -> None:
    from llama_index.core.schema import TextNode
    from llama_index.core.vector_stores.types import VectorStoreQuery

    index.upsert("c1", EMBEDDER, ["a"], vectors_of(["a"]))
    client = index._opened
    assert client is not None
    store = module.existing(client, "passages-c1")
    assert store is not None
    nodes = [TextNode(id_=one, text="secret", embedding=vector_of(one).tolist()) for one in ("a", "b")]
    assert store.add(nodes) == ["a", "b"]  # type: ignore[attr-defined]
    query = VectorStoreQuery(query_embedding=vector_of("b").tolist(), similarity_top_k=2)
    found = store.query(query)  # type: ignore[attr-defined]
    assert (found.ids, found.nodes) == (["b", "a"], None)
    assert found.similarities == [
        near(1.0), near(float(vector_of("a") @ vector_of("b")))
    ]  # fmt: skip
    assert index.count("c1") == 2


# ----------------------------------------------------------------- rebuild


def test_rebuild(index: Index, folder: Path, many: tuple[list[str], Vectors]) -> None:
    ids, vectors = many
    index.upsert("c1", EMBEDDER, ids, vectors)
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))
        assert index.query("c1", EMBEDDER, vectors[-1], 1)[0][0] == ids[-1], "the old one answers meanwhile"

    index.rebuild("c1", EMBEDDER, ids[:700], vectors[:700], watch)
    assert seen == [(500, 700), (700, 700)]
    assert index.ids("c1") == set(ids[:700])
    assert len(segments(folder)) == 1
    index.rebuild("c1", EMBEDDER, [], vectors[:0])
    assert index.count("c1") == 0


def test_a_rebuild_that_was_broken_off(index: Index, many: tuple[list[str], Vectors]) -> None:
    ids, vectors = many

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    index.upsert("c1", EMBEDDER, ids[:10], vectors[:10])
    with pytest.raises(KeyboardInterrupt):
        index.rebuild("c1", EMBEDDER, ids, vectors, stop)
    assert index.ids("c1") == set(ids[:10])
    index.rebuild("c1", EMBEDDER, ids[:20], vectors[:20])
    assert index.ids("c1") == set(ids[:20])


def test_setting_the_folder_aside(index: Index, folder: Path) -> None:
    index.upsert("c1", EMBEDDER, ["a"], vectors_of(["a"]))
    for _ in range(3):
        index.replace_folder()
        index.upsert("c1", EMBEDDER, ["b"], vectors_of(["b"]))
    assert index.ids("c1") == {"b"}
    assert len(list(folder.glob(f"{ASIDE}*"))) == 1, "only the last stays"


# ----------------------------------------------------------------- damage


def lose_neighbours(folder: Path) -> None:
    for one in segments(folder):
        shutil.rmtree(one)


def spoil_neighbours(folder: Path) -> None:
    for one in segments(folder):
        for file in one.iterdir():
            file.write_bytes(os.urandom(file.stat().st_size))


def truncate(folder: Path) -> None:
    with (folder / FOLDER / "chroma.sqlite3").open("r+b") as file:
        file.truncate(20_000)


def fill_with_garbage(folder: Path) -> None:
    (folder / FOLDER / "chroma.sqlite3").write_bytes(os.urandom(200_000))


def lose_everything(folder: Path) -> None:
    shutil.rmtree(folder / FOLDER)


def empty(folder: Path) -> None:
    (folder / FOLDER / "chroma.sqlite3").write_bytes(b"")


DAMAGES = [lose_neighbours, spoil_neighbours, truncate, fill_with_garbage, lose_everything, empty]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_noticed_and_a_rebuild_mends_it(
    index: Index, folder: Path, documents: Documents, filled: Collection, damage: Callable[[Path], None]
) -> None:
    """The probe in this process, for speed; below it runs in its own."""
    assert look(folder, folder / FOLDER) == ""
    damage(folder)
    words = look(folder, folder / FOLDER)
    assert words
    ids, matrix = documents.matrix(filled.id)
    with pytest.raises(IndexDamaged) as caught:
        index.query(filled.id, EMBEDDER, matrix[0], 5)
    assert "Rebuild" in caught.value.remedy
    index.rebuild(filled.id, EMBEDDER, ids, matrix, replace_folder=True)
    assert index.query(filled.id, EMBEDDER, matrix[0], 5)[0] == (ids[0], near(1.0))
    index.close()
    assert look(folder, folder / FOLDER) == ""


def test_neighbours_lost_mend_without_a_new_folder(
    index: Index, folder: Path, documents: Documents, filled: Collection
) -> None:
    lose_neighbours(folder)
    index.rebuild(filled.id, EMBEDDER, *documents.matrix(filled.id))
    index.close()
    assert look(folder, folder / FOLDER) == ""


@pytest.mark.integration
def test_the_probe_in_its_own_process(index: Index, folder: Path, filled: Collection) -> None:
    before = sorted(one.name for one in folder.iterdir())
    assert index.probe() == ""
    # Cut neighbour files end the process that reads them: only a process of its own can tell that.
    for one in segments(folder):
        with (one / "data_level0.bin").open("r+b") as file:
            file.truncate(1000)
    assert probe(folder)
    assert sorted(one.name for one in folder.iterdir()) == before, "the copies are gone"


def test_neighbours_lost_in_part(
    index: Index, folder: Path, documents: Documents, collection: Collection, many: tuple[list[str], Vectors]
) -> None:
    """What still stands in Chroma's log could be found, and yet it is said at once."""
    add_document(documents, collection.id, "d1", [*many[0], *(f"later {number}" for number in range(200))])
    ids, matrix = documents.matrix(collection.id)
    index.upsert(collection.id, EMBEDDER, ids, matrix)
    index.close()
    lose_neighbours(folder)
    with pytest.raises(IndexDamaged):
        index.query(collection.id, EMBEDDER, matrix[0], 5)
    index.close()
    assert "“Handbooks”: The index does not find" in look(folder, folder / FOLDER)


def crowds(seed: int, *, equal: bool) -> tuple[list[str], Vectors]:
    """Two crowds of 300 passages, equal or nearly so, and behind them 60 others."""
    chance = np.random.default_rng(seed)
    apart = 0.0 if equal else 0.01
    rows = [
        chance.normal(size=EMBEDDER.dimensions) + apart * chance.normal(size=(300, EMBEDDER.dimensions))
        for _ in range(2)
    ]
    rows.append(chance.normal(size=(60, EMBEDDER.dimensions)))
    matrix = np.concatenate(rows).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return [f"p{number:03}" for number in range(len(matrix))], matrix


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("compared", [0, 20_000])
def test_crowds_of_equal_passages_hide_no_other(index: Index, compared: int, equal: bool) -> None:
    """Chroma's graph alone loses most of the others: 178 of 200 behind 256 equal ones."""
    index.compared = compared
    ids, matrix = crowds(3, equal=equal)
    index.upsert("c1", EMBEDDER, ids, matrix)
    index.query("c1", EMBEDDER, matrix[0], 4)  # comes upon a crowd, where the graph is asked
    for place in range(600, 660):
        assert index.query("c1", EMBEDDER, matrix[place], 4)[0] == (ids[place], near(1.0))


@given(
    st.lists(st.tuples(st.sampled_from(["add", "replace", "delete", "ask"]), st.integers(0, 39)), max_size=12)
)
@settings(max_examples=15, deadline=None)
def test_whatever_was_written_a_query_finds_what_comparing_with_all_finds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """Also right after a write, though the vectors of the last query are kept."""
    ids, matrix = crowds(5, equal=True)
    held: dict[str, Vectors] = {}
    with closing(Index(tmp_path_factory.mktemp("orders"))) as index:
        for what, number in [*steps, ("ask", 0)]:
            part = slice(number * 15, number * 15 + 15)
            if what == "delete":
                index.delete("c1", ids[part])
                held = {one: row for one, row in held.items() if one not in set(ids[part])}
            elif what != "ask":
                rows = matrix[part] if what == "add" else np.roll(matrix, 7, axis=0)[part]
                index.upsert("c1", EMBEDDER, ids[part], rows)
                held |= dict(zip(ids[part], rows, strict=True))
            elif held:
                query = matrix[600 + number]
                best = sorted((float(row @ query) for row in held.values()), reverse=True)[:4]
                assert [near(one) for _, one in index.query("c1", EMBEDDER, query, 4)] == best


def test_the_probe_looks_as_a_search_does(
    index: Index, folder: Path, documents: Documents, filled: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Chroma's graph loses, every search finds: that is no damage, and no rebuild would mend it."""
    monkeypatch.setattr(_store_class(), "nearest", lambda *_: [])
    ids, matrix = documents.matrix(filled.id)
    assert index.query(filled.id, EMBEDDER, matrix[7], 1) == [(ids[7], near(1.0))]
    index.close()
    assert look(folder, folder / FOLDER) == ""


def test_a_probe_that_never_ends(folder: Path, filled: Collection) -> None:
    assert "did not answer" in probe(folder, timeout=0.01)


def test_nothing_to_probe(tmp_path: Path, folder: Path, collection: Collection) -> None:
    assert look(tmp_path, tmp_path / FOLDER) == ""
    assert look(folder, folder / FOLDER) == ""
    assert not (folder / FOLDER).exists()


def test_what_the_probe_finds_missing(
    index: Index, folder: Path, documents: Documents, collections: Collections, collection: Collection
) -> None:
    add_document(documents, collection.id, "d1", ["one", "two", "three"])
    other = collections.create("Other", EMBEDDER, SPLITTING)
    add_document(documents, other.id, "d2", ["same", "same", "same"])
    ids, matrix = documents.matrix(collection.id)
    other_ids, other_matrix = documents.matrix(other.id)
    index.upsert(other.id, EMBEDDER, [*other_ids, "left over"], np.vstack([other_matrix, matrix[:1]]))

    def told() -> str:
        index.close()
        return look(folder, folder / FOLDER)

    assert told() == "“Handbooks”: The index is missing."
    index.upsert(collection.id, EMBEDDER, ids[:2], matrix[:2])
    assert told() == "“Handbooks”: 1 of 3 passages are missing in the index."
    index.upsert(collection.id, EMBEDDER, ids, matrix[::-1])
    assert "does not find" in told() or told() == "", "three of three are always among the nearest"
    index.upsert(collection.id, EMBEDDER, ids, matrix)
    assert told() == ""
    collections.reembed(collection.id, EmbedderRef("a/b", "digest-2", 8))
    documents.keep_vectors(EmbedderRef("a/b", "digest-2", 8), ["one", "two", "three"], matrix)
    assert told() == "“Handbooks”: The index was made with another embedder."


def test_a_database_that_cannot_be_read_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with closing(sqlite3.connect(folder / "assay.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    monkeypatch.setattr(sys, "argv", ["probing", str(folder), str(folder / FOLDER)])
    assert main() == 0
    assert "newer Assay" in capfdbinary.readouterr().out.decode()


def test_a_read_only_index_says_so(open_folder: Path) -> None:
    index = Index(open_folder)
    with as_nobody(open_folder):
        index.upsert("c1", EMBEDDER, ["a"], vectors_of(["a"]))
        index.close()
        for one in (open_folder / FOLDER / "chroma.sqlite3", open_folder / FOLDER):
            one.chmod(0o555)
        with pytest.raises(IndexDamaged, match="read-only"):
            index.upsert("c1", EMBEDDER, ["b"], vectors_of(["b"]))
        index.close()


# ----------------------------------------------------------------- a full disk


def full(*_: object, **__: object) -> None:
    """As copytree tells of it: an error without a number, of all that it could not copy."""
    raise shutil.Error([("from", "to", "[Errno 28] No space left on device: 'to'")])


def test_no_room_for_a_look_is_said_and_is_no_damage(
    index: Index, folder: Path, filled: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "copytree", full)
    looks: list[Callable[[], str]] = [index.probe, lambda: probe(folder)]
    for look_at in looks:
        with pytest.raises(IndexUnwritable, match="could not be looked at: the disk is full") as caught:
            look_at()
        assert "room" in caught.value.remedy
    assert not list(folder.glob(".probe-*"))


def test_a_limit_on_file_sizes_is_told_as_a_full_disk(folder: Path, filled: Collection) -> None:
    """With a real limit, in a process of its own: it holds for all that a process does."""
    code = (
        "import resource, signal, sys; from pathlib import Path; from storage.index import probe;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        "try: probe(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    ).stdout
    assert told.startswith("IndexUnwritable The index could not be looked at: the disk is full."), told
