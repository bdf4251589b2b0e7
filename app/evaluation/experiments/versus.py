"""Two experiments compared, question by question (METRICS, "Comparing").

Candidates are matched one to one by the closest rule that holds (``Alike``); a person may choose another
pair. Compared are the questions that stand in both datasets with the same right answers, whatever is said of
where these stand: gold text that was added or mended since changes nothing of what is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain import (
    Alike,
    Candidate,
    Case,
    Change,
    Experiment,
    Pair,
    PairResult,
    Side,
    Trial,
    Versus,
)
from app.evaluation.experiments.differing import differences_between, differences_of
from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare
from storage.datasets import Datasets
from storage.experiments import Experiments

FIRST, SECOND = "first:", "second:"
"""Before a candidate's hash, since both experiments may have the same candidate."""
Chosen = tuple[str, str]
"""The hashes of a candidate of the first and one of the second experiment."""


@dataclass(frozen=True)
class Ran:
    """An experiment with its cases, in their order, and the answers that count."""

    experiment: Experiment
    cases: tuple[Case, ...]
    trials: tuple[Trial, ...]

    def candidate(self, name: str) -> Candidate | None:
        """The candidate of that hash."""
        return next((one for one in self.experiment.candidates if one.hash == name), None)


def read(experiments: Experiments, datasets: Datasets, experiment_id: str) -> Ran:
    """All of an experiment that a comparison needs. Raises NotFound and DatabaseTrouble."""
    experiment, trials = experiments.with_trials(experiment_id)
    return Ran(experiment, datasets.cases(experiment.version), tuple(trials))


def versus(first: Ran, second: Ran, chosen: Chosen | None = None) -> Versus:
    """The two compared; with a pair that was ``chosen`` beside the matched ones, if it is none of them.

    All pairs are corrected together. A chosen candidate that is not there is no pair.
    """
    pairs = match(first.experiment.candidates, second.experiment.candidates)
    mine = {one.first.hash for one in pairs}
    theirs = {one.second.hash for one in pairs}
    own = _chosen(first, second, chosen)
    if own is not None and chosen not in {(one.first.hash, one.second.hash) for one in pairs}:
        pairs = [own, *pairs]
    common = _common(first.cases, second.cases)
    return Versus(
        first=first.experiment,
        second=second.experiment,
        common=len(common),
        pairs=tuple(_results(pairs, first, second, common)),
        alone_first=tuple(one for one in first.experiment.candidates if one.hash not in mine),
        alone_second=tuple(one for one in second.experiment.candidates if one.hash not in theirs),
        differences=tuple(differences_between(first.experiment, second.experiment)),
    )


# --------------------------------------------------------------------------- which belong together


def match(first: Sequence[Candidate], second: Sequence[Candidate]) -> list[Pair]:
    """Each candidate with its counterpart, in the order of the first; those without one are left out.

    The closest rule goes first, for all, so that nobody's twin is taken by a lesser likeness.
    """
    found: dict[str, Pair] = {}
    free = list(second)
    for alike, key in _RULES:
        for one in first:
            other = next((two for two in free if key(two) == key(one)), None)
            if one.hash not in found and other is not None:
                found[one.hash] = Pair(one, other, alike)
                free.remove(other)
    return [found[one.hash] for one in first if one.hash in found]


def _settings(one: Candidate) -> object:
    return replace(one, digest="")


def _asked(one: Candidate) -> object:
    return one.model, one.given, one.options


def _model(one: Candidate) -> object:
    return one.model, one.documents_given


def _same(one: Candidate) -> object:
    return one.hash


_RULES = (
    (Alike.SAME, _same),
    (Alike.WEIGHTS, _settings),
    (Alike.ASKED, _asked),
    (Alike.MODEL, _model),
)


def _chosen(first: Ran, second: Ran, chosen: Chosen | None) -> Pair | None:
    if chosen is None:
        return None
    one, other = first.candidate(chosen[0]), second.candidate(chosen[1])
    return Pair(one, other, Alike.CHOSEN) if one and other else None


# --------------------------------------------------------------------------- what changed


def _common(first: Sequence[Case], second: Sequence[Case]) -> list[tuple[int, int]]:
    """The places of the cases that stand in both, in the order of the second.

    One to one, and of several with the same question and right answers first those with the same gold text.
    """
    found: dict[int, int] = {}
    for key in (_whole, _without_gold):
        free: dict[object, list[int]] = defaultdict(list)
        taken = set(found.values())
        for place, one in enumerate(first):
            if place not in taken:
                free[key(one)].append(place)
        for place, one in enumerate(second):
            if place not in found and free[key(one)]:
                found[place] = free[key(one)].pop(0)
    return [(found[place], place) for place in sorted(found)]


def _whole(one: Case) -> object:
    return one.id


def _without_gold(one: Case) -> object:
    return one.asks


def _results(
    pairs: Sequence[Pair], first: Ran, second: Ran, common: Sequence[tuple[int, int]]
) -> Iterator[PairResult]:
    sides = _sides(FIRST, first) | _sides(SECOND, second)
    outcomes = _outcomes(pairs, sides, common)
    named = [(SECOND + one.second.hash, FIRST + one.first.hash) for one in pairs]
    for pair, comparison in zip(pairs, compare(outcomes, named) if pairs else (), strict=True):
        mine, theirs = sides[FIRST + pair.first.hash], sides[SECOND + pair.second.hash]
        both = [(mine[one], theirs[two], two) for one, two in common if one in mine and two in theirs]
        changes = [Change(second.cases[place].question, one, two) for one, two, place in both]
        first_waits = _waiting(pair.first, first) - mine.keys()
        second_waits = _waiting(pair.second, second) - theirs.keys()
        waiting = sum(one in first_waits or two in second_waits for one, two in common)
        only = _outcomes([pair], sides, [(one.place, two.place) for one, two, _ in both])
        yield PairResult(
            pair=pair,
            comparison=comparison,
            first=only.share(FIRST + pair.first.hash),
            second=only.share(SECOND + pair.second.hash),
            better=tuple(one for one in changes if one.second.mean > one.first.mean),
            worse=tuple(one for one in changes if one.second.mean < one.first.mean),
            same=sum(one.second.mean == one.first.mean for one in changes),
            unscored=len(common) - len(both) - waiting,
            unjudged=waiting,
            differences=tuple(differences_of(pair.first, first.experiment, pair.second, second.experiment)),
        )


def _outcomes(
    pairs: Sequence[Pair], sides: Mapping[str, Mapping[int, Side]], common: Sequence[tuple[int, int]]
) -> Outcomes:
    """Right or not by candidate, common question and repeat; NaN where that is not scored."""
    firsts = dict.fromkeys(FIRST + one.first.hash for one in pairs)
    seconds = dict.fromkeys(SECOND + one.second.hash for one in pairs)
    names = [*firsts, *seconds]
    most = max((one.of for name in names for one in sides[name].values()), default=1)
    values = np.full((len(names), len(common), most), np.nan)
    for row, name in enumerate(names):
        for column, places in enumerate(common):
            side = sides[name].get(places[name not in firsts])
            if side is not None:
                values[row, column, : side.of] = 0.0
                values[row, column, : side.right] = 1.0
    return Outcomes.of(names, values)


def _sides(before: str, ran: Ran) -> dict[str, dict[int, Side]]:
    """By candidate and place of the case: how it did, where anything of it is scored."""
    grouped: dict[tuple[int, int], list[Trial]] = defaultdict(list)
    for one in ran.trials:
        if one.right is not None:
            grouped[one.slot.candidate, one.slot.case].append(one)
    found: dict[str, dict[int, Side]] = {before + one.hash: {} for one in ran.experiment.candidates}
    for (candidate, case), trials in grouped.items():
        found[before + ran.experiment.candidates[candidate].hash][case] = _side(case, trials)
    return found


def _waiting(candidate: Candidate, ran: Ran) -> set[int]:
    """The places of the cases about whose answers the judge has not told yet."""
    place = next(place for place, one in enumerate(ran.experiment.candidates) if one.hash == candidate.hash)
    return {one.slot.case for one in ran.trials if one.unjudged and one.slot.candidate == place}


def _side(case: int, trials: Sequence[Trial]) -> Side:
    shown = next((one for one in trials if one.right is False), trials[0])
    right = sum(one.right is True for one in trials)
    return Side(case, right, len(trials), shown.answer_id, shown.cause)
