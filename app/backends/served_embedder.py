"""Embedders that a model server runs: what is common to Ollama's and OpenAI-compatible ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.backends import failures
from app.backends.base import Vectors
from app.backends.failures import Place

BATCH = 32
PROBE = "probe"
WORST = 5
"""No usual tokenizer makes more than this many tokens of what ``estimate`` counts as one."""
SPECIAL = 2

_PIECES = re.compile(r"[A-Za-z]+|\s+|[^A-Za-z\s]")


@dataclass(frozen=True)
class Embedding:
    """How a server is asked: ``ask(texts)`` gives its vectors as they came, not checked yet.

    ``context`` is how many tokens it reads, by its own count.
    """

    name: str
    digest: str
    context: int
    local: bool
    host: str
    place: Place
    ask: Callable[[Sequence[str]], object]


class ServedEmbedder:
    """An Embedder on a model server; made by embedding a probe, which tells the dimensions.

    The server does not tell how it cuts a text into tokens. So lengths are in a unit of our own:
    ``count`` is about what English text really has, and ``max_tokens`` is so much smaller than the
    server's limit that a text which counts at most ``max_tokens`` - 2 fits in the worst case, too
    (see ``estimate``). The server is told never to truncate.
    """

    def __init__(self, embedding: Embedding) -> None:
        self.name, self.digest = embedding.name, embedding.digest
        self.host, self.local = embedding.host, embedding.local
        # One token more is kept back for white space before the first word.
        self.max_tokens = max(1, (embedding.context - SPECIAL - 1) // WORST) + SPECIAL
        self._embedding = embedding
        self.dimensions = 0
        self.dimensions = int(self.embed([PROBE]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, shape (texts, dimensions). Raises BackendError."""
        parts = [self._batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dimensions), dtype=np.float32)

    def count(self, text: str) -> int:
        """The length of a text in the unit of ``max_tokens``."""
        return estimate(text)

    def unknown_share(self, text: str) -> float:  # noqa: ARG002
        """0.0: the server does not tell what it does not know."""
        return 0.0

    def _batch(self, texts: Sequence[str]) -> Vectors:
        vectors = unit_vectors(self._embedding.ask(texts), len(texts))
        if vectors is None or self.dimensions not in {0, vectors.shape[1]}:
            raise failures.unreadable(self._embedding.place)
        return vectors


def unit_vectors(rows: object, expected: int) -> Vectors | None:
    """The rows as vectors of length 1, or None if they are no such thing."""
    if not isinstance(rows, list) or len(rows) != expected:
        return None
    try:
        vectors = np.asarray(rows, dtype=np.float32)
    except (ValueError, TypeError, OverflowError):
        return None
    if vectors.ndim != 2 or vectors.shape[1] == 0 or not np.isfinite(vectors).all():
        return None
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32) if (lengths > 0).all() else None


def estimate(text: str) -> int:
    """About the tokens of a text: words of Latin letters by four letters, all else by byte.

    The usual tokenizers (byte-level BPE, WordPiece, SentencePiece with bytes to fall back on) make at
    most one token of each byte. A run of n letters and the space after it, n + 1 bytes, counts
    ceil(n / 4), so the truth is never more than five times the estimate (n = 4). Where a tokenizer
    spells a character out first (NFKC), the longer of the two is taken.
    """
    spelled = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return max(_pieces(text), 0 if spelled == text else _pieces(spelled))


def _pieces(text: str) -> int:
    return sum(_piece(match.group()) for match in _PIECES.finditer(text))


def _piece(piece: str) -> int:
    if piece[0].isspace():
        return len(piece.encode("utf-8", "surrogatepass")) - 1
    if piece.isascii() and piece.isalpha():
        return -(-len(piece) // 4)
    return len(piece.encode("utf-8", "surrogatepass"))
