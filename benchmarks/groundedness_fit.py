"""The fit of the grounded share's weights to labels of whole answers, and scores out of fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.backends.base import Embedder
from app.evaluation.scorers.grounded import CONTRADICTED, GroundedShare, Weights
from app.evaluation.scorers.grounded_claims import Claim, claims
from app.evaluation.scorers.grounded_contradictions import contradiction
from app.evaluation.scorers.grounded_evidence import Passages, Stretch, features
from benchmarks.groundedness_labels import Flags, Labelled, Places, Values, auroc, labels_of

FOLDS, INNER_FOLDS = 10, 5
PENALTY = 1.0
"""Strength of the ridge on standardised weights; the result is flat from 0.1 to 10."""
SHIPPED = ("covered", "missing", "speaker", "question")
"""The features that the scorer has; the others were tried beside them."""
TRIED = (
    SHIPPED[:1], SHIPPED[:2], SHIPPED[:3], SHIPPED,
    (*SHIPPED, "order"), (*SHIPPED, "pairs"), (*SHIPPED, "cosine"),
)  # fmt: skip


@dataclass(frozen=True)
class Data:
    """The claims of all answers as numbers.

    ``columns`` by feature name, each of shape (claims,); ``owner`` (claims,) the place of a claim's
    answer; ``factor`` (claims,) is CONTRADICTED where something speaks against the claim, else 1;
    ``labels`` (answers,) and ``groups`` (answers,).
    """

    columns: dict[str, Values]
    owner: Places
    factor: Values
    labels: Flags
    groups: NDArray[np.str_]

    def matrix(self, names: Sequence[str]) -> Values:
        """Shape (claims, features)."""
        return np.column_stack([self.columns[name] for name in names])

    @property
    def everything(self) -> Places:
        """The places of all answers."""
        return np.arange(len(self.labels))


def measured(rows: Sequence[Labelled], embedder: Embedder | None) -> Data:
    """Measure every claim against the likeliest stretch of the answer's one context."""
    found = [
        (place, claim, Passages({1: row.context}))
        for place, row in enumerate(rows)
        for claim in claims(row.answer)
    ]
    best = [(claim, known, known.candidates(claim.words)[0]) for _, claim, known in found]
    values = [_features(claim, stretch) for claim, _, stretch in best]
    columns = {name: np.array([one[name] for one in values]) for name in values[0]}
    if embedder is not None:
        texts = [(claim.span.text, rows[place].context) for place, claim, _ in found]
        columns["cosine"] = _cosines(texts, embedder)
    against = [contradiction(claim.words, known, stretch) for claim, known, stretch in best]
    return Data(
        columns,
        owner=np.array([place for place, _, _ in found]),
        factor=np.array([CONTRADICTED if one else 1.0 for one in against]),
        labels=labels_of(rows),
        groups=np.array([row.group for row in rows]),
    )


def _features(claim: Claim, stretch: Stretch) -> dict[str, float]:
    own = [one.stem for one in claim.words]
    given = [one.stem for part in stretch.sentences for one in part]
    near = set(pairwise(given))
    return {
        **asdict(features(claim.words, stretch, asks=claim.asks)),
        "order": _in_order(own, given) / max(1, len(own)),
        "pairs": sum(one in near for one in pairwise(own)) / max(1, len(own) - 1),
    }


def _in_order(own: Sequence[str], given: Sequence[str]) -> int:
    """The longest common subsequence, as ROUGE-L has it."""
    above = [0] * (len(given) + 1)
    for one in own:
        row = [0]
        for place, other in enumerate(given):
            row.append(above[place] + 1 if one == other else max(above[place + 1], row[place]))
        above = row
    return above[-1]


def _cosines(pairs: Sequence[tuple[str, str]], embedder: Embedder) -> Values:
    texts = sorted({text for pair in pairs for text in pair})
    vectors = dict(zip(texts, embedder.embed(texts), strict=True))
    return np.array([float(vectors[one] @ vectors[other]) for one, other in pairs])


# ------------------------------------------------------------------ the fit


def fit(data: Data, names: Sequence[str], answers: Places) -> Values:
    """Constant and weights from the labels of some answers, shape (1 + features,).

    Noisy-and: an answer is supported if all its claims are, so its log-likelihood uses the product of
    their probabilities; a ridge holds the standardised weights. Answers without a claim have no part.
    """
    from scipy.optimize import minimize

    chosen = np.isin(data.owner, answers)
    values, owner = data.matrix(names)[chosen], data.owner[chosen]
    known, owner = np.unique(owner, return_inverse=True)
    labels = data.labels[known].astype(float)
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.column_stack([np.ones(len(values)), (values - middle) / spread])

    def loss(weights: Values) -> tuple[float, Values]:
        odds = scaled @ weights
        logs = np.minimum(np.bincount(owner, -np.logaddexp(0, -odds), len(known)), -1e-9)
        none = -np.expm1(logs)
        ridge = np.r_[0.0, weights[1:]] * PENALTY
        value = -(labels * logs + (1 - labels) * np.log(none)).sum() + 0.5 * float(ridge @ weights)
        slope = -(labels - (1 - labels) * np.exp(logs) / none)
        return value, scaled.T @ (slope[owner] / (1 + np.exp(odds))) + ridge

    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[1:] / spread
    return np.asarray(np.r_[found[0] - weights @ middle, weights])


def scorer_of(data: Data, answers: Places) -> GroundedShare:
    """The scorer with weights from the labels of some answers."""
    return GroundedShare(Weights(*(float(one) for one in fit(data, SHIPPED, answers))))


def shares(data: Data, names: Sequence[str], weights: Values) -> Values:
    """The share of every answer by any features: the mean of its claims' probabilities; 0 without a claim."""
    odds = weights[0] + data.matrix(names) @ weights[1:]
    likely = data.factor / (1 + np.exp(-odds))
    count = np.bincount(data.owner, minlength=len(data.labels))
    return np.asarray(np.bincount(data.owner, likely, len(data.labels)) / np.maximum(1, count))


# ------------------------------------------------------------------ out of fold


def out_of_fold(data: Data, score: Callable[[Places, Places], Values], seed: int = 0) -> Values:
    """Every answer's score, shape (answers,), by a fit that its context had no part in.

    ``score`` gets the places to fit on and those to score, and gives the scores of the latter.
    """
    return _by_fold(data, score, data.everything, FOLDS, seed)


def by_features(data: Data, names: Sequence[str]) -> Callable[[Places, Places], Values]:
    """Scores by the fit of these features."""
    return lambda train, test: shares(data, names, fit(data, names, train))[test]


def by_chosen_features(
    data: Data, sets: Sequence[Sequence[str]], taken: Counter[str]
) -> Callable[[Places, Places], Values]:
    """As by_features, with the set chosen by a cross-validation within each fold; counts what it took."""

    def score(train: Places, test: Places) -> Values:
        best = max(sets, key=lambda names: _inner(data, names, train))
        taken[", ".join(best)] += 1
        return by_features(data, best)(train, test)

    return score


def _inner(data: Data, names: Sequence[str], answers: Places) -> float:
    scores = _by_fold(data, by_features(data, names), answers, INNER_FOLDS, 0)
    return auroc(data.labels[answers], scores[answers])


def _by_fold(
    data: Data, score: Callable[[Places, Places], Values], answers: Places, count: int, seed: int
) -> Values:
    """Contexts stay whole, labels are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    cutter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    scores = np.zeros(len(data.labels))
    for train, test in cutter.split(answers, data.labels[answers], data.groups[answers]):
        scores[answers[test]] = score(answers[train], answers[test])
    return scores
