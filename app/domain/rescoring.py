"""Scoring recorded answers anew."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.answers import Score


@dataclass(frozen=True)
class Rescored:
    """A recorded answer (of a slot, or a re-asking) with its new ``scores`` and what the rule makes of them.

    ``look_again``: its cause may not hold any more.
    """

    answer_id: str
    scores: tuple[Score, ...]
    right: bool | None
    rule: str
    look_again: bool = False


@dataclass(frozen=True)
class RescoreView:
    """How far scoring anew is, or what came of it: ``done`` of ``of`` answers.

    ``now_right`` came out right that were not, ``now_wrong`` the other way round, ``otherwise`` began or
    ceased to be scored. The causes of ``look_again`` answers have to be looked for again. ``unlocated``
    answers searched documents that are not what they were: what needs their text stays as it was scored.
    """

    of: int
    done: int = 0
    now_right: int = 0
    now_wrong: int = 0
    otherwise: int = 0
    look_again: int = 0
    unlocated: int = 0
