"""How well the detector tells an abstention: on real answers that one reader labelled, and on our own.

``abstention_labels.jsonl`` holds the answers of two small models to questions about the sample's
documents, in seven languages, with the model, the language and the label: whether the answer says
anywhere that the documents do not contain what was asked, or that the writer does not know it. One that
says so and guesses abstains (METRICS, "Abstention"). Left to themselves the models hardly ever abstain,
so that a part was made with an instruction that tells the model that it knows nothing of the company.

Half of the answers, by a hash of their text, were read when the patterns of version 3 were written
("tuned"); the other half ("held out") was only counted. Both halves are of the same two models and the
same questions, so that many a phrase is in both. Before, version 2 told 38 of 54 and 27 of 38.

``abstention_written.jsonl`` holds abstentions and their look-alikes in the thirteen languages of the
detector, written by us, not by models, before the patterns of version 2 had been looked at by who wrote
them. On them version 2 had a precision of 52 of 61 and a recall of 52 of 88. The same person wrote
version 3, so that what it has there says little of sentences of others. Intervals: 95%, Wilson.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain import Share
from app.evaluation.scorers.abstaining import abstains
from app.evaluation.shares import wilson
from benchmarks.tables import print_table

LABELS = Path(__file__).with_name("abstention_labels.jsonl")
WRITTEN = Path(__file__).with_name("abstention_written.jsonl")
COLUMNS = ("answers", "all", "abstain", "precision", "95%", "recall", "95%")


@dataclass(frozen=True)
class Labelled:
    """An answer, its language, the model that wrote it ("" for us), and what a person says of it."""

    text: str
    language: str
    model: str
    abstains: bool

    @property
    def tuned(self) -> bool:
        """Whether it is of the half that was read when the patterns were written."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 0


def main() -> None:
    labelled = load(LABELS)
    halves = [
        _line("tuned", [one for one in labelled if one.tuned]),
        _line("held out", [one for one in labelled if not one.tuned]),
    ]
    _print("labelled answers of models", labelled, halves)
    _print("sentences written by us, not by models", load(WRITTEN), [])


def _print(what: str, rows: Sequence[Labelled], halves: Sequence[list[object]]) -> None:
    lines = [_line("all", rows), *halves]
    names = sorted({one.language for one in rows})
    lines += [_line(name, [one for one in rows if one.language == name]) for name in names]
    print_table(f"Abstentions told, on {len(rows)} {what}", COLUMNS, lines)
    for one in rows:
        if abstains(one.text) != one.abstains:
            print(f"{'missed' if one.abstains else 'taken for one'} ({one.language}): {one.text[:160]!r}")


def load(path: Path) -> list[Labelled]:
    """The answers of such a file. Raises OSError, KeyError."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Labelled(one["text"], one["language"], one.get("model", ""), one["abstains"]) for one in rows]


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
