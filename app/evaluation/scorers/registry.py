"""The scorers: a line each."""

from __future__ import annotations

from app.evaluation.scorers.base import Scorer
from app.evaluation.scorers.grounded import GroundedShare


def scorers() -> tuple[Scorer, ...]:
    """Those that score every answer given passages, in the order in which they are run."""
    return (GroundedShare(),)
