"""`rebuild`: what it makes again, and what it says where that would not help."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from tests.migrated import migrated
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # the whole command, with the child process that looks at the index


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    made = FakeServer()
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([made])))
    monkeypatch.setenv("ASSAY_DATA", str(migrated(tmp_path / "data")))
    (tmp_path / "a.txt").write_text("The mill has seven stones.")
    result = run("ingest", str(tmp_path / "a.txt"), "--collection", "Mill", "--embedder", "fake/words")
    assert result.exit_code == 0
    return made


def test_it_is_made_again(server: FakeServer) -> None:
    result = run("rebuild", "--collection", "Mill")
    assert (result.exit_code, result.output) == (0, "The index of “Mill” was rebuilt: 1 passage.\n")


@pytest.mark.parametrize("damaged", [False, True])
def test_another_version_of_the_embedder_is_refused(
    server: FakeServer, tmp_path: Path, *, damaged: bool
) -> None:
    if damaged:
        (tmp_path / "data" / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 500)
    server.words.digest = "sha256:words-2"
    result = run("rebuild", "--collection", "Mill")
    assert result.exit_code == 1
    assert "Change the embedder" in result.output
    assert "was rebuilt" not in result.output
    server.words.digest = "sha256:words-1"
    assert "index: sound" in run("check").output or not damaged
