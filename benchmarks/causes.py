"""(k) Causes of faults that were made on purpose: which of them attribution finds, and as what the others.

Workspaces with many faults at once are planned and damaged by scripts that know nothing of Assay
(``benchmarks/faults``). Models and embedder are scripted; ingest, index, database and run are Assay's own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.faults.laboratory import RIGHT, Confusion, Laboratory
from benchmarks.tables import goal, print_table

SEEDS = (11, 12)
EACH, SOUND = 20, 84
PART = 5
GOAL = 0.95


def main() -> None:
    confusion = Confusion([found for seed in SEEDS for found in of_one(seed).found])
    columns = ("wanted", "questions", "answers", "found", "found as something else")
    print_table("The cause that was made, and what was found", columns, confusion.rows())
    fewest = min(count for cause, count in confusion.times().items() if cause != RIGHT)
    worst = min(confusion.share_of(cause) for cause in confusion.times())
    goal("questions made for the rarest cause", fewest, at_least=20)
    goal("share of all answers that came out right", confusion.share, at_least=GOAL)
    goal("the same for the worst cause", worst, at_least=GOAL)


def of_one(seed: int) -> Confusion:
    """What came of one workspace."""
    with tempfile.TemporaryDirectory() as scratch:
        laboratory = Laboratory(Path(scratch), seed, EACH, SOUND)
        laboratory.prepare()
        with laboratory.opened() as services:
            ran = laboratory.run(services, ("steady", "narrow"))
            part = laboratory.run(services, ("strict", "closed"), PART)
        return Confusion(laboratory.found(ran) + laboratory.found(part))


if __name__ == "__main__":
    main()
