"""Why an answer is not right (METRICS, "Attribution")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What "was it the index or the model?" is answered with."""

    INDEX = "index"
    MODEL = "model"
    NEITHER = "neither"


class Cause(StrEnum):
    """Why an answer is not right. In the order in which they are looked for: the first that holds is it."""

    FAILED = "failed"
    INVENTED = "invented"
    NO_DOCUMENTS = "no documents given"
    NOT_RECORDED = "passages not recorded"
    """It was asked elsewhere, with documents or it is not told: METRICS has no row for it."""
    CANNOT_BE_TOLD = "cannot be told"
    NOT_IN_COLLECTION = "not in the collection"
    NOT_READ = "not read"
    GIVEN_ELSEWHERE = "given elsewhere"
    NOT_INDEXED = "not indexed"
    MISSED_BY_INDEX = "missed by the index"
    MISSED_BY_EMBEDDER = "missed by the embedder"
    RANKED_TOO_LOW = "ranked too low"
    DID_NOT_FIT = "did not fit"
    REFUSED = "refused"
    CUT_SHORT = "cut short"
    NOT_REPEATABLE = "not repeatable"
    DISTRACTED = "distracted"
    MODEL_WRONG = "model wrong"
    MODEL_UNSPLIT = "the model, not split further"
    """What the last three are told as where nothing was asked again."""

    @property
    def family(self) -> Family:
        """Whether the index or the model is at fault, or neither."""
        return _FAMILIES[self]


_NEITHER = (Cause.FAILED, Cause.NO_DOCUMENTS, Cause.NOT_RECORDED, Cause.CANNOT_BE_TOLD)
_INDEX = (
    Cause.NOT_IN_COLLECTION,
    Cause.NOT_READ,
    Cause.NOT_INDEXED,
    Cause.MISSED_BY_INDEX,
    Cause.MISSED_BY_EMBEDDER,
    Cause.RANKED_TOO_LOW,
    Cause.DID_NOT_FIT,
)
_FAMILIES = dict.fromkeys(Cause, Family.MODEL) | {
    **dict.fromkeys(_NEITHER, Family.NEITHER),
    **dict.fromkeys(_INDEX, Family.INDEX),
}


class ProbeKind(StrEnum):
    """How an answer is asked for once more to find its cause: the same again, or with the gold text alone."""

    AGAIN = "again"
    GOLD = "gold"


@dataclass(frozen=True)
class Found:
    """What a look for the cause came to: the cause with what shows it, or the re-asking that it needs."""

    cause: Cause | None
    evidence: str
    needs: ProbeKind | None = None


@dataclass(frozen=True)
class Probed:
    """A re-asking for the cause of an answer; ``number`` counts those of its kind from 0.

    ``right`` is None where it does not tell: it failed, was broken off, or could not be scored.
    ``unjudged``: the judge was not asked yet.
    """

    kind: ProbeKind
    number: int
    answer_id: str
    right: bool | None
    unjudged: bool = False


@dataclass(frozen=True)
class CauseTally:
    """How often each cause was found among the answers of one candidate (its place) that are not right.

    ``wrong`` are all of these; for ``untold`` ones no cause was looked for yet.
    """

    candidate: int
    wrong: int
    untold: int
    counts: Mapping[Cause, int]

    def of(self, family: Family) -> int:
        """How many of a family."""
        return sum(count for cause, count in self.counts.items() if cause.family is family)
