"""The sample workspace: an invented company's documents and questions, shipped beside this module.

The company, its people, products and figures are invented, so that no model can know them. The
questions were fixed before any model ran on them and are not changed because of what models answer.
``tools/make_sample.py`` makes the PDF and Word files again from their texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from app.domain import ArchivedExperiment, Case, Upload
from app.errors import NotFound
from app.evaluation.datasets.importing import preview
from app.evaluation.experiments.archive import archive_of, opened

COLLECTION_NAME = "Sample: Ostrell Ropeways"
"""The collection that the sample is put into."""
COLLECTION_ID = "sample-ostrell-ropeways"
"""Its id, the same everywhere: the passages of the sample's experiment are found by it."""
EXPERIMENT = "experiment.jsonl.gz"

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """The sample's files, read anew on each call. Every method raises NotFound if they are missing."""

    folder: Path = FOLDER

    def documents(self) -> list[Upload]:
        """The documents by name, as if a person had uploaded them."""
        folder = self.folder / "documents"
        files = sorted(one for one in folder.rglob("*") if one.is_file() and not one.name.startswith("."))
        if not files:
            raise _missing(folder)
        return [Upload(one.relative_to(folder).as_posix(), one.read_bytes()) for one in files]

    def questions(self) -> tuple[Case, ...]:
        """All questions, in the order of the file ``questions.jsonl``.

        Their tags are "plain", "table", "list", "two-passages", "newer-version" and, for those that the
        documents do not answer, "near-miss".
        """
        text = self._text("questions.jsonl")
        return preview(Upload("questions.jsonl", text.encode())).cases

    def experiment(self) -> ArchivedExperiment | None:
        """The finished experiment on these questions, as it was run; None where none is shipped.

        ``tools/make_sample_experiment.py`` says how it was made.
        """
        path = self.folder / EXPERIMENT
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return archive_of(opened(file))

    def examples(self) -> list[str]:
        """The example questions of the Ask page."""
        return [str(one) for one in json.loads(self._text("examples.json"))]

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except OSError:
            raise _missing(self.folder / name) from None


def _missing(path: Path) -> NotFound:
    return NotFound(
        f"The sample's {path.name} is missing from this installation of Assay.", "Install Assay again."
    )
