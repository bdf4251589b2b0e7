"""(b) Ingest of 2,000 passages beside bare embed + add, and beside LlamaIndex's own way.

In rounds: in each, the same documents go each way, in random order, into a fresh place. All three
embed with the same embedder; LlamaIndex splits with the same settings, so it may make a few passages
more or less. Assay's way also reads each file in a process of its own and keeps everything in SQL.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.backends.base import Embedder
from app.domain import Splitting, Upload
from app.services import DEFAULT_EMBEDDER, Services, open_services
from app.settings import Settings
from benchmarks.running import NOWHERE
from benchmarks.tables import goal, print_table

ROUNDS = 4
DOCUMENTS = 5
PASSAGES = 100
"""A document; ROUNDS x DOCUMENTS x PASSAGES are 2,000."""
GOAL_SHARE = 0.9
TEXT = (
    "the rope crew checks every clamp and writes the load down before a cabin leaves the valley station "
    "while wind ice and visitors change what the next hour brings to those who work on the mountain"
)
WORDS = TEXT.split()


@dataclass
class Way:
    """One way of ingesting: what it took so far."""

    name: str
    take: Callable[[Sequence[Upload]], int]
    passages: int = 0
    seconds: float = 0.0

    @property
    def speed(self) -> float:
        """Passages a second."""
        return self.passages / self.seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch) / "assay", ollama_url=NOWHERE)
        with open_services(settings, "a benchmark") as services:
            embedder = services.backends.embedder(DEFAULT_EMBEDDER)
            measure(services, embedder, Path(scratch))


def measure(services: Services, embedder: Embedder, scratch: Path) -> None:
    """Run the rounds and print the table."""
    collection = services.new_collection("Benchmark")
    chance = random.Random(1)
    texts: list[str] = []

    def assay(uploads: Sequence[Upload]) -> int:
        before = services.documents.count_searchable(collection.id)
        for upload in uploads:
            services.ingesting.ingest(collection.id, upload)
        return services.documents.count_searchable(collection.id) - before

    def bare(_uploads: Sequence[Upload]) -> int:
        return by_hand(embedder, texts, scratch / f"bare-{time.monotonic_ns()}")

    def llama_index(uploads: Sequence[Upload]) -> int:
        return by_llama_index(embedder, uploads, scratch / f"llama-{time.monotonic_ns()}")

    ways = [
        Way("Assay", assay),
        Way("bare: embed all, add to Chroma", bare),
        Way("LlamaIndex: VectorStoreIndex.from_documents", llama_index),
    ]
    warm_up(services, embedder, scratch)
    for turn in range(ROUNDS):
        uploads = [document(chance, f"round-{turn}/document-{n}.txt") for n in range(DOCUMENTS)]
        texts[:] = passages_of(services, uploads)
        for way in chance.sample(ways, len(ways)):
            began = time.monotonic()
            way.passages += way.take(uploads)
            way.seconds += time.monotonic() - began
    rows = [(way.name, way.passages, f"{way.seconds:.1f}", f"{way.speed:.1f}") for way in ways]
    print_table(
        f"Ingest, {ROUNDS} rounds in random order", ("way", "passages", "seconds", "passages/s"), rows
    )
    goal("throughput, Assay over bare", ways[0].speed / ways[1].speed, at_least=GOAL_SHARE)
    print(f"Beside LlamaIndex: {ways[0].speed / ways[2].speed:.2f} times its throughput.\n")


def document(chance: random.Random, name: str) -> Upload:
    """A text of about PASSAGES passages, in sentences of varying length."""
    words = PASSAGES * 205
    text: list[str] = []
    while words > 0:
        length = chance.randint(8, 24)
        words -= length
        text.append(" ".join(chance.choices(WORDS, k=length)).capitalize() + ".")
    return Upload(name, " ".join(text).encode())


def passages_of(services: Services, uploads: Sequence[Upload]) -> list[str]:
    """The texts that Assay's splitter makes of the documents, for the bare way; not timed."""
    from app.documents.splitting import split
    from app.domain import ReadDocument, ReadPage

    embedder = services.backends.embedder(DEFAULT_EMBEDDER)
    texts: list[str] = []
    for upload in uploads:
        read = ReadDocument((ReadPage(1, upload.content.decode()),), "text")
        texts += [read.text[span.start : span.end] for span in split(read, embedder, Splitting())]
    return texts


def by_hand(embedder: Embedder, texts: Sequence[str], folder: Path) -> int:
    """What anybody would write: embed everything, add it to a new Chroma collection."""
    vectors = embedder.embed(texts)
    ids = [str(number) for number in range(len(texts))]
    _chroma(folder).add(ids=ids, embeddings=vectors, documents=list(texts))
    return len(texts)


def by_llama_index(embedder: Embedder, uploads: Sequence[Upload], folder: Path) -> int:
    """LlamaIndex's own pipeline with its defaults, the same splitter settings and the same embedder."""
    from llama_index.core import Document, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.vector_stores.chroma import ChromaVectorStore

    collection = _chroma(folder)
    splitting = Splitting()
    splitter = SentenceSplitter(
        chunk_size=splitting.tokens,
        chunk_overlap=splitting.overlap,
        tokenizer=lambda text: range(embedder.count(text)),
        include_metadata=False,
    )
    VectorStoreIndex.from_documents(
        [Document(text=upload.content.decode(), id_=upload.name) for upload in uploads],
        storage_context=StorageContext.from_defaults(vector_store=ChromaVectorStore(collection)),
        embed_model=_as_llama_index(embedder),
        transformations=[splitter],
    )
    return int(collection.count())


def warm_up(services: Services, embedder: Embedder, scratch: Path) -> None:
    """Load the libraries and the weights, and make every way's first mistake of timing beforehand."""
    upload = Upload("warm-up.txt", b"The crew checks the rope. " * 40)
    services.ingesting.ingest(services.new_collection("Warm-up").id, upload)
    by_hand(embedder, ["The crew checks the rope."], scratch / "bare")
    by_llama_index(embedder, [upload], scratch / "llama")


def _chroma(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    client = chromadb.PersistentClient(str(folder), ChromaSettings(anonymized_telemetry=False))
    return client.create_collection("benchmark", embedding_function=None, metadata={"hnsw:space": "cosine"})


def _as_llama_index(embedder: Embedder) -> Any:
    from llama_index.core.embeddings import BaseEmbedding

    class Wrapped(BaseEmbedding):
        """The same embedder behind LlamaIndex's interface."""

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = embedder.embed(texts).tolist()
            return vectors

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    return Wrapped(model_name="the same")


if __name__ == "__main__":
    main()
