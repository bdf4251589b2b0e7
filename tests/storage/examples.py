"""Values that the storage tests share."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Checks,
    Cost,
    EmbedderRef,
    GivenPassage,
    Judgement,
    Mark,
    Passage,
    Prompt,
    PromptMessage,
    Question,
    Quote,
    Retrieval,
    Segment,
    Splitting,
    Timing,
    Usage,
    passage_id,
)
from storage.database import DATABASE_FILE
from storage.documents import Documents

EMBEDDER = EmbedderRef("embedded/tiny", "digest-1", 8)
OTHER_EMBEDDER = EmbedderRef("embedded/other", "digest-2", 8)
SPLITTING = Splitting()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOBODY = 65534
_NUMBERS = count(1)


def vector_of(text: str, dimensions: int = 8) -> NDArray[np.float32]:
    """A unit vector that depends on the text only."""
    seed = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
    vector = np.random.default_rng(seed).normal(size=dimensions).astype(np.float32)
    return vector / np.linalg.norm(vector)


def vectors_of(texts: Sequence[str], dimensions: int = 8) -> NDArray[np.float32]:
    return np.array([vector_of(one, dimensions) for one in texts], np.float32).reshape(len(texts), dimensions)


def passages_of(
    collection_id: str, document_id: str, texts: Sequence[str], name: str = "a.txt"
) -> list[Passage]:
    """One passage per text, one after the other on one page."""
    found, start = [], 0
    for text in texts:
        end = start + len(text)
        one = passage_id(collection_id, document_id, start, end)
        found.append(Passage(one, collection_id, document_id, name, 1, start, end, text))
        start = end + 2
    return found


def add_document(
    documents: Documents,
    collection_id: str,
    document_id: str,
    texts: Sequence[str],
    name: str = "a.txt",
    embedder: EmbedderRef = EMBEDDER,
) -> list[str]:
    """All the steps of an ingest; returns what ``publish`` says is gone."""
    documents.begin(collection_id, document_id, name, 100)
    documents.store_passages(collection_id, document_id, passages_of(collection_id, document_id, texts, name))
    documents.keep_vectors(embedder, texts, vectors_of(texts, embedder.dimensions))
    return documents.publish(collection_id, document_id)


def candidate(model: str = "tiny", collection_id: str = "") -> Candidate:
    return Candidate("embedded", model, retrieval=Retrieval(collection_id) if collection_id else None)


def question(text: str = "How many days?", collection_id: str = "c", question_id: str = "") -> Question:
    number = next(_NUMBERS)
    return Question(
        id=question_id or f"q{number:06}",
        text=text,
        standalone=text,
        conversation_id="",
        collection_id=collection_id,
        only_documents=(),
        asked_at=NOON + timedelta(seconds=number),
    )


def answer(
    to: Question,
    position: int = 0,
    *,
    who: Candidate | None = None,
    state: AnswerState = AnswerState.COMPLETE,
    text: str = "28 days [1].",
    given: Sequence[Passage] = (),
    checks: Checks | None = None,
    usage: Usage | None = None,
    timing: Timing | None = None,
    cost: Cost | None = None,
    judgement: Judgement | None = None,
) -> Answer:
    return Answer(
        id=f"{to.id}-{position}-{next(_NUMBERS)}",
        question_id=to.id,
        position=position,
        candidate=who or candidate(),
        state=state,
        text=text,
        thinking="",
        prompt=prompt_of(given) if given else None,
        checks=checks or Checks(),
        usage=usage or Usage(prompt=100, completion=20),
        timing=timing or Timing(first_token=0.5, generation=2.0, wall=3.0),
        cost=cost or Cost(5, "USD", "listed", "five"),
        error="",
        remedy="",
        attempts=1,
        backend_version="1",
        asked_at=to.asked_at,
        mark=Mark(judgement, "", NOON) if judgement else None,
    )


def prompt_of(given: Sequence[Passage]) -> Prompt:
    """A prompt that names and gives the passages, numbered from 1."""
    segments = [Segment(f"[{number}] ") for number, _ in enumerate(given, 1)]
    texts = [Segment("", number) for number, _ in enumerate(given, 1)]
    mixed = tuple(one for pair in zip(segments, texts, strict=True) for one in pair)
    return Prompt(
        messages=(PromptMessage("system", (Segment("Answer."),)), PromptMessage("user", mixed)),
        given=tuple(GivenPassage(number, one, 0.5) for number, one in enumerate(given, 1)),
        tokens=50,
        exact=True,
        window=4096,
    )


def quote(text: str, number: int) -> Checks:
    return Checks(quotes=(Quote(text, number),))


def dump(folder: Path) -> str:
    """All of the database as SQL text: equal where nothing differs."""
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
        return "\n".join(connection.iterdump())


@contextmanager
def as_nobody(*places: Path) -> Iterator[None]:
    """Without the rights of the superuser, whom no file mode stops, but owning ``places``.

    The places must lie where everybody may look (see ``open_folder``).
    """
    if os.geteuid() != 0:
        yield
        return
    for place in places:
        os.chown(place, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
