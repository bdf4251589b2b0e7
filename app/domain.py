"""The words of Assay as frozen types; imports only the standard library.

Spans of text count Python characters, times are seconds unless a name says otherwise, dates are
aware UTC datetimes, money is an integer of 10^-12 of its currency, and ``None`` in a figure means
*unknown*: it is never 0 instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from math import inf
from typing import Literal

MONEY_SCALE = 10**12
"""Money is stored in units of 1/MONEY_SCALE of its currency."""


def stable_hash(*parts: object) -> str:
    """SHA-256 (hex, 64 characters) of the parts as canonical JSON: equal on every machine and run."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --------------------------------------------------------------------------- documents


@dataclass(frozen=True)
class EmbedderRef:
    """Which embedder made the vectors of a collection; two with another digest never mix.

    ``name`` is ``backend/model`` ("embedded/all-MiniLM-L6-v2"), ``digest`` a hash of its weights as
    far as its server tells one, ``dimensions`` the length of a vector.
    """

    name: str
    digest: str
    dimensions: int


@dataclass(frozen=True)
class Splitting:
    """How documents are cut into passages: limits in the embedder's tokens and in characters."""

    tokens: int = 254
    overlap: int = 32
    characters: int = 2000

    @property
    def key(self) -> str:
        """A short stable name, part of what identifies a collection's way of splitting."""
        return f"sentences-{self.tokens}-{self.overlap}-{self.characters}"


@dataclass(frozen=True)
class Collection:
    """Documents indexed with one embedder and one way of splitting.

    ``revision`` counts every change to what can be found in it. ``agreed_hosts`` are the hosts that
    the person agreed may be sent passages of this collection.
    """

    id: str
    name: str
    embedder: EmbedderRef
    splitting: Splitting
    local_only: bool
    agreed_hosts: tuple[str, ...]
    revision: int
    created_at: datetime


class DocumentState(StrEnum):
    """Where a document stands in one collection. Only ``SEARCHABLE`` is ever found."""

    WAITING = "waiting"
    READING = "reading"
    SPLITTING = "splitting"
    INDEXING = "indexing"
    SEARCHABLE = "searchable"
    UNREADABLE = "unreadable"
    NOT_FINISHED = "not finished"


@dataclass(frozen=True)
class ReadPage:
    """One page as read: ``number`` counts from 1; formats without pages have one page."""

    number: int
    text: str


@dataclass(frozen=True)
class ReadDocument:
    """What a reader made of a file. ``warning`` says in words what could not be read, else ""."""

    pages: tuple[ReadPage, ...]
    reader: str
    warning: str = ""

    @property
    def text(self) -> str:
        """The whole text: the pages joined by PAGE_BREAK. Character spans point into it."""
        return PAGE_BREAK.join(page.text for page in self.pages)


PAGE_BREAK = "\n\n"


@dataclass(frozen=True)
class DocumentEntry:
    """A document as it stands in one collection (a row of the Documents table).

    ``document_id`` is the SHA-256 of the bytes, ``name`` the path below the uploaded folder,
    ``passages`` how many there are, ``warning`` and ``error`` are words for the person or "".
    """

    collection_id: str
    document_id: str
    name: str
    state: DocumentState
    size: int
    pages: int
    passages: int
    warning: str
    error: str
    added_at: datetime


@dataclass(frozen=True)
class Passage:
    """One split of a document in a collection: ``text == document_text[start:end]``."""

    id: str
    collection_id: str
    document_id: str
    document_name: str
    page: int
    start: int
    end: int
    text: str


def passage_id(collection_id: str, document_id: str, start: int, end: int) -> str:
    """The content-hash id of a passage (DESIGN: hash of collection, document, start, end)."""
    return stable_hash("passage", collection_id, document_id, start, end)[:32]


@dataclass(frozen=True)
class FoundPassage:
    """A passage that a search returned: ``rank`` from 1, ``similarity`` is the cosine (-1 to 1)."""

    passage: Passage
    similarity: float
    rank: int


@dataclass(frozen=True)
class IndexAudit:
    """How much of an exact search the index returns: ``recall`` 0 to 1 over ``queries`` queries.

    ``too_few`` counts queries that gave fewer results than min(k, searchable passages).
    """

    collection_id: str
    passages: int
    queries: int
    k: int
    recall: float
    too_few: int


# --------------------------------------------------------------------------- backends


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
    """Where passages come from and how many are given; two equal ones share one search."""

    collection_id: str
    k: int = 4


@dataclass(frozen=True)
class Candidate:
    """What gets compared: backend, model (with digest), options, retrieval or no documents."""

    backend: str
    model: str
    options: Options = field(default_factory=Options)
    retrieval: Retrieval | None = None
    digest: str = ""

    @property
    def hash(self) -> str:
        """Stable over machines and runs; another digest under the same tag is another candidate."""
        return stable_hash("candidate-1", asdict(self))[:16]

    @property
    def with_documents(self) -> bool:
        """Whether the candidate is given passages."""
        return self.retrieval is not None

    @property
    def label(self) -> str:
        """The short name on screens: the model and whether it has the documents."""
        return f"{self.model} {'with' if self.with_documents else 'without'} documents"


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
    the first piece of text, ``prompt`` and ``generation`` as the server tells, ``wall`` from sending
    to the end; loading is in neither of them. ``shared`` is the largest number of generations that
    ran on the machine at once, ``machine`` this answer's share of machine time: seconds divided among
    the generations that ran.
    """

    queue: float | None = None
    load: float | None = None
    first_token: float | None = None
    prompt: float | None = None
    generation: float | None = None
    wall: float | None = None
    shared: int = 1
    machine: float | None = None


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


# --------------------------------------------------------------------------- answers


class AnswerState(StrEnum):
    """How an answer ended. ``PENDING`` is an answer that is still being made."""

    PENDING = "pending"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    CUT_SHORT = "cut short"


@dataclass(frozen=True)
class GivenPassage:
    """A passage chosen for an answer. ``number`` is its [n]; 0 where it did not fit the prompt."""

    number: int
    passage: Passage
    similarity: float
    fitted: bool = True
    deleted: bool = False


@dataclass(frozen=True)
class Segment:
    """A piece of a prompt: literal text, or (``passage`` > 0) the text of the passage [n]."""

    text: str
    passage: int = 0


@dataclass(frozen=True)
class PromptMessage:
    """A message as segments, so that a passage's text is stored once and can be erased."""

    role: Role
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Prompt:
    """A prompt before sending: messages, the passages given, those left out, and the budget.

    ``tokens`` is the counted or bounded length, ``exact`` whether the model's own tokenizer counted
    it, ``window`` the context it had to fit together with the answer's cap.
    """

    messages: tuple[PromptMessage, ...]
    given: tuple[GivenPassage, ...]
    tokens: int
    exact: bool
    window: int

    @property
    def left_out(self) -> int:
        """How many of the chosen passages did not fit."""
        return sum(not one.fitted for one in self.given)

    def rendered(self) -> tuple[Message, ...]:
        """The exact messages that are sent."""
        texts = {one.number: one.passage.text for one in self.given if one.fitted}
        return tuple(
            Message(m.role, "".join(texts[s.passage] if s.passage else s.text for s in m.segments))
            for m in self.messages
        )


@dataclass(frozen=True)
class Citation:
    """A mark [n] in an answer: its span in the answer's text; ``valid`` if a passage n was given."""

    number: int
    start: int
    end: int
    valid: bool


@dataclass(frozen=True)
class Quote:
    """A quoted span of an answer; ``number`` is the passage it stands in verbatim, 0 for none."""

    text: str
    number: int


@dataclass(frozen=True)
class Checks:
    """What was checked of an answer against the passages given. ``None``: not applicable.

    ``found`` and ``schema_held`` are for structured answers: what the model said of whether the
    documents contain the answer, and whether its JSON was valid. ``schema_retries`` counts repeats.
    ``note`` says which options the server refused, in words, or "".
    """

    citations: tuple[Citation, ...] = ()
    quotes: tuple[Quote, ...] = ()
    found: bool | None = None
    schema_held: bool | None = None
    schema_retries: int = 0
    note: str = ""


HOLDS = 0.5
"""From this value on a part of an answer is taken to hold."""


@dataclass(frozen=True)
class ScoredPart:
    """What a scorer says of ``answer.text[start:end]``: ``value`` 0 to 1, and ``words`` why."""

    start: int
    end: int
    value: float
    words: str

    @property
    def holds(self) -> bool:
        """Whether the part is rather right than not."""
        return self.value >= HOLDS


@dataclass(frozen=True)
class Score:
    """What one version of a scorer says of an answer. ``value`` None: *unscored*, and ``words`` say why.

    ``parts`` are those of the answer's text that the value is made of, in order, where it is made of any.
    """

    scorer: str
    version: str
    value: float | None
    words: str
    parts: tuple[ScoredPart, ...] = ()


Basis = Literal["listed", "measured", "assumed", "unknown"]


@dataclass(frozen=True)
class Cost:
    """What an answer cost. ``amount`` in 10^-12 of ``currency``, ``None`` if unknown.

    ``basis`` says where the figure comes from, ``entry`` is the price entry or the assumptions used,
    as plain text keys and values, kept with the answer for ever; ``words`` explains it in one line.
    """

    amount: int | None
    currency: str
    basis: Basis
    words: str
    entry: Mapping[str, str] = field(default_factory=dict)


class Judgement(StrEnum):
    """A person's own mark on an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    CANNOT_TELL = "can't tell"


@dataclass(frozen=True)
class Mark:
    """A person's judgement, with the correct answer where one was typed."""

    judgement: Judgement
    correct_answer: str
    marked_at: datetime


@dataclass(frozen=True)
class Question:
    """What was asked.

    ``standalone`` is what was searched for and sent (equal to ``text`` unless it is a follow-up);
    ``conversation_id`` groups follow-ups; ``only_documents`` narrows the search.
    """

    id: str
    text: str
    standalone: str
    conversation_id: str
    collection_id: str
    only_documents: tuple[str, ...]
    asked_at: datetime


@dataclass(frozen=True)
class Answer:
    """One candidate's reply to one question, as logged. ``position`` is its lane, from 0.

    ``scores`` has at most one of each scorer and version, in the order of their names.
    """

    id: str
    question_id: str
    position: int
    candidate: Candidate
    state: AnswerState
    text: str
    thinking: str
    prompt: Prompt | None
    checks: Checks
    usage: Usage
    timing: Timing
    cost: Cost
    error: str
    remedy: str
    attempts: int
    backend_version: str
    asked_at: datetime
    mark: Mark | None = None
    scores: tuple[Score, ...] = ()

    @property
    def tokens_per_second(self) -> float | None:
        """Completion tokens by the seconds of their generation, or by those from the first token to the end.

        Thinking that was hidden from the stream was over before the first token, so it counts only where
        the server tells the time of all of it.
        """
        tokens, seconds = self.usage.completion, self.timing.generation
        if seconds is None and self.timing.wall is not None and self.timing.first_token is not None:
            seconds = self.timing.wall - self.timing.first_token
            tokens = (tokens or 0) - (0 if self.thinking else self.usage.thinking or 0)
        if not tokens or tokens < 0 or seconds is None or not 0 < seconds < inf:
            return None
        return tokens / seconds


# --------------------------------------------------------------------------- summaries for charts


@dataclass(frozen=True)
class Share:
    """A share with its 95% interval (Wilson, 1927): ``hits`` of ``of``; bounds 0 to 1.

    ``hits`` need not be whole: a question that was asked several times adds its own share to them.
    """

    hits: float
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; 0 of 0 has none and raises ZeroDivisionError."""
        return self.hits / self.of


@dataclass(frozen=True)
class AnswerFilter:
    """Which answers a chart is about; empty means all."""

    collection_id: str = ""
    candidates: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class RightTally:
    """How often one candidate was right, over the questions that tell so (METRICS, "Right").

    ``right`` and ``wrong`` count a person's marks. ``failed`` and ``cut_short`` count answers without a
    mark, which are not right; any other answer without one is left out. ``share_sum`` adds up each
    question's own share of right answers (0 to 1), ``square_sum`` the squares of these: a question
    asked ten times is still one of ``questions``.
    """

    candidate_hash: str
    questions: int
    right: int
    wrong: int
    failed: int
    cut_short: int
    share_sum: float
    square_sum: float

    @property
    def answers(self) -> int:
        """The answers behind it."""
        return self.right + self.wrong + self.failed + self.cut_short


@dataclass(frozen=True)
class CandidateSummary:
    """What was asked of one candidate so far.

    Seconds and tokens/s are medians over the ``alone`` complete answers that ran alone on their
    machine (METRICS, "Comparing": speed is compared only among those).
    ``answers`` counts every logged one (those that are being made are in no other count), ``marked``
    those a person judged right or wrong, ``cost_total`` sums the known costs of ``costed`` answers,
    ``uncosted`` had no price.
    """

    candidate_hash: str
    label: str
    with_documents: bool
    answers: int
    complete: int
    failed: int
    marked: int
    right: int
    first_token: float | None
    wall: float | None
    tokens_per_second: float | None
    cost_total: int
    currency: str
    costed: int
    uncosted: int
    alone: int = 0
    cut_short: int = 0
    stopped: int = 0


@dataclass(frozen=True)
class AnswerPoint:
    """One answer as a point of a chart. ``question`` is the text as asked, ``cost`` in 10^-12 of
    ``currency`` (``None``: unknown), ``shared`` how many generations ran on the machine at once.
    """

    answer_id: str
    question_id: str
    question: str
    candidate_hash: str
    label: str
    state: AnswerState
    first_token: float | None
    wall: float | None
    tokens_per_second: float | None
    shared: int
    cost: int | None
    currency: str
    judgement: Judgement | None
    asked_at: datetime


@dataclass(frozen=True)
class SpendDay:
    """What one candidate's answers of one UTC day cost: the sum of the ``costed`` ones.

    ``uncosted`` answers had no price: they are not in ``amount``, which is in 10^-12 of ``currency``.
    """

    day: date
    candidate_hash: str
    label: str
    answers: int
    amount: int
    currency: str
    costed: int
    uncosted: int


# --------------------------------------------------------------------------- what is going on now


@dataclass(frozen=True)
class LaneView:
    """A lane as it stands now. ``answer`` is there once the lane has ended and is logged.

    ``phase`` and ``phase_seconds`` tell what it waits for and how long already; ``tokens_per_second``
    is live and counted in pieces of text, ``None`` before there are any. ``saved`` is False where the
    answer could not be written to the database: it is shown all the same.
    """

    answer_id: str
    position: int
    candidate: Candidate
    phase: Phase
    phase_seconds: float
    text: str
    thinking: str
    tokens_per_second: float | None
    attempts: int
    answer: Answer | None = None
    saved: bool = True


@dataclass(frozen=True)
class AskView:
    """One question with its lanes, live or from the log; ``busy`` while any lane runs."""

    question: Question
    lanes: tuple[LaneView, ...]
    busy: bool


@dataclass(frozen=True)
class Upload:
    """A file as it came in: its name (the path below the given folder) and its bytes."""

    name: str
    content: bytes


class OutcomeKind(StrEnum):
    """What became of one uploaded file."""

    ADDED = "added"
    REPLACED = "replaced the older version"
    UNCHANGED = "already there"
    REFUSED = "not read"
    STOPPED = "stopped"
    FAILED = "not finished"


@dataclass(frozen=True)
class IngestOutcome:
    """The end of one file's ingest, in words that name the file."""

    name: str
    document_id: str
    kind: OutcomeKind
    words: str
    remedy: str = ""
    passages: int = 0


@dataclass(frozen=True)
class FileProgress:
    """How far one file of an ingest is. ``done`` of ``total`` counts passages while indexing."""

    name: str
    state: DocumentState
    done: int = 0
    total: int = 0
    outcome: IngestOutcome | None = None


@dataclass(frozen=True)
class IngestView:
    """A batch of uploads as it stands now."""

    id: str
    collection_id: str
    files: tuple[FileProgress, ...]
    busy: bool
    stopping: bool


# --------------------------------------------------------------------------- own machine


@dataclass(frozen=True)
class Figure:
    """A figure with where it comes from. ``value`` is a decimal number as text, "" if unknown."""

    value: str
    basis: Basis
    source: str


UNKNOWN_FIGURE = Figure("", "unknown", "")


@dataclass(frozen=True)
class MachineAssumptions:
    """What one's own machine costs, each figure with its basis (METRICS, "Cost").

    ``watts`` under load, ``kwh_price`` per kWh, ``purchase`` and ``residual`` in money,
    ``life_years`` in years, ``hours_per_day`` of use, ``rent_per_hour`` instead of a purchase.
    """

    name: str = "this machine"
    currency: str = "USD"
    watts: Figure = UNKNOWN_FIGURE
    kwh_price: Figure = UNKNOWN_FIGURE
    purchase: Figure = UNKNOWN_FIGURE
    residual: Figure = UNKNOWN_FIGURE
    life_years: Figure = UNKNOWN_FIGURE
    hours_per_day: Figure = UNKNOWN_FIGURE
    rent_per_hour: Figure = UNKNOWN_FIGURE
