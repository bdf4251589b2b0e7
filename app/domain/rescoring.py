"""Scoring recorded answers anew."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.answers import Score


@dataclass(frozen=True)
class Rescored:
    """A recorded answer (of a slot, or a re-asking) with its new ``scores`` and what the rule makes of them.

    ``look_again``: its cause may not hold any more, and can be looked for again. ``cause``: the one that
    holds now, with what shows it, where it can be told at once; None leaves it as it is.
    """

    answer_id: str
    scores: tuple[Score, ...]
    right: bool | None
    rule: str
    look_again: bool = False
    cause: tuple[str, str] | None = None


@dataclass(frozen=True)
class RescoreView:
    """How far scoring anew is, or what came of it: ``done`` of ``of`` answers.

    ``now_right`` came out right that were not, ``now_wrong`` the other way round, ``otherwise`` began or
    ceased to be scored. The causes of ``look_again`` answers have to be looked for again. ``unlocated``
    answers searched documents that are not what they were: what needs their text stays as it was scored.
    ``unjudged`` ones wait for the judge. What cannot be found again stays: the causes of ``kept_causes``
    answers that are not right, and what was said of ``kept_rulings`` answers, where now a judge would have to
    tell and none is asked. Both happen where the experiment was run ``elsewhere``; why ``untold`` answers are
    not right that were right before, nobody can find there either.
    """

    of: int
    done: int = 0
    now_right: int = 0
    now_wrong: int = 0
    otherwise: int = 0
    look_again: int = 0
    unlocated: int = 0
    unjudged: int = 0
    kept_causes: int = 0
    kept_rulings: int = 0
    untold: int = 0
    elsewhere: bool = False
