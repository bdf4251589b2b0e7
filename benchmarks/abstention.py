"""How well the detector tells an abstention, on real answers that one reader labelled.

The answers are those of two small models to questions about the sample's documents, in seven languages. Left
to themselves they hardly ever abstain, so that a part was made with an instruction that tells the model that
it knows nothing of the company. Nothing in the detector was chosen by them.

``abstention_labels.jsonl`` holds them with the model, the language and the label: whether the answer says
anywhere that the documents do not contain what was asked, or that the writer does not know it. One that says
so and guesses abstains (METRICS, "Abstention"). Intervals: 95%, Wilson.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain import Share
from app.evaluation.scorers.abstaining import abstains
from app.evaluation.shares import wilson
from benchmarks.tables import print_table

LABELS = Path(__file__).with_name("abstention_labels.jsonl")


@dataclass(frozen=True)
class Labelled:
    """A real answer, its language, who wrote it, and what a person says of it."""

    text: str
    language: str
    model: str
    abstains: bool


def main() -> None:
    rows = load()
    languages = sorted({one.language for one in rows})
    lines = [_line("all", rows)]
    lines += [_line(name, [one for one in rows if one.language == name]) for name in languages]
    print_table(
        f"Abstentions told, on {len(rows)} labelled answers",
        ("language", "answers", "abstain", "precision", "95%", "recall", "95%"),
        lines,
    )
    for one in rows:
        if abstains(one.text) != one.abstains:
            print(f"{'missed' if one.abstains else 'taken for one'} ({one.language}): {one.text[:160]!r}")


def load() -> list[Labelled]:
    """The labelled answers. Raises OSError, KeyError."""
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return [Labelled(one["text"], one["language"], one["model"], one["abstains"]) for one in rows]


def told(rows: Sequence[Labelled]) -> tuple[Share, Share]:
    """Precision and recall of the detector."""
    hits = sum(one.abstains and abstains(one.text) for one in rows)
    return (
        wilson(hits, sum(abstains(one.text) for one in rows)),
        wilson(hits, sum(one.abstains for one in rows)),
    )


def _line(name: str, rows: Sequence[Labelled]) -> list[object]:
    precision, recall = told(rows)
    return [name, len(rows), sum(one.abstains for one in rows), *_cells(precision), *_cells(recall)]


def _cells(share: Share) -> list[str]:
    if not share.of:
        return ["none", ""]
    return [f"{share.value:.2f} ({share.hits:.0f} of {share.of})", f"{share.low:.2f} to {share.high:.2f}"]


if __name__ == "__main__":
    main()
