"""A data folder that cannot be: every command says so in words, and makes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.integration.app_process import free_port

LONG = "x" * 300
COMMANDS = {
    "serve": ["serve", "--no-browser"],
    "sample": ["sample"],
    "ingest": ["ingest", "{file}", "--collection", "C"],
    "ask": ["ask", "Q?", "--collection", "C", "--model", "embedded/SmolLM2-135M-Instruct"],
    "rebuild": ["rebuild", "--collection", "C"],
    "restore": ["restore", "{file}"],
    "export": ["export", "answers", "--format", "csv"],
    "backup": ["backup", "{folder}/b.zip"],
    "check": ["check"],
}
FOLDERS = {
    "below a file": "{file}/data",
    "deep below a file": "{file}/a/b/c",
    "a file": "{file}",
    "in proc": "/proc/x/y",
    "a loop": "{folder}/loop/data",
    "the loop itself": "{folder}/loop",
    "too long a name": f"{{folder}}/{LONG}",
    "below too long a name": f"{{folder}}/{LONG}/data",
    "too long a path": "{folder}/" + "y/" * 3000,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return tmp_path


@pytest.mark.parametrize("place", FOLDERS)
@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_said_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, place: str) -> None:
    named = {"file": str(folder / "file"), "folder": str(folder)}
    monkeypatch.setenv("ASSAY_DATA", FOLDERS[place].format(**named))
    monkeypatch.setenv("ASSAY_PORT", str(free_port()))
    before = sorted(one.name for one in folder.iterdir())
    arguments = [one.format(**named) for one in COMMANDS[command]]
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    # `check` may find that there is nothing to look after; all others need the folder.
    assert result.exit_code == 1 or (command == "check" and "none yet" in result.output)
    assert result.output.strip()
    assert sorted(one.name for one in folder.iterdir()) == before


def test_a_folder_that_may_not_be_looked_into(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a folder above it belongs to somebody else."""

    really = Path.is_file

    def refused(path: Path) -> bool:
        if path.name == "data":
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setenv("ASSAY_DATA", str(folder / "data"))
    monkeypatch.setattr(Path, "is_file", refused)
    result = CliRunner().invoke(main, ["models"])
    assert isinstance(result.exception, SystemExit), result.exception
    assert "ASSAY_DATA" in result.output
    assert "Permission denied" in result.output
