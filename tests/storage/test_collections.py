"""Collections: names, hosts, embedders, deletion."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.domain import Collection, EmbedderRef, Splitting
from app.errors import NotAllowed, NotFound
from storage.answers import Answers
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from storage.tables import AgreedHostRow, PageRow, PassageRow, ReadingRow, VectorRow
from tests.storage.examples import (
    EMBEDDER,
    OTHER_EMBEDDER,
    SPLITTING,
    add_document,
    answer,
    passages_of,
    question,
    vectors_of,
)


def rows(database: Database, *tables: type) -> list[int]:
    with database.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_everything_comes_back(collections: Collections) -> None:
    splitting = Splitting(tokens=100, overlap=7, characters=900)
    made = collections.create("  Handbooks ", EMBEDDER, splitting, local_only=True)
    assert (made.name, made.embedder, made.splitting) == ("Handbooks", EMBEDDER, splitting)
    assert (made.local_only, made.agreed_hosts, made.revision) == (True, (), 0)
    assert abs(made.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert collections.get(made.id) == made
    assert collections.by_name("handBOOKS ") == made
    assert collections.by_name("other") is None
    assert collections.list() == [made]


def test_listed_by_name(collections: Collections) -> None:
    for name in ("b", "C", "a", "Ärzte"):
        collections.create(name, EMBEDDER, SPLITTING)
    assert [one.name for one in collections.list()] == ["a", "b", "C", "Ärzte"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "needs a name"),
        (" \t ", "needs a name"),
        ("x" * 81, "80 characters"),
        ("a\nb", "control"),
        ("a\0b", "control"),
        ("a\ud800", "control"),
        ("HANDBOOKS", "“Handbooks” already"),
        (" Handbooks ", "already"),
    ],
)
def test_names_that_are_refused(
    collections: Collections, collection: Collection, name: str, words: str
) -> None:
    other = collections.create("Other", EMBEDDER, SPLITTING)
    with pytest.raises(NotAllowed, match=words):
        collections.create(name, EMBEDDER, SPLITTING)
    with pytest.raises(NotAllowed, match=words):
        collections.rename(other.id, name)
    assert [one.name for one in collections.list()] == ["Handbooks", "Other"]


@pytest.mark.parametrize(
    "name", ["x" * 80, "$94 and :red[x] <b>", "'; DROP TABLE collections; --", "日本語", "é", "%"]
)
def test_names_that_are_kept_as_typed(collections: Collections, name: str) -> None:
    made = collections.create(name, EMBEDDER, SPLITTING)
    assert collections.by_name(name) == made
    assert made.name == name


def test_one_name_in_two_ways_of_writing_it(collections: Collections) -> None:
    collections.create("caf\u00e9", EMBEDDER, SPLITTING)
    with pytest.raises(NotAllowed):
        collections.create("cafe\u0301", EMBEDDER, SPLITTING)


def test_rename(collections: Collections, collection: Collection) -> None:
    assert collections.rename(collection.id, "handbooks").name == "handbooks", (
        "its own name may change its case"
    )
    renamed = collections.rename(collection.id, "Manuals")
    assert renamed == replace(collection, name="Manuals")
    assert collections.by_name("Handbooks") is None
    collections.create("Handbooks", EMBEDDER, SPLITTING)


def test_of_many_at_once_one_gets_the_name(collections: Collections) -> None:
    def create(_: int) -> str:
        try:
            return collections.create("Handbooks", EMBEDDER, SPLITTING).id
        except NotAllowed:
            return ""

    with ThreadPoolExecutor(8) as pool:
        made = [one for one in pool.map(create, range(8)) if one]
    assert [one.id for one in collections.list()] == made
    assert len(made) == 1


def test_local_only_and_agreed_hosts(collections: Collections, collection: Collection) -> None:
    assert collections.set_local_only(collection.id, True).local_only
    assert not collections.set_local_only(collection.id, False).local_only
    collections.agree(collection.id, "b.example")
    collections.agree(collection.id, "a.example")
    assert collections.agree(collection.id, "b.example").agreed_hosts == ("b.example", "a.example")
    assert collections.get(collection.id).agreed_hosts == ("b.example", "a.example")


def test_what_is_not_there(collections: Collections) -> None:
    for act in (
        lambda: collections.get("x"),
        lambda: collections.rename("x", "y"),
        lambda: collections.set_local_only("x", True),
        lambda: collections.agree("x", "y"),
        lambda: collections.reembed("x", EMBEDDER),
        lambda: collections.delete("x", from_past_answers=False),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize("embedder", [EmbedderRef("a/b", "", 8), EmbedderRef("a/b", "d", 0)])
def test_an_embedder_that_cannot_be_told_apart(
    collections: Collections, collection: Collection, embedder: EmbedderRef
) -> None:
    with pytest.raises(NotAllowed, match="a/b"):
        collections.create("new", embedder, SPLITTING)
    with pytest.raises(NotAllowed, match="a/b"):
        collections.reembed(collection.id, embedder)


def test_reembed_takes_the_vectors_of_the_old_one_away(
    collections: Collections, documents: Documents, collection: Collection
) -> None:
    texts = ["one", "two"]
    add_document(documents, collection.id, "d1", texts)
    documents.keep_vectors(OTHER_EMBEDDER, texts, vectors_of(texts))
    before = collections.get(collection.id)
    after = collections.reembed(collection.id, OTHER_EMBEDDER)
    assert after == replace(before, embedder=OTHER_EMBEDDER, revision=before.revision + 1)
    assert documents.unembedded(collection.id) == []
    assert documents.known_vectors(EMBEDDER.digest, texts) == {}
    assert set(documents.known_vectors(OTHER_EMBEDDER.digest, texts)) == {0, 1}


def test_reembed_leaves_what_another_collection_uses(
    collections: Collections, documents: Documents, collection: Collection
) -> None:
    other = collections.create("Other", EMBEDDER, SPLITTING)
    add_document(documents, collection.id, "d1", ["one"])
    add_document(documents, other.id, "d1", ["one"])
    collections.reembed(collection.id, OTHER_EMBEDDER)
    assert set(documents.known_vectors(EMBEDDER.digest, ["one"])) == {0}
    assert [one.text for one in documents.unembedded(collection.id)] == ["one"]
    assert documents.unembedded(other.id) == []


def test_delete_takes_everything_that_nothing_else_needs(
    database: Database, collections: Collections, documents: Documents, collection: Collection
) -> None:
    other = collections.create("Other", EMBEDDER, SPLITTING)
    collections.agree(collection.id, "host")
    add_document(documents, collection.id, "d1", ["only here"])
    add_document(documents, collection.id, "d2", ["in both", "shared text"], "b.txt")
    add_document(documents, other.id, "d2", ["in both"], "b.txt")
    add_document(documents, other.id, "d3", ["shared text"], "c.txt")
    assert collections.delete(collection.id, from_past_answers=False) == ["d1"]
    assert collections.list() == [collections.get(other.id)]
    assert documents.entries(collection.id) == []
    assert len(documents.known_vectors(EMBEDDER.digest, ["only here", "in both", "shared text"])) == 2
    assert rows(database, PassageRow, VectorRow, AgreedHostRow) == [2, 2, 0]
    assert sorted(collections.delete(other.id, from_past_answers=False)) == ["d2", "d3"]
    assert rows(database, PassageRow, VectorRow, ReadingRow, PageRow) == [0, 0, 0, 0]
    assert database.check() == []


def test_the_name_of_a_deleted_one_is_kept_unless_it_is_to_be_erased(collections: Collections) -> None:
    kept, erased = (collections.create(name, EMBEDDER, SPLITTING) for name in ("Kept", "Erased"))
    collections.rename(kept.id, "Kept at last")
    collections.delete(kept.id, from_past_answers=False)
    collections.delete(erased.id, from_past_answers=True)
    assert collections.deleted() == {kept.id: "Kept at last"}
    there = collections.create("Kept at last", EMBEDDER, SPLITTING)
    assert collections.names() == {there.id: "Kept at last", kept.id: "Kept at last (deleted)"}


def test_one_that_is_made_again_with_its_fixed_id_is_not_deleted(collections: Collections) -> None:
    for _ in range(2):
        made = collections.create("Sample", EMBEDDER, SPLITTING, collection_id="sample")
        assert collections.names() == {"sample": "Sample"}
        collections.delete(made.id, from_past_answers=False)


@pytest.mark.parametrize("from_past_answers", [False, True])
def test_past_answers_when_a_collection_goes(
    collections: Collections, answers: Answers, collection: Collection, from_past_answers: bool
) -> None:
    given = passages_of(collection.id, "d1", ["the given text"])
    elsewhere = passages_of("another collection", "d1", ["the given text"])
    asked = question(collection_id=collection.id)
    answers.begin(asked, [answer(asked, 0, given=given), answer(asked, 1, given=elsewhere)])
    collections.delete(collection.id, from_past_answers=from_past_answers)
    assert answers.question(asked.id) == asked
    first, second = (one.prompt.given[0] for one in answers.answers(asked.id) if one.prompt)
    assert first.passage.text == ("[erased]" if from_past_answers else "the given text")
    assert second.passage.text == "the given text"
    assert first.deleted
