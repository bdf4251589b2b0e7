"""(l) The index beside exact search at 20,000 passages: how much of it the index returns, and how fast.

With random vectors, which have no neighbourhoods and are the hardest for such an index, with vectors that
lie in clusters, as those of texts do, and with crowds of equal and of nearly equal ones, as logs and forms
have them. Each as Assay searches, by comparing with all, and through Chroma's graph, as it does with more
passages. Queries lie near random passages (``documents/auditing``).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.documents.auditing import audit
from app.domain import Collection
from app.services import Services, open_services
from app.settings import Settings
from benchmarks.rebuild import store
from benchmarks.running import NOWHERE
from benchmarks.tables import goal, median, print_table, seconds
from storage.index import COMPARED

KS = (1, 4, 10, 50)
QUERIES = 200
TIMED = 60
CLUSTERS = 400
SPREAD = 0.6
"""How far a passage lies from the middle of its cluster: at 0.6 its cosine to it is about 0.86."""
GOAL_RECALL, GOAL_SECONDS = 0.95, 0.05


def main() -> None:
    rows, worst, slowest = [], 1.0, 0.0
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch) / "assay", ollama_url=NOWHERE)
        with open_services(settings, "a benchmark") as services:
            for name, vectors in (("random", None), ("in clusters", in_clusters), ("in crowds", in_crowds)):
                collection = services.new_collection(f"Vectors {name}")
                store(services, collection)
                if vectors is not None:
                    replace_vectors(services, collection, vectors)
                services.ingesting.rebuild(collection.id)
                for way, compared in (("compared", COMPARED), ("graph", 0)):
                    services.index.close()  # lets go of the vectors that it compares with
                    services.index.compared = compared
                    for k in KS:
                        seen = audit(services.documents, services.index, collection, k, QUERIES)
                        index, exact, read = times(services, collection, k)
                        told = map(seconds, (index, exact, read))
                        rows.append((name, way, k, f"{seen.recall:.4f}", seen.too_few, *told))
                        if compared:
                            worst, slowest = min(worst, seen.recall), max(slowest, index)
    columns = ("vectors", "way", "k", "recall@k", "too few", "index", "exact search", "(reading all vectors)")
    print_table(f"{QUERIES} queries over 20,000 passages; medians of {TIMED}", columns, rows)
    goal("recall of the index where it is lowest", worst, at_least=GOAL_RECALL)
    goal("seconds of a query of the index where it is slowest", slowest, at_most=GOAL_SECONDS)


def in_clusters(count: int, dimensions: int) -> np.ndarray:
    """Vectors of length 1 around some middles."""
    chance = np.random.default_rng(2)
    middles = chance.standard_normal((CLUSTERS, dimensions))
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    own = chance.standard_normal((count, dimensions))
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    made = middles[chance.integers(0, CLUSTERS, count)] + SPREAD * own
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def in_crowds(count: int, dimensions: int) -> np.ndarray:
    """A quarter equal, a quarter nearly so, and the rest in clusters behind them."""
    chance = np.random.default_rng(3)
    made = in_clusters(count, dimensions)
    part = count // 4
    made[:part] = made[0]
    made[part : 2 * part] = made[part] + 0.01 * chance.standard_normal((part, dimensions)) / dimensions**0.5
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def replace_vectors(
    services: Services, collection: Collection, make: Callable[[int, int], np.ndarray]
) -> None:
    """Keep other vectors for the texts of the collection."""
    ids, matrix = services.documents.matrix(collection.id)
    texts = [one.text for one in services.documents.searchable(collection.id, ids).values()]
    services.documents.keep_vectors(collection.embedder, texts, make(*matrix.shape))


def times(services: Services, collection: Collection, k: int) -> tuple[float, float, float]:
    """Median seconds of a query of the index and of exact search in memory; seconds to read all vectors."""
    began = time.perf_counter()
    _, matrix = services.documents.matrix(collection.id)
    read = time.perf_counter() - began
    queries = in_clusters(TIMED, matrix.shape[1])
    spent: tuple[list[float], list[float]] = ([], [])
    for query in queries:
        began = time.perf_counter()
        services.index.query(collection.id, collection.embedder, query, k)
        spent[0].append(time.perf_counter() - began)
        began = time.perf_counter()
        np.argsort(-(matrix @ query), kind="stable")[:k]
        spent[1].append(time.perf_counter() - began)
    return median(spent[0]), median(spent[1]), read


if __name__ == "__main__":
    main()
