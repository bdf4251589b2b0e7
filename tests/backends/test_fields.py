"""Whatever a server sends, a field is what it should be, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends import fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_every_value_reads_as_its_kind_or_as_nothing(value: object) -> None:
    data: fields.Json = {"k": value}
    assert isinstance(fields.text(data, "k"), str)
    number = fields.count(data, "k")
    assert number is None or (isinstance(number, int) and number >= 0)
    span = fields.seconds(data, "k", 1e9)
    assert span is None or span >= 0
    assert isinstance(fields.child(data, "k"), dict)
    assert all(isinstance(one, dict) for one in fields.children(data, "k"))


@given(st.binary(max_size=40))
def test_any_bytes_parse_to_an_object_or_nothing(data: bytes) -> None:
    parsed = fields.parse(data)
    assert parsed is None or isinstance(parsed, dict)


def test_what_is_there_is_read() -> None:
    assert fields.count({"a": 3}, "a") == 3
    assert fields.count({"a": 3.0}, "a") == 3
    assert fields.count({"a": True}, "a") is None
    assert fields.seconds({"a": 1_500_000_000}, "a", 1e9) == 1.5
    assert fields.text({"a": "x"}, "a") == "x"
    assert fields.parse(b'{"a": 1}') == {"a": 1}


def test_bottomless_nesting_is_no_json() -> None:
    assert fields.parse(b'{"a":' * 200_000) is None
    assert fields.parse(b"1" * 10_000) is None


@pytest.mark.parametrize("huge", [10**25, 10**400, 1e300, float("inf"), float("nan")])
def test_what_nobody_could_keep_is_unknown(huge: float) -> None:
    assert fields.count({"k": huge}, "k") is None
    assert fields.seconds({"k": huge}, "k", 1e9) is None
