from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain import Candidate, Options, ReadDocument, ReadPage, Retrieval, stable_hash

CANDIDATE = Candidate("ollama", "qwen", Options(), Retrieval("c1", 4), "sha256:1")


def test_the_hash_is_the_same_on_every_machine() -> None:
    """A changed hash would make two candidates of one in every database there is."""
    assert CANDIDATE.hash == Candidate("ollama", "qwen", Options(), Retrieval("c1", 4), "sha256:1").hash
    assert (
        Candidate("b", "m").hash
        == stable_hash(
            "candidate-1",
            {
                "backend": "b",
                "model": "m",
                "options": {
                    "instruction": "",
                    "temperature": 0.0,
                    "seed": 1,
                    "max_tokens": 400,
                    "schema": False,
                },
                "retrieval": None,
                "digest": "",
            },
        )[:16]
    )


def test_everything_that_can_change_the_result_changes_the_hash() -> None:
    changed = [
        replace(CANDIDATE, backend="other"),
        replace(CANDIDATE, model="other"),
        replace(CANDIDATE, digest="sha256:2"),
        replace(CANDIDATE, retrieval=None),
        replace(CANDIDATE, retrieval=Retrieval("c2", 4)),
        replace(CANDIDATE, retrieval=Retrieval("c1", 5)),
        replace(CANDIDATE, options=Options(instruction="Be brief.")),
        replace(CANDIDATE, options=Options(temperature=0.5)),
        replace(CANDIDATE, options=Options(seed=2)),
        replace(CANDIDATE, options=Options(max_tokens=10)),
        replace(CANDIDATE, options=Options(schema=True)),
    ]
    assert len(fields(Options)) == 5
    assert len({one.hash for one in [CANDIDATE, *changed]}) == len(changed) + 1


def test_a_whole_number_of_degrees_is_the_same_candidate() -> None:
    assert Candidate("b", "m", Options(temperature=0)).hash == Candidate("b", "m", Options()).hash


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_a_documents_text_holds_each_page_where_its_spans_say(texts: list[str]) -> None:
    document = ReadDocument(tuple(ReadPage(n, text) for n, text in enumerate(texts, start=1)), "text")
    at = 0
    for page in document.pages:
        assert document.text[at : at + len(page.text)] == page.text
        at += len(page.text) + 2
