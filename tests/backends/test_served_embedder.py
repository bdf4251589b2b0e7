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
    Embedded,
    Embedding,
    ServedEmbedder,
    estimate,
    unit_vectors,
)
from app.errors import StreamBroken

PLACE = Place("The server x", "http://127.0.0.1:1", "")


def untold(_text: str) -> int | None:
    """A server that does not tell how many tokens it read."""
    return None


def embedder(
    ask: Callable[[Sequence[str]], object], context: int = 512, tokens: Callable[[str], int | None] = untold
) -> ServedEmbedder:
    def asked(texts: Sequence[str]) -> Embedded:
        return Embedded(ask(texts), tokens(texts[0]) if len(texts) == 1 else None)

    return ServedEmbedder(Embedding("x/emb", "d", context, True, "127.0.0.1", PLACE, asked))


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


def test_a_server_with_the_same_tokenizer_is_counted_exactly(minilm: MiniLM) -> None:
    """So that the same model gets the same passages from either server."""
    made = embedder(answers, 512, lambda text: minilm.count(text) + 2)
    text = "The Normans gave their name to Normandy, 1,234.5 km away. 用户"
    assert made.count(text) == minilm.count(text)
    assert made.max_tokens - SPECIAL == 510
    assert made.unknown_share("用户 rope") == minilm.unknown_share("用户 rope") > 0


@pytest.mark.parametrize("run", ["7" * 2000, "é" * 2000, "x" * 101])
def test_what_is_longer_than_any_word_counts_by_its_bytes(minilm: MiniLM, run: str) -> None:
    """A server may cut up what is one unknown token here."""
    made = embedder(answers, 512, lambda text: minilm.count(text) + 2)
    assert made.count(f"rope {run} rope") >= len(run.encode())


def test_fewer_tokens_for_what_is_no_english_do_not_matter(minilm: MiniLM) -> None:
    """As Ollama counts long words."""

    def tokens(text: str) -> int:
        return min(minilm.count(text), 200 if text.isascii() else 4) + 2

    assert embedder(answers, 512, tokens).max_tokens - SPECIAL == 510


@pytest.mark.parametrize(
    "tokens",
    [
        untold,
        lambda text: len(text) + 2,
        lambda text: len(text.split()),
        lambda text: None if "用" in text else 3,
    ],
)
def test_another_tokenizer_is_counted_by_the_bound(tokens: Callable[[str], int | None]) -> None:
    made = embedder(answers, 512, tokens)
    assert made.count("Normandy") == estimate("Normandy")
    assert made.max_tokens == (512 - SPECIAL - 1) // WORST + SPECIAL
    assert made.unknown_share("用户") == 0.0


def test_more_tokens_than_it_is_taken_for_are_never_sent(minilm: MiniLM) -> None:
    made = embedder(answers, 512, lambda text: minilm.count(text) + (2 if text.isascii() else 3))
    assert made.max_tokens == (512 - SPECIAL - 1) // WORST + SPECIAL


def answers(texts: Sequence[str]) -> object:
    return [[1.0]] * len(texts)


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
