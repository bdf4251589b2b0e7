from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import (
    Candidate,
    Case,
    Gold,
    GoldSpan,
    Options,
    Passage,
    PosedCase,
    Provenance,
    ReadDocument,
    ReadPage,
    Retrieval,
    has_pages,
    stable_hash,
    twins,
    version_of,
)

PROVENANCES = Provenance(), Provenance("openai"), Provenance(documents=False), Provenance(note="our wiki")
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
        *(replace(CANDIDATE, provenance=one) for one in PROVENANCES),
    ]
    assert len(fields(Options)) == 5
    assert len({one.hash for one in [CANDIDATE, *changed]}) == len(changed) + 1


@pytest.mark.parametrize(
    ("documents", "label"),
    [
        (None, "gpt-4o (imported)"),
        (True, "gpt-4o (imported, with documents)"),
        (False, "gpt-4o (imported, without documents)"),
    ],
)
def test_an_imported_candidate_is_called_so_and_is_nobody_s_twin(documents: bool | None, label: str) -> None:
    one = Candidate("imported", "gpt-4o", provenance=Provenance("openai", documents))
    assert one.label == label
    assert one.imported
    assert one.documents_given is documents
    assert not twins([one, replace(one, provenance=Provenance("openai", documents=False)), one.bare])


def test_a_whole_number_of_degrees_is_the_same_candidate() -> None:
    assert Candidate("b", "m", Options(temperature=0)).hash == Candidate("b", "m", Options()).hash


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_a_documents_text_holds_each_page_where_its_spans_say(texts: list[str]) -> None:
    document = ReadDocument(tuple(ReadPage(n, text) for n, text in enumerate(texts, start=1)), "text")
    at = 0
    for page in document.pages:
        assert document.text[at : at + len(page.text)] == page.text
        at += len(page.text) + 2


def test_a_case_is_known_by_what_it_asks_and_what_is_right() -> None:
    one = Case("Q?", ("a",), (Gold("d.txt", "it is a"),))
    assert one.id == replace(one, tags=("plain", "lang:de")).id
    others = [replace(one, question="R?"), replace(one, answers=("a", "b")), replace(one, gold=())]
    assert len({one.id, *(other.id for other in others), replace(one, unanswerable=True).id}) == 5


def test_a_version_is_known_by_everything_in_it() -> None:
    one, two = Case("Q?", ("a",)), Case("R?", ("b",))
    versions = [(one, two), (two, one), (one,), (replace(one, tags=("t",)), two), ()]
    assert len({version_of(cases) for cases in versions}) == len(versions)


def test_a_case_tells_its_language_and_its_references() -> None:
    assert Case("Q?", ("a",), tags=("x", "lang:de")).language == "de"
    assert Case("Q?", ("a",)).language == ""
    assert Case("Q?", unanswerable=True).references == ("",)
    assert Case("Q?", ("a", "b")).references == ("a", "b")


def test_gold_is_located_only_when_all_of_it_is() -> None:
    case = Case("Q?", ("a",), (Gold("d.txt", "x"), Gold("e.txt", "y")))
    span = GoldSpan("id", "d.txt", 0, 1, 1.0, ())
    assert PosedCase(case, (span, span)).located == (span, span)
    assert PosedCase(case, (span, None)).located is None
    assert PosedCase(case).located is None
    assert PosedCase(replace(case, gold=())).located is None


def test_only_documents_that_have_pages_tell_one() -> None:
    passage = Passage("p", "c", "d", "Tariff.PDF", 1, 0, 1, "x")
    assert passage.place == "Tariff.PDF, page 1"
    assert replace(passage, document_name="prices.csv").place == "prices.csv"
    assert replace(passage, document_name="scan", page=3).place == "scan, page 3"


def test_only_a_pdf_has_pages() -> None:
    assert has_pages("a.PDF")
    assert not any(has_pages(f"a.{one}") for one in ("csv", "md", "txt", "html", "docx"))
    passage = Passage("p", "c", "d", "a.pdf", 3, 0, 1, "x")
    assert passage.place == "a.pdf, page 3"
    assert replace(passage, document_name="parts.csv", page=1).place == "parts.csv"
