"""Looks whether the index answers as it should: ``python -m storage.probing DATA_FOLDER CHROMA_FOLDER``.

For each collection some of its own vectors are asked for, and the passage is expected back: with its
neighbour files gone Chroma still counts and lists everything. Prints words, nothing where all is well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.domain import Collection
from app.errors import AppError, IndexDamaged, IndexUnwritable
from storage.collections import Collections
from storage.database import DATABASE_FILE, Database
from storage.documents import Documents
from storage.index import (
    COMPARED,
    LOOKED_AT,
    PREFIX,
    UNSEEN,
    every_vector,
    in_words,
    is_crowd,
    nearest_of_all,
    open_client,
)
from storage.vector_store import cosine_store

if TYPE_CHECKING:
    from chromadb import Collection as ChromaCollection
    from chromadb.api.client import Client

SAMPLES = 25
NEIGHBOURS = 5
SAME = 0.999
"""A cosine that only an equal vector reaches: passages of equal text share one."""


def look(folder: Path, chroma: Path) -> str:
    """What is wrong with the index in ``chroma`` for the database in ``folder``; "" for nothing.

    Raises IndexUnwritable where the disk has no room for the look.
    """
    if not (folder / DATABASE_FILE).exists():
        return ""
    database = Database.open(folder, upgrade=False)
    try:
        collections, documents = Collections(database).list(), Documents(database)
        found = [(one, *documents.matrix(one.id)) for one in collections]
    finally:
        database.close()
    wanted = [(one, ids, vectors) for one, ids, vectors in found if ids]
    return _look_at(chroma, wanted) if wanted else ""


Wanted = tuple[Collection, list[str], NDArray[np.float32]]


def _look_at(chroma: Path, wanted: list[Wanted]) -> str:
    try:
        with in_words():
            chroma.mkdir(parents=True, exist_ok=True)
            client = open_client(chroma)
    except IndexUnwritable:
        raise
    except IndexDamaged as error:
        return error.message
    try:
        words = []
        for collection, ids, vectors in wanted:
            try:
                with in_words():
                    trouble = _trouble(client, collection, ids, vectors)
            except IndexUnwritable:
                raise
            except IndexDamaged as error:
                trouble = error.message
            if trouble:
                words.append(f"“{collection.name}”: {trouble}")
        return " ".join(words)
    finally:
        client.close()


def _trouble(client: Client, collection: Collection, ids: list[str], vectors: NDArray[np.float32]) -> str:
    from chromadb.errors import NotFoundError

    try:
        index = client.get_collection(PREFIX + collection.id, embedding_function=None)
    except NotFoundError:
        return "The index is missing."
    if (index.metadata or {}).get("digest") != collection.embedder.digest:
        return "The index was made with another embedder."
    missing = len(set(ids) - set(index.get(include=[])["ids"]))
    if missing:
        return f"{missing} of {len(ids)} passages are missing in the index."
    places = np.unique(np.linspace(0, len(ids) - 1, SAMPLES).astype(int))
    search = _search_of(index, min(NEIGHBOURS, len(ids)))
    lost = sum(not _finds(search(vectors[place]), ids[place], len(ids)) for place in places)
    return f"The index does not find {lost} of {len(places)} passages by their own vectors." if lost else ""


Hits = list[tuple[str, float]]


def _search_of(index: ChromaCollection, k: int) -> Callable[[NDArray[np.float32]], Hits]:
    """The way in which ``Index.query`` searches: what it never asks of the graph cannot be missed there."""
    store, total = cosine_store(index), index.count()
    if total > COMPARED:
        return lambda vector: store.nearest(vector, max(k, LOOKED_AT))
    ids, matrix = every_vector(store, total)
    return lambda vector: nearest_of_all(ids, matrix, vector, k)


def _finds(hits: Hits, passage_id: str, passages: int) -> bool:
    k = min(NEIGHBOURS, passages)
    if len(hits) < k:
        return False
    # A search that ends in a crowd is made anew by comparing with every vector: nothing is lost.
    cosines = [cosine for _, cosine in hits]
    return passage_id in {one for one, _ in hits[:k]} or cosines[0] >= SAME or is_crowd(cosines)


def main() -> int:
    """The command."""
    folder, chroma = (Path(one) for one in sys.argv[1:3])
    try:
        words, code = look(folder, chroma), 0
    except IndexUnwritable as error:
        words, code = error.message, UNSEEN
    except AppError as error:
        words, code = str(error), 0
    sys.stdout.buffer.write(words.encode("utf-8"))
    return code


if __name__ == "__main__":
    sys.exit(main())
