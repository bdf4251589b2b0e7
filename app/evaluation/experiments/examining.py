"""An experiment with all that its answers tell, computed once for each state of the data.

What is computed is kept for as long as this process has written nothing: 20,000 answers take most of a
second, and a page is drawn anew at every click. Nothing of Streamlit is used for that, so that "Clear cache"
and other sessions change nothing.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from app.domain import Examined, Exchange, Experiment, Measures, Slot
from app.evaluation.abstentions import abstentions_of
from app.evaluation.claims import claims_of
from app.evaluation.costing import costs_of
from app.evaluation.experiments.drift_results import drift_of
from app.evaluation.experiments.results import outcomes_of, results_of, right_of
from app.evaluation.measures import measures_of
from app.evaluation.tallies import remedies_of, tallies_of
from app.evaluation.verdict import sure_of
from storage.datasets import Datasets
from storage.experiments import Experiments

T = TypeVar("T")
KEPT = 4
"""So many experiments stay computed; each of 20,000 answers takes about 20 MB."""


class _Kept(Generic[T]):
    """What was made for a few experiments, for as long as nothing was written."""

    def __init__(self, make: Callable[[str], T], writes: Callable[[], int]) -> None:
        self._make = make
        self._writes = writes
        self._known: OrderedDict[str, tuple[int, T]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, experiment_id: str) -> T:
        with self._lock:
            now = self._writes()
            known = self._known.get(experiment_id)
            if known is None or known[0] != now:
                known = now, self._make(experiment_id)
                self._known[experiment_id] = known
            self._known.move_to_end(experiment_id)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return known[1]


class Examining:
    """Looks at experiments. ``writes`` counts the writes of this process; see ``Database.writes``.

    ``exchange`` says in which currency money is told; to change it is a write, too.
    """

    def __init__(
        self,
        experiments: Experiments,
        datasets: Datasets,
        writes: Callable[[], int],
        exchange: Callable[[], Exchange] = Exchange,
    ) -> None:
        self._experiments = experiments
        self._exchange = exchange
        self._datasets = datasets
        self._known = _Kept(self._examined, writes)
        self._measured = _Kept(self._measures, writes)

    def of(self, experiment_id: str) -> Examined:
        """The experiment with all that its answers so far tell. Raises NotFound."""
        return self._known.of(experiment_id)

    def measures(self, experiment_id: str) -> Measures:
        """All its measures summed up: apart, since of 20,000 answers that takes seconds. Raises NotFound."""
        return self._measured.of(experiment_id)

    def _measures(self, experiment_id: str) -> Measures:
        experiment = self._experiments.get(experiment_id)
        return measures_of(experiment, self._experiments.scores(experiment_id))

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
            rules=Counter(one.rule for one in trials if one.rule and one.right is not None),
            drift=drift_of(experiment, trials, self._partial(experiment)),
            sure=sure_of(outcomes, results),
            remedies=remedies_of(experiment, right, trials),
            costs=costs_of(experiment, results, right, paid, spend, exchange=self._exchange()),
            elsewhere=frozenset(one.hash for one in made_elsewhere),
        )

    def _partial(self, experiment: Experiment) -> set[Slot]:
        """The slots in which a passage was to be put in a place, and not all of them were given."""
        retrievals = [one.retrieval for one in experiment.candidates]
        wanted = {place: one.k for place, one in enumerate(retrievals) if one and one.gold_at}
        return self._experiments.partial(experiment.id, wanted) if wanted else set()
