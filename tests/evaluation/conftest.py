"""The database of the storage tests, for those that measure what is in it."""

from __future__ import annotations

from tests.storage.conftest import (
    answers,
    collection,
    collections,
    database,
    documents,
    folder,
    opener,
    reports,
)

__all__ = [
    "answers",
    "collection",
    "collections",
    "database",
    "documents",
    "folder",
    "opener",
    "reports",
]
