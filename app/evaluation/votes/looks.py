"""What an answer looks like, for style control: how long it is, its headings, lists and bold words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TRAITS = ("length", "headings", "lists", "bold")
_WORDS = re.compile(r"\S+")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s", re.MULTILINE)
_BOLD = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")


def looks(text: str) -> tuple[int, int, int, int]:
    """Words, headings, items of lists and bold stretches."""
    one, two, three, four = (len(each.findall(text)) for each in (_WORDS, _HEADING, _ITEM, _BOLD))
    return one, two, three, four


def differences(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """(a - b) / (a + b + 1) of each trait for each pair of texts, as pairs x traits."""
    table = np.array([[looks(one), looks(other)] for one, other in pairs], float).reshape(-1, 2, len(TRAITS))
    first, second = table[:, 0], table[:, 1]
    made: NDArray[np.float64] = (first - second) / (first + second + 1)
    return made
