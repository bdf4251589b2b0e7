"""With the embedded embedder itself: nothing it is given is truncated, and what it cannot read is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.backends.minilm import NAME, MiniLM, find_files
from app.documents.reading import read
from app.documents.splitting import split
from app.domain import OutcomeKind, Splitting, Upload
from app.settings import ReadLimits
from tests.documents.conftest import Archive, ref
from tests.documents.samples import PROSE, pdf
from tests.parts import require

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    files = find_files()
    if files is None:
        require("models", "the embedded embedder's weights are not installed")
    return MiniLM(files)


def test_documents_are_found_by_meaning(archive: Archive, embedder: MiniLM) -> None:
    archive.embedders[NAME] = embedder
    collection = archive.collections.create("Real", ref(embedder), Splitting())
    for name, content in {
        "ropeway.pdf": pdf(PROSE),
        "menu.csv": b"dish,price\nsoup,4.5\nstew,9\n",
        "rules.md": b"# Rules\n\nDogs travel free of charge but must wear a muzzle.",
    }.items():
        ended = archive.ingesting.ingest(collection.id, Upload(name, content))
        assert ended.kind is OutcomeKind.ADDED
    vector = embedder.embed(["May I bring my pet?"])[0]
    (best, cosine), *_ = archive.index.query(collection.id, collection.embedder, vector, 2)
    assert archive.documents.searchable(collection.id, [best])[best].document_name == "rules.md"
    assert 0.2 < cosine < 1
    assert collection.embedder.name == NAME


@pytest.mark.parametrize(
    "text", ["缆车每天运行，星期一除外。" * 30, "โรงเรียนแห่งนี้เปิดสอนทุกวัน ยกเว้นวันจันทร์ " * 30]
)
def test_a_language_it_cannot_read(archive: Archive, embedder: MiniLM, text: str) -> None:
    archive.embedders[NAME] = embedder
    collection = archive.collections.create("Real", ref(embedder), Splitting())
    ended = archive.ingesting.ingest(collection.id, Upload("a.txt", text.encode()))
    assert ended.kind is OutcomeKind.REFUSED
    assert "cannot read this document's language" in ended.words


def test_no_real_passage_is_longer_than_it_reads(embedder: MiniLM, shared_data: Path) -> None:
    docs = shared_data / "dev_cut" / "docs"
    counted = 0
    for path in [
        *docs.glob("standard/*"),
        *docs.glob("tables/*"),
        *docs.glob("multilingual/*"),
        *docs.glob("pdf/2022*"),
    ]:
        found = read(path, path.name, ReadLimits())
        texts = [found.text[one.start : one.end] for one in split(found, embedder, Splitting())]
        assert max(map(embedder.count, texts)) <= embedder.max_tokens - 2
        assert max(map(len, texts)) <= 2000
        counted += len(texts)
    assert counted > 500
