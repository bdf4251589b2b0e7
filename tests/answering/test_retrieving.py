from __future__ import annotations

import pytest

from app.domain import AnswerState
from app.errors import EmbedderMismatch, NotAllowed, NotFound
from tests.answering.conftest import World


def test_the_nearest_first_with_their_cosine(world: World) -> None:
    world.add("mill.txt", "the mill has seven stones", "oak wheel in the river")
    found = world.searching.search(world.collection.id, "how many stones has the mill", 2)
    assert found[0].passage.text == "the mill has seven stones"
    assert [one.rank for one in found] == [1, 2]
    vectors = world.embedder.embed(["how many stones has the mill", found[0].passage.text])
    assert found[0].similarity == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-4)


def test_an_empty_collection_finds_nothing_and_embeds_nothing(world: World) -> None:
    assert world.searching.search(world.collection.id, "anything", 3) == []
    assert world.embedder.calls == []


def test_only_these_documents(world: World) -> None:
    world.add("mill.txt", "the mill has seven stones")
    world.add("inn.txt", "the inn has nine beds")
    found = world.searching.search(world.collection.id, "seven stones", 4, ["doc-inn.txt"])
    assert [one.passage.document_name for one in found] == ["inn.txt"]


def test_what_the_index_still_holds_of_deleted_documents_is_never_given(world: World) -> None:
    """As after a kill between the database's commit and the index's: stale vectors stay behind."""
    world.add("old.txt", *[f"the mill has seven stones, edition {n}" for n in range(6)])
    world.add("new.txt", "a stone bridge")
    world.documents.delete(world.collection.id, "doc-old.txt", from_past_answers=False)
    found = world.searching.search(world.collection.id, "the mill has seven stones", 1)
    assert [one.passage.document_name for one in found] == ["new.txt"]


def test_the_index_agrees_with_an_exact_search(world: World) -> None:
    world.add("many.txt", *[f"sentence {n} about item {n % 7} and {n % 11}" for n in range(60)])
    through = world.searching.search(world.collection.id, "item 3 and 5", 5)
    exact = world.searching.exact(world.collection.id, "item 3 and 5", 5)
    assert [round(one.similarity, 4) for one in through] == [round(one.similarity, 4) for one in exact]


def test_another_embedder_is_refused_and_a_rebuild_offered(world: World) -> None:
    world.add("mill.txt", "the mill has seven stones")
    world.embedder.digest = "sha256:other"
    with pytest.raises(EmbedderMismatch) as caught:
        world.searching.search(world.collection.id, "stones", 1)
    assert "Change the embedder" in caught.value.remedy


@pytest.mark.parametrize("way", ["search", "only these documents", "exact"])
def test_a_question_stays_here_where_only_local_models_may_be_used(world: World, way: str) -> None:
    """The rule may be set after the collection was made with an embedder elsewhere."""
    world.add("mill.txt", "the mill has seven stones")
    world.embedder.local, world.embedder.host = False, "embed.example"
    here, searching = world.collection.id, world.searching
    ways = {
        "search": lambda: searching.search(here, "a secret question", 1),
        "only these documents": lambda: searching.search(here, "a secret question", 1, ["doc-mill.txt"]),
        "exact": lambda: searching.exact(here, "a secret question", 1),
    }
    assert ways[way](), "it may be sent as long as nobody forbids it"
    world.embedder.calls.clear()
    world.collections.set_local_only(here, True)
    with pytest.raises(NotAllowed, match=r"local models only.*embed\.example") as refused:
        ways[way]()
    assert "Change the embedder" in refused.value.remedy
    assert world.embedder.calls == []


def test_a_lane_says_why_its_question_was_not_sent(world: World) -> None:
    world.add("mill.txt", "the mill has seven stones")
    world.embedder.local = False
    world.collections.set_local_only(world.collection.id, True)
    world.embedder.calls.clear()
    asked = world.comparing.ask("Stones?", [world.candidate()], world.collection.id, "me")
    (answer,) = (lane.answer for lane in world.ended(asked).lanes)
    assert answer is not None
    assert answer.state is AnswerState.FAILED
    assert "local models only" in answer.error
    assert world.embedder.calls == []


def test_a_pasted_page_as_question_is_cut_not_refused(world: World) -> None:
    world.add("mill.txt", "the mill has seven stones")
    assert world.searching.search(world.collection.id, "stones " * 3000, 1)
    assert world.searching.read(world.collection.id, "stones") == len("stones")
    assert 0 < world.searching.read(world.collection.id, "stones " * 3000) < 21_000


def test_an_unknown_collection(world: World) -> None:
    with pytest.raises(NotFound):
        world.searching.search("nowhere", "stones", 1)
