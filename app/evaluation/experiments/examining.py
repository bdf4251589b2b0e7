"""An experiment with all that its answers tell, computed once for each state of the data.

What is computed is kept for as long as this process has written nothing: 20,000 answers take most of a
second, and a page is drawn anew at every click. Nothing of Streamlit is used for that, so that "Clear cache"
and other sessions change nothing.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from app.domain import Examined, Experiment, Measured
from app.evaluation.abstentions import abstentions_of
from app.evaluation.claims import claims_of
from app.evaluation.costing import costs_of
from app.evaluation.experiments.drift_results import drift_of
from app.evaluation.experiments.results import outcomes_of, results_of, right_of
from app.evaluation.outcomes import Outcomes
from app.evaluation.scorers.spans import OF_THE_SEARCH
from app.evaluation.tallies import remedies_of, tallies_of
from app.evaluation.verdict import sure_of
from storage.datasets import Datasets
from storage.experiments import Experiments

KEPT = 4
"""So many experiments stay computed; each of 20,000 answers takes about 20 MB."""


class Examining:
    """Looks at experiments. ``writes`` counts the writes of this process; see ``Database.writes``."""

    def __init__(self, experiments: Experiments, datasets: Datasets, writes: Callable[[], int]) -> None:
        self._experiments = experiments
        self._datasets = datasets
        self._writes = writes
        self._known: OrderedDict[str, tuple[int, Examined]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, experiment_id: str) -> Examined:
        """The experiment with all that its answers so far tell. Raises NotFound."""
        with self._lock:
            now = self._writes()
            then, found = self._known.get(experiment_id, (-1, None))
            if found is None or then != now:
                found = self._examined(experiment_id)
                self._known[experiment_id] = now, found
            self._known.move_to_end(experiment_id)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return found

    def _examined(self, experiment_id: str) -> Examined:
        experiment, trials, paid = self._experiments.paid_trials(experiment_id)
        cases = self._datasets.cases(experiment.version)
        right = right_of(experiment, trials)
        outcomes = outcomes_of(experiment, right)
        results = results_of(experiment, trials, outcomes)
        spend = self._experiments.spend(experiment_id)
        whole = self._experiments.imported(experiment_id)
        made_elsewhere = [one for one in experiment.candidates if whole or one.imported]
        return Examined(
            experiment=experiment,
            cases=cases,
            trials=tuple(trials),
            results=results,
            tallies=tallies_of(len(experiment.candidates), trials),
            claims=claims_of(experiment, cases, trials),
            abstentions=abstentions_of(experiment, cases, trials),
            retrieval=self._retrieval(experiment),
            rules=Counter(one.rule for one in trials if one.rule),
            drift=drift_of(experiment, trials),
            sure=sure_of(outcomes, results),
            remedies=remedies_of(experiment, right, trials),
            costs=costs_of(experiment, results, right, paid, spend),
            elsewhere=frozenset(one.hash for one in made_elsewhere),
        )

    def _retrieval(self, experiment: Experiment) -> tuple[Mapping[str, Measured], ...]:
        given = [place for place, one in enumerate(experiment.candidates) if one.with_documents]
        return retrieval_of(experiment, self._experiments.scores(experiment.id, OF_THE_SEARCH, given))


def retrieval_of(
    experiment: Experiment, scores: Sequence[tuple[int, int, str, float | None]]
) -> tuple[Mapping[str, Measured], ...]:
    """Each candidate's means by scorer, from (candidate, case, scorer, value); see ``Examined.retrieval``.

    A question counts with the mean over its scored repeats.
    """
    found: dict[str, dict[int, list[tuple[int, float | None]]]] = defaultdict(lambda: defaultdict(list))
    for candidate, case, scorer, value in scores:
        found[scorer][candidate].append((case, value))
    made: list[dict[str, Measured]] = [{} for _ in experiment.candidates]
    for scorer, by_candidate in found.items():
        for candidate, measured in _measured(experiment, by_candidate).items():
            made[candidate][scorer] = measured
    return tuple(made)


def _measured(
    experiment: Experiment, scores: Mapping[int, Sequence[tuple[int, float | None]]]
) -> dict[int, Measured]:
    """One scorer's means, for the candidates (their places) that it scored."""
    if not scores:
        return {}
    sums, counts = np.zeros((2, len(scores), experiment.cases))
    for row, told in enumerate(scores.values()):
        known = [(case, value) for case, value in told if value is not None]
        places = [case for case, _ in known]
        np.add.at(sums[row], places, [value for _, value in known])
        np.add.at(counts[row], places, 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    averages = Outcomes.of([str(one) for one in scores], means[:, :, np.newaxis]).averages()
    return {
        candidate: Measured(mean, len(told), sum(value is None for _, value in told))
        for (candidate, told), mean in zip(scores.items(), averages, strict=True)
    }
