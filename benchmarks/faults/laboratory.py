"""Runs an experiment on a planned workspace with Assay's own services, and reads from SQL what it found.

The order: plan -> ingest through Assay -> close -> damage, in a process of its own -> open -> experiment.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.backends.registry import Registry
from app.commands import follow
from app.domain import (
    Candidate,
    EmbedderRef,
    ExperimentState,
    Options,
    OutcomeKind,
    Retrieval,
    Splitting,
    Upload,
)
from app.evaluation.datasets.importing import preview
from app.evaluation.experiments.experimenting import Wanted
from app.services import Services, open_services
from app.settings import Settings
from benchmarks.faults.scripted import (
    EMBEDDER,
    NAME,
    ROOM_FOR_AN_ANSWER,
    Scripted,
    candidates_of,
    cases_of,
)
from benchmarks.running import NOWHERE
from storage.database import DATABASE_FILE

ROOT = Path(__file__).resolve().parents[2]
SPLITTING = Splitting(tokens=60, overlap=0)
COLLECTION = "Faults"
RIGHT = "(right)"
NOT_SPLIT = "the model, not split further"
UNSPLIT = ("not repeatable", "distracted", "model wrong")
"""What is told as not split further where nothing was asked again."""
FOUND = """
SELECT candidate, case_place, correct, cause FROM trials
WHERE experiment_id = ? AND NOT superseded ORDER BY candidate, case_place, repeat
"""


@dataclass(frozen=True)
class Found:
    """One answer: what was planned, and what Assay made of it; ``RIGHT`` where the answer is right."""

    world: int
    case: int
    candidate: str
    fault: str
    wanted: str
    found: str


@dataclass
class Confusion:
    """How often each wanted cause was found, and as what."""

    found: list[Found] = field(default_factory=list)

    @property
    def wrong(self) -> list[Found]:
        """Those that must have a cause."""
        return [one for one in self.found if one.wanted != RIGHT]

    @property
    def misses(self) -> list[Found]:
        """Those, right ones too, that came out as something else."""
        return [one for one in self.found if one.wanted != one.found]

    @property
    def share(self) -> float:
        """The share of the answers that came out as planned."""
        return 1 - len(self.misses) / len(self.found)

    def share_of(self, cause: str) -> float:
        """The share of those with that cause that came out so."""
        mine = [one.found == cause for one in self.found if one.wanted == cause]
        return sum(mine) / len(mine) if mine else 0.0

    def times(self) -> Counter[str]:
        """How many faults were made of each cause: questions, however many candidates met them."""
        return Counter(cause for _, _, cause in {(one.world, one.case, one.wanted) for one in self.found})

    def rows(self) -> list[tuple[str, int, int, str, str]]:
        """For each wanted cause: how many questions, answers, the share found, and what else was found."""
        rows = []
        for cause, questions in sorted(self.times().items(), key=lambda one: -one[1]):
            mine = [one for one in self.found if one.wanted == cause]
            others = Counter(one.found for one in mine if one.found != cause)
            told = ", ".join(f"{name or '(none)'} {count}" for name, count in others.most_common())
            rows.append((cause, questions, len(mine), f"{self.share_of(cause):.1%}", told))
        return rows


@dataclass(frozen=True)
class Ran:
    """An experiment: its id, the names of its candidates, and its cases as planned."""

    id: str
    names: tuple[str, ...]
    cases: Sequence[Mapping[str, Any]]


class Laboratory:
    """One planned workspace in ``folder``; ``seed``, ``each`` and ``sound`` as in ``plan.mixture``."""

    def __init__(self, folder: Path, seed: int, each: int, sound: int) -> None:
        self.seed = seed
        self.planned, self.data = folder / "planned", folder / "data"
        _script("plan", str(self.planned), str(seed), str(each), str(sound))
        self.cases = cases_of(self.planned)
        self._who = candidates_of(self.planned)

    def prepare(self) -> None:
        """Ingest, close, and damage."""
        with self.opened() as services:
            self._ingest(services)
        _script("damage", str(self.data), str(self.planned))

    @contextmanager
    def opened(self) -> Iterator[Services]:
        """Assay on this workspace; only the model and the embedder are not what they are."""
        registry = Registry([Scripted(self.planned)])
        settings = Settings(data=self.data, ollama_url=NOWHERE)
        with (
            patch("app.services.Registry.build", lambda _settings: registry),
            open_services(settings, "a benchmark") as services,
        ):
            yield services

    def run(
        self,
        services: Services,
        names: Sequence[str],
        every: int = 1,
        repeats: int = 1,
        *,
        reask: bool = True,
    ) -> Ran:
        """An experiment of these candidates on every so manieth case, from its start to its end."""
        cases = self.cases[::every]
        lines = "".join(f"{json.dumps(_row(one))}\n" for one in cases)
        read = preview(Upload("faults.jsonl", lines.encode()))
        assert not read.bad, read.bad
        dataset = services.datasets.create(f"Faults of {', '.join(names)}", read.cases)
        collection = services.collections.by_name(COLLECTION)
        assert collection is not None
        chosen = tuple(self._candidate(one, collection.id) for one in names)
        wanted = Wanted("Faults", dataset.id, chosen, repeats, reask=reask)
        ran = Ran(services.experimenting.start(wanted), tuple(names), cases)
        self.wait(services, ran)
        return ran

    def wait(self, services: Services, ran: Ran) -> None:
        """Until the run has ended, well."""
        services.experimenting._runs[ran.id].done.wait(600)  # noqa: SLF001 - waits without polling
        view = services.experimenting.view(ran.id)
        assert view.experiment.state is ExperimentState.FINISHED, view.experiment.words
        assert not view.experiment.words, view.experiment.words

    def found(self, ran: Ran, *, reask: bool = True) -> list[Found]:
        """What stands in SQL of an experiment that was asked again for causes, or was not."""
        with closing(sqlite3.connect(self.data / DATABASE_FILE)) as database:
            rows = database.execute(FOUND, (ran.id,)).fetchall()
        found = [self._found(ran, *row) for row in rows]
        return found if reask else [_unsplit(one) for one in found]

    # ----------------------------------------------------------------- inside

    def _found(self, ran: Ran, candidate: int, place: int, correct: int | None, cause: str) -> Found:
        case, name = ran.cases[place], ran.names[candidate]
        wanted = case["causes"][name] or RIGHT
        if case["manners"][name] == "wrong once" and correct:
            wanted = RIGHT  # as all of its answers but the first must be
        return Found(self.seed, case["number"], name, case["fault"], wanted, RIGHT if correct else cause)

    def _candidate(self, name: str, collection: str) -> Candidate:
        who = self._who[name]
        options = Options(
            temperature=who["temperature"], max_tokens=ROOM_FOR_AN_ANSWER, schema=bool(who["schema"])
        )
        retrieval = Retrieval(collection, int(who["k"])) if who["k"] else None
        return Candidate(NAME, name, options, retrieval)

    def _ingest(self, services: Services) -> None:
        embedder = services.backends.embedder(f"{NAME}/{EMBEDDER}")
        ref = EmbedderRef(embedder.name, embedder.digest, embedder.dimensions)
        collection = services.collections.create(COLLECTION, ref, SPLITTING)
        files = sorted((self.planned / "documents").iterdir())
        uploads = [Upload(one.name, one.read_bytes()) for one in files]
        view = follow(services, services.ingesting.start(collection.id, uploads))
        for one in view.files:
            wanted = OutcomeKind.REFUSED if one.name.startswith("scan") else OutcomeKind.ADDED
            assert one.outcome is not None
            assert one.outcome.kind is wanted, one.outcome


def _unsplit(one: Found) -> Found:
    return replace(one, wanted=NOT_SPLIT) if one.wanted in UNSPLIT else one


def _row(case: Mapping[str, Any]) -> dict[str, object]:
    """A case as a line of JSONL."""
    row: dict[str, object] = {"question": case["question"]}
    if case["fault"] == "invented":
        return row | {"unanswerable": True}
    documents, texts = ([one[place] for one in case["gold"]] for place in (0, 1))
    return row | {"answers": [case["answer"]], "gold_document": documents, "gold_text": texts}


def _script(name: str, *arguments: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.faults.{name}", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)
