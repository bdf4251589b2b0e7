"""`ingest`: what a folder on the disk makes of a collection, and what it must never take away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from app.errors import BackendDown
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from tests.documents.samples import PNG
from tests.migrated import migrated
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # the whole command, with the child process that looks at the index

MILL, INN = "The mill has seven stones.", "The inn has nine beds."


@dataclass
class Town:
    """A folder of files, and the collection that follows it."""

    folder: Path
    data: Path
    server: FakeServer

    def ingest(self, *more: str, delete: bool = True) -> Result:
        options = ["--collection", "Town", "--embedder", "fake/words", *(["--delete-missing"] * delete)]
        result = CliRunner().invoke(main, ["ingest", *(more or [str(self.folder)]), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def write(self, **files: str) -> None:
        for stem, text in files.items():
            (self.folder / f"{stem}.txt").write_text(text)

    def documents(self) -> dict[str, str]:
        """What is searchable: name -> text."""
        database = Database.open(self.data, upgrade=False)
        collection, documents = Collections(database).by_name("Town"), Documents(database)
        assert collection is not None
        found = {
            one.name: " ".join(part.text for part in documents.passages(collection.id, one.document_id))
            for one in documents.entries(collection.id)
            if one.passages
        }
        database.close()
        return found


def test_progress_is_told_at_a_terminal_alone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.write(mill=MILL)
    assert "files done" not in town.ingest().output
    told: list[str] = []
    monkeypatch.setattr("app.cli._teller", lambda: told.append)
    town.write(inn=INN)
    assert town.ingest().exit_code == 0
    assert told[0] == "Looking at the files"
    assert "4 of 4 files done" in told
    assert told[-1] == "", "the line is cleared before what came of it is printed"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    server = FakeServer()
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([server])))
    monkeypatch.setenv("ASSAY_DATA", str(migrated(tmp_path / "data")))
    made = Town(tmp_path / "town", tmp_path / "data", server)
    made.folder.mkdir()
    made.write(a=MILL, c=INN)
    assert made.ingest().exit_code == 0
    return made


def test_a_renamed_file_stays(town: Town) -> None:
    (town.folder / "a.txt").rename(town.folder / "b.txt")
    result = town.ingest()
    assert result.exit_code == 0
    assert "“a.txt” is now called “b.txt”" in result.output
    assert "deleted" not in result.output
    assert town.documents() == {"b.txt": MILL, "c.txt": INN}


def test_a_file_that_was_overwritten_by_another(town: Town) -> None:
    town.write(a=INN)
    result = town.ingest(delete=False)
    assert result.exit_code == 0
    assert town.documents() == {"c.txt": INN}
    assert "older version of “a.txt”" in result.output


def test_every_deletion_is_printed(town: Town) -> None:
    (town.folder / "a.txt").unlink()
    result = town.ingest()
    assert result.exit_code == 0
    assert "a.txt: deleted" in result.output
    assert town.documents() == {"c.txt": INN}


def test_without_the_option_nothing_is_deleted(town: Town) -> None:
    (town.folder / "a.txt").unlink()
    assert "deleted" not in town.ingest(delete=False).output
    assert town.documents() == {"a.txt": MILL, "c.txt": INN}


def test_an_empty_folder_empties_no_collection(town: Town) -> None:
    for one in town.folder.iterdir():
        one.unlink()
    (town.folder / "empty").mkdir()
    result = town.ingest()
    assert result.exit_code == 1
    assert "no file" in result.output
    assert town.documents() == {"a.txt": MILL, "c.txt": INN}


def test_a_folder_of_nothing_that_can_be_read_empties_no_collection(town: Town) -> None:
    """As a folder where the disk that belongs there is not mounted, with one picture in it."""
    for one in town.folder.iterdir():
        one.unlink()
    (town.folder / "not mounted.png").write_bytes(PNG)
    result = town.ingest()
    assert result.exit_code == 1
    assert "Nothing was deleted" in result.output
    assert set(town.documents()) == {"a.txt", "c.txt"}


def test_an_empty_folder_makes_no_collection(town: Town, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    command = ["ingest", str(tmp_path / "nothing"), "--collection", "New", "--embedder", "fake/words"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    database = Database.open(town.data, upgrade=False)
    assert Collections(database).by_name("New") is None
    database.close()


def test_a_file_that_cannot_be_read_is_one_file(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    really = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    town.write(b="The bridge has four arches.")
    (town.folder / "c.txt").unlink()
    monkeypatch.setattr(Path, "read_bytes", refusing)
    result = town.ingest()
    monkeypatch.undo()
    assert result.exit_code == 1
    assert "“a.txt” could not be read (Permission denied)" in result.output
    assert "“b.txt” was added" in result.output
    assert "Nothing was deleted" in result.output
    assert set(town.documents()) == {"a.txt", "b.txt", "c.txt"}


def test_a_folder_that_cannot_be_listed_loses_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (town.folder / "sub").mkdir()
    (town.folder / "sub" / "d.txt").write_text("The well is deep.")
    assert town.ingest().exit_code == 0
    really = os.scandir

    def refusing(place: str) -> object:
        if os.fspath(place).endswith("sub"):
            raise PermissionError(13, "Permission denied", place)
        return really(place)

    monkeypatch.setattr(os, "scandir", refusing)
    result = town.ingest()
    monkeypatch.setattr(os, "scandir", really)
    assert result.exit_code == 1
    assert "sub" in result.output
    assert "Permission denied" in result.output
    assert "sub/d.txt" in town.documents()


def test_what_is_left_out_is_not_missing(town: Town, tmp_path: Path) -> None:
    """Links are not followed, but what bears the name of a document is not gone."""
    (tmp_path / "elsewhere").mkdir()
    for name in ("a.txt", "c.txt"):
        (town.folder / name).rename(tmp_path / "elsewhere" / name)
    (town.folder / "a.txt").symlink_to(tmp_path / "elsewhere" / "a.txt")
    town.write(b="The bridge has four arches.")
    result = town.ingest()
    assert "c.txt: deleted" in result.output
    assert set(town.documents()) == {"a.txt", "b.txt"}


def test_a_folder_that_became_a_link_keeps_its_documents(town: Town, tmp_path: Path) -> None:
    (town.folder / "sub").mkdir()
    (town.folder / "sub" / "d.txt").write_text("The well is deep.")
    assert town.ingest().exit_code == 0
    (town.folder / "sub").rename(tmp_path / "moved")
    (town.folder / "sub").symlink_to(tmp_path / "moved", target_is_directory=True)
    assert "deleted" not in town.ingest().output
    assert "sub/d.txt" in town.documents()


def test_nothing_is_deleted_while_something_could_not_be_added(town: Town) -> None:
    """The file was renamed and changed; its new version waits for the embedder."""
    (town.folder / "a.txt").unlink()
    town.write(b="The mill was rebuilt in spring.")
    town.server.words.failures.append(BackendDown("Nobody answers.", "Start it."))
    result = town.ingest()
    assert result.exit_code == 1
    assert "Nothing was deleted" in result.output
    assert set(town.documents()) == {"a.txt", "c.txt"}
    assert town.ingest().exit_code == 0
    assert set(town.documents()) == {"b.txt", "c.txt"}


def test_a_bad_file_does_not_keep_others_from_being_deleted(town: Town) -> None:
    (town.folder / "a.txt").unlink()
    (town.folder / "scan.png").write_bytes(PNG)
    result = town.ingest()
    assert result.exit_code == 1
    assert "a.txt: deleted" in result.output
    assert set(town.documents()) == {"c.txt"}


def test_two_files_of_one_name(town: Town, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text("Something else.")
    result = town.ingest(str(town.folder), str(tmp_path / "other"))
    assert result.exit_code == 1
    assert "Two files have the name a.txt" in result.output
    assert set(town.documents()) == {"a.txt", "c.txt"}


def test_names_in_another_unicode_form_are_the_same_name(town: Town) -> None:
    composed, apart = "caf\u00e9.txt", "cafe\u0301.txt"
    (town.folder / composed).write_text("The café opens at noon.")
    assert town.ingest().exit_code == 0
    (town.folder / composed).rename(town.folder / apart)
    assert "deleted" not in town.ingest().output
    assert composed in town.documents()


def test_a_file_and_a_special_one(town: Town) -> None:
    os.mkfifo(town.folder / "pipe.txt")
    result = town.ingest()
    assert result.exit_code == 0
    assert set(town.documents()) == {"a.txt", "c.txt"}
