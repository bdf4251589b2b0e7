"""Answers with human labels, the two plain measures to beat, and AUROC with its intervals."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.evaluation.scorers.grounded_words import words

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "dev_cut" / "groundedness"
HUMAN, MACHINE = DATA / "human_begin_wow_dev.jsonl", DATA / "machine_halueval_qa.jsonl"
RESAMPLES = 2000

Values = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Labelled:
    """An answer, the text it was given, the human label, and which model wrote it."""

    context: str
    answer: str
    grounded: bool
    model: str

    @cached_property
    def group(self) -> str:
        """What must not be split over folds: the context's words."""
        return " ".join(one.text for one in words(self.context))


def load(path: Path) -> list[Labelled]:
    """The labelled answers of a JSONL file. Raises OSError, KeyError."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(one["context"], one["response"], one["label"] == "grounded", one.get("model", ""))
        for one in rows
    ]


def labels_of(rows: Sequence[Labelled]) -> Flags:
    """Shape (answers,)."""
    return np.array([row.grounded for row in rows])


def token_overlap(answer: str, context: str) -> float:
    """The share of the answer's tokens that the context has."""
    tokens, given = _tokens(answer), set(_tokens(context))
    return sum(one in given for one in tokens) / max(1, len(tokens))


def rouge_2(answer: str, context: str) -> float:
    """The share of the answer's token pairs that the context has (ROUGE-2 precision; Lin, 2004)."""
    pairs, given = (Counter(pairwise(_tokens(text))) for text in (answer, context))
    return sum((pairs & given).values()) / max(1, sum(pairs.values()))


def baseline(rows: Sequence[Labelled], measure: Callable[[str, str], float]) -> Values:
    """A plain measure of every answer, shape (answers,)."""
    return np.array([measure(row.answer, row.context) for row in rows])


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def auroc(labels: Flags, scores: Values) -> float:
    """The chance that a grounded answer scores above one that is not, ties half (Mann-Whitney)."""
    from scipy.stats import rankdata

    hits = int(labels.sum())
    ranks = rankdata(scores)[labels].sum()
    return float((ranks - hits * (hits + 1) / 2) / (hits * (len(labels) - hits)))


@dataclass(frozen=True)
class Difference:
    """AUROC, or the difference of two, with its 95% interval."""

    value: float
    low: float
    high: float


class Bootstrap:
    """Intervals by a percentile bootstrap over the contexts, each with all its answers; paired."""

    def __init__(self, rows: Sequence[Labelled], seed: int = 1) -> None:
        self._labels = labels_of(rows)
        groups = np.array([row.group for row in rows])
        members = [np.flatnonzero(groups == one) for one in np.unique(groups)]
        picked = np.random.default_rng(seed).integers(0, len(members), (RESAMPLES, len(members)))
        self._draws = [np.concatenate([members[place] for place in one]) for one in picked]

    def auroc(self, scores: Values, minus: Values | None = None) -> Difference:
        """Of the scores, shape (answers,); less that of ``minus`` on the same draws."""

        def value(at: Places) -> float:
            own = auroc(self._labels[at], scores[at])
            return own if minus is None else own - auroc(self._labels[at], minus[at])

        low, high = np.percentile([value(one) for one in self._draws], [2.5, 97.5])
        return Difference(value(np.arange(len(self._labels))), float(low), float(high))


def compared(draws: Bootstrap, scores: Values, *others: Values) -> list[str]:
    """AUROC and its differences to others, each with its interval, as cells of a table."""
    cells = _shown(draws.auroc(scores))
    for other in others:
        cells += _shown(draws.auroc(scores, minus=other), sign="+")
    return cells


def _shown(one: Difference, sign: str = "") -> list[str]:
    return [f"{one.value:{sign}.3f}", f"{one.low:{sign}.3f} to {one.high:{sign}.3f}"]
