"""Reads what model servers send, which may be anything: a field is what it should be, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping

Json = Mapping[str, object]
"""A JSON object as parsed; its values are read with the functions below only."""

LARGEST = 2**63 - 1
"""What a database can keep; a greater number is garbage."""


def parse(data: bytes | str) -> Json | None:
    """The JSON object in ``data`` (UTF-8), or None if it is no JSON or no object."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested thousands deep
        return None
    return value if isinstance(value, dict) else None


def text(data: Json, key: str) -> str:
    """The text under ``key``, or ""."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def count(data: Json, key: str) -> int | None:
    """The whole number from 0 to LARGEST under ``key``, or None."""
    value = data.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST else None


def seconds(data: Json, key: str, per_second: float) -> float | None:
    """The span under ``key`` in seconds (``per_second``: how many of its units make one), or None."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / per_second if 0 <= value <= LARGEST else None


def child(data: Json, key: str) -> Json:
    """The object under ``key``, or an empty one."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def children(data: Json, key: str) -> list[Json]:
    """The objects in the list under ``key``; what is no object is left out."""
    value = data.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
