"""Whether an answer is right, and by which rule that was decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RightRule(StrEnum):
    """What decided, as the screens say it."""

    MARK = "your own mark"
    END = "the answer's end"
    ABSTENTION = "abstention"
    CONTAINS = "contains"
    JUDGE = "judge"


@dataclass(frozen=True)
class Right:
    """Whether an answer is right; ``value`` None: not told. ``words`` say why, ``rule`` what decided."""

    value: bool | None
    rule: RightRule
    words: str
