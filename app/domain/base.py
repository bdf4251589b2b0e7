"""What all the other words are made of: hashes, money, and where a figure comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

MONEY_SCALE = 10**12
"""Money is stored in units of 1/MONEY_SCALE of its currency."""
SMALLEST = Decimal(1).scaleb(-12)
"""The same unit as a number: as finely as money is told, and as many decimals as a figure can have."""


def stable_hash(*parts: object) -> str:
    """SHA-256 (hex, 64 characters) of the parts as canonical JSON: equal on every machine and run."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


Basis = Literal["listed", "measured", "assumed", "unknown"]
"""Where a figure comes from."""

Reached = Callable[[int, int], object]
"""Is told by long work how far it is: so many of how many (0: nobody knows). What it raises ends the work."""


def untold(_done: int, _of: int) -> None:
    """A ``Reached`` of nobody who wants to know."""
