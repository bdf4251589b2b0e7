"""Typed figures: from what a person types to a ``Figure``, and from a ``Figure`` to a number."""

from __future__ import annotations

import re
from decimal import Decimal

from app.domain import UNKNOWN_FIGURE, Basis, Figure
from app.errors import NotAllowed

MOST = Decimal(10**9)
"""The largest figure that can be typed: more is a slip of the finger."""

# At most 12 decimals, as many as money has; [0-9], since \d takes the digits of other scripts too.
_PLAIN = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,12})?")
_DECIMAL_COMMA = re.compile(r"[0-9]{1,13},[0-9]{1,12}")
_SPACED = re.compile(r"^[0-9]{1,3}(?:[ '\u2019\u00a0\u2009\u202f][0-9]{3})+(?=$|[.,])")
_COMMAS = re.compile(r"^[0-9]{1,3}(?:(?:,[0-9]{3}){2,}$|(?:,[0-9]{3})+(?=\.))")
_POINTS = re.compile(r"^[0-9]{1,3}(?:(?:\.[0-9]{3}){2,}$|(?:\.[0-9]{3})+(?=,))")
_UNCLEAR = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")


def figure(text: str, name: str, basis: Basis = "assumed", source: str = "typed here") -> Figure:
    """What a person typed as a figure; nothing typed is unknown.

    A comma or a point parts the decimals ("0,30" is 0.30); thousands may be grouped. ``name`` is what
    the figure is called in the words of a refusal. Raises NotAllowed for anything that is not a plain
    number from 0 to ``MOST``, and for "1,234", which could mean two numbers.
    """
    typed = text.strip()
    if not typed:
        return UNKNOWN_FIGURE
    if _UNCLEAR.fullmatch(typed):
        raise NotAllowed(
            f"{name} is {typed!r}, which can be read in two ways.",
            f"Write {typed.replace(',', '')} or {typed.replace(',', '.')}.",
        )
    plain = _ungrouped(typed)
    if not _PLAIN.fullmatch(plain):
        raise NotAllowed(
            f"{name} is {_shown(typed)}; a plain number of at least 0 is needed.",
            "Write it like 0.30 or 1250, without a unit, or leave it empty if it is not known.",
        )
    value = Decimal(plain)
    if value > MOST:
        raise NotAllowed(f"{name} is {_shown(typed)}; the largest figure that fits is {MOST:,}.")
    return Figure(format(value, "f"), basis, source)


def value_of(one: Figure) -> Decimal | None:
    """The figure as a number of at least 0, or None where it is unknown (or was spoiled in storage)."""
    known = one.basis != "unknown" and _PLAIN.fullmatch(one.value)
    return Decimal(one.value) if known else None


def _ungrouped(typed: str) -> str:
    """The number with a point for its decimals and without marks between thousands."""
    for groups in (_SPACED, _COMMAS, _POINTS):
        typed = groups.sub(lambda found: re.sub(r"[^0-9]", "", found.group()), typed)
    return typed.replace(",", ".") if _DECIMAL_COMMA.fullmatch(typed) else typed


def _shown(typed: str) -> str:
    return repr(typed if len(typed) <= 40 else f"{typed[:40]}…")
