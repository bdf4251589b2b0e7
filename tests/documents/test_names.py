"""Names of documents."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.names import LONGEST, clashes, clean_name
from app.domain import Upload


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("a/b.txt", "a/b.txt"),
        ("/etc/passwd", "etc/passwd"),
        ("../../a/./b//c.txt", "a/b/c.txt"),
        ("C:\\Users\\me\\a.pdf", "Users/me/a.pdf"),
        ("..\\..\\a.pdf", "a.pdf"),
        ("a\x00b\n\x1b[31m.txt", "ab[31m.txt"),
        ("exe.\u202etxt.js", "exe.txt.js"),
        (" spaced name .txt ", "spaced name .txt"),
        ("u\u0308ber.txt", "über.txt"),
        ("中文.xml", "中文.xml"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("a\ud800.txt", "a.txt"),
        ("12:30.txt", "12:30.txt"),
    ],
)
def test_clean_name(raw: str, name: str) -> None:
    assert clean_name(raw) == name


def test_long_names_keep_their_end_and_stay_different() -> None:
    one, two = clean_name("a/" * 400 + "end.txt"), clean_name("b/" + "a/" * 399 + "end.txt")
    assert one != two
    assert one.endswith(".txt")
    assert "end" in one
    assert max(len(one), len(two)) <= LONGEST


@given(st.text(max_size=700))
def test_any_name_becomes_a_safe_one(raw: str) -> None:
    name = clean_name(raw)
    assert 0 < len(name) <= LONGEST
    assert not name.startswith("/")
    assert not {"", ".", ".."} & set(name.split("/"))
    assert not {unicodedata.category(one) for one in name} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean_name(name) == name


def test_clashes_are_names_with_different_bytes() -> None:
    uploads = [
        Upload("a.txt", b"1"),
        Upload("a.txt", b"2"),
        Upload("b.txt", b"1"),
        Upload("b.txt", b"1"),
        Upload("x/c.txt", b"1"),
        Upload("/x\\c.txt", b"3"),
        Upload("caf\u00e9.txt", b"1"),
        Upload("cafe\u0301.txt", b"2"),
    ]
    twins = ("caf\u00e9.txt", "cafe\u0301.txt")
    assert clashes(uploads) == [("a.txt",), ("x/c.txt", "/x\\c.txt"), twins]
    assert clashes([]) == []
