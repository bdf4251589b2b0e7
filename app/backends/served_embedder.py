"""Embedders that a model server runs: what is common to Ollama's and OpenAI-compatible ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from app.backends import failures
from app.backends.base import Vectors
from app.backends.failures import Place
from app.backends.minilm import WordPieces, word_pieces

BATCH = 32
PROBE = "probe"
WORST = 5
"""No usual tokenizer makes more than this many tokens of what ``estimate`` counts as one."""
SPECIAL = 2
PLAIN = (
    "The rope crew checked 1,234.5 clamps on 12/03/2026; it's 'fine' (A-7).",
    'x = {"a": [1, 2]}  # <b>&amp;</b> https://example.org/a?b=c_d',
)
"""Texts that tell one tokenizer from another."""
FOREIGN = (
    "Die größte Gondel fährt über Straßburg.",
    "用户上传的文件",
    "Привет мир",
    "안녕하세요 세계",
    "🙂 ½",
)
"""Texts that servers may cut into fewer tokens than the tokenizer that they come from."""

_NO_WORD = re.compile(r"\S{101,}")
_PIECES = re.compile(r"[A-Za-z]+|\s+|[^A-Za-z\s]")


@dataclass(frozen=True)
class Embedded:
    """What a server replied: vectors as they came, not checked yet, and ``tokens``, how many it read in all.

    Special ones are counted; None where it does not tell.
    """

    rows: object
    tokens: int | None = None


@dataclass(frozen=True)
class Embedding:
    """How a server is asked. ``context`` is how many tokens it reads, by its own count."""

    name: str
    digest: str
    context: int
    local: bool
    host: str
    place: Place
    ask: Callable[[Sequence[str]], Embedded]


class ServedEmbedder:
    """An Embedder on a model server; made by embedding a probe, which tells the dimensions.

    The server does not tell how it cuts a text into tokens. Where it counts a few texts as the embedded
    embedder's tokenizer does, that one counts for it, so that the same model gets the same passages here
    and there. Else lengths are in a unit of our own: ``count`` is about what English text really has, and
    ``max_tokens`` is so much smaller than the server's limit that a text which counts at most
    ``max_tokens`` - 2 fits in the worst case, too (see ``estimate``). The server is told never to truncate.
    """

    def __init__(self, embedding: Embedding) -> None:
        self.name, self.digest = embedding.name, embedding.digest
        self.host, self.local = embedding.host, embedding.local
        self._embedding = embedding
        self.dimensions = 0
        probed = embedding.ask([PROBE])
        self.dimensions = int(self._checked(probed, 1).shape[1])
        self._pieces, special = same_tokenizer(embedding.ask, probed.tokens)
        # One token more is kept back for white space before the first word.
        by_bytes = max(1, (embedding.context - SPECIAL - 1) // WORST)
        self.max_tokens = (embedding.context - special if self._pieces else by_bytes) + SPECIAL

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, shape (texts, dimensions). Raises BackendError."""
        parts = [self._batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dimensions), dtype=np.float32)

    def count(self, text: str) -> int:
        """The length of a text: its tokens, or in the unit of ``max_tokens``."""
        if self._pieces is None:
            return estimate(text)
        # To the tokenizer what is longer than any word is one unknown token; a server may cut it up.
        return self._pieces.count(text) + sum(map(_bytes, _NO_WORD.findall(text)))

    def unknown_share(self, text: str) -> float:
        """The share of unknown tokens; 0.0 where nothing tells what the server does not know."""
        return self._pieces.unknown_share(text) if self._pieces else 0.0

    def _batch(self, texts: Sequence[str]) -> Vectors:
        return self._checked(self._embedding.ask(texts), len(texts))

    def _checked(self, told: Embedded, texts: int) -> Vectors:
        vectors = unit_vectors(told.rows, texts)
        if vectors is None or self.dimensions not in {0, vectors.shape[1]}:
            raise failures.unreadable(self._embedding.place)
        return vectors


def same_tokenizer(
    ask: Callable[[Sequence[str]], Embedded], probed: int | None
) -> tuple[WordPieces | None, int]:
    """The embedded embedder's tokenizer where the server counts as it does, and how many tokens it adds.

    It must agree on texts that tell tokenizers apart, and find no more in others; ``probed`` is what the
    server counted for PROBE. (None, 0) elsewhere.
    """
    pieces = word_pieces() if probed is not None else None
    if pieces is None or probed is None:
        return None, 0
    special = probed - pieces.count(PROBE)

    def more(text: str) -> float:
        found = ask([text]).tokens
        return inf if found is None else found - special - pieces.count(text)

    plain = all(more(one) == 0 for one in PLAIN)
    return (pieces, special) if plain and all(more(one) <= 0 for one in FOREIGN) else (None, 0)


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


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _pieces(text: str) -> int:
    return sum(_piece(match.group()) for match in _PIECES.finditer(text))


def _piece(piece: str) -> int:
    if piece[0].isspace():
        return _bytes(piece) - 1
    if piece.isascii() and piece.isalpha():
        return -(-len(piece) // 4)
    return _bytes(piece)
