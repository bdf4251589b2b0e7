"""How often 95% intervals of paired differences hold the truth, for the method in use and those not taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from app.evaluation.bootstrap import difference_intervals
from app.evaluation.paired import holm
from app.evaluation.signflip import sign_flip
from benchmarks.simulated import NUMBERS, SHARES, Floats, World, held, pairs_of_shares, sparse_pairs, summary
from benchmarks.tables import print_table

TRIALS = 400
RESAMPLES = 2000
REPEATS = (1, 3, 8)
Z = float(ndtri(0.975))


def main() -> None:
    methods: dict[str, Callable[[Floats], Floats]] = {
        "in use: Poisson weights, two imagined questions": lambda rows: difference_intervals(rows, (0, 1)),
        "Poisson weights alone": lambda rows: difference_intervals(rows, None),
        "the same, imagined at -1 and 1": lambda rows: difference_intervals(rows, (-0.5, 1.5)),
        "percentile": percentile,
        "percentile, expanded (Hesterberg 2015)": expanded,
        "BCa (Efron 1987)": bca,
        "bootstrap-t": bootstrap_t,
        "Student's t": student,
        "adjusted Wald (Bonett & Price 2012)": bonett_price,
    }
    for title, worlds in (("shares of 0.2 to 0.8", pairs_of_shares), ("almost alike", sparse_pairs)):
        columns = [
            covered([world for repeats in REPEATS for world in worlds(number, repeats)], methods)
            for number in NUMBERS
        ]
        rows = [(name, *(column[name] for column in columns)) for name in methods]
        heads = ("method", *(f"n = {number}" for number in NUMBERS))
        print_table(f"Coverage in percent, {title}: mean (lowest)", heads, rows)
    alarms = [
        (number, repeats, f"{100 * false_alarms(number, repeats):.1f}")
        for number in NUMBERS
        for repeats in (1, 3)
    ]
    title = "Five equal candidates: pages with any pair called decisive"
    print_table(title, ("questions", "repeats", "%"), alarms)


def covered(worlds: Iterable[World], methods: dict[str, Callable[[Floats], Floats]]) -> dict[str, str]:
    """Each method's coverage over the worlds, in words."""
    found: dict[str, list[float]] = {name: [] for name in methods}
    for seed, world in enumerate(worlds):
        means = world.means(TRIALS, seed)
        rows = means[:, 0] - means[:, 1]
        for name, method in methods.items():
            found[name].append(held(method(rows), world.true[0] - world.true[1]))
    return {name: summary(shares) for name, shares in found.items()}


def false_alarms(questions: int, repeats: int, trials: int = 1000, seed: int = 1) -> float:
    """How often Holm's correction lets any of the ten pairs of five equal candidates pass."""
    alarms = 0
    for place, share in enumerate(SHARES):
        means = World((share,) * 5, questions, repeats).means(trials // len(SHARES), seed + place)
        first, second = np.triu_indices(5, 1)
        pairs = means[:, first] - means[:, second]
        chances = sign_flip(pairs.reshape(-1, questions)).reshape(pairs.shape[:2])
        alarms += sum(bool((holm(page) <= 0.05).any()) for page in chances)
    return alarms / trials


# ------------------------------------------------------------ methods not taken


def resampled(rows: Floats) -> tuple[Floats, Floats]:
    """Means and (population) deviations of ordinary resamples, each trials x resamples."""
    number = rows.shape[1]
    chance = np.random.default_rng(1)
    drawn = chance.multinomial(number, np.full(number, 1 / number), RESAMPLES).T / number
    means = rows @ drawn
    return means, np.sqrt(np.maximum(rows**2 @ drawn - means**2, 0))


def quantiles(figures: Floats, tail: float = 0.025) -> Floats:
    bounds: Floats = np.quantile(figures, [tail, 1 - tail], axis=1).T
    return bounds


def percentile(rows: Floats) -> Floats:
    return quantiles(resampled(rows)[0])


def expanded(rows: Floats) -> Floats:
    """T. C. Hesterberg (2015), "What teachers should know about the bootstrap"."""
    number = rows.shape[1]
    return quantiles(
        resampled(rows)[0], float(ndtr(-np.sqrt(number / (number - 1)) * stdtrit(number - 1, 0.975)))
    )


def bca(rows: Floats) -> Floats:
    """B. Efron (1987), "Better bootstrap confidence intervals"; ties count half for the bias."""
    means, _ = resampled(rows)
    mean = rows.mean(axis=1, keepdims=True)
    below = ((means < mean).mean(axis=1) + (means <= mean).mean(axis=1)) / 2
    bias = ndtri(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))[:, np.newaxis]
    apart = rows - mean
    size = 6 * np.maximum((apart**2).sum(axis=1), 1e-12) ** 1.5
    bend = ((apart**3).sum(axis=1) / size)[:, np.newaxis]
    moved = bias + np.array([-Z, Z])
    places = ndtr(bias + moved / (1 - bend * moved)) * (RESAMPLES - 1)
    bounds: Floats = np.take_along_axis(np.sort(means, axis=1), places.astype(int), axis=1)
    return bounds


def bootstrap_t(rows: Floats) -> Floats:
    """Studentised; a resample without spread counts as 0."""
    means, deviations = resampled(rows)
    mean = rows.mean(axis=1, keepdims=True)
    scores = np.where(deviations > 0, (means - mean) / np.where(deviations > 0, deviations, 1), 0)
    bounds: Floats = mean - quantiles(scores)[:, ::-1] * rows.std(axis=1, keepdims=True)
    return bounds


def student(rows: Floats) -> Floats:
    number = rows.shape[1]
    half = stdtrit(number - 1, 0.975) * rows.std(axis=1, ddof=1) / np.sqrt(number)
    bounds: Floats = rows.mean(axis=1)[:, np.newaxis] + np.outer(half, [-1, 1])
    return bounds


def bonett_price(rows: Floats) -> Floats:
    """D. G. Bonett and R. M. Price (2012): one more question for each side, and the normal quantile."""
    more = np.hstack([rows, np.tile([-1.0, 1.0], (len(rows), 1))])
    half = Z * more.std(axis=1) / np.sqrt(more.shape[1])
    bounds: Floats = more.mean(axis=1)[:, np.newaxis] + np.outer(half, [-1, 1])
    return bounds


if __name__ == "__main__":
    main()
