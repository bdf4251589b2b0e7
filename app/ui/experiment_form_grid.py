"""The grid of a new experiment: models by what they are given, times the values of their options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from app.domain import BackendKind, Candidate, Collection, Options, Retrieval
from app.ui.candidates import DEFAULT_K, DEFAULTS, Offer
from app.ui.words import lowered

MOST_CANDIDATES = 20
MOST_FIRST = 4
"""So many models of this machine are chosen at first: with and without documents, eight candidates."""
WITHOUT = ""
"""What stands for "without documents" where a collection's id stands for its documents."""
KS = tuple(range(1, 21))
TEMPERATURES = (0.0, 0.3, 0.5, 0.7, 1.0)
CAPS = (50, 100, 200, 400, 800, 1600, 3200)


class Cell(NamedTuple):
    """A place in the grid: a model, and the collection that it is given (``WITHOUT`` for none)."""

    offer: Offer
    given: str


@dataclass(frozen=True)
class Variations:
    """The values of each option; several of one make more candidates."""

    ks: tuple[int, ...] = (DEFAULT_K,)
    schemas: tuple[bool, ...] = (DEFAULTS.schema,)
    temperatures: tuple[float, ...] = (DEFAULTS.temperature,)
    caps: tuple[int, ...] = (DEFAULTS.max_tokens,)
    instructions: tuple[str, ...] = (DEFAULTS.instruction,)
    seed: int = DEFAULTS.seed

    @property
    def told(self) -> list[str]:
        """What is not as usual, or has several values, in words."""
        said = [
            (self.ks, (DEFAULT_K,), f"{_listed(self.ks)} passages"),
            (self.temperatures, (DEFAULTS.temperature,), f"temperature {_listed(self.temperatures)}"),
            (self.caps, (DEFAULTS.max_tokens,), f"up to {_listed(self.caps)} tokens"),
            (self.schemas, (DEFAULTS.schema,), _listed([lowered(FORMS[one]) for one in self.schemas])),
            (self.seed, DEFAULTS.seed, f"seed {self.seed}"),
            (self.instructions, ("",), _instructions(self.instructions)),
        ]
        return [words for chosen, usual, words in said if chosen != usual]


FORMS = {False: "Free text", True: "Strict JSON"}


def first_models(offers: Sequence[Offer]) -> list[str]:
    """The names of the models that are chosen at first: those of this machine, the embedded one first."""
    ordered = sorted(offers, key=lambda one: (not one.local, one.kind is not BackendKind.EMBEDDED))
    here = [one.name for one in ordered if one.local]
    return here[:MOST_FIRST] or [one.name for one in ordered[:1]]


def forbidden(offer: Offer, collection: Collection | None) -> str:
    """Why a model cannot be given a collection, "" where it can."""
    if collection is None or offer.local or not collection.local_only:
        return ""
    return f"“{collection.name}” is for models on this machine only; {offer.backend} is at {offer.host}."


def candidates_of(cells: Sequence[Cell], chosen: Variations) -> tuple[Candidate, ...]:
    """Every cell with every value of every option, each once: passages say nothing where none are given."""
    made = [
        Candidate(cell.offer.backend, cell.offer.model, options, retrieval)
        for cell in cells
        for options in _options(chosen)
        for retrieval in _retrievals(cell.given, chosen.ks)
    ]
    return tuple(dict.fromkeys(made))


def leaving(cells: Sequence[Cell], judge: Offer | None = None) -> list[tuple[str, str]]:
    """Which collection (its id) would be sent to which host other than this machine, each pair once.

    What a judge reads are answers made from passages.
    """
    given = [one for one in cells if one.given != WITHOUT]
    pairs = [(one.given, one.offer.host) for one in given if not one.offer.local]
    if judge is not None and not judge.local:
        pairs += [(one.given, judge.host) for one in given]
    return list(dict.fromkeys(pairs))


def too_many(candidates: Sequence[Candidate]) -> str:
    """What to do where there are more candidates than an experiment can have, "" where there are not."""
    if len(candidates) <= MOST_CANDIDATES:
        return ""
    return (
        f"These are {len(candidates)} candidates, and at most {MOST_CANDIDATES} can be compared at once. "
        "Untick some, or choose fewer lengths, or fewer values under Options."
    )


def _options(chosen: Variations) -> list[Options]:
    return [
        Options(instruction, temperature, chosen.seed, cap, schema)
        for instruction, temperature, cap, schema in product(
            chosen.instructions, chosen.temperatures, chosen.caps, chosen.schemas
        )
    ]


def _retrievals(given: str, ks: Sequence[int]) -> list[Retrieval | None]:
    return [None] if given == WITHOUT else [Retrieval(given, k) for k in ks]


def _listed(values: Sequence[object]) -> str:
    words = [f"{one:g}" if isinstance(one, float) else str(one) for one in values]
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _instructions(chosen: Sequence[str]) -> str:
    return "own instruction" if len(chosen) == 1 else "two instructions"
