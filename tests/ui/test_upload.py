from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain import DocumentState, FileProgress, IngestOutcome, OutcomeKind, Upload
from app.ui import upload

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def outcome(kind: OutcomeKind, name: str = "a.txt") -> IngestOutcome:
    return IngestOutcome(name, "1", kind, f"“{name}” ![x](y)", "Do :red[it].")


def test_one_of_several_files_of_a_name_or_all_under_names_of_their_own() -> None:
    same = [Upload("folder/a.txt", b"1"), Upload("folder/a.txt", b"2"), Upload("folder/a.txt", b"3")]
    assert upload.chosen(same, 1) == [same[1]]
    assert [one.name for one in upload.chosen(same, None)] == [
        "folder/a.txt",
        "folder/a (2).txt",
        "folder/a (3).txt",
    ]


def test_a_file_without_a_suffix_gets_its_number_too() -> None:
    assert [one.name for one in upload.chosen([Upload("a", b"1"), Upload("a", b"2")], None)] == ["a", "a (2)"]


def test_the_summary_counts_by_kind() -> None:
    kinds = [OutcomeKind.ADDED, OutcomeKind.REFUSED, OutcomeKind.ADDED]
    assert upload.summary([outcome(one) for one in kinds]) == "3 files: 2 added, 1 not read"
    assert upload.summary([outcome(OutcomeKind.UNCHANGED)]) == "1 file: 1 already there"


def test_outcomes_and_progress_read_as_typed() -> None:
    line = upload.outcome_line(outcome(OutcomeKind.REFUSED))
    assert "![" not in line
    assert r"\:red\[it\]" in line
    told = upload.progress_line(FileProgress("*a*.txt", DocumentState.INDEXING, 40, 120))
    assert told == r"**\*a\*\.txt** making it searchable, 40 of 120 passages"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (42.4, "42 s"), (61, "1 min"), (1000, "17 min")]
)
def test_time_left_is_told_coarsely(seconds: float, words: str) -> None:
    assert upload.left_words(seconds) == words
