"""Reads the head of a GGUF file: how many parameters it holds (llama.cpp's format, version 2 and 3)."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import BinaryIO

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9
_MOST = 1_000_000


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def take(self, size: int) -> bytes:
        data = self._file.read(size) if size <= 64 * _MOST else b""
        if len(data) != size:
            raise ValueError("not a whole GGUF file")
        return data

    def number(self, kind: str) -> int:
        (value,) = struct.unpack(f"<{kind}", self.take(struct.calcsize(kind)))
        return int(value)

    def count(self) -> int:
        value = self.number("Q")
        if value > _MOST:
            raise ValueError("not a GGUF file")
        return value

    def skip_text(self) -> None:
        self.take(self.number("Q"))

    def skip_value(self, kind: int) -> None:
        if kind == _STRING:
            self.skip_text()
        elif kind == _ARRAY:
            inner = self.number("I")
            for _ in range(self.count()):
                self.skip_value(inner)
        elif kind in _SIZES:
            self.take(_SIZES[kind])
        else:
            raise ValueError("an unknown kind of value")


def parameter_count(path: Path) -> int | None:
    """The elements of all tensors together; None if the file is not as expected."""
    try:
        with path.open("rb") as file:
            return _count(_Reader(file))
    except (OSError, ValueError, RecursionError):
        return None


def _count(reader: _Reader) -> int:
    if reader.take(4) != b"GGUF" or reader.number("I") not in {2, 3}:
        raise ValueError("not a GGUF file")
    tensors, values = reader.count(), reader.count()
    for _ in range(values):
        reader.skip_text()
        reader.skip_value(reader.number("I"))
    total = 0
    for _ in range(tensors):
        reader.skip_text()
        sides = reader.number("I")
        total += math.prod(reader.number("Q") for _ in range(min(sides, 8)))
        reader.number("I")
        reader.number("Q")
    return total
