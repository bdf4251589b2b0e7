"""Domain values that are kept as JSON text, and back; every field comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.domain import (
    Basis,
    Candidate,
    Checks,
    Citation,
    ExchangeRate,
    Figure,
    MachineAssumptions,
    Options,
    PricedModel,
    PromptMessage,
    Provenance,
    Quote,
    Retrieval,
    ScoredPart,
    Segment,
    VerdictSettings,
)

BASES: tuple[Basis, ...] = ("listed", "measured", "assumed", "unknown")


def json_text(value: object) -> str:
    """As compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def candidate_text(candidate: Candidate) -> str:
    """All of a candidate."""
    parts = asdict(candidate)
    if candidate.provenance is None:
        del parts["provenance"]
    return json_text(parts)


def candidate_of(text: str) -> Candidate:
    """The candidate; its hash is the one it was kept under."""
    read: dict[str, Any] = json.loads(text)
    options = Options(**read.pop("options"))
    retrieval, provenance = read.pop("retrieval"), read.pop("provenance", None)
    return Candidate(
        **read,
        options=options,
        retrieval=Retrieval(**retrieval) if retrieval else None,
        provenance=Provenance(**provenance) if provenance else None,
    )


def judge_text(judge: Candidate | None) -> str:
    """All of a judge; "" for none."""
    return candidate_text(judge) if judge else ""


def judge_of(text: str) -> Candidate | None:
    """The judge."""
    return candidate_of(text) if text else None


def checks_text(checks: Checks) -> str:
    """All of an answer's checks."""
    return json_text(asdict(checks))


def checks_of(text: str) -> Checks:
    """The checks."""
    read: dict[str, Any] = json.loads(text)
    citations = tuple(Citation(**one) for one in read.pop("citations"))
    quotes = tuple(Quote(**one) for one in read.pop("quotes"))
    return Checks(citations=citations, quotes=quotes, **read)


def messages_text(messages: tuple[PromptMessage, ...]) -> str:
    """A prompt's messages: [role, [[text, passage], …]] each."""
    return json_text([[one.role, [[s.text, s.passage] for s in one.segments]] for one in messages])


def messages_of(text: str) -> tuple[PromptMessage, ...]:
    """The messages."""
    return tuple(
        PromptMessage(role, tuple(Segment(words, passage) for words, passage in segments))
        for role, segments in json.loads(text)
    )


def parts_text(parts: tuple[ScoredPart, ...]) -> str:
    """A score's parts: [start, end, value, words] each."""
    return json_text([[one.start, one.end, one.value, one.words] for one in parts])


def parts_of(text: str) -> tuple[ScoredPart, ...]:
    """The parts."""
    return tuple(ScoredPart(*one) for one in json.loads(text))


def entry_text(entry: Mapping[str, str]) -> str:
    """The price entry or assumptions behind a cost."""
    return json_text(dict(entry))


def entry_of(text: str) -> dict[str, str]:
    """The price entry."""
    return {str(key): str(value) for key, value in json.loads(text).items()}


def names_of(text: str) -> tuple[str, ...]:
    """A tuple of names."""
    return tuple(str(one) for one in json.loads(text))


def machine_text(machine: MachineAssumptions) -> str:
    """All assumptions of one's own machine."""
    return json_text(asdict(machine))


def machine_of(text: str) -> MachineAssumptions:
    """The assumptions; what an earlier version did not know is as if it were not typed yet."""
    read: dict[str, Any] = json.loads(text)
    exchanges = read.pop("exchanges", None)
    if exchanges is None:
        # Earlier there was one rate, and none was kept as an unknown one.
        exchanges = [one for one in [read.pop("exchange", None)] if one and one["rate"]["value"]]
    values: dict[str, Any] = {
        key: Figure(**value) if isinstance(value, dict) else value for key, value in read.items()
    }
    rates = tuple(ExchangeRate(**{**one, "rate": Figure(**one["rate"])}) for one in exchanges)
    return MachineAssumptions(**values, exchanges=rates)


def verdict_text(settings: VerdictSettings) -> str:
    """What the person asks of a model."""
    return json_text(asdict(settings))


def verdict_of(text: str) -> VerdictSettings:
    """The settings."""
    return VerdictSettings(**json.loads(text))


def against_text(models: Sequence[PricedModel]) -> str:
    """The models that one's own machine is set against."""
    return json_text([asdict(one) for one in models])


def against_of(text: str) -> tuple[PricedModel, ...]:
    """The models, in their order."""
    return tuple(PricedModel(**one) for one in json.loads(text))


def basis_of(word: str) -> Basis:
    """Where a figure comes from; a word of a later version counts as unknown."""
    for known in BASES:
        if word == known:
            return known
    return "unknown"
