"""Backends and their models, candidates, and the events of a stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Literal

from app.domain.base import stable_hash


class BackendKind(StrEnum):
    """The three ways of reaching a model."""

    EMBEDDED = "embedded"
    OLLAMA = "ollama"
    OPENAI = "openai"


@dataclass(frozen=True)
class Model:
    """One model that a backend offers. ``None``: the server does not tell.

    ``digest`` identifies the weights ("" where the server tells none), ``size`` is in bytes,
    ``context`` in tokens, parameters are counts; a mixture of experts has fewer active than total.
    """

    backend: str
    name: str
    digest: str = ""
    size: int | None = None
    quantisation: str = ""
    parameters: int | None = None
    active_parameters: int | None = None
    context: int | None = None
    loaded: bool | None = None
    embeds: bool = False
    note: str = ""


class HealthState(StrEnum):
    """Whether a backend can be used now. ``ABSENT`` is no fault: nothing was ever set up there."""

    READY = "ready"
    ABSENT = "absent"
    DOWN = "down"
    WRONG = "wrong"


@dataclass(frozen=True)
class Health:
    """A backend's state in one line of words, with the remedy where there is one."""

    backend: str
    kind: BackendKind
    address: str
    state: HealthState
    words: str
    remedy: str = ""
    version: str = ""


@dataclass(frozen=True)
class Options:
    """How a model is asked. ``schema``: strict JSON with ``answer``, ``citations``, ``found``."""

    instruction: str = ""
    temperature: float = 0.0
    seed: int = 1
    max_tokens: int = 400
    schema: bool = False

    def __post_init__(self) -> None:
        """A temperature of 0 and of 0.0 are one candidate: the hash sees only the second."""
        object.__setattr__(self, "temperature", float(self.temperature))


@dataclass(frozen=True)
class Retrieval:
    """Where passages come from and how many are given; two equal ones share one search.

    With ``gold_at`` (from 1, at most ``k``) it is no search: the passage with the right answer is put at
    that place, among the k - 1 nearest others. So it is measured whether a model reads all of its prompt.
    """

    collection_id: str
    k: int = 4
    gold_at: int | None = None


IMPORTED_BACKEND = "imported"
"""Where an imported candidate's answers come from, in the place of a backend's name: nobody can ask there."""


@dataclass(frozen=True)
class Provenance:
    """What is known of answers that were recorded elsewhere and imported.

    ``provider`` is whose list prices apply ("": not known), ``documents`` whether it was given any (None: not
    told), ``note`` what else was told of that, in words.
    """

    provider: str = ""
    documents: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Candidate:
    """What gets compared: backend, model (with digest), options, retrieval or no documents.

    With a ``provenance`` it was asked elsewhere and its answers were imported: it is never asked here, and
    how it was asked is not recorded, so that options and retrieval say nothing.
    """

    backend: str
    model: str
    options: Options = field(default_factory=Options)
    retrieval: Retrieval | None = None
    digest: str = ""
    provenance: Provenance | None = None

    @cached_property
    def hash(self) -> str:
        """Stable over machines and runs; another digest under the same tag is another candidate."""
        parts = asdict(self)
        if self.retrieval is not None and self.retrieval.gold_at is None:
            del parts["retrieval"]["gold_at"]  # It came later, and what is as before keeps its hash.
        if self.provenance is None:
            del parts["provenance"]  # As above.
        return stable_hash("candidate-1", parts)[:16]

    @property
    def with_documents(self) -> bool:
        """Whether the candidate is given passages."""
        return self.retrieval is not None

    @property
    def imported(self) -> bool:
        """Whether its answers were recorded elsewhere: then nothing may ask it."""
        return self.provenance is not None

    @property
    def documents_given(self) -> bool | None:
        """Whether it was given documents; None for an imported one of which that is not told."""
        return self.provenance.documents if self.provenance else self.with_documents

    @property
    def bare(self) -> Candidate:
        """The same without documents."""
        return replace(self, retrieval=None)

    @property
    def label(self) -> str:
        """The short name on screens: the model and what it is given."""
        return f"{self.model} {self.given}"

    @property
    def given(self) -> str:
        """What it is given beside the question, in words; of an imported one what is told of that."""
        if self.provenance is not None:
            told = {True: ", with documents", False: ", without documents", None: ""}
            return f"(imported{told[self.provenance.documents]})"
        if self.retrieval is None:
            return "without documents"
        if self.retrieval.gold_at is None:
            return "with documents"
        return f"with the right passage at {self.retrieval.gold_at} of {self.retrieval.k}"


def twins(candidates: Iterable[Candidate]) -> list[tuple[Candidate, Candidate]]:
    """Each of them with documents beside the same one without, where both are there.

    The same is: same backend, model, digest and options.
    """
    known = {one.hash: one for one in candidates}
    pairs = ((one, known.get(one.bare.hash)) for one in known.values() if one.with_documents)
    return [(one, bare) for one, bare in pairs if bare is not None]


Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Message:
    """One message of a prompt, as the model gets it."""

    role: Role
    content: str


@dataclass(frozen=True)
class Request:
    """What a backend is asked to generate. ``schema`` is a JSON schema as a JSON text, or ""."""

    model: str
    messages: tuple[Message, ...]
    temperature: float
    seed: int
    max_tokens: int
    schema: str = ""


class Phase(StrEnum):
    """What a lane waits for, as the backend or the queue tells it."""

    PREPARING = "preparing the prompt"
    SEARCHING = "finding the passages"
    QUEUED = "in the queue"
    LOADING = "loading the model"
    READING = "reading the prompt"
    ANSWERING = "answering"


@dataclass(frozen=True)
class PhaseChange:
    """The backend entered a phase."""

    phase: Phase


@dataclass(frozen=True)
class TextDelta:
    """A piece of the answer, or of the model's thinking, which is kept apart."""

    text: str
    thinking: bool = False


@dataclass(frozen=True)
class Usage:
    """Tokens as the server counted them; ``cached`` is the part of the prompt read from a cache."""

    prompt: int | None = None
    completion: int | None = None
    thinking: int | None = None
    cached: int | None = None


@dataclass(frozen=True)
class Timing:
    """Spans in seconds by the monotonic clock, ``None`` where unknown.

    ``queue`` waiting in Assay's queue, ``load`` loading the model, ``first_token`` from sending to
    the first piece of text (no later than the server's own ``generation`` leaves room for), ``prompt``
    and ``generation`` as the server tells, ``wall`` from sending to the end; loading is in neither.
    ``shared`` is the largest number of generations that ran on the machine at once, ``machine`` this
    answer's share of machine time: seconds divided among the generations that ran. ``joules`` is its share
    of the energy that this machine's own counters measured meanwhile, None where they tell none.
    """

    queue: float | None = None
    load: float | None = None
    first_token: float | None = None
    prompt: float | None = None
    generation: float | None = None
    wall: float | None = None
    shared: int = 1
    machine: float | None = None
    joules: float | None = None


@dataclass(frozen=True)
class Completed:
    """The end of a stream. ``finish`` is "stop", or "length" where the token limit ended it.

    ``note`` says in words which options the server did not take ("" where it took all).
    """

    usage: Usage
    timing: Timing
    finish: Literal["stop", "length"]
    backend_version: str = ""
    note: str = ""


StreamEvent = PhaseChange | TextDelta | Completed


@dataclass(frozen=True)
class PullProgress:
    """How far a pull is: bytes done and in all (0 where not known yet) and the server's words."""

    status: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class PullView:
    """A model being fetched, as it stands now.

    ``done`` and ``total`` in bytes (``total`` 0 where not known yet), ``speed`` in bytes per second
    over the last seconds (``None`` until it is known). When it is no longer ``busy`` it was fetched,
    unless ``cancelled`` or ``error`` (with its ``remedy``) says otherwise.
    """

    id: str
    backend: str
    model: str
    status: str
    done: int = 0
    total: int = 0
    speed: float | None = None
    busy: bool = True
    cancelled: bool = False
    error: str = ""
    remedy: str = ""
