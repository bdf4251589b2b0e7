"""Lengths that are never too low, vectors that are what they should be."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.failures import Place
from app.backends.minilm import MiniLM
from app.backends.served_embedder import (
    BATCH,
    SPECIAL,
    WORST,
    Embedding,
    ServedEmbedder,
    estimate,
    unit_vectors,
)
from app.errors import StreamBroken

PLACE = Place("The server x", "http://127.0.0.1:1", "")


def embedder(ask: Callable[[Sequence[str]], object], context: int = 512) -> ServedEmbedder:
    return ServedEmbedder(Embedding("x/emb", "d", context, True, "127.0.0.1", PLACE, ask))


@given(st.text())
def test_the_estimate_bounds_any_tokenizer_of_bytes(text: str) -> None:
    assert WORST * estimate(text) + 1 >= len(text.encode("utf-8", "surrogatepass")) - _runs(text)


def _runs(text: str) -> int:
    """Bytes of white space at the very start, of which one is allowed for."""
    return 1 if text[:1].isspace() else 0


@given(st.text(), st.integers(64, 9000))
def test_what_counts_as_fitting_fits(text: str, context: int) -> None:
    made = embedder(lambda texts: [[1.0]] * len(texts), context)
    if made.count(text) <= made.max_tokens - SPECIAL:
        assert len(text.encode("utf-8", "surrogatepass")) + SPECIAL <= context


def test_english_counts_about_what_it_has() -> None:
    text = "The Normans were the people who in the 10th and 11th centuries gave their name to Normandy."
    assert 17 <= estimate(text) <= 40


@pytest.mark.parametrize(
    "text",
    [
        "plain English words, with commas; and numbers 123,456.78",
        "Donaudampfschifffahrtsgesellschaftskapitän",
        "aGVsbG8gd29ybGQ2NDY0NjQ2NDY0YmFzZTY0",
        "用户上传的文件",
        "สวัสดีชาวโลก",
        "ﷺ ﬃ ½ ①",
        "xqzvwkj bcdfg",
        "\n\n\n\t\t   x",
    ],
)
def test_the_real_tokenizer_stays_below_the_bound(minilm: MiniLM, text: str) -> None:
    assert minilm.count(text) <= WORST * estimate(text)


def test_texts_are_sent_in_batches_and_come_back_in_order() -> None:
    sizes: list[int] = []

    def ask(texts: Sequence[str]) -> object:
        sizes.append(len(texts))
        return [[float(one), 1.0] if one != "probe" else [1.0, 1.0] for one in texts]

    made = embedder(ask)
    vectors = made.embed([str(n) for n in range(BATCH + 3)])
    assert sizes == [1, BATCH, 3]
    assert vectors.shape == (BATCH + 3, 2)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    assert np.all(np.diff(vectors[:, 0]) > 0)
    assert made.embed([]).shape == (0, 2)
    assert made.unknown_share("x") == 0.0


@pytest.mark.parametrize(
    "rows",
    [
        None,
        [],
        "x",
        [[1.0], [2.0]],
        [[]],
        [1.0],
        [["a"]],
        [[None]],
        [[float("nan")]],
        [[float("inf")]],
        [[0.0, 0.0]],
        [[[1.0]]],
        [{"a": 1}],
        json.loads("[[1e400]]"),
    ],
)
def test_what_is_no_vector_is_refused(rows: object) -> None:
    assert unit_vectors(rows, 1) is None
    with pytest.raises(StreamBroken, match="cannot be understood"):
        embedder(lambda _: rows)


def test_other_dimensions_than_at_first_are_refused() -> None:
    replies = [[[1.0, 0.0]], [[1.0, 0.0, 0.0]]]
    made = embedder(lambda _: replies.pop(0))
    assert made.dimensions == 2
    with pytest.raises(StreamBroken):
        made.embed(["a"])
