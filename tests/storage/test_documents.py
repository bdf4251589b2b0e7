"""Documents, passages and vectors: what can be found, when, and what stays when something goes."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.domain import (
    AnswerState,
    Collection,
    DocumentState,
    EmbedderRef,
    ReadDocument,
    ReadPage,
    Score,
    ScoredPart,
)
from app.errors import NotAllowed, NotFound
from storage.answers import Answers
from storage.collections import Collections
from storage.database import DATABASE_FILE, Database
from storage.documents import INTERRUPTED, Documents
from storage.tables import PageRow, PassageRow, ReadingRow, VectorRow
from tests.storage.examples import (
    EMBEDDER,
    OTHER_EMBEDDER,
    SPLITTING,
    add_document,
    answer,
    passages_of,
    question,
    quote,
    vector_of,
    vectors_of,
)

READING = ReadDocument(
    (ReadPage(1, "first"), ReadPage(2, ""), ReadPage(7, "last\r\n\0")), "pdf-1", "page 3 is a picture"
)


def rows(database: Database, *tables: type) -> list[int]:
    with database.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def state(documents: Documents, collection_id: str, document_id: str) -> DocumentState | None:
    entry = documents.entry(collection_id, document_id)
    return entry.state if entry else None


# ----------------------------------------------------------------- the way of one document


def test_from_waiting_to_searchable(
    documents: Documents, collections: Collections, collection: Collection
) -> None:
    c = collection.id
    assert documents.entries(c) == []
    documents.begin(c, "d1", "folder/a.txt", 123)
    entry = documents.entry(c, "d1")
    assert entry is not None
    assert (entry.name, entry.size, entry.state) == ("folder/a.txt", 123, DocumentState.WAITING)
    assert (entry.pages, entry.passages, entry.warning, entry.error) == (0, 0, "", "")
    assert abs(entry.added_at - datetime.now(UTC)) < timedelta(minutes=1)
    documents.set_state(c, "d1", DocumentState.READING)
    documents.save_reading("d1", READING)
    passages = passages_of(c, "d1", ["one", "two"], "folder/a.txt")
    assert documents.store_passages(c, "d1", passages) == []
    documents.set_state(c, "d1", DocumentState.INDEXING)
    assert documents.passages(c, "d1") == passages
    documents.keep_vectors(EMBEDDER, ["one", "two"], vectors_of(["one", "two"]))
    assert documents.searchable(c, [one.id for one in passages]) == {}
    assert documents.matrix(c)[0] == []
    assert documents.count_searchable(c) == 0
    assert collections.get(c).revision == 0
    assert documents.publish(c, "d1") == []
    assert collections.get(c).revision == 1
    assert documents.searchable(c, [*(one.id for one in passages), "x"]) == {one.id: one for one in passages}
    assert documents.count_searchable(c) == 2
    entry = documents.entry(c, "d1")
    assert entry is not None
    assert (entry.state, entry.pages, entry.passages) == (DocumentState.SEARCHABLE, 3, 2)
    assert entry.warning == READING.warning
    assert documents.entries(c) == [entry]
    assert documents.named(c, "folder/a.txt") == entry


def test_reading_comes_back(documents: Documents, collection: Collection) -> None:
    assert documents.reading("d1") is None
    documents.begin(collection.id, "d1", "a", 1)
    documents.save_reading("d1", READING)
    assert documents.reading("d1") == READING
    shorter = ReadDocument((ReadPage(1, "new"),), "pdf-2")
    documents.save_reading("d1", shorter)
    assert documents.reading("d1") == shorter
    documents.save_reading("d1", ReadDocument((), "none"))
    assert documents.reading("d1") == ReadDocument((), "none")


def test_lone_surrogates_keep_their_places(documents: Documents, collection: Collection) -> None:
    """UTF-8 cannot hold them; spans must not shift."""
    text = "a\ud83d b \udc00c"
    documents.begin(collection.id, "d1", "a", 1)
    documents.save_reading("d1", ReadDocument((ReadPage(1, text),), "x"))
    add_document(documents, collection.id, "d2", [text], "b")
    kept = documents.reading("d1")
    assert kept is not None
    assert kept.text == "a\ufffd b \ufffdc"
    assert documents.passages(collection.id, "d2")[0].text == kept.text
    assert set(documents.known_vectors(EMBEDDER.digest, [text, kept.text])) == {0, 1}


def test_states_and_their_words(documents: Documents, collection: Collection) -> None:
    c = collection.id
    documents.begin(c, "d1", "a", 1)
    documents.set_state(c, "d1", DocumentState.SPLITTING, warning="a picture")
    documents.set_state(c, "d1", DocumentState.UNREADABLE, error="no text")
    entry = documents.entry(c, "d1")
    assert entry is not None
    assert (entry.state, entry.error, entry.warning) == (DocumentState.UNREADABLE, "no text", "a picture")
    documents.begin(c, "d1", "b", 2)
    again = documents.entry(c, "d1")
    assert again is not None
    assert (again.state, again.error, again.warning, again.name, again.size) == (
        DocumentState.WAITING,
        "",
        "",
        "b",
        2,
    )
    assert again.added_at == entry.added_at


def test_only_publish_makes_searchable(documents: Documents, collection: Collection) -> None:
    documents.begin(collection.id, "d1", "a", 1)
    with pytest.raises(ValueError, match="publish"):
        documents.set_state(collection.id, "d1", DocumentState.SEARCHABLE)


def test_a_searchable_document_does_not_begin_again(documents: Documents, collection: Collection) -> None:
    add_document(documents, collection.id, "d1", ["one"])
    with pytest.raises(NotAllowed, match=r"a\.txt"):
        documents.begin(collection.id, "d1", "b.txt", 1)
    assert state(documents, collection.id, "d1") is DocumentState.SEARCHABLE


def test_publish_needs_a_vector_of_each_passage(documents: Documents, collection: Collection) -> None:
    documents.begin(collection.id, "d1", "a", 1)
    documents.store_passages(collection.id, "d1", passages_of(collection.id, "d1", ["one", "two"]))
    documents.keep_vectors(EMBEDDER, ["one"], vectors_of(["one"]))
    documents.keep_vectors(OTHER_EMBEDDER, ["two"], vectors_of(["two"]))
    with pytest.raises(NotAllowed, match="1 of its passages"):
        documents.publish(collection.id, "d1")
    assert state(documents, collection.id, "d1") is DocumentState.WAITING


def test_what_was_deleted_meanwhile(documents: Documents, collection: Collection) -> None:
    c = collection.id
    documents.begin(c, "d1", "a", 1)
    documents.delete(c, "d1", from_past_answers=False)
    for act in (
        lambda: documents.set_state(c, "d1", DocumentState.READING),
        lambda: documents.save_reading("d1", READING),
        lambda: documents.store_passages(c, "d1", passages_of(c, "d1", ["one"])),
        lambda: documents.publish(c, "d1"),
        lambda: documents.delete(c, "d1", from_past_answers=False),
        lambda: documents.begin("x", "d1", "a", 1),
        lambda: documents.matrix("x"),
    ):
        with pytest.raises(NotFound):
            act()
    assert documents.entry(c, "d1") is None
    assert documents.named(c, "a") is None


def test_passages_of_another_document_are_refused(documents: Documents, collection: Collection) -> None:
    documents.begin(collection.id, "d1", "a", 1)
    with pytest.raises(ValueError, match="another"):
        documents.store_passages(collection.id, "d1", passages_of(collection.id, "d2", ["one"]))


def test_passages_stored_again(
    documents: Documents, collections: Collections, collection: Collection
) -> None:
    c = collection.id
    add_document(documents, c, "d1", ["one", "two"])
    old = passages_of(c, "d1", ["one", "two"])
    gone = documents.store_passages(c, "d1", passages_of(c, "d1", ["one", "three"]))
    assert gone == [old[1].id]
    assert state(documents, c, "d1") is DocumentState.INDEXING, "not to be found until published again"
    assert documents.searchable(c, [old[0].id]) == {}
    assert collections.get(c).revision == 2
    assert set(documents.known_vectors(EMBEDDER.digest, ["one", "two"])) == {0}
    documents.keep_vectors(EMBEDDER, ["three"], vectors_of(["three"]))
    documents.publish(c, "d1")
    assert [one.text for one in documents.passages(c, "d1")] == ["one", "three"]


# ----------------------------------------------------------------- versions of one name


def test_a_new_version_replaces_the_old_when_it_is_complete(
    documents: Documents, collections: Collections, collection: Collection
) -> None:
    c = collection.id
    add_document(documents, c, "v1", ["old", "same"])
    documents.begin(c, "v2", "a.txt", 1)
    new = passages_of(c, "v2", ["new", "same"])
    documents.store_passages(c, "v2", new)
    documents.keep_vectors(EMBEDDER, ["new"], vectors_of(["new"]))
    assert documents.named(c, "a.txt") == documents.entry(c, "v1")
    assert documents.count_searchable(c) == 2
    assert [documents.searchable(c, [one.id]) for one in new] == [{}, {}]
    gone = documents.publish(c, "v2")
    assert sorted(gone) == sorted(one.id for one in passages_of(c, "v1", ["old", "same"]))
    assert [one.document_id for one in documents.entries(c)] == ["v2"]
    assert documents.named(c, "a.txt") == documents.entry(c, "v2")
    assert set(documents.known_vectors(EMBEDDER.digest, ["old", "new", "same"])) == {1, 2}
    assert not documents.used_anywhere("v1")
    assert collections.get(c).revision == 2


def test_a_newer_version_that_is_not_finished_survives_the_older_ones_publishing(
    documents: Documents, collection: Collection
) -> None:
    c = collection.id
    for document_id in ("v1", "v2"):
        documents.begin(c, document_id, "a.txt", 10)
        documents.store_passages(c, document_id, [])
    documents.publish(c, "v1")
    assert {one.document_id for one in documents.entries(c)} == {"v1", "v2"}
    documents.publish(c, "v2")
    assert [one.document_id for one in documents.entries(c)] == ["v2"]


def test_a_new_version_that_fails_leaves_the_old(documents: Documents, collection: Collection) -> None:
    c = collection.id
    add_document(documents, c, "v1", ["old"])
    documents.begin(c, "v2", "a.txt", 1)
    documents.set_state(c, "v2", DocumentState.UNREADABLE, error="no text")
    documents.begin(c, "v3", "a.txt", 1)
    assert documents.named(c, "a.txt") == documents.entry(c, "v1")
    documents.delete(c, "v1", from_past_answers=False)
    assert documents.named(c, "a.txt") == documents.entry(c, "v3"), "the one begun last"
    add_document(documents, c, "v3", ["new"])
    assert [one.document_id for one in documents.entries(c)] == ["v3"], "the failed one of the name goes too"


def test_other_names_and_collections_are_left_alone(
    documents: Documents, collections: Collections, collection: Collection
) -> None:
    other = collections.create("Other", EMBEDDER, SPLITTING)
    add_document(documents, other.id, "v1", ["old"])
    add_document(documents, collection.id, "v1", ["old"])
    add_document(documents, collection.id, "d9", ["b"], "b.txt")
    gone = add_document(documents, collection.id, "v2", ["new"])
    assert gone == [passages_of(collection.id, "v1", ["old"])[0].id]
    assert documents.used_anywhere("v1")
    assert documents.count_searchable(other.id) == 1
    assert [one.document_id for one in documents.entries(collection.id)] == ["v2", "d9"]
    assert set(documents.known_vectors(EMBEDDER.digest, ["old"])) == {0}


# ----------------------------------------------------------------- deletion


def test_delete_takes_everything_that_nothing_else_needs(
    database: Database, documents: Documents, collections: Collections, collection: Collection
) -> None:
    c = collection.id
    other = collections.create("Other", EMBEDDER, SPLITTING)
    for where in (c, other.id):
        add_document(documents, where, "d1", ["one", "one", "two"])
    documents.save_reading("d1", READING)
    gone = documents.delete(c, "d1", from_past_answers=False)
    assert sorted(gone) == sorted(one.id for one in passages_of(c, "d1", ["one", "one", "two"]))
    assert documents.used_anywhere("d1")
    assert documents.reading("d1") == READING
    assert rows(database, PassageRow, VectorRow) == [3, 2]
    documents.delete(other.id, "d1", from_past_answers=False)
    assert not documents.used_anywhere("d1")
    assert rows(database, PassageRow, VectorRow, ReadingRow, PageRow) == [0, 0, 0, 0]
    assert collections.get(c).revision == 2


@pytest.mark.parametrize("from_past_answers", [False, True])
def test_past_answers_when_a_document_goes(
    documents: Documents, answers: Answers, collection: Collection, from_past_answers: bool
) -> None:
    c = collection.id
    canary = "the canary sings at dawn and nobody else does"
    add_document(documents, c, "d1", [canary, "more of it"])
    add_document(documents, c, "d2", ["stays"], "b.txt")
    old_version = passages_of(c, "d0", ["an older version"])
    given = [*passages_of(c, "d1", [canary]), *passages_of(c, "d2", ["stays"], "b.txt"), *old_version]
    asked = question(collection_id=c)
    said = f"It says “{canary}” [1]. Also: stays [2]."
    parts = (ScoredPart(0, 5, 0.25, f"No passage has {canary}."),)
    scores = (Score("grounded share", "1", 0.25, canary, parts),)
    one = replace(answer(asked, text=said, given=given, checks=quote(canary, 1)), scores=scores)
    unconcerned = replace(answer(asked, 1, given=passages_of(c, "d2", ["stays"], "b.txt")), scores=scores)
    answers.begin(asked, [one, unconcerned])
    documents.delete(c, "d1", from_past_answers=from_past_answers)
    kept = answers.answer(one.id)
    assert kept is not None
    assert kept.prompt is not None
    assert [one.deleted for one in kept.prompt.given] == [True, False, True]
    texts = [one.passage.text for one in kept.prompt.given]
    if not from_past_answers:
        assert texts == [canary, "stays", "an older version"]
        assert (kept.text, kept.checks, kept.scores) == (said, quote(canary, 1), scores)
        return
    assert texts == ["[erased]", "stays", "[erased]"], "older versions of the name too"
    assert kept.text == f"It says “{'█' * len(canary)}” [1]. Also: stays [2]."
    assert kept.checks == quote("[erased]", 1)
    assert kept.scores == (
        Score("grounded share", "1", 0.25, "[erased]", (ScoredPart(0, 5, 0.25, "[erased]"),)),
    ), "words may name words of the passages; values stay"
    other = answers.answer(unconcerned.id)
    assert other is not None
    assert other.scores == scores
    assert [one.passage.document_name for one in kept.prompt.given] == ["a.txt", "b.txt", "a.txt"]
    assert "[erased]" in kept.prompt.rendered()[1].content


def test_after_erasing_the_text_is_nowhere_in_the_file(
    database: Database, documents: Documents, answers: Answers, collection: Collection
) -> None:
    """Not in free pages either: they are overwritten."""
    canary = "kanarienvogel-4711-" * 40
    c = collection.id
    documents.begin(c, "d1", "a.txt", 1)
    documents.save_reading("d1", ReadDocument((ReadPage(1, canary),), "text"))
    documents.store_passages(c, "d1", passages_of(c, "d1", [canary]))
    asked = question(collection_id=c)
    answers.begin(asked, [answer(asked, text=f"I copy: {canary}", given=passages_of(c, "d1", [canary]))])
    file = database.path.parent / DATABASE_FILE
    assert b"kanarienvogel-4711" in file.read_bytes()
    documents.delete(c, "d1", from_past_answers=True)
    assert b"kanarienvogel-4711" not in file.read_bytes()


def test_a_passage_given_again_after_it_was_erased(
    documents: Documents, answers: Answers, collection: Collection
) -> None:
    c = collection.id
    add_document(documents, c, "d1", ["the text"])
    given = passages_of(c, "d1", ["the text"])
    first = question(collection_id=c)
    answers.begin(first, [answer(first, given=given)])
    documents.delete(c, "d1", from_past_answers=True)
    add_document(documents, c, "d1", ["the text"])
    second = replace(question(collection_id=c), asked_at=datetime.now(UTC))
    answers.begin(second, [answer(second, given=given)])
    erased, fresh = answers.answers(first.id)[0].prompt, answers.answers(second.id)[0].prompt
    assert erased is not None
    assert fresh is not None
    assert (erased.given[0].passage.text, erased.given[0].deleted) == ("[erased]", False)
    assert (fresh.given[0].passage.text, fresh.given[0].deleted) == ("the text", False)


@pytest.mark.parametrize("back", [False, True])
def test_an_answer_that_ends_after_its_document_was_erased(
    documents: Documents, answers: Answers, collection: Collection, back: bool
) -> None:
    """Its passages are still in memory; older versions of the name go, other documents stay."""
    c = collection.id
    canary = "the canary sings at dawn and nobody else does"
    add_document(documents, c, "d1", [canary])
    add_document(documents, c, "d2", ["stays"], "b.txt")
    older = passages_of(c, "d0", ["an older version"])
    given = [*passages_of(c, "d1", [canary]), *passages_of(c, "d2", ["stays"], "b.txt"), *older]
    asked = question(collection_id=c)
    scores = (Score("grounded share", "1", 0.25, canary),)
    one = replace(answer(asked, text=f"It says “{canary}” [1].", given=given), scores=scores)
    answers.begin(asked, [replace(one, state=AnswerState.PENDING, text="", prompt=None, scores=())])
    documents.delete(c, "d1", from_past_answers=True)
    if back:
        add_document(documents, c, "d1", [canary])
    for write in (answers.prompted, answers.finish, answers.finish):
        write(one)
        kept = answers.answer(one.id)
        assert kept is not None
        assert kept.prompt is not None
        assert [one.passage.text for one in kept.prompt.given] == ["[erased]", "stays", "[erased]"]
        assert "canary" not in kept.text + str(kept.scores)
    ended = answers.answers(asked.id)[0]
    assert ended.text == f"It says “{'█' * len(canary)}” [1]."
    assert ended.scores[0].value == 0.25
    unconcerned = question(collection_id="another")
    answers.begin(unconcerned, [answer(unconcerned, given=passages_of("another", "d1", [canary]))])
    (other,) = answers.answers(unconcerned.id)
    assert other.prompt is not None
    assert other.prompt.given[0].passage.text == canary


def test_an_answer_asked_after_the_erasing_of_passages_found_before_it(
    documents: Documents, answers: Answers, collection: Collection
) -> None:
    """An experiment's candidates share a search; also where the clock was set back."""
    c = collection.id
    add_document(documents, c, "d1", ["the text"])
    given = passages_of(c, "d1", ["the text"])
    documents.delete(c, "d1", from_past_answers=True)
    asked = replace(question(collection_id=c), asked_at=datetime.now(UTC) + timedelta(hours=1))
    answers.begin(asked, [answer(asked, given=given)])
    (kept,) = answers.answers(asked.id)
    assert kept.prompt is not None
    assert kept.prompt.given[0].passage.text == "[erased]"


# ----------------------------------------------------------------- vectors


def test_vectors_are_kept_by_embedder_and_text(documents: Documents) -> None:
    texts = ["one", "two", "one", "three"]
    documents.keep_vectors(EMBEDDER, texts[:3], vectors_of(texts[:3]))
    known = documents.known_vectors(EMBEDDER.digest, texts)
    assert set(known) == {0, 1, 2}
    for place, vector in known.items():
        assert vector.dtype == np.float32
        np.testing.assert_array_equal(vector, vector_of(texts[place]))
    assert documents.known_vectors(OTHER_EMBEDDER.digest, texts) == {}
    documents.keep_vectors(OTHER_EMBEDDER, ["one"], -vectors_of(["one"]))
    np.testing.assert_array_equal(documents.known_vectors(EMBEDDER.digest, ["one"])[0], vector_of("one"))


def test_many_texts_at_once(documents: Documents) -> None:
    texts = [f"text {number}" for number in range(1300)]
    documents.keep_vectors(EMBEDDER, texts, vectors_of(texts))
    assert set(documents.known_vectors(EMBEDDER.digest, [*texts, "new"])) == set(range(1300))
    assert documents.known_vectors(EMBEDDER.digest, []) == {}
    documents.keep_vectors(EMBEDDER, [], np.zeros((0, 8), np.float32))


@pytest.mark.parametrize(
    ("embedder", "vectors"),
    [
        (EMBEDDER, np.zeros((2, 8), np.float32)),
        (EMBEDDER, np.zeros((1, 7), np.float32)),
        (EMBEDDER, np.zeros(8, np.float32)),
        (EMBEDDER, np.full((1, 8), np.nan, np.float32)),
        (EMBEDDER, np.full((1, 8), np.inf, np.float32)),
        (EmbedderRef("a/b", "", 8), np.zeros((1, 8), np.float32)),
    ],
)
def test_vectors_that_are_refused(documents: Documents, embedder: EmbedderRef, vectors: np.ndarray) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        documents.keep_vectors(embedder, ["one"], vectors)
    assert documents.known_vectors(embedder.digest, ["one"]) == {}


@examples(
    st.lists(
        st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=8, max_size=8),
        min_size=1,
        max_size=5,
    )
)
def test_every_float_comes_back(documents: Documents, numbers: list[list[float]]) -> None:
    vectors = np.array(numbers, np.float32)
    texts = [f"{place}" for place in range(len(numbers))]
    documents.keep_vectors(EMBEDDER, texts, vectors)
    known = documents.known_vectors(EMBEDDER.digest, texts)
    assert b"".join(known[place].tobytes() for place in range(len(texts))) == vectors.tobytes()


def test_the_matrix(documents: Documents, collections: Collections, collection: Collection) -> None:
    c = collection.id
    other = collections.create("Other", EMBEDDER, SPLITTING)
    add_document(documents, c, "d2", ["three", "four"], "b.txt")
    add_document(documents, c, "d1", ["one", "two"])
    add_document(documents, other.id, "d1", ["elsewhere"])
    documents.begin(c, "d3", "c.txt", 1)
    documents.store_passages(c, "d3", passages_of(c, "d3", ["one"]))
    ids, matrix = documents.matrix(c)
    found = documents.searchable(c, ids)
    texts = [found[one].text for one in ids]
    assert texts == ["one", "two", "three", "four"]
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, vectors_of(texts))
    ids, matrix = documents.matrix(c, ["d2", "x"])
    assert [found[one].text for one in ids] == ["three", "four"]
    assert documents.matrix(c, ["x"])[1].shape == (0, 8)
    collections.reembed(c, EmbedderRef("new/one", "digest-3", 5))
    ids, matrix = documents.matrix(c)
    assert (ids, matrix.shape) == ([], (0, 5))
    assert [one.text for one in documents.unembedded(c)] == ["one", "two", "three", "four"]
    assert documents.count_searchable(c) == 4


@pytest.mark.integration
def test_the_matrix_is_quick(documents: Documents, collections: Collections) -> None:
    embedder = EmbedderRef("embedded/wide", "digest-w", 384)
    collection = collections.create("Wide", embedder, SPLITTING)
    texts = [f"passage {number}" for number in range(20_000)]
    vectors = np.random.default_rng(1).normal(size=(20_000, 384)).astype(np.float32)
    documents.begin(collection.id, "d1", "a.txt", 1)
    documents.store_passages(collection.id, "d1", passages_of(collection.id, "d1", texts))
    documents.keep_vectors(embedder, texts, vectors)
    documents.publish(collection.id, "d1")
    began = time.perf_counter()
    ids, matrix = documents.matrix(collection.id)
    seconds = time.perf_counter() - began
    assert len(ids) == 20_000
    np.testing.assert_array_equal(matrix, vectors)
    assert seconds < 5.0, "0.2 s on an idle machine"


# ----------------------------------------------------------------- after a kill


def test_what_a_kill_left_is_marked(documents: Documents, collection: Collection) -> None:
    c = collection.id
    for document_id, left in (
        ("d1", DocumentState.WAITING),
        ("d2", DocumentState.READING),
        ("d3", DocumentState.SPLITTING),
        ("d4", DocumentState.INDEXING),
        ("d5", DocumentState.UNREADABLE),
    ):
        documents.begin(c, document_id, document_id, 1)
        if left is not DocumentState.WAITING:
            documents.set_state(c, document_id, left, error="words")
    add_document(documents, c, "d6", ["one"], "f.txt")
    documents.keep_vectors(EMBEDDER, ["for the retry"], vectors_of(["for the retry"]))
    assert documents.mark_interrupted() == 4
    assert documents.mark_interrupted() == 0
    entries = {one.document_id: one for one in documents.entries(c)}
    for document_id in ("d1", "d2", "d3", "d4"):
        assert entries[document_id].state is DocumentState.NOT_FINISHED
        assert entries[document_id].error == INTERRUPTED
    assert (entries["d5"].state, entries["d5"].error) == (DocumentState.UNREADABLE, "words")
    assert entries["d6"].state is DocumentState.SEARCHABLE
    assert set(documents.known_vectors(EMBEDDER.digest, ["for the retry", "one"])) == {0, 1}


def test_stray_vectors_go_at_the_start(documents: Documents, collection: Collection) -> None:
    add_document(documents, collection.id, "d1", ["one"])
    documents.keep_vectors(EMBEDDER, ["stray"], vectors_of(["stray"]))
    documents.mark_interrupted()
    assert set(documents.known_vectors(EMBEDDER.digest, ["stray", "one"])) == {1}


def test_a_retry_after_a_kill(documents: Documents, collection: Collection) -> None:
    c = collection.id
    documents.begin(c, "d1", "a.txt", 1)
    documents.set_state(c, "d1", DocumentState.INDEXING)
    documents.mark_interrupted()
    add_document(documents, c, "d1", ["one"])
    assert state(documents, c, "d1") is DocumentState.SEARCHABLE
