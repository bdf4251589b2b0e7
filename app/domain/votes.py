"""Blind votes: which of two answers a person preferred, and what many such votes say of the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.comparisons import ALPHA
from app.domain.models import Candidate
from app.domain.reports import Share


class VoteOrigin(StrEnum):
    """Where a vote was given."""

    EXPERIMENT = "experiment"
    ASK = "ask"


class Choice(StrEnum):
    """What a person chose of the two answers as they stood on the screen."""

    LEFT = "A is better"
    RIGHT = "B is better"
    TIE = "Equally good"
    BAD = "Both bad"


@dataclass(frozen=True)
class Vote:
    """A person's choice between two answers, by their ids: ``first`` is the smaller one.

    ``preferred`` is one of the two, "" for neither; ``both_bad`` then tells whether none was any good.
    ``left`` stood on the left (as A). ``voter`` is the name as typed; another case is the same person.
    """

    voter: str
    first: str
    second: str
    preferred: str
    both_bad: bool
    left: str
    voted_at: datetime
    origin: VoteOrigin = VoteOrigin.EXPERIMENT

    @classmethod
    def of(
        cls,
        voter: str,
        shown: tuple[str, str],
        choice: Choice,
        voted_at: datetime,
        origin: VoteOrigin = VoteOrigin.EXPERIMENT,
    ) -> Vote:
        """The vote for a choice between the answers ``shown``, left and right. Raises ValueError for one."""
        left, right = shown
        if left == right:
            raise ValueError("a vote is between two answers")
        first, second = sorted(shown)
        preferred = {Choice.LEFT: left, Choice.RIGHT: right}.get(choice, "")
        return cls(voter, first, second, preferred, choice is Choice.BAD, left, voted_at, origin)

    @property
    def points(self) -> float:
        """What the first answer gets of the vote: 1, 0, or half where none was preferred."""
        return 0.5 if not self.preferred else float(self.preferred == self.first)


@dataclass(frozen=True)
class PlacedVote:
    """A vote on two answers of an experiment that count: whose (places), to which case and repeat."""

    vote: Vote
    case: int
    repeat: int
    first: int
    second: int


@dataclass(frozen=True)
class AnswerText:
    """The text of an answer that counts, in its place of an experiment."""

    candidate: int
    case: int
    repeat: int
    answer_id: str
    text: str


@dataclass(frozen=True)
class PairRuling:
    """What a judge said of two answers when ``left`` stood first: the ``preferred`` one.

    "" for neither; None where its reply said nothing. ``judge`` is a candidate's hash.
    """

    judge: str
    left: str
    right: str
    preferred: str | None


class Bounded(StrEnum):
    """Why a candidate's rating is a bounded estimate: the likelihood alone would put it at infinity."""

    WON = "was never beaten, and tied with none"
    LOST = "never won, and tied with none"
    ONE_WAY = "all votes between some candidates and the others went one way"
    LOOKS = "cannot be told from the looks of its answers by these votes"


@dataclass(frozen=True)
class Rating:
    """Where a candidate stands by the votes (METRICS, "Votes"), around 1000.

    ``group`` numbers the candidates that a chain of votes connects: only within one do ratings compare.
    All three figures are None for a candidate without votes. ``bounded`` is None where nothing is.
    """

    candidate: str
    votes: int
    won: int
    lost: int
    even: int
    group: int
    rating: float | None = None
    low: float | None = None
    high: float | None = None
    bounded: Bounded | None = None


@dataclass(frozen=True)
class Apart:
    """Two candidates of one group: ``first`` minus ``second`` in points, with the corrected p-value."""

    first: str
    second: str
    difference: float
    adjusted: float

    @property
    def decisive(self) -> bool:
        """Whether the corrected test tells the difference from chance."""
        return self.adjusted <= ALPHA


@dataclass(frozen=True)
class Style:
    """What style control found: the weight of each trait of the answers' looks, in points a spread.

    ``weights`` name the trait and say its value with its 95% interval; of ``rare`` ones there are too few,
    and ``entwined`` ones go with who wrote, or with each other, so that votes do not tell which it was.
    """

    weights: Mapping[str, tuple[float, float, float]]
    rare: tuple[str, ...] = ()
    entwined: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """What all votes say: ratings in the order of the candidates, and every pair of a group compared.

    ``groups`` is how many groups of two and more there are; ``voted`` on how many questions.
    """

    ratings: tuple[Rating, ...]
    apart: tuple[Apart, ...]
    groups: int
    votes: int
    voted: int
    style: Style | None = None


@dataclass(frozen=True)
class Concord:
    """How often two choices on the same pair of answers were the same, and how often chance would have it."""

    share: Share
    by_chance: float | None = None


@dataclass(frozen=True)
class WithRight:
    """Of votes where just one of the two answers was right: how often that one was preferred.

    ``wrong`` and ``neither`` are the shares (0 to 1) of votes for the other one, and for none.
    """

    share: Share
    votes: int
    wrong: float
    neither: float


@dataclass(frozen=True)
class JudgedVotes:
    """What a judge said of pairs, for one candidate: its share of the points, and what people make of that.

    ``said`` over ``pairs`` judged pairs of it, ``people`` over the ``both`` pairs that people voted on, too.
    ``corrected`` with its 95% interval is None where ``words`` say why.
    """

    candidate: str
    pairs: int
    said: float | None
    both: int
    people: float | None
    corrected: float | None = None
    low: float | None = None
    high: float | None = None
    words: str = ""


@dataclass(frozen=True)
class PairJudge:
    """A judge of pairs: of the ``pairs`` that it was asked about both ways, how often it changed its mind.

    ``unclear`` pairs have a reply that said nothing. ``concord`` is with the people's votes.
    """

    judge: Candidate
    pairs: int
    flips: Share
    unclear: int
    concord: Concord
    by_candidate: tuple[JudgedVotes, ...]


@dataclass(frozen=True)
class Polled:
    """An experiment's votes looked at as a whole."""

    standing: Standing
    voters: int
    pairs: int
    concord: Concord
    with_right: WithRight
    judges: tuple[PairJudge, ...] = field(default=())


@dataclass(frozen=True)
class PairView:
    """How far the judging of an experiment's pairs is: ``done`` of ``of`` questions put to the judge.

    ``words`` say why it ended early, "" where it did not.
    """

    done: int
    of: int
    busy: bool
    words: str = ""
