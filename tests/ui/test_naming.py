"""Names of candidates and experiments: what differs is said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.domain import Candidate, Options, Provenance, Retrieval
from app.ui.naming import candidate_names, experiment_names
from tests.experiments import bare, experiment_of
from tests.storage.examples import NOON

BASE = Candidate("ollama", "x/Qwen", retrieval=Retrieval("c1"))
PLACES = {"c1": "Ropes", "c2": "Bakery"}


def names(*candidates: Candidate) -> list[str]:
    return list(candidate_names({one.hash: one for one in candidates}, PLACES).values())


def test_short_where_nothing_is_alike() -> None:
    assert names(BASE, replace(BASE, retrieval=None)) == ["Qwen with documents", "Qwen without documents"]


def test_what_differs_is_said_in_words() -> None:
    one_passage = replace(BASE, retrieval=Retrieval("c1", 1))
    warm = replace(BASE, options=Options(temperature=0.7, schema=True))
    assert names(BASE, one_passage, warm) == [
        "Qwen with documents",
        "Qwen with documents, 1 passage",
        "Qwen with documents, temperature 0.7, strict JSON",
    ]


def test_what_they_have_in_common_is_not_repeated() -> None:
    warm = [replace(BASE, options=Options(temperature=0.7, schema=one)) for one in (False, True)]
    assert names(*warm) == ["Qwen with documents", "Qwen with documents, strict JSON"]


def test_collections_are_named_also_deleted_ones() -> None:
    others = [replace(BASE, retrieval=Retrieval(one)) for one in ("c2", "gone")]
    assert names(BASE, *others) == [
        "Qwen with documents, collection Ropes",
        "Qwen with documents, collection Bakery",
        "Qwen with documents, deleted collection",
    ]


def test_a_long_name_of_a_deleted_collection_still_says_so() -> None:
    places = {"c1": "Ropes", "c2": f"{'Bakery ' * 6}(deleted)"}
    told = candidate_names(
        {one.hash: one for one in (BASE, replace(BASE, retrieval=Retrieval("c2")))}, places
    )
    assert list(told.values())[1] == "Qwen with documents, collection Bakery Bakery Bakery Bakery… (deleted)"


def test_servers_folders_instructions_and_weights() -> None:
    assert names(BASE, replace(BASE, backend="cloud", model="y/Qwen")) == [
        "Qwen with documents, on ollama, from x",
        "Qwen with documents, on cloud, from y",
    ]
    told = [replace(BASE, options=Options(instruction=one)) for one in ("Be brief.", "Be long.")]
    assert names(*told)[1] == "Qwen with documents, other instruction"
    own = replace(BASE, options=Options(instruction="Be brief."))
    assert names(BASE, own)[1] == "Qwen with documents, other instruction", "said once"
    weights = [replace(BASE, digest=one) for one in ("a", "b", "c")]
    assert names(*weights)[1:] == [
        "Qwen with documents, other weights",
        "Qwen with documents, other weights 2",
    ]


def test_letters_of_the_hash_are_the_last_resort() -> None:
    gone = [replace(BASE, retrieval=Retrieval(one)) for one in ("gone", "lost")]
    assert names(*gone) == [f"Qwen with documents (settings {one.hash[:4]})" for one in gone]


def test_imported_ones_of_one_name_are_told_apart_by_provider_and_note() -> None:
    told = (Provenance("openai"), Provenance("azure"), Provenance("openai", note="temperature 1"))
    made = [Candidate("imported", "gpt-4o", provenance=one) for one in told]
    assert list(candidate_names({one.hash: one for one in made}, {}).values()) == [
        "gpt-4o (imported), openai",
        "gpt-4o (imported), azure",
        "gpt-4o (imported), openai, temperature 1",
    ]


def test_experiments_of_one_name_and_day_are_told_apart_by_the_minute() -> None:
    one = experiment_of([bare()], 1)
    made = [
        replace(one, id=name, name=name[0], made_at=NOON + timedelta(minutes=minutes))
        for name, minutes in (("a1", 0), ("a2", 5), ("b", 0), ("a3", 24 * 60))
    ]
    named = experiment_names(made)
    assert len(set(named.values())) == 4
    assert named["a2"].removesuffix(" UTC)").endswith(":05")
    assert ":" not in named["b"] + named["a3"]
