"""Experiments: what is asked of whom, how often, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.domain.answers import Answer, AnswerState, Judgement
from app.domain.base import Basis
from app.domain.comparisons import Comparison
from app.domain.models import Candidate, Timing, Usage
from app.domain.reports import RightTally, Share
from app.domain.rights import RightRule


def with_judge(candidates: Sequence[Candidate], judge: Candidate | None) -> tuple[Candidate, ...]:
    """All who are asked: the candidates, and the judge where a model is one."""
    return (*candidates,) if judge is None else (*candidates, judge)


class ExperimentState(StrEnum):
    """How a run stands. Whatever is not ``RUNNING`` keeps what it has and can go on, ``FINISHED`` apart."""

    RUNNING = "running"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    AT_LIMIT = "stopped at its spending limit"
    FINISHED = "finished"


@dataclass(frozen=True)
class Limit:
    """The most that may be billed for an experiment, in 10^-12 of ``currency``.

    What one's own machine costs is no part of it: nobody sends a bill for that, and it is told apart.
    """

    amount: int
    currency: str


MACHINE_OF, HERE = "machine of ", "this machine"
"""Under the first and a backend's name the snapshot says on which machine that is; not its address."""


@dataclass(frozen=True)
class Experiment:
    """A dataset's version put to candidates, each case ``repeats`` times.

    Repeat r (from 0) is asked with the candidate's seed + r. ``one_at_a_time`` is a run for speed: no two
    answers at once. ``reask``: what is not right is asked again where only that can tell its cause.
    ``snapshot`` has whatever else could change the result, as plain texts. ``words`` say why it is not
    running, or what is missing; "" where nothing needs to be said. ``judge`` says of answers whether they
    match the right ones (METRICS, "Judge"); None: "contains" decides.
    """

    id: str
    name: str
    dataset_id: str
    dataset_name: str
    version: str
    candidates: tuple[Candidate, ...]
    repeats: int
    cases: int
    made_at: datetime
    one_at_a_time: bool = False
    limit: Limit | None = None
    state: ExperimentState = ExperimentState.RUNNING
    words: str = ""
    ended_at: datetime | None = None
    snapshot: Mapping[str, str] = field(default_factory=dict)
    reask: bool = True
    judge: Candidate | None = None

    @property
    def everybody(self) -> tuple[Candidate, ...]:
        """Its candidates, and the judge where a model is one."""
        return with_judge(self.candidates, self.judge)

    @property
    def size(self) -> int:
        """How many answers are asked for here until it is finished; none of imported candidates."""
        asked = sum(not one.imported for one in self.candidates)
        return asked * self.cases * self.repeats

    @property
    def imported(self) -> frozenset[int]:
        """The places of the candidates whose answers were recorded elsewhere."""
        return frozenset(place for place, one in enumerate(self.candidates) if one.imported)

    @property
    def machines(self) -> dict[str, str]:
        """On which machine each candidate ran, by its hash: ``HERE``, "another machine" or one with a number.

        None of those that ran behind an API, that were imported, or of which it is not recorded.
        """
        own = (one for one in self.candidates if not one.imported)
        told = {one.hash: self.snapshot.get(f"{MACHINE_OF}{one.backend}", "") for one in own}
        return {name: where for name, where in told.items() if where}

    def apart(self, one: str, other: str) -> bool:
        """Whether these candidates, by their hashes, are known to have run on different machines."""
        machines = self.machines
        return len({machines[name] for name in (one, other) if name in machines}) > 1


class Slot(NamedTuple):
    """The place of one answer in an experiment: which candidate, which case, which repeat, from 0."""

    candidate: int
    case: int
    repeat: int


@dataclass(frozen=True)
class Trial:
    """The answer that counts in a slot. ``attempts`` are the answers in it, earlier ones included.

    ``right`` is None where it is unscored, and ``rule`` the one by which it was judged (METRICS, "Right").
    ``cause`` is "" where the answer is right or unscored, or where none was looked for yet; ``evidence`` is
    what shows it, in words. ``abstained`` is None where that was not scored. ``by_rule`` is what the rule
    said, whatever a person marked since, and ``told_by`` that rule: "" where the judge was not asked yet.
    ``unanswerable`` is its question where the documents have no answer to it.
    """

    slot: Slot
    answer_id: str
    state: AnswerState
    attempts: int = 1
    judgement: Judgement | None = None
    right: bool | None = None
    rule: str = ""
    cause: str = ""
    evidence: str = ""
    abstained: bool | None = None
    by_rule: bool | None = None
    told_by: str = ""
    unanswerable: bool = False

    @property
    def empty(self) -> bool:
        """Whether it came to its end without a word: only that end tells of a complete answer if it is right.

        What a person marked since adds no word to it.
        """
        return self.state is AnswerState.COMPLETE and RightRule.END in {self.rule, self.told_by}

    @property
    def unjudged(self) -> bool:
        """Whether the judge has to tell first; a person who marked it did not wait."""
        return self.right is None and not self.rule


@dataclass(frozen=True)
class Spend:
    """What an experiment's answers cost so far, in all attempts.

    ``amounts`` by currency, in 10^-12 of it; ``own`` is what one's own machine has of them, the rest is
    ``billed``. Of ``unknown`` answers the cost is not known; for ``owed`` of them a bill may come.
    """

    amounts: Mapping[str, int]
    unknown: int
    own: Mapping[str, int] = field(default_factory=dict)
    owed: int = 0

    @property
    def billed(self) -> Mapping[str, int]:
        """What is billed of the amounts, for each currency of theirs in which anything is."""
        rest = {one: amount - self.own.get(one, 0) for one, amount in self.amounts.items()}
        return {one: amount for one, amount in rest.items() if amount or one not in self.own}


@dataclass(frozen=True)
class CostedAnswer:
    """What the answer that counts in a slot cost and took: all that costs are worked out from.

    ``amount`` is in 10^-12 of ``currency``, None where it is unknown, and ``basis`` says whose figure it is.
    """

    slot: Slot
    amount: int | None
    currency: str
    basis: Basis
    usage: Usage
    timing: Timing
    asked_at: datetime


class PaidAnswer(NamedTuple):
    """The same as a plain row, for sums over many: what of it is summed, with the slot in its parts.

    Tokens as in ``Usage``, ``load`` and ``machine`` in seconds, and ``shared``, as in ``Timing``.
    """

    candidate: int
    case: int
    repeat: int
    amount: int | None
    currency: str
    basis: Basis
    prompt: int | None = None
    completion: int | None = None
    thinking: int | None = None
    cached: int | None = None
    load: float | None = None
    machine: float | None = None
    shared: int = 1


@dataclass(frozen=True)
class Judged:
    """An answer with all its scores, and whether it is right by which rule (METRICS, "Right")."""

    answer: Answer
    right: bool | None
    rule: str


class Again(StrEnum):
    """What a run that goes on asks again, beside what was never asked.

    What the judge could not tell is unscored: it is judged again, and not asked again.
    """

    NOTHING = "nothing"
    FAILED = "failed"
    UNSCORED = "unscored"


@dataclass(frozen=True)
class CandidateProgress:
    """How far one candidate of a run is: slots ``done`` of ``of``, ``failed`` and ``unscored`` among them.

    For ``unjudged`` ones the judge was not asked yet; they are not among the unscored. Of an imported
    candidate only those are told: there is nothing else to do for it.
    """

    done: int
    failed: int
    of: int
    unscored: int = 0
    unjudged: int = 0


@dataclass(frozen=True)
class Latest:
    """An answer that a run has just taken: of which candidate (its place), to what, and how it came out.

    ``unjudged``: that is told when the judge was asked.
    """

    candidate: int
    question: str
    state: AnswerState
    right: bool | None
    unjudged: bool = False


class RunPhase(StrEnum):
    """What a run does: it asks, has the answers judged, then looks why they are not right."""

    ASKING = "asking"
    JUDGING = "judging"
    LOOKING = "looking for causes"


@dataclass(frozen=True)
class CauseProgress:
    """Of how many answers that are not right the cause is ``found``: "12 of 30"."""

    found: int = 0
    of: int = 0


@dataclass(frozen=True)
class JudgeProgress:
    """Of how many answers that the judge is asked about it has said something: "34 of 120"."""

    done: int = 0
    of: int = 0


@dataclass(frozen=True)
class RunView:
    """An experiment as it stands now. ``progress`` is in the order of its candidates.

    ``asking`` answers are being made; ``seconds_left`` of this phase is None where it cannot be known.
    ``causes`` count while it is looking for them, and when it is over; ``judged`` while it is judging.
    ``latest`` are the last answers while it runs, the newest first. ``elsewhere``: it was made on another
    machine, so that nothing more of it is asked or judged here.
    """

    experiment: Experiment
    progress: tuple[CandidateProgress, ...]
    spend: Spend
    asking: int = 0
    seconds_left: float | None = None
    busy: bool = False
    stopping: bool = False
    phase: RunPhase = RunPhase.ASKING
    causes: CauseProgress = CauseProgress()
    latest: tuple[Latest, ...] = ()
    judged: JudgeProgress = JudgeProgress()
    elsewhere: bool = False


@dataclass(frozen=True)
class ExperimentSummary:
    """An experiment in a line: how many of its ``size`` answers are there, and how often each was right.

    ``tallies`` are of the candidates that have a scored answer; ``right`` and ``wrong`` in them count the
    answers that were found so by whichever rule. ``elsewhere``: it was made on another machine.
    """

    experiment: Experiment
    done: int
    tallies: tuple[RightTally, ...]
    elsewhere: bool = False


@dataclass(frozen=True)
class MeasureView:
    """A short probe as it stands now: ``done`` of ``of`` answers; ``asking`` is whom, "" for nobody.

    ``failures`` say in words which candidates could not be measured.
    """

    done: int
    of: int
    asking: str = ""
    failures: tuple[str, ...] = ()
    busy: bool = False
    stopping: bool = False


@dataclass(frozen=True)
class Recorded:
    """Means over the newest answers of a model, with documents or without: what to expect of more.

    Of those that came to an end, by themselves or at the token cap.

    ``seconds`` from sending to the end, tokens as counted, ``cost`` in 10^-12 of ``currency``; ``None``
    where no answer tells. ``own`` is what of the cost was one's own machine's. ``answers`` is how many there
    were.
    """

    answers: int
    seconds: float | None = None
    prompt_tokens: float | None = None
    completion_tokens: float | None = None
    cost: float | None = None
    currency: str = ""
    own: float = 0.0


@dataclass(frozen=True)
class Taking:
    """What a number of answers takes: ``seconds`` (None: not known), tokens, money by currency in 10^-12.

    ``own`` is what of the ``amounts`` is one's own machine's, for which no bill comes.
    """

    seconds: float | None = None
    tokens: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)
    own: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """What an experiment will take, as far as earlier answers tell: ``questions`` put to each candidate.

    ``unknown`` are the labels of candidates of which nothing is recorded: nothing of theirs is in the
    figures. ``amounts`` by currency in 10^-12 of it, ``own`` what of them is one's own machine's;
    ``unpriced`` are labels without a known cost.
    ``judgements`` are the most that the judge can be asked for the answers; their seconds, tokens and
    amounts are in the figures. ``reasks`` are the most that looking for causes can ask, if every answer that
    can be asked again were wrong; ``more`` is what these take, with the judge, beside the figures.
    """

    answers: int
    seconds: float | None
    tokens: int
    amounts: Mapping[str, int]
    unknown: tuple[str, ...]
    unpriced: tuple[str, ...]
    basis: str
    questions: int = 0
    judgements: int = 0
    reasks: int = 0
    more: Taking = Taking()
    own: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class JudgeCheck:
    """What the judge said of one candidate's answers, held against the person's own marks.

    ``said`` is the share of the judged questions that it called right; ``sensitivity`` the share of those
    marked as right that it called right, ``specificity`` the share of those marked as wrong that it called
    wrong. A question that was asked several times counts once, with its own share. ``value`` is what
    ``said`` comes to once the judge's mistakes are taken out, with its 95% interval ``low`` to ``high``;
    all three are None where that cannot be told, and ``words`` say why.
    """

    said: Share
    sensitivity: Share
    specificity: Share
    value: float | None = None
    low: float | None = None
    high: float | None = None
    words: str = ""


@dataclass(frozen=True)
class CandidateResult:
    """How one candidate did. ``right`` is over the questions on which it has a scored answer.

    Of its ``answers`` so far, ``unscored`` tell nothing and ``failed`` ones count as not right; the judge was
    not asked about ``unjudged`` ones yet, which are not among the unscored. ``judge`` is there where a judge
    was chosen.
    """

    candidate: Candidate
    right: Share
    answers: int
    unscored: int
    failed: int
    judge: JudgeCheck | None = None
    unjudged: int = 0

    @property
    def scored(self) -> int:
        """The answers of which is told whether they are right."""
        return self.answers - self.unscored - self.unjudged


@dataclass(frozen=True)
class Results:
    """What came of an experiment. ``candidates`` are in its order.

    ``comparisons`` are of all pairs, corrected together; ``uplifts`` those among them that tell what the
    documents bring.
    """

    candidates: tuple[CandidateResult, ...]
    comparisons: tuple[Comparison, ...]
    uplifts: tuple[Comparison, ...]
