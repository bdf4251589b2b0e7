from __future__ import annotations

from datetime import UTC, datetime

from app.domain import DocumentEntry, DocumentState, IndexAudit
from app.ui.collections import audit_words, counted


def audit(recall: float, queries: int = 50, too_few: int = 0) -> IndexAudit:
    return IndexAudit("c", 400, queries, 10, recall, too_few)


def test_an_audit_is_one_sentence() -> None:
    assert audit_words(audit(0.994)).startswith("The index returns 99.4% of what an exact search would (50 ")


def test_only_an_exact_hundred_is_a_hundred() -> None:
    assert "100%" in audit_words(audit(1.0))
    assert "99.9%" in audit_words(audit(0.9999))


def test_what_to_do_is_said_where_it_is_low() -> None:
    assert "rebuild the index" in audit_words(audit(0.5))
    assert "3 of 50 searches returned too few passages" in audit_words(audit(0.99, too_few=3))
    assert "nothing searchable" in audit_words(audit(0.0, queries=0))


def test_an_audit_of_few_passages_says_what_was_asked_for() -> None:
    assert "(6 searches, each for all 6 passages)" in audit_words(IndexAudit("c", 6, 6, 6, 1.0, 0))
    assert "(1 search, for the only passage)" in audit_words(IndexAudit("c", 1, 1, 1, 1.0, 0))
    assert "(50 searches, each for the nearest 10 of 400 passages)" in audit_words(audit(1.0))


def entry(state: DocumentState) -> DocumentEntry:
    return DocumentEntry("c", state.value, "a.txt", state, 1, 1, 1, "", "", datetime(2026, 1, 2, tzinfo=UTC))


def test_documents_are_counted_by_what_became_of_them() -> None:
    searchable, unreadable = entry(DocumentState.SEARCHABLE), entry(DocumentState.UNREADABLE)
    assert counted([searchable] * 5 + [unreadable] * 6) == "11 documents: 5 searchable, 6 could not be read"
    assert counted([searchable] * 2) == "2 documents, all searchable"
    assert counted([searchable]) == "1 document, searchable"
    assert counted([unreadable]) == "1 document: 1 could not be read"
    assert counted([entry(DocumentState.READING), entry(DocumentState.NOT_FINISHED)]) == (
        "2 documents: 1 not finished, 1 being added"
    )
    assert counted([]) == "no documents"
