"""Bytes to text: nothing dropped in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.readers.encodings import decode

GERMAN = "Die Seilbahn fährt täglich außer Montag; der Preis beträgt 7,50 € für Erwachsene. "


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_with_and_without_a_mark(encoding: str) -> None:
    decoded = decode(GERMAN.encode(encoding))
    assert decoded.text == GERMAN
    assert not decoded.warning


def test_a_declared_charset_is_believed_after_utf8() -> None:
    assert decode("Привет".encode("koi8-r"), "KOI8-R").text == "Привет"
    assert decode("Привет".encode(), "koi8-r").text == "Привет"


@pytest.mark.parametrize("declared", ["utf-7", "rot13", "base64", "no-such-thing", "idna", "\x00", "x" * 500])
def test_a_declared_charset_that_is_none(declared: str) -> None:
    decoded = decode(b"caf\xe9 +AGE- is open on Monday and Tuesday", declared)
    assert "caf" in decoded.text
    assert "+AGE-" in decoded.text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN * 3, "cp1252"),
        ("The naïve café — it’s £5.", "cp1252"),
        ("El niño comió mañana ¿por qué?", "iso8859-1"),
        ("Однажды, в студеную зимнюю пору, я из лесу вышел; был сильный мороз.", "cp866"),
        ("Однажды, в студеную зимнюю пору, я из лесу вышел; был сильный мороз.", "cp1251"),
        ("佐藤太郎は東京に住んでいます。髙橋さんは名古屋です。", "cp932"),
    ],
)
def test_a_guess_is_right_and_said(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert "taken for" in decoded.warning


def test_a_few_bad_bytes_in_utf8_stay_visible() -> None:
    decoded = decode((GERMAN * 5).encode() + b"\xff\xfe broken")
    assert GERMAN in decoded.text
    assert decoded.text.count("\ufffd") == 2
    assert "2 places could not be read" in decoded.warning


def test_half_a_character_at_the_end_of_utf16() -> None:
    decoded = decode("abc".encode("utf-16") + b"\x00")
    assert decoded.text.startswith("abc")
    assert "1 place could not" in decoded.warning


@given(st.binary(max_size=600), st.sampled_from(["", "utf-8", "cp1252", "utf-16", "gb18030"]))
def test_any_bytes_become_text_or_a_warning(content: bytes, declared: str) -> None:
    decoded = decode(content, declared)
    if "\ufffd" in decoded.text and b"\xef\xbf\xbd" not in content and "f" not in decoded.encoding:
        assert decoded.warning


@given(st.text(max_size=300))
def test_utf8_comes_back(text: str) -> None:
    raw = text.encode("utf-8", "ignore")
    if not raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) and b"\x00" not in raw:
        assert decode(raw).text.encode() == raw
