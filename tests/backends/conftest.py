"""The embedded embedder with its real weights, loaded once."""

from __future__ import annotations

import pytest

from app.backends.minilm import MiniLM, find_files
from tests.parts import require


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    files = find_files()
    if files is None:
        require("models", "the weights of requirements-models.txt are not installed")
    return MiniLM(files)
