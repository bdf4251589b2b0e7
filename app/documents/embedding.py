"""Vectors of passages: what is known is not made again, and what is made is kept at once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from app.backends.base import Embedder, Vectors
from app.documents.reading import Stopped
from app.domain import EmbedderRef
from app.errors import BackendError
from storage.documents import Documents

# A stop is noticed between batches: a batch aims at half a second, whatever the embedder's speed.
_GOAL = 0.5
_FIRST, _MOST = 8, 64


def reference(embedder: Embedder) -> EmbedderRef:
    """Which embedder it is, as a collection records it."""
    return EmbedderRef(embedder.name, embedder.digest, embedder.dimensions)


def vectors_of(
    documents: Documents,
    embedder: Embedder,
    texts: Sequence[str],
    on_progress: Callable[[int, int], None],
    stop: Callable[[], bool],
) -> Vectors:
    """Vectors (texts, dimensions) in the order of the texts; ``on_progress(done, total)`` counts texts.

    New ones are kept in SQL batch by batch, so that after a stop or a failure only the rest is left.
    Raises Stopped, BackendError and DatabaseTrouble.
    """
    known = documents.known_vectors(embedder.digest, texts)
    vectors = {texts[place]: vector for place, vector in known.items()}
    missing = Counter(text for text in texts if text not in vectors)
    done = len(texts) - missing.total()
    on_progress(done, len(texts))
    # Batches of equal length waste nothing on padding; the longest first, so that the time left is
    # not underestimated.
    waiting = sorted(missing, key=len)
    size = _FIRST
    while waiting:
        if stop():
            raise Stopped
        batch = [waiting.pop() for _ in range(min(size, len(waiting)))]
        began = time.monotonic()
        vectors |= zip(batch, _embedded(documents, embedder, batch), strict=True)
        size = _next_size(size, time.monotonic() - began)
        done += sum(missing[text] for text in batch)
        on_progress(done, len(texts))
    return np.stack([vectors[text] for text in texts]).astype(np.float32, copy=False)


def _embedded(documents: Documents, embedder: Embedder, batch: Sequence[str]) -> Vectors:
    vectors = embedder.embed(batch)
    try:
        documents.keep_vectors(reference(embedder), batch, vectors)
    except ValueError:
        raise BackendError(
            f"{embedder.name} gave vectors that cannot be used.",
            "Try again; if it stays so, choose another embedder.",
        ) from None
    return vectors


def _next_size(size: int, seconds: float) -> int:
    """At most twice as large as the last batch, so that one quick batch does not make a slow one."""
    wanted = int(size * _GOAL / max(seconds, 0.001))
    return max(1, min(wanted, 2 * size, _MOST))
