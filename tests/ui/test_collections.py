from __future__ import annotations

from app.domain import IndexAudit
from app.ui.collections import audit_words


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
