"""The sample workspace is whole: gold stands in the documents, answers in the gold."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from app.documents.reading import read
from app.domain import Case, Upload
from app.errors import NotFound
from app.evaluation.datasets.importing import preview
from app.sample.loading import COLLECTION_NAME, FOLDER, Sample
from app.settings import ReadLimits

TOOLS = Path(__file__).parents[2] / "tools"
PLAIN_FORMATS = (".txt", ".md")
SAMPLE = Sample()
QUESTIONS = SAMPLE.questions()


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def plain_texts() -> dict[str, str]:
    """Documents whose text is their bytes, which no reader changes."""
    return {
        one.name: folded(one.content.decode("utf-8"))
        for one in SAMPLE.documents()
        if one.name.endswith(PLAIN_FORMATS)
    }


def test_documents_come_in_every_supported_format_and_have_a_readable_length() -> None:
    names = [one.name for one in SAMPLE.documents()]

    assert 10 <= len(names) <= 12
    assert {Path(name).suffix for name in names} == {".txt", ".md", ".html", ".pdf", ".docx", ".csv"}
    assert all(150 <= len(re.findall(r"\w+", text)) <= 700 for text in plain_texts().values())


def test_names_are_unique_and_no_two_documents_share_their_bytes() -> None:
    uploads = SAMPLE.documents()

    assert len({one.name for one in uploads}) == len({one.content for one in uploads}) == len(uploads)


def test_one_document_has_an_older_version() -> None:
    names = {one.name for one in SAMPLE.documents()}

    assert {"travel-policy-2024.docx", "travel-policy-2025.docx"} <= names


def test_counts_of_questions_by_kind() -> None:
    tags = Counter(tag for one in QUESTIONS for tag in one.tags)

    assert len(QUESTIONS) == 72
    assert sum(one.unanswerable for one in QUESTIONS) == tags["near-miss"] == 12
    assert tags["two-passages"] >= 6
    assert tags["newer-version"] >= 6
    assert min(tags[tag] for tag in ("table", "list", "plain")) >= 8
    assert set(tags) == {"plain", "table", "list", "two-passages", "newer-version", "near-miss"}
    assert len({one.question for one in QUESTIONS}) == 72


def test_no_row_of_the_file_is_bad() -> None:
    file = FOLDER / "questions.jsonl"
    assert preview(Upload(file.name, file.read_bytes())).bad == ()


@pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.question)
def test_each_question_is_well_made(one: Case) -> None:
    if one.unanswerable:
        assert (one.answers, one.gold) == ((), ())
        return
    assert one.answers
    assert all(1 <= len(answer.split()) <= 6 for answer in one.answers)
    assert all(any(answer in span.text for span in one.gold) for answer in one.answers)
    assert len(one.gold) == (2 if "two-passages" in one.tags else 1)
    assert {span.document for span in one.gold} <= {upload.name for upload in SAMPLE.documents()}


def test_gold_text_stands_verbatim_in_the_plain_documents() -> None:
    texts = plain_texts()
    spans = [span for one in QUESTIONS for span in one.gold if span.document in texts]

    assert len(spans) > 25
    assert [span for span in spans if texts[span.document].count(folded(span.text)) != 1] == []


@pytest.mark.integration  # a process reads each
def test_gold_text_stands_once_in_every_document_as_it_is_read() -> None:
    texts = {
        path.name: folded(read(path, path.name, ReadLimits()).text)
        for path in sorted((FOLDER / "documents").iterdir())
    }
    spans = {span for one in QUESTIONS for span in one.gold}

    assert {span.document for span in spans} == texts.keys()
    assert [span for span in spans if texts[span.document].count(folded(span.text)) != 1] == []


def test_the_newer_version_contradicts_the_older_one() -> None:
    """Each answer of a newer-version question is absent from the older document's source."""
    older = (TOOLS / "sample" / "travel-policy-2024.md").read_text(encoding="utf-8")
    newer = [one for one in QUESTIONS if "newer-version" in one.tags]

    assert all(span.document == "travel-policy-2025.docx" for one in newer for span in one.gold)
    assert all(not re.search(rf"(?<![\d.]){re.escape(one.answers[0])}(?![\d])", older) for one in newer)


def test_a_near_miss_has_no_answer_by_construction() -> None:
    """What the near misses ask for is named nowhere."""
    texts = " ".join(plain_texts().values())

    assert "Oda Wexmoor was born" not in texts
    assert "harbour master" not in texts
    assert "new haul rope has a diameter" not in texts


def test_the_parts_list_is_a_rectangular_table() -> None:
    content = next(one.content for one in SAMPLE.documents() if one.name == "spare-parts.csv")
    rows = list(csv.reader(content.decode("utf-8").splitlines()))

    assert {len(row) for row in rows} == {7}
    assert len({row[0] for row in rows}) == len(rows)


def test_examples_are_three_of_the_fixed_questions() -> None:
    by_text = {one.question: one for one in QUESTIONS}
    examples = SAMPLE.examples()

    assert len(set(examples)) == 3
    assert all(by_text[one].answers for one in examples)


def test_the_collection_has_a_name() -> None:
    assert 0 < len(COLLECTION_NAME) <= 80


def test_missing_files_are_said_in_words(tmp_path: Path) -> None:
    sample = Sample(tmp_path)

    with pytest.raises(NotFound, match=r"documents is missing"):
        sample.documents()
    with pytest.raises(NotFound, match=r"questions\.jsonl is missing"):
        sample.questions()
    with pytest.raises(NotFound, match=r"examples\.json is missing"):
        sample.examples()
