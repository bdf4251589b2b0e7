"""An experiment with everything that came of it, as it is written to one file and read back."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.answers import Answer
from app.domain.cases import Case
from app.domain.causes import ProbeKind
from app.domain.experiments import Experiment, Slot
from app.domain.votes import Vote


@dataclass(frozen=True)
class ArchivedTrial:
    """An answer in its slot. ``attempt`` counts from 1; of a slot's attempts one is not ``superseded``.

    ``right``, ``rule``, ``cause`` and ``evidence`` are as in ``Trial``.
    """

    slot: Slot
    attempt: int
    answer: Answer
    superseded: bool = False
    right: bool | None = None
    rule: str = ""
    cause: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class ArchivedProbe:
    """A re-asking that looked for the cause of the answer ``of``; ``number`` counts those of a kind."""

    of: str
    kind: ProbeKind
    number: int
    answer: Answer
    right: bool | None = None
    unjudged: bool = False


@dataclass(frozen=True)
class ArchivedRuling:
    """What a judge was asked about the answer ``of``, and its own ``answer``; ``attempt`` counts from 1.

    ``scorer`` is the name under which its scores stand.
    """

    of: str
    scorer: str
    attempt: int
    answer: Answer


@dataclass(frozen=True)
class ArchivedExperiment:
    """All of it. ``cases`` stand at their places; the others in the order in which they were made.

    ``votes`` are people's, with their names.
    """

    experiment: Experiment
    cases: tuple[Case, ...]
    trials: tuple[ArchivedTrial, ...]
    probes: tuple[ArchivedProbe, ...] = ()
    rulings: tuple[ArchivedRuling, ...] = ()
    votes: tuple[Vote, ...] = ()
