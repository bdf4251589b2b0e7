"""Words that are fit for a person, whatever a server says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.backends import failures
from app.backends.failures import LONGEST_WORDS, Place, Refusal, Told
from app.errors import BackendDown, BackendError, BackendRefused, ModelMissing
from tests.backends.speaking import CANARY

PLACE = Place("Ollama", "http://127.0.0.1:1", "Start it.", "Pull {model}.", SecretStr(CANARY))


@given(st.integers(100, 599), st.binary(max_size=200), st.sampled_from(["", CANARY]))
def test_any_reply_becomes_an_error_in_one_clean_line(status: int, body: bytes, secret: str) -> None:
    error = failures.by_status(PLACE, Refusal(status, body + secret.encode()), "tiny")
    assert isinstance(error, BackendError)
    assert error.message
    assert error.message.isprintable()
    assert len(error.message) < LONGEST_WORDS + 120
    assert CANARY not in str(error)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "plain"}', Told("plain")),
        (b'{"error": {"message": "m", "code": "c", "type": "t", "param": "p"}}', Told("m", "c t", "p")),
        (b'{"error": {"message": "m", "code": 400}}', Told("m")),
        (b'{"message": "m"}', Told("m")),
        (b'{"detail": "d"}', Told("d")),
        (b'{"detail": [{"msg": "a"}, {"msg": "b"}]}', Told("a; b")),
        (b"plain text", Told("plain text")),
        (b"<html>no</html>", Told("")),
        (b"", Told("")),
        (b'{"error": null}', Told("")),
    ],
)
def test_the_message_is_found_in_each_shape(body: bytes, said: Told) -> None:
    assert failures.told(body) == said


def test_a_models_name_may_hold_anything() -> None:
    error = failures.missing(PLACE, "{model}{0}%s")
    assert error.remedy == "Pull {model}{0}%s."
    assert isinstance(error, ModelMissing)


def test_a_network_error_is_no_missing_model() -> None:
    words = 'pull model manifest: Get "https://x": dial tcp: lookup x: no such host'
    assert failures.by_words(PLACE, Told(words), "tiny") is None


def test_a_bad_certificate_is_told_apart() -> None:
    assert isinstance(failures.untrusted(PLACE), BackendRefused)
    assert isinstance(failures.down(PLACE), BackendDown)
