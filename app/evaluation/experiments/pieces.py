"""What a run asks, piece by piece: the answer of a slot, a re-asking for its cause, a judgement."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from app.domain import Candidate, Experiment, ProbeKind, Slot

MOST_CANDIDATES = 20
MOST_REPEATS = 100
FRESH = 1000
"""The same again is asked with seeds so far from those of the experiment, which has at most 100 repeats."""

JUDGE = -1
"""Where the candidates have their places."""


class Piece(NamedTuple):
    """The answer of a slot, or (with a ``kind``) the re-asking with that ``number``, from 0.

    ``judges``: what the judge says of that answer.
    """

    slot: Slot
    kind: ProbeKind | None = None
    number: int = 0
    judges: bool = False

    @property
    def whose(self) -> int:
        """The place of the candidate that is asked; JUDGE for the judge."""
        return JUDGE if self.judges else self.slot.candidate


def asked_as(experiment: Experiment, piece: Piece) -> Candidate:
    """The candidate as it is asked for a piece, where only the seed differs; or the judge, as it is.

    Repeat r has seed + r. The same again needs seeds that no repeat has and no other repeat's re-asking
    (seed + 1000 (r + 1) + number): with its own seed a model that keeps to it would only say the same. The
    gold text alone is asked with the seed of the repeat, + number: of all that was, only the passages differ.
    """
    if piece.judges:
        assert experiment.judge is not None  # noqa: S101 - such a piece is made for a judge only
        return experiment.judge
    candidate = experiment.candidates[piece.slot.candidate]
    more = piece.slot.repeat + piece.number
    if piece.kind is ProbeKind.AGAIN:
        more = FRESH * (piece.slot.repeat + 1) + piece.number
    options = replace(candidate.options, seed=candidate.options.seed + more)
    return replace(candidate, options=options)
