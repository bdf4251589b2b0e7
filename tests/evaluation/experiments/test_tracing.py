"""Whether the index returns a passage for its own vector, over a real database and a real index."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain import Passage
from app.evaluation.experiments.tracing import NEIGHBOURS, CollectionSearch
from tests.answering.conftest import World, world

TEXTS = ("seven stones", "an oak wheel", "nine beds", "the tenth was sold")


def look(world: World) -> CollectionSearch:
    return CollectionSearch(world.collection, world.documents, world.index, world.searching)


@pytest.fixture
def passages(world: World) -> list[Passage]:
    return world.add("mill.txt", *TEXTS)


def test_what_is_in_it_and_what_is_gone(world: World, passages: list[Passage]) -> None:
    assert all(look(world).indexed(one) for one in passages)
    world.index.delete(world.collection.id, [passages[0].id])
    search = look(world)
    assert [search.indexed(one) for one in passages] == [False, True, True, True]


def test_another_vector_under_its_id_is_not_its_own(world: World, passages: list[Passage]) -> None:
    """In a small collection every query returns every passage, and this one too."""
    other = np.roll(world.embedder.embed([TEXTS[0]]), 7, axis=1)
    ref = world.collection.embedder
    world.index.upsert(world.collection.id, ref, [passages[0].id], other)
    own = world.embedder.embed([TEXTS[0]])[0]
    assert passages[0].id in {one for one, _ in world.index.query(world.collection.id, ref, own, 4)}
    search = look(world)
    assert [search.indexed(one) for one in passages] == [False, True, True, True]


def test_passages_of_equal_text_are_all_in_it(world: World) -> None:
    passages = world.add("mill.txt", *["seven stones"] * (3 * NEIGHBOURS), "nine beds")
    search = look(world)
    assert all(search.indexed(one) for one in passages)


def test_one_without_a_vector_in_sql_is_not_in_it(world: World, passages: list[Passage]) -> None:
    stranger = Passage("none", world.collection.id, "doc", "doc", 1, 0, 4, "none")
    assert not look(world).indexed(stranger)
    assert look(world).rank("seven stones", stranger) == 0
    assert look(world).rank("seven stones", passages[0]) == 1


__all__ = ["world"]
