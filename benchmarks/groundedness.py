"""Grounded share on human labels, beside token overlap, ROUGE-2 and a small judge; what it cannot see.

The labels: 430 answers of one to five sentences to one given text, marked by people as fully attributable
to it or not (BEGIN, Wizard of Wikipedia; Dziri et al. 2022). "Out of fold": 10-fold cross-validation in
which all answers to one text stay together. Intervals: 95%, percentile bootstrap over the texts, paired.
Exit 1 where the measure may no longer be shown (METRICS, "Grounded share") or is not what is shipped.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple

import numpy as np

from app.backends.minilm import MiniLM, find_files
from app.domain import Score
from app.evaluation.scorers.grounded import WEIGHTS, GroundedShare
from benchmarks.groundedness_fit import (
    SHIPPED,
    TRIED,
    Data,
    by_chosen_features,
    by_features,
    measured,
    out_of_fold,
    scorer_of,
)
from benchmarks.groundedness_fit import fit as fit_weights
from benchmarks.groundedness_judged import judged
from benchmarks.groundedness_labels import (
    HUMAN,
    MACHINE,
    Bootstrap,
    Labelled,
    Places,
    Values,
    auroc,
    baseline,
    compared,
    labels_of,
    load,
    rouge_2,
    token_overlap,
)
from benchmarks.groundedness_spoilt import spoilt_sentences
from benchmarks.tables import goal, median, print_table

SEEDS = 5
FOREIGN = 3
RUNS = 30
SECONDS = 0.2
ROUNDED = 0.001
"""By how much a shipped weight may differ from the fitted one."""
HEIGHTS = ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 0.9), (0.9, 1.0))


def main() -> int:
    """Print the tables; 0 also where the labels are absent."""
    if not HUMAN.is_file():
        print("Skipped: the labelled answers (../shared/data/dev_cut/groundedness) are not on this machine.")
        return 0
    rows, files = load(HUMAN), find_files()
    data = measured(rows, MiniLM(files) if files else None)
    draws = Bootstrap(rows)
    ours = out_of_fold(data, by_scorer(rows, data, share_of))
    may_be_shown = human_labels(rows, data, draws, ours)
    by_writer(rows, data)
    among_foreign(rows, data, draws)
    fitted = weights_hold(data)
    heights(data, ours)
    spoilt_sentences(rows)
    machine_labels()
    speed(rows)
    if not fitted:
        print("The shipped weights are not those of this fit: what is measured above is not what is shipped.")
    return 0 if may_be_shown and fitted else 1


def share_of(score: Score) -> float:
    """The share; 0 where it is unscored."""
    return score.value or 0.0


def counted(score: Score) -> float:
    """The share as a count of the sentences that hold."""
    return float(np.mean([one.holds for one in score.parts])) if score.parts else 0.0


def by_scorer(
    rows: Sequence[Labelled], data: Data, read: Callable[[Score], float]
) -> Callable[[Places, Places], Values]:
    """Scores by the scorer itself, its weights fitted on the one part and used on the other."""

    def score(train: Places, test: Places) -> Values:
        scorer = scorer_of(data, train)
        return np.array([read(scorer.share(rows[one].answer, {1: rows[one].context})) for one in test])

    return score


def human_labels(rows: Sequence[Labelled], data: Data, draws: Bootstrap, ours: Values) -> bool:
    """The main table; returns whether the measure may be shown."""
    taken: Counter[str] = Counter()
    sets = [one for one in TRIED if set(one) <= data.columns.keys()]
    overlap = baseline(rows, token_overlap)
    table = {
        "grounded share": ours,
        "its features chosen within each fold": out_of_fold(data, by_chosen_features(data, sets, taken)),
        "its sentences that hold, counted": out_of_fold(data, by_scorer(rows, data, counted)),
        "token overlap": overlap,
        "ROUGE-2 precision": baseline(rows, rouge_2),
    }
    verdicts = judged(rows)
    if verdicts is not None:
        table["LlamaIndex's FaithfulnessEvaluator, embedded model"] = verdicts
    if "cosine" in data.columns:
        table["with the embedder's cosine"] = out_of_fold(data, by_features(data, (*SHIPPED, "cosine")))
    of = f"{int(data.labels.sum())} grounded; {len(set(data.groups))} texts"
    print_table(
        f"AUROC on {len(rows)} human labels ({of})",
        ("measure", "AUROC", "95%", "minus token overlap", "95%", "minus ROUGE-2", "95%"),
        [(name, *compared(draws, one, overlap, table["ROUGE-2 precision"])) for name, one in table.items()],
    )
    if verdicts is not None:
        print(f"The evaluator let {int(verdicts.sum())} of {len(rows)} answers pass.")
    print("Features chosen: " + "; ".join(f"{names} ({n}x)" for names, n in taken.most_common()))
    return may_be_shown(rows, data, draws, overlap)


def may_be_shown(rows: Sequence[Labelled], data: Data, draws: Bootstrap, overlap: Values) -> bool:
    """Whether the paired interval excludes 0, in every one of SEEDS ways of cutting the folds."""
    scored = by_scorer(rows, data, share_of)
    lows = [draws.auroc(out_of_fold(data, scored, seed), minus=overlap).low for seed in range(SEEDS)]
    words = ", ".join(f"{one:+.4f}" for one in lows)
    passed = min(lows) > 0
    print(
        f"Lower ends of the difference to token overlap in {SEEDS} ways of cutting folds: {words}.\n"
        f"The measure may {'' if passed else 'NOT '}be shown.\n"
    )
    return passed


def by_writer(rows: Sequence[Labelled], data: Data) -> None:
    """Within each model's answers, by weights that never saw that model."""
    models, overlap = np.array([row.model for row in rows]), baseline(rows, token_overlap)
    lines = []
    for model in sorted(set(models)):
        own, others = np.flatnonzero(models == model), np.flatnonzero(models != model)
        labels = data.labels[own]
        ours = by_scorer(rows, data, share_of)(others, own)
        figures = (auroc(labels, ours), auroc(labels, overlap[own]))
        lines.append((model, len(own), int(labels.sum()), *(f"{one:.3f}" for one in figures)))
    print_table(
        "AUROC by who wrote the answer, with weights fitted on the other three writers",
        ("writer", "answers", "grounded", "grounded share", "token overlap"),
        lines,
    )


def among_foreign(rows: Sequence[Labelled], data: Data, draws: Bootstrap) -> None:
    """Each answer's own text among texts of other answers, as a search would give it."""
    chance = np.random.default_rng(1)
    given = []
    for row in rows:
        others = [one.context for one in rows if one.group != row.group]
        given.append([row.context, *(str(one) for one in chance.choice(others, FOREIGN, replace=False))])

    def score(train: Places, test: Places) -> Values:
        scorer = scorer_of(data, train)
        found = [scorer.share(rows[one].answer, dict(enumerate(given[one], start=1))) for one in test]
        return np.array([share_of(one) for one in found])

    ours = out_of_fold(data, score)
    overlap = np.array(
        [token_overlap(row.answer, " ".join(texts)) for row, texts in zip(rows, given, strict=True)]
    )
    print_table(
        f"AUROC with {FOREIGN} foreign passages beside the right one",
        ("measure", "AUROC", "95%", "minus token overlap", "95%"),
        [
            ("grounded share", *compared(draws, ours, overlap)),
            ("token overlap", *compared(draws, overlap), "", ""),
        ],
    )


def weights_hold(data: Data) -> bool:
    """Print a fit on all labels beside the shipped weights; whether these are the fitted ones."""
    found = fit_weights(data, SHIPPED, data.everything)
    rows = list(zip(("constant", *SHIPPED), astuple(WEIGHTS), found, strict=True))
    print_table(
        "Weights (log-odds)",
        ("feature", "shipped", "fitted now"),
        [(name, f"{shipped:.3f}", f"{now:.3f}") for name, shipped, now in rows],
    )
    return all(abs(shipped - now) <= ROUNDED for _, shipped, now in rows)


def heights(data: Data, ours: Values) -> None:
    """Whether the share means what it says."""
    lines = []
    for low, high in HEIGHTS:
        inside = (ours >= low) & ((ours < high) | (high == 1.0))
        right, of = int(data.labels[inside].sum()), int(inside.sum())
        lines.append((f"{low:g} to {high:g}", of, right, f"{right / max(1, of):.2f}"))
    print_table(
        "Grounded by people, at each height of the share (out of fold)",
        ("share", "answers", "grounded", "part"),
        lines,
    )


def machine_labels() -> None:
    """A smoke test only: the wrong answers were written by a model to look right."""
    if not MACHINE.is_file():
        return
    rows = load(MACHINE)
    scores = [GroundedShare().share(row.answer, {1: row.context}) for row in rows]
    measures = {
        "grounded share": np.array([share_of(one) for one in scores]),
        "token overlap": baseline(rows, token_overlap),
        "ROUGE-2 precision": baseline(rows, rouge_2),
    }
    print_table(
        f"Smoke test: {len(rows)} answers with machine labels (HaluEval QA; nothing was chosen by it)",
        ("measure", "AUROC"),
        [(name, f"{auroc(labels_of(rows), one):.3f}") for name, one in measures.items()],
    )
    print(f"Unscored, counted as 0: {sum(one.value is None for one in scores)}.\n")


def speed(rows: Sequence[Labelled]) -> None:
    """One answer of four sentences, four passages of about 1,200 characters."""
    texts = [row.context for row in rows]
    passages = {n: " ".join(texts[40 * n : 40 * n + 6])[:1200] for n in range(1, 5)}
    answer = " ".join(f"{row.answer} [1]." for row in rows[:4])
    spans = []
    for _ in range(RUNS):
        began = time.perf_counter()
        GroundedShare().share(answer, passages)
        spans.append(time.perf_counter() - began)
    goal(f"seconds for one answer (slowest {max(spans):.3f})", median(spans), at_most=SECONDS)


if __name__ == "__main__":
    sys.exit(main())
