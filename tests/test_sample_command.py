"""`sample`: it is called ready when all of it is there, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from app.domain import Upload
from app.errors import DatabaseTrouble
from app.sample.loading import Sample
from storage.archives import Archives
from tests.fakes import FakeEmbedder
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # the whole command, with the child processes that read

GOOD, BAD = Upload("good.txt", b"The mill has seven stones."), Upload("bad.pdf", b"%PDF-1.4 and no more")


class Embedded(FakeServer):
    """Stands for the models that come with Assay."""

    def __init__(self) -> None:
        super().__init__("embedded")

    def embedder(self, model: str) -> FakeEmbedder:
        return self.words


def sample(folder: Path, monkeypatch: pytest.MonkeyPatch, *documents: Upload) -> Result:
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([Embedded()])))
    monkeypatch.setenv("ASSAY_DATA", str(folder / "data"))
    monkeypatch.setattr(Sample, "documents", lambda _self: list(documents))
    result = CliRunner().invoke(main, ["sample"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_all_of_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = sample(tmp_path, monkeypatch, GOOD)
    assert (result.exit_code, "is ready" in result.output) == (0, True)


def test_a_document_that_is_not_searchable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = sample(tmp_path, monkeypatch, GOOD, BAD)
    assert (result.exit_code, "is ready" in result.output) == (1, False)
    assert "bad.pdf" in result.output
    assert "good.txt" not in result.output


def test_an_experiment_that_was_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise DatabaseTrouble("The disk is full.", "Make room.")

    monkeypatch.setattr(Archives, "write", full)
    result = sample(tmp_path, monkeypatch, GOOD)
    assert (result.exit_code, "is ready" in result.output) == (1, False)
    assert "experiment was not kept. The disk is full. Make room." in result.output
