"""The sample workspace: an invented company's documents and questions, shipped beside this module.

The company, its people, products and figures are invented, so that no model can know them. The
questions were fixed before any model ran on them and are not changed because of what models answer.
``tools/make_sample.py`` makes the PDF and Word files again from their texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain import Upload
from app.errors import NotFound

COLLECTION_NAME = "Sample: Ostrell Ropeways"
"""The collection that the sample is put into."""

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class GoldSpan:
    """Where an answer stands: ``text`` verbatim in the document called ``document`` (as it is read)."""

    document: str
    text: str


@dataclass(frozen=True)
class SampleQuestion:
    """A question with its right ``answers`` (any of them is right), none where ``unanswerable``.

    ``gold`` holds one span, or several where an answer needs all of them. ``tags`` are "plain",
    "table", "list", "two-passages", "newer-version" and, for the unanswerable ones, "near-miss".
    """

    question: str
    answers: tuple[str, ...]
    gold: tuple[GoldSpan, ...]
    unanswerable: bool
    tags: tuple[str, ...]


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

    def questions(self) -> list[SampleQuestion]:
        """All questions, in the order of the file ``questions.jsonl`` (keys as in a dataset import)."""
        lines = self._text("questions.jsonl").splitlines()
        return [_question(json.loads(line)) for line in lines if line.strip()]

    def examples(self) -> list[str]:
        """The example questions of the Ask page."""
        return [str(one) for one in json.loads(self._text("examples.json"))]

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except OSError:
            raise _missing(self.folder / name) from None


def _question(row: Mapping[str, object]) -> SampleQuestion:
    documents, texts = _listed(row["gold_document"]), _listed(row["gold_text"])
    return SampleQuestion(
        question=str(row["question"]),
        answers=_listed(row["answers"]),
        gold=tuple(GoldSpan(*pair) for pair in zip(documents, texts, strict=True)),
        unanswerable=bool(row["unanswerable"]),
        tags=_listed(row["tags"]),
    )


def _listed(value: object) -> tuple[str, ...]:
    """A text or a list of texts as a tuple; "" is none."""
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    return (str(value),) if value else ()


def _missing(path: Path) -> NotFound:
    return NotFound(
        f"The sample's {path.name} is missing from this installation of Assay.", "Install Assay again."
    )
