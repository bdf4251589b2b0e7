"""What a judge of pairs comes to: its flips, and its shares with people's votes put to rights.

Of a candidate in n judged pairs the judge's points (1, 0, or half for a tie) have the mean f; on the m pairs
among them that people voted on, the mean of (people's points - judge's points) is d. Corrected: f + d, the
prediction-powered estimate of A. N. Angelopoulos, S. Bates, C. Fannjiang, M. I. Jordan and T. Zrnic (2023),
"Prediction-powered inference", Science 382, 669-674. Since the m are among the n, the variance is that of
both together. A question with all its pairs counts as one, and Student's quantile stands for the normal one.
Where people voted on all pairs that the judge was asked about, it comes to what the people said.

Where judge and people say the same on all m, that is no certainty either: the variance is at least what two
more questions would give, one with a point for and one with a point against the judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

import numpy as np

from app.domain import Candidate, JudgedVotes, PairJudge, PairRuling, PlacedVote
from app.evaluation.shares import wilson
from app.evaluation.votes.agreement import with_judge
from app.evaluation.votes.pairs import AnswerPair, Key

LEAST = 20
"""So many pairs of a candidate with people's votes it takes to put a judge to rights."""
LEAST_QUESTIONS = 5
"""And they must be on so many questions, or their spread tells nothing."""


def both_ways(rulings: Iterable[PairRuling]) -> tuple[dict[Key, str], int, int]:
    """What was said of each pair asked both ways (an id, "" for neither), flips, and pairs left unclear."""
    ways: dict[Key, list[PairRuling]] = defaultdict(list)
    for one in rulings:
        first, second = sorted((one.left, one.right))
        ways[first, second].append(one)
    said: dict[Key, str] = {}
    flips = unclear = 0
    for key, told in ways.items():
        if len(told) < 2:
            continue
        ours, theirs = (each.preferred for each in told)
        if ours is None or theirs is None:
            unclear += 1
            continue
        flips += ours != theirs
        said[key] = ours if ours == theirs else ""
    return said, flips, unclear


def judged(
    judge: Candidate,
    rulings: Iterable[PairRuling],
    votes: Sequence[PlacedVote],
    pairs: Mapping[Key, AnswerPair],
    candidates: Sequence[str],
) -> PairJudge:
    """All of one judge; ``candidates`` are hashes by place."""
    both, flips, unclear = both_ways(rulings)
    said = {key: one for key, one in both.items() if key in pairs}
    people: dict[Key, list[float]] = defaultdict(list)
    for one in votes:
        people[one.vote.first, one.vote.second].append(one.vote.points)
    rows = [_of(place, name, said, people, pairs) for place, name in enumerate(candidates)]
    share = wilson(flips, len(both))
    concord = with_judge((one.vote for one in votes), said)
    return PairJudge(judge, len(both) + unclear, share, unclear, concord, tuple(rows))


def _of(
    place: int,
    name: str,
    said: Mapping[Key, str],
    people: Mapping[Key, Sequence[float]],
    pairs: Mapping[Key, AnswerPair],
) -> JudgedVotes:
    ours: dict[int, list[float]] = defaultdict(list)
    apart: dict[int, list[float]] = defaultdict(list)
    theirs: list[float] = []
    for key, preferred in said.items():
        pair = pairs[key]
        if place not in pair.of:
            continue
        first = pair.first.candidate == place
        points = 0.5 if not preferred else float((preferred == key[0]) == first)
        ours[pair.first.case].append(points)
        if key in people:
            mean = float(np.mean(people[key]))
            theirs.append(mean if first else 1 - mean)
            apart[pair.first.case].append(theirs[-1] - points)
    every = [one for several in ours.values() for one in several]
    both = len(theirs)
    found = JudgedVotes(
        name,
        len(every),
        float(np.mean(every)) if every else None,
        both,
        float(np.mean(theirs)) if theirs else None,
        words=_too_little(len(every), both, len(apart)),
    )
    return found if found.words else _corrected(found, ours, apart)


def _too_little(pairs: int, both: int, questions: int) -> str:
    if not pairs:
        return "The judge has said nothing of it yet."
    if both < LEAST:
        return (
            f"To put the judge to rights takes people's votes on {LEAST} of the pairs that it judged; so far "
            f"there are {both}."
        )
    if questions < LEAST_QUESTIONS:
        on = "question" if questions == 1 else "questions"
        return (
            f"To put the judge to rights takes people's votes on {LEAST_QUESTIONS} questions; so far they "
            f"are on {questions} {on}."
        )
    return ""


def _corrected(
    found: JudgedVotes, ours: Mapping[int, Sequence[float]], apart: Mapping[int, Sequence[float]]
) -> JudgedVotes:
    from scipy.special import stdtrit

    said, left = _mean(ours)
    moved, more = _mean(apart)
    variance = sum((left[case] + more.get(case, 0.0)) ** 2 for case in left)
    variance = max(variance, 2 / (len(apart) + 2) ** 2)
    half = float(stdtrit(len(apart) - 1, 0.975)) * sqrt(variance)
    value = said + moved
    low, high, middle = (min(max(one, 0.0), 1.0) for one in (value - half, value + half, value))
    return JudgedVotes(found.candidate, found.pairs, found.said, found.both, found.people, middle, low, high)


def _mean(by_question: Mapping[int, Sequence[float]]) -> tuple[float, dict[int, float]]:
    """The mean over all, and how far each question moves it; the sum of their squares is its variance."""
    total = sum(len(one) for one in by_question.values())
    mean = sum(sum(one) for one in by_question.values()) / total
    many = len(by_question)
    more = sqrt(many / max(many - 1, 1))
    return mean, {case: more * (sum(one) - mean * len(one)) / total for case, one in by_question.items()}
