"""Questions, prompts and answers, with what was checked, measured and judged of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import inf

from app.domain.base import Basis
from app.domain.documents import Passage
from app.domain.models import Candidate, Message, Phase, Role, Timing, Usage

SHORTEST_WRITING = 0.1
"""Seconds from the first token to the end; in less, the network's moods are most of it."""


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


ERASED = "[erased]"
"""What stands for a passage's text, and for words about it, once a person had it erased."""
BLACK = "█"
"""What stands for each character of an answer that repeated an erased passage."""
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


OWN_MACHINE = "own machine"
"""The ``kind`` in the entry of a cost that is a share of one's own machine."""


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

    @property
    def billed(self) -> bool:
        """Whether somebody may send a bill for it: it is no share of one's own machine."""
        return self.entry.get("kind") != OWN_MACHINE


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
    ``conversation_id`` groups follow-ups; ``only_documents`` narrows the search. ``blind``: who answered is
    hidden from each person until they voted.
    """

    id: str
    text: str
    standalone: str
    conversation_id: str
    collection_id: str
    only_documents: tuple[str, ...]
    asked_at: datetime
    blind: bool = False


@dataclass(frozen=True)
class StandAlone:
    """A follow-up question in words that need no earlier one, and the model that found them.

    ``model`` is "" where none was asked. ``refused``: what it wrote asked something else; ``stopped``: the
    person did not wait for it. ``text`` is the question in the person's own words then.
    """

    text: str
    model: str = ""
    refused: bool = False
    stopped: bool = False


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
        """Completion tokens by the seconds of their generation, None where these are too few to tell.

        Where the server does not tell its time, those that came after the first, by the seconds from it to
        the end: thinking that was hidden from the stream was over by then. In less than ``SHORTEST_WRITING``
        pieces came together, which tells how they were sent and not how fast they were written.
        """
        tokens, seconds, least = self.usage.completion or 0, self.timing.generation, 0.0
        if seconds is None and self.timing.wall is not None and self.timing.first_token is not None:
            seconds, least = self.timing.wall - self.timing.first_token, SHORTEST_WRITING
            tokens -= 1 + (0 if self.thinking else self.usage.thinking or 0)
        elif tokens == 1:
            # A server may begin to count its time where the first token is there: of two on it is believed.
            return None
        if tokens <= 0 or seconds is None or not least < seconds < inf:
            return None
        return tokens / seconds


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
