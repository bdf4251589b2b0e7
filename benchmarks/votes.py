"""Bradley-Terry with bootstrap for 20 candidates and 20,000 votes, with and without style control."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from app.evaluation.votes.bradley_terry import RESAMPLES, Ballots, Floats, standing
from app.evaluation.votes.looks import TRAITS
from benchmarks.tables import goal, median, print_table, seconds

CANDIDATES, VOTES = 20, 20_000
TIMES = 5
GOAL = 2.0
TIES = 0.2


def main() -> None:
    few, many = voted(CANDIDATES, VOTES, 1000, seed=1), voted(CANDIDATES, VOTES, VOTES, seed=1)
    looks = np.random.default_rng(2).normal(0, 0.3, (VOTES, len(TRAITS)))
    began = time.perf_counter()
    standing(voted(2, 20, 20, seed=1))
    loading = time.perf_counter() - began
    rows, worst = [], 0.0
    for name, votes, names in (
        ("1,000 questions", few, ()),
        ("as many questions as votes", many, ()),
        ("1,000 questions, one never beaten", unbeaten(few), ()),
        ("1,000 questions, style control", replace(few, traits=looks), TRAITS),
    ):
        spent = [timed(votes, names) for _ in range(TIMES)]
        worst = max(worst, median(spent))
        rows.append((name, seconds(median(spent)), seconds(max(spent))))
    title = f"{CANDIDATES} candidates, {VOTES:,} votes, {RESAMPLES:,} resamples, {TIMES} times"
    print_table(title, ("votes on", "median", "slowest"), rows)
    print(f"Loading SciPy and the first standing: {seconds(loading)}.\n")
    goal("Bradley-Terry with bootstrap, seconds of the slowest kind", worst, at_most=GOAL)


def voted(many: int, votes: int, questions: int, *, seed: int, true: Floats | None = None) -> Ballots:
    """Votes on candidates whose strengths run from -0.7 to 0.7, or are ``true``; a fifth are ties."""
    chance = np.random.default_rng(seed)
    skill = np.linspace(-0.7, 0.7, many) if true is None else true
    first = chance.integers(0, many, votes)
    second = (first + chance.integers(1, many, votes)) % many
    won = chance.random(votes) < 1 / (1 + np.exp(skill[second] - skill[first]))
    # Half a win each for a tie draws strengths together, so that ties are made of two votes of the model.
    again = chance.random(votes) < 1 / (1 + np.exp(skill[second] - skill[first]))
    points = np.where(chance.random(votes) < TIES, (won + again * 1.0) / 2, won)
    table = zip(
        first.tolist(), second.tolist(), points.tolist(), (np.arange(votes) % questions).tolist(), strict=True
    )
    return Ballots.of([f"c{place}" for place in range(many)], list(table))


def unbeaten(votes: Ballots) -> Ballots:
    """The same, but the last candidate wins always."""
    last = len(votes.candidates) - 1
    points = np.where(votes.first == last, 1.0, np.where(votes.second == last, 0.0, votes.points))
    return replace(votes, points=points)


def timed(votes: Ballots, names: tuple[str, ...]) -> float:
    """Seconds of one standing."""
    began = time.perf_counter()
    standing(votes, names)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
