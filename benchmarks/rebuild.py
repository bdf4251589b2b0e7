"""(f) Rebuild of 20,000 passages from SQL, beside adding the same vectors to Chroma by hand."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from app.domain import (
    Collection,
    DocumentState,
    EmbedderRef,
    Passage,
    ReadDocument,
    ReadPage,
    passage_id,
    stable_hash,
)
from app.services import Services, open_services
from app.settings import Settings
from benchmarks.running import NOWHERE
from benchmarks.tables import print_table

DOCUMENTS = 100
PASSAGES = 200
AT_ONCE = 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch) / "assay", ollama_url=NOWHERE)
        with open_services(settings, "a benchmark") as services:
            collection = services.new_collection("Benchmark")
            began = time.monotonic()
            store(services, collection)
            stored = time.monotonic() - began
            services.ingesting.rebuild(collection.id)  # loads the libraries
            began = time.monotonic()
            services.ingesting.rebuild(collection.id)
            rebuilt = time.monotonic() - began
            found = services.index.count(collection.id)
            ids, matrix = services.documents.matrix(collection.id)
        bare = by_hand(Path(scratch) / "bare", ids, matrix)
    rows = [
        (name, found, f"{span:.1f}", f"{found / span:.0f}")
        for name, span in (
            ("rebuild from SQL, without embedding", rebuilt),
            (f"bare Chroma add of the same vectors, {AT_ONCE} at once", bare),
            ("(storing passages and vectors in SQL before)", stored),
        )
    ]
    print_table("Making an index of 20,000 passages", ("what", "passages", "seconds", "passages/s"), rows)


def store(services: Services, collection: Collection) -> None:
    """Documents with passages and random vectors, as if they had been embedded."""
    chance = np.random.default_rng(1)
    embedder: EmbedderRef = collection.embedder
    for number in range(DOCUMENTS):
        sentences = [f"Sentence {place} of document {number}. " for place in range(PASSAGES)]
        text = "".join(sentences)
        document_id = stable_hash(text)
        services.documents.begin(collection.id, document_id, f"document-{number}.txt", len(text))
        services.documents.save_reading(document_id, ReadDocument((ReadPage(1, text),), "text"))
        services.documents.set_state(collection.id, document_id, DocumentState.INDEXING)
        passages, start = [], 0
        for sentence in sentences:
            end = start + len(sentence)
            passages.append(
                Passage(
                    passage_id(collection.id, document_id, start, end), collection.id, document_id,
                    f"document-{number}.txt", 1, start, end, sentence,
                )
            )  # fmt: skip
            start = end
        vectors = chance.standard_normal((PASSAGES, embedder.dimensions)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        services.documents.keep_vectors(embedder, sentences, vectors)
        services.documents.store_passages(collection.id, document_id, passages)
        services.documents.publish(collection.id, document_id)


def by_hand(folder: Path, ids: list[str], matrix: np.ndarray) -> float:
    """Seconds that Chroma itself takes."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    client = chromadb.PersistentClient(str(folder), ChromaSettings(anonymized_telemetry=False))
    index = client.create_collection("benchmark", embedding_function=None, metadata={"hnsw:space": "cosine"})
    began = time.monotonic()
    for start in range(0, len(ids), AT_ONCE):
        index.add(ids=ids[start : start + AT_ONCE], embeddings=matrix[start : start + AT_ONCE])
    return time.monotonic() - began


if __name__ == "__main__":
    main()
