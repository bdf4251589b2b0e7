"""Intervals and tests of all pairs of 10 candidates on 10,000 questions, as an experiment's page needs."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare
from benchmarks.simulated import Floats, World
from benchmarks.tables import goal, median, print_table, seconds

CANDIDATES = 10
QUESTIONS = 10_000
TIMES = 5
GOAL = 2.0


def main() -> None:
    kinds = {
        "right or wrong, asked once": made(1),
        "right or wrong, 5 repeats": made(5),
        "scores from 0 to 1": scores(),
        "the same, other 2% unscored for each": scores(unscored=0.02),
    }
    began = time.perf_counter()
    compare(Outcomes.of(["a", "b"], [[[1.0], [0.0]], [[0.0], [1.0]]]))
    loading = time.perf_counter() - began
    rows, worst = [], 0.0
    for name, outcomes in kinds.items():
        means = [spent(outcomes.averages) for _ in range(TIMES)]
        pairs = [spent(partial(compare, outcomes)) for _ in range(TIMES)]
        both = median(means) + median(pairs)
        worst = max(worst, both)
        rows.append((name, *(seconds(one) for one in (median(means), median(pairs), both))))
    heads = ("measure", f"{CANDIDATES} means", f"{CANDIDATES * (CANDIDATES - 1) // 2} pairs", "both")
    print_table(f"{CANDIDATES} candidates x {QUESTIONS:,} questions, median of {TIMES}", heads, rows)
    print(f"Loading SciPy and the first pair: {seconds(loading)}. Most memory of the process: {memory()}.\n")
    goal("bootstrap and permutation, seconds of the slowest measure", worst, at_most=GOAL)


def made(repeats: int) -> Outcomes:
    """Candidates whose true shares run from 0.5 to 0.59."""
    true = tuple(0.5 + 0.01 * place for place in range(CANDIDATES))
    return named(World(true, QUESTIONS, repeats).means(1, 1)[0], repeats)


def scores(unscored: float = 0.0) -> Outcomes:
    """Scores such as token F1: some 0, the others anything up to 1."""
    chance = np.random.default_rng(2)
    table = made(1).means * chance.random((CANDIDATES, QUESTIONS))
    return named(np.where(chance.random(table.shape) < unscored, np.nan, table), 1)


def named(means: Floats, repeats: int) -> Outcomes:
    counts = np.where(np.isnan(means), 0, repeats)
    return Outcomes(tuple(f"candidate {place}" for place in range(CANDIDATES)), means, counts)


def spent(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def memory() -> str:
    """The largest resident size so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20:.0f} MiB"


if __name__ == "__main__":
    main()
