"""A process that adds documents and ends itself by SIGKILL after a given number of steps.

    python -m tests.documents.ingesting_process FOLDER STEPS ROUND

Prints the outcome of every file that it got to the end with. STEPS 0 never kills.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from app.documents.ingesting import Ingesting
from app.domain import EmbedderRef, Splitting, Upload
from app.settings import ReadLimits
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from storage.files import Files
from storage.index import Index
from tests.documents.samples import PROSE
from tests.fakes import FakeEmbedder

NAME = "Mill"


def versions(turn: int) -> list[Upload]:
    """The files of a round: one that changes every round, one that is always new."""
    long = "\n\n".join(f"Paragraph {number} of version {turn}. {PROSE}" for number in range(20))
    return [
        Upload("changing.txt", f"{long} Kept sentence.".encode()),
        Upload(f"new-{turn}.md", f"# Round {turn}\n\n{PROSE}".encode()),
    ]


class Countdown:
    """Kills the process at the given step."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def __call__(self, _step: str) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, steps: int, turn: int) -> None:
    database, embedder = Database.open(folder), FakeEmbedder()
    collections = Collections(database)
    ref = EmbedderRef(embedder.name, embedder.digest, embedder.dimensions)
    collection = collections.by_name(NAME) or collections.create(NAME, ref, Splitting())
    ingesting = Ingesting(
        Documents(database),
        collections,
        Files(folder),
        Index(folder),
        lambda _name: embedder,
        ReadLimits(),
        at_step=Countdown(steps),
    )
    job, pause = ingesting.start(collection.id, versions(turn)), threading.Event()
    while (view := ingesting.view(job)) and view.busy:
        pause.wait(0.02)
    for file in view.files if view else ():
        if file.outcome is not None:
            sys.stdout.write(f"{file.outcome.kind.name} {file.name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
